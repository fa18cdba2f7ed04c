/** A tree of clusters: leaves in rows at the left, branches that meet further right the farther apart they are. */
import * as Plot from '@observablehq/plot';
import { general } from '../ui/format.ts';
import { fittedMiddle } from './fitted-middle.ts';
import { axisTitle, drawPlot, fitted, labelRoom, type ChartPoint, type Draw } from './plot.ts';
import type { TreeLayout } from './tree-layout.ts';

export interface Dendrogram {
  readonly label: string;
  readonly axis: string;
  readonly tree: TreeLayout;
  /** What is written beside a row. */
  readonly named: (members: readonly number[]) => string;
  /** Whether names that are too long lose their middle (layers of a model differ at the end) or their end. */
  readonly keepsEnds: boolean;
  /** What is read of a row or a join: names and more. */
  readonly told: (members: readonly number[]) => { readonly title: string; readonly lines: readonly string[] };
  /** Colour of a branch that holds these leaves. */
  readonly colour: (members: readonly number[]) => string;
}

const rowHeight = 15;

export function dendrogram({ label, axis, tree, named, keepsEnds, told, colour }: Dendrogram): Draw {
  return (width) => {
    const { rows, joins } = tree;
    const names = rows.map((row) => named(row.members));
    const marginLeft = labelRoom(names, width, 0.45);
    const top = joins.reduce((most, join) => Math.max(most, join.height), 0) || 1;
    const ticks = Math.max(3, Math.min(8, Math.floor((width - marginLeft) / 64)));
    const shape: Plot.RenderFunction = (_, scales) => {
      const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
      const [x, y] = [(value: number) => Number(scales.x!(value)).toFixed(1), (value: number) => Number(scales.y!(value)).toFixed(1)];
      for (const { from, to, height, members } of joins) {
        const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        path.setAttribute('d', `M${x(from[1])},${y(from[0])}H${x(height)}V${y(to[0])}H${x(to[1])}`);
        for (const [name, value] of Object.entries({ fill: 'none', stroke: colour(members), 'stroke-width': '1.5' })) path.setAttribute(name, value);
        group.append(path);
      }
      // A cluster that was cut off begins where it was cut.
      rows.forEach((row, at) => {
        if (row.members.length === 1) return;
        const stub = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        stub.setAttribute('d', `M${x(0)},${Number(y(at)) - 3}L${x(row.height)},${y(at)}L${x(0)},${Number(y(at)) + 3}Z`);
        stub.setAttribute('fill', colour(row.members));
        group.append(stub);
      });
      return group;
    };
    const drawn = drawPlot(label, {
      width,
      height: rows.length * rowHeight + 62,
      marginLeft,
      marginRight: 16,
      marginTop: 8,
      marginBottom: 46,
      x: { ...axisTitle(axis, width, marginLeft, 16), domain: [0, top * 1.02], ticks, tickFormat: general, tickSize: 0, tickPadding: 8 },
      y: { domain: [rows.length - 0.5, -0.5], axis: null },
      marks: [
        Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks }),
        shape,
        Plot.text(names, { x: 0, y: (_: string, at: number) => at, text: (name: string) => (keepsEnds ? fittedMiddle : fitted)(name, marginLeft - 12, 11), textAnchor: 'end', dx: -6, fontSize: 11, fill: 'var(--ink)' }),
      ],
    });
    const leaves = rows.map((row, at): ChartPoint => ({ x: drawn.x(row.height), y: drawn.y(at), ...told(row.members), colour: colour(row.members) }));
    // After the rows the joins, from the root down.
    const nodes = [...joins].reverse().map((join): ChartPoint => {
      const { title, lines } = told(join.members);
      return { x: drawn.x(join.height), y: drawn.y((join.from[0] + join.to[0]) / 2), title, lines: [`joined at ${general(join.height)}`, ...lines], colour: colour(join.members) };
    });
    return { svg: drawn.svg, points: [...leaves, ...nodes] };
  };
}
