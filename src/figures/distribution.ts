/** Distributions of per-word values, one ridge per candidate: the density with the middle half and the median marked. */
import * as Plot from '@observablehq/plot';
import { axisTick, correlation } from '../ui/format.ts';
import { axisTitle, drawPlot, fitted, labelRoom, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface Ridge {
  readonly series: Series;
  readonly values: ArrayLike<number>;
}

export interface Quantiles {
  readonly n: number;
  readonly min: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly max: number;
}

/** Finite values in order. */
function ordered(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter((value) => Number.isFinite(value)).sort();
}

/** Quantiles by linear interpolation (type 7, as numpy and R); NaN where there are no finite values. */
export function quantiles(values: ArrayLike<number>): Quantiles {
  const sorted = ordered(values);
  const at = (share: number) => {
    const place = (sorted.length - 1) * share;
    const low = sorted[Math.floor(place)] ?? Number.NaN;
    const high = sorted[Math.ceil(place)] ?? Number.NaN;
    return low + (high - low) * (place - Math.floor(place));
  };
  return { n: sorted.length, min: at(0), q1: at(0.25), median: at(0.5), q3: at(0.75), max: at(1) };
}

const STEPS = 160;

/**
 * Gaussian kernel density on an even grid over [low, high], scaled to a peak of 1. Bandwidth by Silverman's rule
 * (Density Estimation, 1986, eq. 3.31), at least one grid step; drawn from a histogram on the grid, so its cost does
 * not depend on n.
 */
export function density(values: ArrayLike<number>, low: number, high: number): Float64Array {
  const sorted = ordered(values);
  const grid = new Float64Array(STEPS);
  if (sorted.length === 0 || high <= low) return grid;
  const step = (high - low) / (STEPS - 1);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const sd = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, sorted.length - 1));
  const { q1, q3 } = quantiles(sorted);
  const spread = Math.min(sd, (q3 - q1) / 1.34) || sd;
  const width = Math.max(0.9 * spread * sorted.length ** -0.2, step) / step;
  const counts = new Float64Array(STEPS);
  for (const value of sorted) {
    const bin = Math.min(STEPS - 1, Math.max(0, Math.round((value - low) / step)));
    counts[bin]! += 1;
  }
  for (let at = 0; at < STEPS; at += 1) {
    for (let bin = 0; bin < STEPS; bin += 1) {
      if (counts[bin]) grid[at]! += counts[bin]! * Math.exp(-0.5 * ((at - bin) / width) ** 2);
    }
  }
  const peak = Math.max(...grid);
  return peak > 0 ? grid.map((value) => value / peak) : grid;
}

const ROW = 58;

/** @param domain ends of the axis; from 0 or the least value to the greatest unless given. */
export function ridges(label: string, axis: string, all: readonly Ridge[], domain?: readonly [number, number]): Draw {
  return (width) => {
    const shown = all.map((ridge, at) => ({ ...ridge, at, quantiles: quantiles(ridge.values) })).filter((ridge) => ridge.quantiles.n > 0);
    const low = domain?.[0] ?? Math.min(0, ...shown.map((ridge) => ridge.quantiles.min));
    const top = domain?.[1] ?? Math.max(low + 1e-9, ...shown.map((ridge) => ridge.quantiles.max));
    // Room for the last value's own share of the curve.
    const high = top + 0.04 * (top - low);
    const marginLeft = labelRoom(all.map((ridge) => ridge.series.label), width, 0.3);
    const step = (high - low) / (STEPS - 1);
    // Row k's baseline lies at -k; a ridge rises 0.82 of a row.
    const drawn = drawPlot(label, {
      width,
      height: Math.max(1, all.length) * ROW + 58,
      marginLeft,
      marginRight: 14,
      marginTop: 4,
      marginBottom: 46,
      x: { ...axisTitle(axis, width, marginLeft, 14), domain: [low, high], ticks: Math.max(3, Math.floor((width - marginLeft) / 80)), tickFormat: axisTick, tickSize: 0, tickPadding: 12 },
      y: { domain: [-all.length + 0.85, 1], axis: null },
      marks: [
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: Math.max(3, Math.floor((width - marginLeft) / 80)) }),
        Plot.text(all, { y: (_: Ridge, at: number) => -at + 0.22, text: (ridge: Ridge) => fitted(ridge.series.label, marginLeft - 10), frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, fill: 'var(--ink)' }),
        ...shown.flatMap(({ at, series, values, quantiles: q }) => {
          const curve = [...density(values, low, high)].map((height, bin) => ({ x: low + bin * step, y: height * 0.82 - at }));
          return [
            Plot.areaY(curve, { x: 'x', y1: -at, y2: 'y', fill: series.colour, fillOpacity: 0.2 }),
            // The baseline is not part of the curve.
            Plot.lineY(curve, { x: 'x', y: (point: { y: number }) => (point.y + at > 0.004 ? point.y : Number.NaN), stroke: series.colour, strokeWidth: 1.5 }),
            Plot.ruleY([-at], { x1: q.q1, x2: q.q3, stroke: series.colour, strokeWidth: 4 }),
            Plot.dot([q.median], { x: q.median, y: -at, symbol: series.symbol, r: 5, fill: series.colour, stroke: 'var(--surface)', strokeWidth: 1.5 }),
          ];
        }),
      ],
    });
    const points = shown.map(({ at, series, quantiles: q }) => ({
      x: drawn.x(q.median),
      y: drawn.y(-at),
      title: series.label,
      lines: [`median ${correlation(q.median)}`, `middle half ${correlation(q.q1)} to ${correlation(q.q3)}`],
      colour: series.colour,
    }));
    return { svg: drawn.svg, points };
  };
}
