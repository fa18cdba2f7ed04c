/** Stacked bars of what explains a variance: parts of the whole, and the explained part alone, stretched. */
import * as Plot from '@observablehq/plot';
import { correlation } from '../ui/format.ts';
import { axisTitle, drawPlot, fitted, labelRoom, textWidth, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface Part {
  readonly series: Series;
  /** Share of the variance. Parts below zero have no length and are not drawn. */
  readonly value: number;
  readonly detail: readonly string[];
}

export interface PartitionBars {
  readonly label: string;
  readonly axis: string;
  /** What is explained, from left to right. */
  readonly parts: readonly Part[];
  /** What is explained in all. */
  readonly r2: number;
}

/** A stretch of one of the two bars, in shares of that bar. */
interface Stretch {
  readonly bar: string;
  readonly from: number;
  readonly to: number;
  /** null for what nothing explains. */
  readonly part: Part | null;
}

const whole = 'all variance';
const stretched = 'explained';
const ROW = 46;

/** Key of what nothing explains: an outline without a filling. */
export const unexplainedColour = 'var(--rule)';

function stretches({ parts, r2 }: PartitionBars): Stretch[] {
  const shown = parts.filter(({ value }) => value > 0);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  const laid = (bar: string, scale: number): Stretch[] => {
    let from = 0;
    return shown.map((part) => {
      const own = { bar, from, to: from + part.value / scale, part };
      from = own.to;
      return own;
    });
  };
  const rest = Math.max(0, 1 - Math.max(r2, total));
  return [
    ...laid(whole, Math.max(1, total)),
    ...(rest > 0 ? [{ bar: whole, from: 1 - rest, to: 1, part: null }] : []),
    ...(total > 0 ? laid(stretched, total) : []),
  ];
}

export function partitionBars(figure: PartitionBars): Draw {
  return (width) => {
    const all = stretches(figure);
    const bars = all.some(({ bar }) => bar === stretched) ? [whole, stretched] : [whole];
    const marginLeft = labelRoom(bars, width);
    const marginRight = 16;
    const ticks = Math.max(2, Math.min(5, Math.floor((width - marginLeft) / 64)));
    const pixels = width - marginLeft - marginRight;
    // Only what its stretch can hold is written in it; the legend has every value.
    const text = ({ part, from, to }: Stretch): string => {
      const own = part ? correlation(part.value) : correlation(1 - figure.r2);
      return textWidth(own) + 10 <= (to - from) * pixels ? own : '';
    };
    const drawn = drawPlot(figure.label, {
      width,
      height: bars.length * ROW + 50,
      marginLeft,
      marginRight,
      marginTop: 4,
      marginBottom: 44,
      x: { ...axisTitle(figure.axis, width, marginLeft, marginRight), domain: [0, 1], ticks, tickFormat: (value: number) => `${Math.round(value * 100)} %`, tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: bars, axis: null, padding: 0.34 },
      marks: [
        Plot.text(bars, { y: (bar: string) => bar, text: (bar: string) => fitted(bar, marginLeft - 10), frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, fill: 'var(--ink)' }),
        // Colours are CSS variables, so each stretch is a mark of its own.
        ...all.map((one) => Plot.barX([one], {
          x1: 'from', x2: 'to', y: 'bar', fill: one.part?.series.colour ?? unexplainedColour, stroke: one.part ? 'var(--surface)' : 'var(--rule-strong)', strokeWidth: 1,
        })),
        ...all.filter((one) => text(one)).map((one) => Plot.text([one], {
          x: (one.from + one.to) / 2, y: 'bar', text: () => text(one), fill: one.part ? 'var(--surface)' : 'var(--ink-2)', fontWeight: 600,
        })),
      ],
    });
    const points: ChartPoint[] = all.map(({ bar, from, to, part }) => ({
      x: drawn.x((from + to) / 2),
      y: drawn.y(bar),
      title: part ? part.series.label : 'unexplained',
      lines: part ? [`${correlation(part.value)} of the variance`, ...part.detail] : [`${correlation(1 - figure.r2)} of the variance`],
      ...(part ? { colour: part.series.colour } : {}),
    }));
    return { svg: drawn.svg, points };
  };
}
