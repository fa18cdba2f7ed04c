/** Rows with a dot per candidate: agreement per dimension, rank correlations under several measures. */
import * as Plot from '@observablehq/plot';
import type { Interval } from '../data/values.ts';
import { axisTick, correlation, interval } from '../ui/format.ts';
import { axisTitle, drawPlot, extentWithZero, fitted, labelRoom, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface RowDot {
  readonly row: string;
  readonly series: Series;
  readonly value: number;
  readonly interval: Interval;
  /** Drawn as an upright stroke: the published value, or what `stroke` says. */
  readonly published?: number | undefined;
  /** Drawn as an outline: a difference that is not clear. */
  readonly hollow?: boolean;
  readonly detail: readonly string[];
}

export interface DotRows {
  readonly label: string;
  readonly axis: string;
  /** Rows from top to bottom, in groups with a heading ('' for none). */
  readonly groups: readonly { readonly heading: string; readonly rows: readonly string[] }[];
  readonly dots: readonly RowDot[];
  /** Shared by panels that are compared. */
  readonly domain?: readonly [number, number];
  /** How a value is written; a correlation unless said otherwise. */
  readonly text?: (value: number) => string;
  readonly tick?: (value: number) => string;
  /** What the upright strokes are where they are no candidate's published values, and their colour; they stand in the middle of the row. */
  readonly stroke?: { readonly name: string; readonly colour: string };
  /** Height of a row, CSS pixels. */
  readonly rowHeight?: number;
  /** Writes the labels as given (words), not as keys with a group. */
  readonly labelOf?: (row: string) => string;
  /** Joins a candidate's dots from row to row within a group: a profile. */
  readonly profile?: boolean;
  /** Candidates of other panels, drawn faintly as profiles to compare with. */
  readonly behind?: readonly RowDot[];
}

interface Joined { readonly key: string; readonly group: string; readonly value: number }

/** The dots of one candidate in the order of the rows, with the group whose line they belong to. */
function joined(dots: readonly RowDot[], groups: DotRows['groups']): Joined[] {
  const values = new Map(dots.map((dot) => [dot.row, dot.value]));
  return groups.flatMap(({ heading, rows }) => rows.flatMap((row) => {
    const value = values.get(row);
    return value !== undefined && Number.isFinite(value) ? [{ key: `row ${row}`, group: heading, value }] : [];
  }));
}

/** Lines through {@link joined} dots, one per group. */
function profileLine(points: readonly Joined[], options: { stroke: string; strokeOpacity: number; strokeWidth: number; dy?: number }) {
  return Plot.line(points, { x: 'value', y: 'key', z: 'group', ...options });
}

export function dotRows(figure: DotRows): Draw {
  const { text = correlation, tick = axisTick, labelOf = (row: string) => row } = figure;
  return (width) => {
    const headings = figure.groups.filter((group) => group.heading && group.rows.length).map((group) => ({ key: `group ${group.heading}`, heading: group.heading }));
    const rows = figure.groups.flatMap((group) => group.rows.map((row) => ({ key: `row ${row}`, row })));
    const keys = figure.groups.flatMap((group) => [...(group.heading && group.rows.length ? [`group ${group.heading}`] : []), ...group.rows.map((row) => `row ${row}`)]);
    const indent = headings.length ? 12 : 0;
    const marginLeft = Math.max(labelRoom(rows.map(({ row }) => labelOf(row)), width) + indent, labelRoom(headings.map((line) => line.heading), width));
    const dots = figure.dots.filter((dot) => Number.isFinite(dot.value) && keys.includes(`row ${dot.row}`));
    const series = [...new Set(dots.map((dot) => dot.series))];
    // Intervals of several candidates are set apart within the row; dots stay on its middle line without intervals.
    const bounded = dots.some((dot) => dot.interval !== null);
    const crowded = bounded && series.length > 1;
    const rowHeight = figure.rowHeight ?? (crowded ? Math.min(40, 16 + 5 * series.length) : 24);
    const spread = crowded ? Math.min(5.5, (rowHeight - 10) / series.length) : 0;
    const shift = (one: Series) => (series.indexOf(one) - (series.length - 1) / 2) * spread;
    // Where dots leave the middle line, lines between rows say which row they belong to.
    const between = spread > 0 ? rowHeight / 2 : 0;
    const key = (dot: RowDot) => `row ${dot.row}`;
    const ticks = Math.max(3, Math.min(8, Math.floor((width - marginLeft) / 64)));
    const drawn = drawPlot(figure.label, {
      width,
      height: keys.length * rowHeight + 52,
      marginLeft,
      marginRight: 16,
      marginTop: 6,
      marginBottom: 46,
      x: { ...axisTitle(figure.axis, width, marginLeft, 16), domain: [...(figure.domain ?? extentWithZero(dots.flatMap((dot) => [dot.value, dot.published ?? 0, ...(dot.interval ?? [])])))], nice: !figure.domain, ticks, tickFormat: tick, tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: keys, axis: null, padding: 0 },
      marks: [
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks }),
        Plot.ruleY(rows, { y: 'key', dy: between, stroke: 'var(--rule)', insetLeft: between ? indent - marginLeft : 0 }),
        Plot.ruleX([0], { stroke: 'var(--boundary)' }),
        ...[...new Set((figure.behind ?? []).map((dot) => dot.series))].map((one) =>
          profileLine(joined(figure.behind!.filter((dot) => dot.series === one), figure.groups), { stroke: one.colour, strokeOpacity: 0.35, strokeWidth: 1.25 })),
        Plot.text(headings, { y: 'key', text: 'heading', frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, dy: 3, fontWeight: 600, fill: 'var(--ink)' }),
        Plot.text(rows, { y: 'key', text: ({ row }: { row: string }) => fitted(labelOf(row), marginLeft - indent - 10), frameAnchor: 'left', textAnchor: 'start', dx: indent - marginLeft, fill: 'var(--ink)' }),
        ...series.flatMap((one) => {
          const own = dots.filter((dot) => dot.series === one);
          return [
            ...(figure.profile ? [profileLine(joined(own, figure.groups), { stroke: one.colour, strokeOpacity: 0.75, strokeWidth: 1.5, dy: shift(one) })] : []),
            Plot.ruleY(own.filter((dot) => dot.interval !== null), { y: key, x1: (dot: RowDot) => dot.interval?.[0], x2: (dot: RowDot) => dot.interval?.[1], dy: shift(one), stroke: one.colour, strokeWidth: 1.5, strokeOpacity: 0.7 }),
            // Behind the dot, in the candidate's colour: rows hold several.
            Plot.tickX(own.filter((dot) => dot.published !== undefined), { y: key, x: 'published', dy: figure.stroke ? 0 : shift(one), stroke: figure.stroke?.colour ?? one.colour, strokeWidth: 2, insetTop: rowHeight / 2 - 8, insetBottom: rowHeight / 2 - 8 }),
            Plot.dot(own, { x: 'value', y: key, dy: shift(one), symbol: one.symbol, fill: one.colour, stroke: 'var(--surface)', strokeWidth: 1, r: 4.5, filter: (dot: RowDot) => !dot.hollow }),
            Plot.dot(own, { x: 'value', y: key, dy: shift(one), symbol: one.symbol, fill: 'var(--surface)', stroke: one.colour, strokeWidth: 1.75, r: 4, filter: (dot: RowDot) => dot.hollow === true }),
          ];
        }),
      ],
    });
    // Read row by row, as the eye does.
    const points: ChartPoint[] = rows.flatMap(({ row }) => dots.filter((dot) => dot.row === row)).map((dot) => ({
      x: drawn.x(dot.value),
      y: drawn.y(key(dot)) + shift(dot.series),
      title: `${labelOf(dot.row)}: ${dot.series.label}`,
      lines: [[text(dot.value), interval(dot.interval)].filter(Boolean).join(' '), ...(dot.published === undefined ? [] : [`${figure.stroke?.name ?? 'published'} ${text(dot.published)}`]), ...dot.detail],
      colour: dot.series.colour,
    }));
    return { svg: drawn.svg, points };
  };
}
