/** Words whose similarity to the reference changes most from one model to another: a dumbbell per word. */
import * as Plot from '@observablehq/plot';
import type { Mover } from '../data/values.ts';
import { axisTick, correlation, difference } from '../ui/format.ts';
import { axisTitle, drawPlot, extentWithZero, fitted, labelRoom, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface Movers {
  readonly label: string;
  readonly axis: string;
  readonly from: Series;
  readonly to: Series;
  readonly movers: readonly Mover[];
  /** Shared by the panels of gains and losses. */
  readonly domain?: readonly [number, number];
}

/** The domain that holds all movers. */
export function moversDomain(movers: readonly Mover[]): [number, number] {
  return extentWithZero(movers.flatMap((mover) => [mover.from, mover.to]));
}

export function moversPlot({ label, axis, from, to, movers, domain }: Movers): Draw {
  return (width) => {
    const shown = movers.filter((mover) => Number.isFinite(mover.from) && Number.isFinite(mover.to));
    const marginLeft = labelRoom(shown.map((mover) => mover.word), width, 0.4);
    const drawn = drawPlot(label, {
      width,
      height: shown.length * 22 + 50,
      marginLeft,
      marginRight: 12,
      marginTop: 4,
      marginBottom: 46,
      x: { ...axisTitle(axis, width, marginLeft, 12), domain: [...(domain ?? moversDomain(shown))], ticks: Math.max(3, Math.floor((width - marginLeft) / 70)), tickFormat: axisTick, tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: shown.map((mover) => mover.word), axis: null, padding: 0 },
      marks: [
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: Math.max(3, Math.floor((width - marginLeft) / 70)) }),
        Plot.text(shown, { y: 'word', text: (mover: Mover) => fitted(mover.word, marginLeft - 10), frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, fill: 'var(--ink)' }),
        Plot.ruleY(shown, { y: 'word', x1: 'from', x2: 'to', stroke: 'var(--boundary)', strokeWidth: 1.5 }),
        Plot.dot(shown, { x: 'from', y: 'word', symbol: from.symbol, fill: from.colour, stroke: 'var(--surface)', r: 4 }),
        Plot.dot(shown, { x: 'to', y: 'word', symbol: to.symbol, fill: to.colour, stroke: 'var(--surface)', r: 5 }),
      ],
    });
    const points = shown.map((mover) => ({
      x: drawn.x(mover.to),
      y: drawn.y(mover.word),
      title: mover.word,
      lines: [`${from.label} ${correlation(mover.from)}`, `${to.label} ${correlation(mover.to)}`, `change ${difference(mover.to - mover.from)}`],
      colour: to.colour,
    }));
    return { svg: drawn.svg, points };
  };
}
