/** The tree of words or RDMs. */
import type { TemplateResult } from 'lit';
import type { GeometryValue } from '../../data/geometry.ts';
import { dendrogram } from '../../figures/dendrogram.ts';
import { chart, figure } from '../../figures/figure.ts';
import { legend } from '../../figures/series.ts';
import { layTree } from '../../figures/tree-layout.ts';
import type { Linkage, Merge } from '../../rsa/geometry/linkage.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, decimal } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';
import { controlsOf, ofWhat, pointsTold, type Shown } from './view-common.ts';

/** Leaves drawn at most, and where a larger tree is cut. */
const mostLeaves = 150;
const topLeaves = 40;

const linkages = { single: 'single linkage', complete: 'complete linkage', average: 'average linkage', ward: 'Ward’s linkage' } as const satisfies Record<Linkage, string>;

type Depth = 'top' | 'all';

export function treeFigure(value: GeometryValue, shown: Shown, context: ViewContext): TemplateResult {
  const { map, groups } = shown;
  const n = map.points.length;
  const choice = n > topLeaves && n <= mostLeaves;
  const depth = choice ? ((context.state.get('depth') as Depth | undefined) ?? 'all') : n > mostLeaves ? 'top' : 'all';
  const tree = layTree(map.merges, map.leafOrder, depth === 'top' ? topLeaves : n);
  const label = (at: number): string => map.points[at]!.label;
  const several = value.show === 'words' ? 'words' : 'RDMs';
  const named = (members: readonly number[]): string => (members.length === 1 ? label(members[0]!) : `${count(members.length)}: ${members.slice(0, 4).map(label).join(', ')}${members.length > 4 ? ' …' : ''}`);
  const told = (members: readonly number[]): { title: string; lines: string[] } => members.length === 1
    ? { title: label(members[0]!), lines: value.show === 'words' && map.points[members[0]!]!.group ? [map.points[members[0]!]!.group] : [] }
    : { title: `${count(members.length)} ${several}`, lines: [`${members.slice(0, 12).map(label).join(value.show === 'words' ? ', ' : '; ')}${members.length > 12 ? ' …' : ''}`] };
  // A branch within one group has its colour.
  const colour = (members: readonly number[]): string => {
    const first = groups[members[0]!]!;
    return shown.legend.length && members.every((at) => groups[at] === first) ? first.colour : 'var(--boundary)';
  };
  const nodeName = (node: number): string => (node < n ? label(node) : `${count(map.merges[node - n]!.size)} ${several} (step ${node - n + 1})`);
  const columns: readonly TableColumn<Merge & { readonly step: number }>[] = [
    { label: 'step', value: (row) => row.step, numeric: true },
    { label: 'a', value: (row) => nodeName(row.a) },
    { label: 'b', value: (row) => nodeName(row.b) },
    { label: 'height', value: (row) => row.height, text: (row) => decimal(row.height, 3), numeric: true },
    { label: several, value: (row) => row.size, numeric: true },
  ];
  const title = value.show === 'words' ? `Tree of ${shown.name}` : 'Tree of RDMs';
  return figure({
    title,
    summary: `${linkages[value.linkage][0]!.toUpperCase()}${linkages[value.linkage].slice(1)} of ${pointsTold(value, map)}, ${ofWhat(value, shown)}; ${shown.dissimilarity}. Cophenetic correlation ${correlation(map.cophenetic)}: how well heights in the tree stand for the dissimilarities.`,
    notes: [
      depth === 'top' ? `The top of the tree: ${counted(tree.rows.length, 'branch', 'branches')}, each with the number of its ${several} and some of them; the table has every merge.` : '',
      shown.legend.length ? 'A branch has a colour where all its members share it.' : '',
      value.linkage === 'ward' && map.metric !== null && map.metric !== 'euclidean' ? `Ward’s linkage is made for Euclidean distances; here it reads ${shown.dissimilarity} as if it were one.` : '',
    ],
    origins: map.origins,
    ...controlsOf(shown.chooser, choice ? segmented<Depth>({ label: 'Leaves', value: depth, options: [{ value: 'all', label: `all ${count(n)}` }, { value: 'top', label: `top ${topLeaves}` }], onChange: (one) => { context.state.set('depth', one); context.update(); } }) : null),
    ...(shown.legend.length ? { legend: legend(shown.legend) } : {}),
    body: chart(title, dendrogram({ label: title, axis: value.linkage === 'ward' ? 'height' : shown.dissimilarity, tree, named, keepsEnds: value.show === 'rdms', told, colour }), [value, map, depth]),
    table: { name: 'Merges', columns, rows: map.merges.map((merge, k) => ({ ...merge, step: k + 1 })) },
  });
}
