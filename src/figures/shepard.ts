/** Shepard plot: how far apart pairs are on the map (up) against how far they should be (across). */
import * as Plot from '@observablehq/plot';
import { general } from '../ui/format.ts';
import { manyDots } from './dots.ts';
import { axisTitle, drawPlot, type ChartPoint, type Draw } from './plot.ts';

export interface ShepardPair {
  readonly a: string;
  readonly b: string;
  readonly dissimilarity: number;
  readonly distance: number;
  readonly disparity: number;
}

export interface ShepardPlot {
  readonly label: string;
  readonly across: string;
  readonly up: string;
  /** By ascending dissimilarity. */
  readonly pairs: readonly ShepardPair[];
}

export function shepardPlot({ label, across, up, pairs }: ShepardPlot): Draw {
  return (width) => {
    const top = pairs.reduce((most, pair) => Math.max(most, pair.distance, pair.disparity), 0) || 1;
    const right = (pairs.at(-1)?.dissimilarity ?? 1) || 1;
    const ticks = Math.max(3, Math.floor(width / 90));
    const drawn = drawPlot(label, {
      width,
      height: Math.min(420, Math.max(260, Math.round(width * 0.6))),
      marginLeft: 48,
      marginRight: 14,
      marginTop: 30,
      marginBottom: 46,
      x: { ...axisTitle(across, width, 48, 14), domain: [0, right * 1.02], ticks, tickFormat: general, tickSize: 0, tickPadding: 8 },
      y: { label: up, labelArrow: 'none', domain: [0, top * 1.02], ticks: 5, tickFormat: general, tickSize: 0 },
      marks: [
        Plot.gridX({ ticks, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.gridY({ ticks: 5, stroke: 'var(--rule)', strokeOpacity: 1 }),
        manyDots(pairs.map((pair) => ({ x: pair.dissimilarity, y: pair.distance })), { colour: 'var(--series-1)', r: pairs.length > 1000 ? 1.3 : 2.2, opacity: pairs.length > 1000 ? 0.4 : 0.6 }),
        Plot.line(pairs, { x: 'dissimilarity', y: 'disparity', stroke: 'var(--series-2)', strokeWidth: 2 }),
      ],
    });
    // Read from the pair that the map shows worst.
    const points = [...pairs].sort((one, other) => Math.abs(other.distance - other.disparity) - Math.abs(one.distance - one.disparity)).map((pair): ChartPoint => ({
      x: drawn.x(pair.dissimilarity), y: drawn.y(pair.distance), title: `${pair.a} – ${pair.b}`,
      lines: [`dissimilarity ${general(pair.dissimilarity)}`, `on the map ${general(pair.distance)}, should be ${general(pair.disparity)}`], colour: 'var(--series-1)',
    }));
    return { svg: drawn.svg, points };
  };
}
