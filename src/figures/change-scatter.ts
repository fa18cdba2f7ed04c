/** Each word's similarity to the reference before (across) and after (up): above the diagonal it came nearer. */
import * as Plot from '@observablehq/plot';
import { axisTick, correlation, difference } from '../ui/format.ts';
import { axisTitle, drawPlot, type ChartPoint, type Draw } from './plot.ts';
import type { Series } from './series.ts';
import { extent } from './words-and-n.ts';

export interface WordDot {
  readonly word: string;
  readonly series: Series;
  readonly before: number;
  readonly after: number;
  /** Written beside its dot. */
  readonly named: boolean;
}

export interface ChangeScatter {
  readonly label: string;
  readonly across: string;
  readonly up: string;
  readonly dots: readonly WordDot[];
}

/** Narrower drawings name no words, CSS pixels. */
const SMALL = 420;

export function changeScatter({ label, across, up, dots }: ChangeScatter): Draw {
  return (width) => {
    const shown = dots.filter((dot) => Number.isFinite(dot.before + dot.after));
    const [low, high] = extent(shown.flatMap((dot) => [dot.before, dot.after]));
    const air = Math.max(0.01, (high - low) * 0.04);
    const domain = [low - air, high + air] as const;
    const series = [...new Set(shown.map((dot) => dot.series))];
    const ticks = Math.max(3, Math.floor(width / 90));
    const middle = (low + high) / 2;
    // On a small screen names would cover each other; the table and the points have them all.
    const written = width < SMALL ? [] : shown.filter((dot) => dot.named);
    const drawn = drawPlot(label, {
      width,
      height: Math.min(460, Math.max(280, Math.round(width * 0.8))),
      marginLeft: 44,
      marginRight: 14,
      marginTop: 30,
      marginBottom: 46,
      x: { ...axisTitle(across, width, 44, 14), domain: [...domain], ticks, tickFormat: axisTick, tickSize: 0, tickPadding: 8 },
      y: { label: up, labelArrow: 'none', domain: [...domain], ticks: 5, tickFormat: axisTick, tickSize: 0 },
      marks: [
        Plot.gridX({ ticks, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.gridY({ ticks: 5, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.line([[domain[0], domain[0]], [domain[1], domain[1]]], { stroke: 'var(--boundary)', strokeWidth: 1.5, clip: true }),
        ...series.map((one) => Plot.dot(shown.filter((dot) => dot.series === one), { x: 'before', y: 'after', symbol: one.symbol, fill: one.colour, fillOpacity: shown.length > 300 ? 0.45 : 0.7, r: shown.length > 300 ? 2.2 : 3 })),
        // Words lean away from the frame they are next to.
        ...([true, false] as const).map((right) => Plot.text(written.filter((dot) => (dot.before > middle) === right), { x: 'before', y: 'after', text: 'word', textAnchor: right ? 'end' : 'start', dx: right ? -6 : 6, fill: 'var(--ink)', stroke: 'var(--surface)', strokeWidth: 3, fontSize: 11 })),
      ],
    });
    // Read from the largest gain to the largest loss.
    const points: ChartPoint[] = [...shown].sort((a, b) => b.after - b.before - (a.after - a.before)).map((dot) => ({
      x: drawn.x(dot.before),
      y: drawn.y(dot.after),
      title: dot.word,
      lines: [`before ${correlation(dot.before)}, after ${correlation(dot.after)}`, `change ${difference(dot.after - dot.before)}`, ...(series.length > 1 ? [dot.series.label] : [])],
      colour: dot.series.colour,
    }));
    return { svg: drawn.svg, points };
  };
}
