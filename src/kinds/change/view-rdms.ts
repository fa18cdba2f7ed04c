/** The RDM before, after and of the reference, side by side. */
import { html, type TemplateResult } from 'lit';
import type { ChangeRdms, ChangeValue, MovedPair } from '../../data/change.ts';
import '../../figures/change-rdms.ts';
import { figure } from '../../figures/figure.ts';
import { metricLabel, setLabel } from '../../figures/metric.ts';
import { named as withOrigin } from '../../figures/origin.ts';
import type { HeatmapMode } from '../../figures/rdm-heatmap.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { counted, decimal, difference } from '../../ui/format.ts';
import { pairIndex } from '../../gpu/condensed.ts';
import type { ViewContext } from '../kind.ts';

interface PairRow {
  readonly a: string;
  readonly b: string;
  readonly before: number;
  readonly after: number;
  readonly reference: number;
  readonly moved: number;
}

function rowOf(rdms: ChangeRdms, { i, j, moved }: MovedPair): PairRow {
  const pair = pairIndex(rdms.words.length, i, j);
  return { a: rdms.words[i]!, b: rdms.words[j]!, before: rdms.before[pair]!, after: rdms.after[pair]!, reference: rdms.reference[pair]!, moved };
}

const orders = { category: 'by category', clustering: 'by hierarchical clustering of the reference', source: 'as in the source' } as const;

export function rdmsFigure(value: ChangeValue, context: ViewContext): TemplateResult {
  const { rdms } = value;
  const mode = (context.state.get('rdms') as HeatmapMode | undefined) ?? 'rank';
  const title = `RDMs before and after, and of ${value.reference}`;
  const column = (label: string, of: (row: PairRow) => number): TableColumn<PairRow> => ({ label, value: of, text: (row) => decimal(of(row), 3), numeric: true });
  const rows = [...rdms.nearer, ...rdms.apart].map((pair) => rowOf(rdms, pair));
  const named = (pair: MovedPair | undefined, what: string): string => (pair ? ` ${what} most: ${rdms.words[pair.i]!} and ${rdms.words[pair.j]!}.` : '');
  const all = rdms.words.length === rdms.of;
  return figure({
    title,
    summary: `${metricLabel(value.metric)[0]!.toUpperCase()}${metricLabel(value.metric).slice(1)} between ${counted(rdms.words.length, 'word')} in ${value.layer.name} of ${value.before} and of ${value.after}, and in the ratings of ${withOrigin(value.reference, value.referenceOrigin)} (${setLabel(rdms.set).toLowerCase()} dimensions). Words ${orders[rdms.orderedBy]}, the same order in all three.${named(rdms.nearer[0], 'Came nearer')}${named(rdms.apart[0], 'Went apart')}`,
    notes: [
      all ? '' : `${counted(rdms.words.length, 'word')} of ${counted(rdms.of, 'word')}, drawn by seed ${value.seed}; all other figures use all of them.`,
      'Each is coloured on its own scale: by rank, so that the patterns compare and a shift of all distances does not show, or by value between its own nearest and farthest pair.',
    ],
    origins: [value.referenceOrigin, 'model'],
    body: html`<rdm-trio .value=${rdms} .metric=${value.metric} .mode=${mode} .names=${{ before: value.before, after: value.after, reference: value.reference }}
      @trio-change=${(event: CustomEvent<{ mode: HeatmapMode }>) => { context.state.set('rdms', event.detail.mode); context.update(); }}></rdm-trio>`,
    table: {
      name: 'Pairs that moved most',
      columns: [{ label: 'word', value: (row) => row.a }, { label: 'word', note: 'other', value: (row) => row.b }, column(value.before, (row) => row.before), column(value.after, (row) => row.after), column(value.reference, (row) => row.reference), { label: 'moved', note: 'in rank, share of pairs', value: (row) => row.moved, text: (row) => difference(row.moved), numeric: true }],
      rows,
    },
  });
}
