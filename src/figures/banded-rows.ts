/** Rows with a noise ceiling as a band from its lower to its upper end, the raters' values as small dots, and an estimate with its interval. */
import * as Plot from '@observablehq/plot';
import type { Interval } from '../data/values.ts';
import { axisTick, correlation, interval } from '../ui/format.ts';
import { axisTitle, drawPlot, extentWithZero, fitted, labelRoom, textWidth, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface Band {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInterval: Interval;
  readonly upperInterval: Interval;
  /** What those are where they are not intervals of the ends: "one study". */
  readonly of?: string;
}

export interface BandedRow {
  /** Heading the row stands under; '' for none. */
  readonly group: string;
  readonly label: string;
  readonly series: Series;
  readonly band: Band | null;
  /** NaN where the row is a band alone. */
  readonly value: number;
  readonly interval: Interval;
  /** Single values behind the estimate. */
  readonly dots: readonly number[];
  /** The numbers as written at the right, or below: ".724 [.701, .745]". */
  readonly text: string;
  readonly detail: readonly string[];
}

export interface BandedRows {
  readonly label: string;
  /** Axis: measure, unit and n. */
  readonly axis: string;
  readonly rows: readonly BandedRow[];
  /** Largest value that the measure can take: the axis ends there at the latest, and intervals are drawn as far as it. */
  readonly most?: number;
}

const ROW = 30;
/** The single values stand below their estimate, CSS pixels, so that its interval does not cover them. */
const BELOW = 8;
/** What a row grows by, and how far its marks move up, where its numbers stand below it. */
const GROWN = 20;
/** The intervals of a band's two ends overlap: the lower end's runs above the middle line, the upper end's below. */
const APART = 5;

type Line = { readonly key: string; readonly heading: string } | { readonly key: string; readonly row: BandedRow };

function lines(rows: readonly BandedRow[]): Line[] {
  return [...new Set(rows.map((row) => row.group))].flatMap((group) => [
    ...(group ? [{ key: `group ${group}`, heading: group }] : []),
    ...rows.flatMap((row, at) => (row.group === group ? [{ key: `row ${at}`, row }] : [])),
  ]);
}

const ends = ({ band, value, interval: bounds, dots }: BandedRow): number[] => [
  value, ...(bounds ?? []), ...dots, ...(band ? [band.lower, band.upper, ...(band.lowerInterval ?? []), ...(band.upperInterval ?? [])] : []),
];

/** A band in words; its ends with their intervals a line each. */
function told({ lower, upper, lowerInterval, upperInterval, of = '' }: Band): string[] {
  if (!lowerInterval && !upperInterval) return [`noise ceiling ${correlation(lower)} to ${correlation(upper)}`];
  const end = (name: string, value: number, own: Interval): string => [`${name} end ${correlation(value)}${of && own ? `, ${of}` : ''}`, interval(own)].filter(Boolean).join(' ');
  return [end('lower', lower, lowerInterval), end('upper', upper, upperInterval)];
}

/** The extent of the rows with 0 inside; its air does not go beyond the most that the measure can take. */
function domainOf(rows: readonly BandedRow[], most: number): [number, number] {
  const [low, high] = extentWithZero(rows.flatMap(ends).map((value) => Math.min(value, most)));
  return [low, Math.min(high, most)];
}

export function bandedRows({ label, axis, rows, most = Infinity }: BandedRows): Draw {
  return (width) => {
    const all = lines(rows);
    const drawnRows = all.flatMap((line) => ('row' in line ? [line] : []));
    const headings = all.flatMap((line) => ('heading' in line ? [line] : []));
    const indent = headings.length ? 12 : 0;
    const marginLeft = Math.max(labelRoom(rows.map((row) => row.label), width) + indent, labelRoom(headings.map((line) => line.heading), width));
    const textRoom = Math.ceil(Math.max(0, ...rows.map((row) => textWidth(row.text)))) + 16;
    const beside = width - marginLeft - textRoom > 260;
    const marginRight = beside ? textRoom : 14;
    const grown = beside ? 0 : GROWN;
    const dy = -grown / 2;
    const ticks = Math.max(3, Math.min(8, Math.floor((width - marginLeft - (beside ? textRoom : 0)) / 70)));
    const banded = drawnRows.flatMap(({ key, row }) => (row.band && Number.isFinite(row.band.lower + row.band.upper) ? [{ key, band: row.band }] : []));
    const bounds = banded.flatMap(({ key, band }) => (['lower', 'upper'] as const).flatMap((end) => {
      const own = band[`${end}Interval`];
      return own ? [{ key, end, value: band[end], from: Math.min(own[0], most), to: Math.min(own[1], most) }] : [];
    }));
    const singles = drawnRows.flatMap(({ key, row }) => row.dots.filter(Number.isFinite).map((value) => ({ key, value, colour: row.series.colour })));
    const estimates = drawnRows.filter(({ row }) => Number.isFinite(row.value));
    const drawn = drawPlot(label, {
      width,
      height: all.length * (ROW + grown) + 52,
      marginLeft,
      marginRight,
      marginTop: 6,
      marginBottom: 46,
      x: { ...axisTitle(axis, width, marginLeft, marginRight), domain: domainOf(rows, most), nice: true, ticks, tickFormat: axisTick, tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: all.map((line) => line.key), axis: null, padding: 0 },
      marks: [
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks }),
        Plot.ruleX([0], { stroke: 'var(--boundary)' }),
        Plot.barX(banded, { y: 'key', x1: ({ band }: (typeof banded)[number]) => band.lower, x2: ({ band }: (typeof banded)[number]) => band.upper, fill: 'var(--ink)', fillOpacity: 0.14, insetTop: 4, insetBottom: 4 + grown }),
        ...(['lower', 'upper'] as const).map((end) => Plot.tickX(banded, { y: 'key', x: ({ band }: (typeof banded)[number]) => band[end], stroke: 'var(--ink)', strokeWidth: 1.5, insetTop: 4, insetBottom: 4 + grown })),
        ...(['lower', 'upper'] as const).flatMap((end) => {
          const own = { y: 'key', dy: dy + (end === 'lower' ? -APART : APART) };
          const bound = bounds.filter((one) => one.end === end);
          return [Plot.ruleY(bound, { ...own, x1: 'from', x2: 'to', stroke: 'var(--ink-2)', strokeWidth: 1.5 }), Plot.dot(bound, { ...own, x: 'value', r: 2.5, fill: 'var(--ink)' })];
        }),
        Plot.text(headings, { y: 'key', text: 'heading', frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, dy: 3 - dy, fontWeight: 600, fill: 'var(--ink)' }),
        Plot.text(drawnRows, { y: 'key', text: ({ row }: (typeof drawnRows)[number]) => fitted(row.label, marginLeft - indent - 10), frameAnchor: 'left', textAnchor: 'start', dx: indent - marginLeft, dy, fill: 'var(--ink)' }),
        Plot.text(drawnRows, beside
          ? { y: 'key', text: ({ row }: (typeof drawnRows)[number]) => row.text, frameAnchor: 'right', textAnchor: 'start', dx: 16, fill: 'var(--ink-2)' }
          : { y: 'key', text: ({ row }: (typeof drawnRows)[number]) => fitted(row.text, width - indent), frameAnchor: 'left', textAnchor: 'start', dx: indent - marginLeft, dy: dy + GROWN, fill: 'var(--ink-2)', stroke: 'var(--surface)', strokeWidth: 4 }),
        Plot.dot(singles, { x: 'value', y: 'key', dy: dy + BELOW, r: 2.5, fill: 'colour', fillOpacity: 0.6 }),
        Plot.ruleY(estimates.filter(({ row }) => row.interval), { y: 'key', x1: ({ row }: (typeof estimates)[number]) => row.interval?.[0], x2: ({ row }: (typeof estimates)[number]) => row.interval?.[1], dy, stroke: ({ row }: (typeof estimates)[number]) => row.series.colour, strokeWidth: 2 }),
        // The symbol is constant within a mark, so each row brings its own.
        ...estimates.map((line) => Plot.dot([line], { x: line.row.value, y: 'key', dy, symbol: line.row.series.symbol, fill: line.row.series.colour, stroke: 'var(--surface)', strokeWidth: 1, r: width < 480 ? 4 : 5 })),
      ],
    });
    const points: ChartPoint[] = drawnRows.flatMap(({ key, row }) => {
      const at = Number.isFinite(row.value) ? row.value : row.band ? (row.band.lower + row.band.upper) / 2 : Number.NaN;
      if (!Number.isFinite(at)) return [];
      return [{
        x: drawn.x(at), y: drawn.y(key) + dy, title: row.group ? `${row.label}, ${row.group}` : row.label,
        lines: [
          ...(Number.isFinite(row.value) ? [[correlation(row.value), interval(row.interval)].filter(Boolean).join(' ')] : []),
          ...(row.band ? told(row.band) : []),
          ...row.detail,
        ],
        colour: row.series.colour,
      }];
    });
    return { svg: drawn.svg, points };
  };
}
