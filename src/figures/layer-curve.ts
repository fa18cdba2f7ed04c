/** A measure over the layers of models, one line per candidate with its interval; levels without layers as dashed lines. */
import * as Plot from '@observablehq/plot';
import type { Interval } from '../data/values.ts';
import { axisTick, correlation, interval } from '../ui/format.ts';
import { axisTitle, extentWithZero, drawPlot, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface LayerPoint {
  readonly series: Series;
  readonly layer: string;
  readonly layerIndex: number;
  readonly value: number;
  readonly interval: Interval;
  /** Further lines for the reader: p, n. */
  readonly detail: readonly string[];
}

/** A value to compare with that has no layers: a candidate given as ratings, a ceiling. */
export interface Level {
  readonly series: Series;
  readonly value: number;
}

/** How high values can come, drawn as a band over all layers: a noise ceiling. */
export interface CurveBand {
  readonly label: string;
  readonly lower: number;
  readonly upper: number;
}

export interface LayerCurve {
  /** Names the drawing. */
  readonly label: string;
  /** Axis: measure, unit and n. */
  readonly axis: string;
  readonly points: readonly LayerPoint[];
  readonly levels: readonly Level[];
  readonly band?: CurveBand;
}

const HEIGHT = 320;

/** Whole layer numbers to label: every one where there is room, else every second, fifth, … */
function layerTicks(indices: readonly number[], width: number): number[] {
  const distinct = [...new Set(indices)].sort((a, b) => a - b);
  const room = Math.max(2, Math.floor(width / 34));
  const step = [1, 2, 3, 4, 5, 6, 8, 10, 12, 20].find((size) => distinct.length / size <= room) ?? 25;
  return distinct.filter((index) => index % step === 0);
}

export function layerCurve(curve: LayerCurve): Draw {
  return (width) => {
    const points = curve.points.filter((point) => Number.isFinite(point.value));
    const levels = curve.levels.filter((level) => Number.isFinite(level.value));
    const { band } = curve;
    const series = [...new Set(points.map((point) => point.series))];
    const within = points.filter((point) => point.interval !== null);
    const drawn = drawPlot(curve.label, {
      width,
      height: width < 480 ? 260 : HEIGHT,
      marginLeft: 44,
      marginRight: 14,
      marginTop: 30,
      marginBottom: 42,
      // One layer alone still gets a span of its own.
      x: { ...axisTitle('layer (0 = embeddings)', width, 44, 14), ticks: layerTicks(points.map((point) => point.layerIndex), width), tickFormat: 'd', tickSize: 0, tickPadding: 8, inset: 14, ...(new Set(points.map((point) => point.layerIndex)).size === 1 ? { domain: [points[0]!.layerIndex - 1, points[0]!.layerIndex + 1] } : {}) },
      y: { label: curve.axis, labelArrow: 'none', domain: extentWithZero([...points.flatMap((point) => [point.value, ...(point.interval ?? [])]), ...levels.map((level) => level.value), ...(band ? [band.lower, band.upper] : [])]), nice: true, tickFormat: axisTick, ticks: 5, tickSize: 0 },
      marks: [
        ...(band ? [Plot.rect([band], { y1: 'lower', y2: 'upper', fill: 'var(--ink)', fillOpacity: 0.1 }), Plot.ruleY([band.lower, band.upper], { stroke: 'var(--ink-2)', strokeWidth: 0.75 })] : []),
        Plot.gridY({ ticks: 5, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.ruleY([0], { stroke: 'var(--boundary)' }),
        ...levels.map((level) => Plot.ruleY([level.value], { stroke: level.series.colour, strokeWidth: 1.5, strokeDasharray: '5 4' })),
        ...series.flatMap((one) => {
          const own = points.filter((point) => point.series === one).sort((a, b) => a.layerIndex - b.layerIndex);
          const banded = own.filter((point) => point.interval !== null);
          return [
            ...(banded.length > 1 ? [Plot.areaY(banded, { x: 'layerIndex', y1: (point: LayerPoint) => point.interval?.[0], y2: (point: LayerPoint) => point.interval?.[1], fill: one.colour, fillOpacity: series.length > 4 ? 0.08 : 0.15 })] : []),
            ...(own.length > 1 ? [Plot.lineY(own, { x: 'layerIndex', y: 'value', stroke: one.colour, strokeWidth: 1.75 })] : []),
          ];
        }),
        // Bars only where a band cannot be drawn.
        Plot.ruleX(within.filter((point) => within.filter((other) => other.series === point.series).length === 1), { x: 'layerIndex', y1: (point: LayerPoint) => point.interval?.[0], y2: (point: LayerPoint) => point.interval?.[1], stroke: (point: LayerPoint) => point.series.colour, strokeWidth: 1.5 }),
        ...series.map((one) => Plot.dot(points.filter((point) => point.series === one), { x: 'layerIndex', y: 'value', fill: one.colour, symbol: one.symbol, r: points.length > 80 ? 2.5 : 3.5, stroke: 'var(--surface)', strokeWidth: 1 })),
      ],
    });
    const readable: ChartPoint[] = series.flatMap((one) => points.filter((point) => point.series === one).sort((a, b) => a.layerIndex - b.layerIndex)).map((point) => ({
      x: drawn.x(point.layerIndex),
      y: drawn.y(point.value),
      title: `${point.series.label}, ${point.layer}`,
      lines: [[correlation(point.value), interval(point.interval)].filter(Boolean).join(' '), ...point.detail],
      colour: point.series.colour,
    }));
    const levelPoints: ChartPoint[] = levels.map((level) => ({ x: width - 30, y: drawn.y(level.value), title: level.series.label, lines: [correlation(level.value)], colour: level.series.colour }));
    const bandPoint: ChartPoint[] = band ? [{ x: width - 30, y: (drawn.y(band.lower) + drawn.y(band.upper)) / 2, title: band.label, lines: [`${correlation(band.lower)} to ${correlation(band.upper)}`] }] : [];
    return { svg: drawn.svg, points: [...readable, ...levelPoints, ...bandPoint] };
  };
}
