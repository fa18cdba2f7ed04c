/** Points on a map: one unit is as long across as up, labels where they do not cover each other, lines that join layers. */
import * as Plot from '@observablehq/plot';
import { general } from '../ui/format.ts';
import { manyDots } from './dots.ts';
import { labelGap, labelHeight, type LabelSide, labelSides, placeLabels } from './map-labels.ts';
import { drawPlot, fitted, textWidth, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';
import { extent } from './words-and-n.ts';

export interface MapDot {
  /** Written beside the dot. */
  readonly label: string;
  /** Names it when it is read. */
  readonly title: string;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly series: Series;
}

export interface PointMap {
  readonly label: string;
  readonly across: string;
  readonly up: string;
  /** In the order in which the arrow keys read them; earlier ones are labelled first. */
  readonly dots: readonly MapDot[];
  readonly labelled: boolean;
  /** Dots of one series are joined in their order. */
  readonly joined: boolean;
}

const margin = { left: 44, right: 14, top: 24, bottom: 44 } as const;
/** More dots than this are drawn as one element per series. */
const manyFrom = 300;
/** Longest label, CSS pixels. */
const longest = 130;

interface Frame { readonly x: readonly [number, number]; readonly y: readonly [number, number]; readonly height: number; readonly step: number }

/** Domains under which a unit has one length, for a drawing of some width: as high as the points ask, within reason. */
export function equalFrame(points: readonly { readonly x: number; readonly y: number }[], width: number): Frame {
  const [left, right] = extent(points.map(({ x }) => x));
  const [low, high] = extent(points.map(({ y }) => y));
  const size = Math.max(right - left, high - low) || 1;
  // Points that all but share a line still get a band to lie in.
  const [wide, tall] = [Math.max(right - left, size * 0.25) * 1.1, Math.max(high - low, size * 0.25) * 1.1];
  const inner = width - margin.left - margin.right;
  const innerHeight = Math.min(Math.max(inner * (tall / wide), Math.min(240, inner)), 520);
  const unit = Math.min(inner / wide, innerHeight / tall);
  const around = (middle: number, pixels: number): [number, number] => [middle - pixels / unit / 2, middle + pixels / unit / 2];
  const rough = Math.min(90, inner / 4) / unit;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  return { x: around((left + right) / 2, inner), y: around((low + high) / 2, innerHeight), height: innerHeight + margin.top + margin.bottom, step };
}

function ticksOf([low, high]: readonly [number, number], step: number): number[] {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

const anchors = { right: 'start', left: 'end', above: 'middle', below: 'middle' } as const satisfies Record<LabelSide, string>;
const shifts = { right: [labelGap, 0], left: [-labelGap, 0], above: [0, -labelGap - labelHeight / 2], below: [0, labelGap + labelHeight / 2] } as const satisfies Record<LabelSide, readonly [number, number]>;

export function pointMap({ label, across, up, dots, labelled, joined }: PointMap): Draw {
  return (width) => {
    const frame = equalFrame(dots, width);
    const series = [...new Set(dots.map((dot) => dot.series))];
    const ticks = [ticksOf(frame.x, frame.step), ticksOf(frame.y, frame.step)] as const;
    const toX = (value: number): number => margin.left + ((value - frame.x[0]) / (frame.x[1] - frame.x[0])) * (width - margin.left - margin.right);
    const toY = (value: number): number => frame.height - margin.bottom - ((value - frame.y[0]) / (frame.y[1] - frame.y[0])) * (frame.height - margin.top - margin.bottom);
    const texts = labelled ? dots.map((dot) => fitted(dot.label, longest, 11)) : [];
    const sides = labelled
      ? placeLabels(dots.map((dot, at) => ({ x: toX(dot.x), y: toY(dot.y), width: textWidth(texts[at]!, 11) })), [margin.left, margin.top - 8, width, frame.height - margin.bottom])
      : [];
    const radius = dots.length > manyFrom ? 2.3 : dots.length > 120 ? 3 : 4;
    const drawn = drawPlot(label, {
      width,
      height: frame.height,
      marginLeft: margin.left,
      marginRight: margin.right,
      marginTop: margin.top,
      marginBottom: margin.bottom,
      x: { domain: [...frame.x], ticks: ticks[0], tickFormat: general, tickSize: 0, tickPadding: 8, label: fitted(across, width - margin.right), labelAnchor: 'center', labelArrow: 'none' },
      y: { domain: [...frame.y], ticks: ticks[1], tickFormat: general, tickSize: 0, label: up, labelArrow: 'none' },
      marks: [
        Plot.gridX(ticks[0], { stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.gridY(ticks[1], { stroke: 'var(--rule)', strokeOpacity: 1 }),
        ...(joined ? series.map((one) => dots.filter((dot) => dot.series === one)).filter((own) => own.length > 1).map((own) => Plot.line(own, { x: 'x', y: 'y', stroke: own[0]!.series.colour, strokeWidth: 1.5, strokeOpacity: 0.7 })) : []),
        ...series.map((one) => {
          const own = dots.filter((dot) => dot.series === one);
          return dots.length > manyFrom
            ? manyDots(own, { colour: one.colour, symbol: one.symbol, r: radius, opacity: 0.8 })
            : Plot.dot(own, { x: 'x', y: 'y', symbol: one.symbol, fill: one.colour, r: radius, stroke: 'var(--surface)', strokeWidth: 0.75 });
        }),
        ...labelSides.map((side) => Plot.text(dots.flatMap((dot, at) => (sides[at] === side ? [{ ...dot, text: texts[at]! }] : [])), {
          x: 'x', y: 'y', text: 'text', textAnchor: anchors[side], dx: shifts[side][0], dy: shifts[side][1], fontSize: 11, fill: 'var(--ink)', stroke: 'var(--surface)', strokeWidth: 3,
        })),
      ],
    });
    const points = dots.map((dot): ChartPoint => ({ x: drawn.x(dot.x), y: drawn.y(dot.y), title: dot.title, lines: dot.lines, colour: dot.series.colour }));
    return { svg: drawn.svg, points };
  };
}
