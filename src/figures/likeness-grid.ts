/** Likeness of every pair of RDMs as a square: the stronger the ground, the more alike. */
import * as Plot from '@observablehq/plot';
import { correlation } from '../ui/format.ts';
import { fittedMiddle } from './fitted-middle.ts';
import { drawPlot, labelRoom, textWidth, type ChartPoint, type Draw } from './plot.ts';

export interface LikenessGrid {
  readonly label: string;
  readonly names: readonly string[];
  /** Of two places in `names`. */
  readonly likeness: (i: number, j: number) => number;
}

/** Widest a square of the grid grows, CSS pixels. */
const widest = 46;
/** Strongest ground: with a number on it as in tables of heat cells, so that it stays readable. */
const strongest = { numbered: 0.45, plain: 0.9 } as const;

export function likenessGrid({ label, names, likeness }: LikenessGrid): Draw {
  return (width) => {
    const n = names.length;
    const marginLeft = labelRoom(names, width, 0.4);
    const side = Math.min(widest, (width - marginLeft - 8) / n);
    const numbered = side >= textWidth('−.00', 11) + 4;
    const cells = names.flatMap((_, i) => names.map((__, j) => ({ i, j, value: i === j ? 1 : likeness(i, j) })));
    const least = cells.reduce((low, cell) => Math.min(low, cell.value), 1);
    const strength = (value: number): number => 0.04 + (numbered ? strongest.numbered : strongest.plain) * (least < 1 ? (value - least) / (1 - least) : 1);
    const drawn = drawPlot(label, {
      width: Math.ceil(marginLeft + side * n + 8),
      height: Math.ceil(side * n + 16),
      marginLeft,
      marginRight: 8,
      marginTop: 8,
      marginBottom: 8,
      x: { type: 'band', domain: names.map((_, at) => at), axis: null, padding: 0, round: false },
      y: { type: 'band', domain: names.map((_, at) => at), axis: null, padding: 0, round: false },
      opacity: { type: 'identity' },
      marks: [
        Plot.cell(cells, { x: 'j', y: 'i', fill: 'var(--heat)', fillOpacity: (cell: (typeof cells)[number]) => strength(cell.value), inset: side > 12 ? 0.5 : 0 }),
        ...(numbered ? [Plot.text(cells.filter(({ i, j }) => i !== j), { x: 'j', y: 'i', text: ({ value }: (typeof cells)[number]) => correlation(value, 2), fontSize: 11, fill: 'var(--ink)' })] : []),
        ...(side >= 9 ? [Plot.text(names, { y: (_: string, at: number) => at, text: (name: string) => fittedMiddle(name, marginLeft - 10, 11), frameAnchor: 'left', textAnchor: 'end', dx: -6, fontSize: 11, fill: 'var(--ink)' })] : []),
      ],
    });
    const points = cells.filter(({ i, j }) => i < j).map(({ i, j, value }): ChartPoint => ({ x: drawn.x(j), y: drawn.y(i), title: `${names[i]!} – ${names[j]!}`, lines: [correlation(value)] }));
    return { svg: drawn.svg, points };
  };
}
