/** Plain horizontal bars with their values: mean ratings, means per layer. */
import * as Plot from '@observablehq/plot';
import { decimal } from '../ui/format.ts';
import { axisTitle, drawPlot, fitted, labelRoom, textWidth, type Draw } from './plot.ts';
import type { Series } from './series.ts';

export interface Bar {
  readonly series: Series;
  readonly value: number;
}

export function bars(label: string, axis: string, all: readonly Bar[], text: (value: number) => string = decimal): Draw {
  return (width) => {
    const shown = all.map((bar, at) => ({ ...bar, key: String(at) }));
    const finite = shown.filter((bar) => Number.isFinite(bar.value));
    const marginLeft = labelRoom(all.map((bar) => bar.series.label), width);
    const marginRight = Math.ceil(Math.max(0, ...finite.map((bar) => textWidth(text(bar.value))))) + 14;
    const drawn = drawPlot(label, {
      width,
      height: all.length * 26 + 50,
      marginLeft,
      marginRight,
      marginTop: 4,
      marginBottom: 44,
      x: { ...axisTitle(axis, width, marginLeft, marginRight), domain: [Math.min(0, ...finite.map((bar) => bar.value)), Math.max(1e-9, ...finite.map((bar) => bar.value))], ticks: Math.max(2, Math.floor((width - marginLeft) / 90)), tickSize: 0, tickPadding: 8 },
      y: { type: 'band', domain: shown.map((bar) => bar.key), axis: null, padding: 0.5 },
      marks: [
        Plot.text(shown, { y: 'key', text: (bar: Bar) => fitted(bar.series.label, marginLeft - 10), frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft, fill: 'var(--ink)' }),
        ...finite.map((bar) => Plot.barX([bar], { x: 'value', y: 'key', fill: bar.series.colour, rx: 1 })),
        Plot.text(finite, { x: (bar: Bar) => Math.max(0, bar.value), y: 'key', text: (bar: Bar) => text(bar.value), textAnchor: 'start', dx: 6, fill: 'var(--ink-2)' }),
        Plot.ruleX([0], { stroke: 'var(--boundary)' }),
      ],
    });
    const points = finite.map((bar) => ({ x: drawn.x(bar.value), y: drawn.y(bar.key), title: bar.series.label, lines: [text(bar.value)], colour: bar.series.colour }));
    return { svg: drawn.svg, points };
  };
}
