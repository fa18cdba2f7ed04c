/** A forest plot: one row per estimate, a dot with its interval, grouped; the numbers stand beside it, or below it where there is no room. */
import * as Plot from '@observablehq/plot';
import type { Interval } from '../data/values.ts';
import { axisTick, correlation, interval } from '../ui/format.ts';
import { axisTitle, drawPlot, extentWithZero, fitted, labelRoom, textWidth, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface ForestRow {
  /** Heading the row stands under; '' for none. */
  readonly group: string;
  readonly label: string;
  readonly series: Series;
  readonly value: number;
  readonly interval: Interval;
  /** Drawn as an upright stroke: the published value. */
  readonly published?: number | undefined;
  /** The estimate as written at the right, or below: ".724 [.701, .745]". */
  readonly text: string;
  readonly detail: readonly string[];
}

/** How high the values of a group can come: a noise ceiling, drawn as a band behind its rows. */
export interface ForestBand {
  /** As in the rows; '' where there are no headings. */
  readonly group: string;
  readonly lower: number;
  readonly upper: number;
}

export interface Forest {
  readonly label: string;
  /** Axis: measure, unit and n. */
  readonly axis: string;
  readonly rows: readonly ForestRow[];
  readonly bands?: readonly ForestBand[];
  /** A fixed domain, for figures that are compared. */
  readonly domain?: readonly [number, number];
}

const ROW = 26;
/** What a row grows by, and how far its mark moves up, where its numbers stand below it. CSS pixels. */
const BELOW = 16;

/** A row of the drawing: a heading or an estimate, by a key that is unique even when labels repeat. */
type Line = { readonly key: string; readonly heading: string } | { readonly key: string; readonly row: ForestRow };

function lines(rows: readonly ForestRow[]): Line[] {
  const groups = [...new Set(rows.map((row) => row.group))];
  return groups.flatMap((group) => [
    ...(group ? [{ key: `group ${group}`, heading: group }] : []),
    ...rows.flatMap((row, at) => (row.group === group ? [{ key: `row ${at}`, row }] : [])),
  ]);
}

export function forest({ label, axis, rows, domain, bands = [] }: Forest): Draw {
  return (width) => {
    const all = lines(rows);
    const estimates = all.flatMap((line) => ('row' in line ? [line] : []));
    const headings = all.flatMap((line) => ('heading' in line ? [line] : []));
    const indent = headings.length ? 12 : 0;
    const marginLeft = Math.max(labelRoom(rows.map((row) => row.label), width) + indent, labelRoom(headings.map((line) => line.heading), width));
    const textRoom = Math.ceil(Math.max(0, ...rows.map((row) => textWidth(row.text)))) + 16;
    const beside = width - marginLeft - textRoom > 260;
    const grown = beside ? 0 : BELOW;
    const dy = -grown / 2;
    const shown = estimates.filter((line) => Number.isFinite(line.row.value));
    const marked = estimates.filter((line) => line.row.published !== undefined);
    const bounded = shown.filter((line) => line.row.interval !== null);
    const banded = estimates.flatMap((line) => bands.filter(({ group }) => group === line.row.group).map((band) => ({ key: line.key, ...band })));
    const drawn = drawPlot(label, {
      width,
      height: all.length * (ROW + grown) + 52,
      marginLeft,
      marginRight: beside ? textRoom : 14,
      marginTop: 6,
      marginBottom: 46,
      x: { ...axisTitle(axis, width, marginLeft, beside ? textRoom : 14), domain: domain ? [...domain] : extentWithZero([...shown.flatMap((line) => [line.row.value, line.row.published ?? 0, ...(line.row.interval ?? [])]), ...bands.flatMap(({ lower, upper }) => [lower, upper])]), nice: true, ticks: Math.max(3, Math.min(8, Math.floor((width - marginLeft) / 70))), tickFormat: axisTick, tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: all.map((line) => line.key), axis: null, padding: 0 },
      marks: [
        Plot.barX(banded, { y: 'key', x1: 'lower', x2: 'upper', fill: 'var(--ink)', fillOpacity: 0.1 }),
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: Math.max(3, Math.min(8, Math.floor((width - marginLeft) / 70))) }),
        Plot.ruleX([0], { stroke: 'var(--boundary)' }),
        Plot.text(headings, { y: 'key', text: 'heading', frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, dy: 3 - dy, fontWeight: 600, fill: 'var(--ink)' }),
        Plot.text(estimates, { y: 'key', text: (line: (typeof estimates)[number]) => fitted(line.row.label, marginLeft - indent - 10), frameAnchor: 'left', textAnchor: 'start', dx: indent - marginLeft, dy, fill: 'var(--ink)' }),
        Plot.text(estimates, beside
          ? { y: 'key', text: (line: (typeof estimates)[number]) => line.row.text, frameAnchor: 'right', textAnchor: 'start', dx: 16, fill: 'var(--ink-2)' }
          : { y: 'key', text: (line: (typeof estimates)[number]) => fitted(line.row.text, width - indent), frameAnchor: 'left', textAnchor: 'start', dx: indent - marginLeft, dy: dy + BELOW, fill: 'var(--ink-2)', stroke: 'var(--surface)', strokeWidth: 4 }),
        Plot.tickX(marked, { y: 'key', x: (line: (typeof estimates)[number]) => line.row.published, stroke: 'var(--ink)', strokeWidth: 2, insetTop: 5, insetBottom: 5 + grown }),
        Plot.ruleY(bounded, { y: 'key', x1: (line: (typeof estimates)[number]) => line.row.interval?.[0], x2: (line: (typeof estimates)[number]) => line.row.interval?.[1], dy, stroke: (line: (typeof estimates)[number]) => line.row.series.colour, strokeWidth: 2 }),
        // The symbol is constant within a mark, so each row brings its own.
        ...shown.map((line) => Plot.dot([line], { x: line.row.value, y: 'key', dy, symbol: line.row.series.symbol, fill: line.row.series.colour, stroke: 'var(--surface)', strokeWidth: 1, r: width < 480 ? 4 : 5 })),
      ],
    });
    const points: ChartPoint[] = shown.map(({ key, row }) => ({
      x: drawn.x(row.value),
      y: drawn.y(key) + dy,
      title: row.group ? `${row.label}, ${row.group}` : row.label,
      lines: [[correlation(row.value), interval(row.interval)].filter(Boolean).join(' '), ...(row.published === undefined ? [] : [`published ${correlation(row.published)}`]), ...row.detail],
      colour: row.series.colour,
    }));
    return { svg: drawn.svg, points };
  };
}
