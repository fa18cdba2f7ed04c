/** The likeness of every pair of RDMs. */
import type { TemplateResult } from 'lit';
import type { GeometryValue, SecondOrder } from '../../data/geometry.ts';
import { chart, figure } from '../../figures/figure.ts';
import { likenessGrid } from '../../figures/likeness-grid.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { pairIndex } from '../../gpu/condensed.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, counted } from '../../ui/format.ts';
import { ofWhat, type Shown } from './view-common.ts';

interface PairRow { readonly a: string; readonly b: string; readonly likeness: number; readonly dissimilarity: number }

export function gridFigure(value: GeometryValue, { dissimilarity }: SecondOrder, shown: Shown): TemplateResult {
  const { map } = shown;
  const names = map.points.map(({ label }) => label);
  const likeness = (i: number, j: number): number => 1 - dissimilarity[pairIndex(names.length, i, j)]!;
  const rows = names.flatMap((a, i) => names.slice(i + 1).map((b, k): PairRow => ({ a, b, likeness: likeness(i, i + 1 + k), dissimilarity: dissimilarity[pairIndex(names.length, i, i + 1 + k)]! })));
  const measure = comparatorLabel(value.comparator ?? 'spearman');
  const columns: readonly TableColumn<PairRow>[] = [
    { label: 'a', value: (row) => row.a },
    { label: 'b', value: (row) => row.b },
    { label: measure, value: (row) => row.likeness, text: (row) => correlation(row.likeness), numeric: true },
    { label: 'dissimilarity', value: (row) => row.dissimilarity, text: (row) => correlation(row.dissimilarity), numeric: true },
  ];
  const sorted = [...rows].sort((one, other) => other.likeness - one.likeness);
  const told = (row: PairRow | undefined, what: string): string => (row ? ` ${what}: ${row.a} and ${row.b} (${correlation(row.likeness)}).` : '');
  const title = 'Likeness of RDMs';
  return figure({
    title,
    summary: `${measure} of each two RDMs of ${ofWhat(value, shown)} over ${counted(map.pairs, 'pair')} of ${counted(map.n, 'word')}.${told(sorted[0], 'Most alike')}${told(sorted.at(-1), 'Least')}`,
    notes: ['Values of one pair of RDMs have no interval here: compare candidates with a reference in an rsa cell.'],
    origins: map.origins,
    body: chart(title, likenessGrid({ label: title, names, likeness }), [value]),
    table: { columns, rows },
  });
}
