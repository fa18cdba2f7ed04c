/** Agreement with the ratings dimension by dimension: base and tuned models, one language and one way of reading at a time. */
import type { TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { TransferDimension, TransferValue } from '../../data/transfer.ts';
import { dimensionGroups } from '../../figures/dimension-groups.ts';
import { dotRows, type RowDot } from '../../figures/dot-rows.ts';
import { chart, figure } from '../../figures/figure.ts';
import { extentWithZero } from '../../figures/plot.ts';
import { legend, seriesOf } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { select } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';
import { fitNote } from './wording.ts';

const columns: readonly TableColumn<TransferDimension>[] = [
  { label: 'model', value: (row) => row.row },
  { label: 'measure', value: (row) => row.measure },
  { label: 'read', value: (row) => row.read ?? '' },
  { label: 'test', value: (row) => row.test },
  { label: 'language', value: (row) => row.language },
  { label: 'dimension', value: (row) => dimensionLabel(row.dimension) },
  { label: 'ρ', value: (row) => row.rho ?? Number.NaN, text: (row) => correlation(row.rho), numeric: true },
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1]), numeric: true },
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
  { label: 'trained', value: (row) => (row.trained ? 'yes' : 'no') },
];

/** Which figure a record belongs to: "probe, demo concepts in nl". */
function panelOf({ measure, read, test, language }: TransferDimension): string {
  return `${measure === 'probe' ? 'probe' : read === 'prompt' ? 'ratings after a prompt' : 'ratings by a head'}, ${test} in ${language}`;
}

export function dimensionsFigure(value: TransferValue, context: ViewContext): TemplateResult {
  const panels = [...new Set(value.perDimension.map(panelOf))];
  const kept = context.state.get('panel') as string | undefined;
  const panel = kept && panels.includes(kept) ? kept : panels[0]!;
  const base = value.rows[0]!.row;
  // The colours of the figure above, and ink for the base.
  const tuned = seriesOf(value.rows.filter((row) => !row.base).map(({ row }) => row));
  const series = new Map([[base, { label: base, colour: 'var(--ink)', symbol: 'circle' as const }], ...tuned]);
  const own = value.perDimension.filter((row) => panelOf(row) === panel);
  // Heads are compared with the base's probe where the base has none.
  const probe = own[0]!.read === 'head' && !own.some(({ row }) => row === base)
    ? value.perDimension.filter(({ row, measure, test, language }) => row === base && measure === 'probe' && test === own[0]!.test && language === own[0]!.language)
    : [];
  const rows = [...probe, ...own];
  const dots = rows.map((row): RowDot => ({
    row: row.dimension, series: series.get(row.row)!, value: row.rho ?? Number.NaN, interval: row.interval,
    detail: [row.row === base ? (probe.length > 0 ? 'probe of the base' : '') : `${row.trained ? '' : 'not '}trained on this dimension in ${row.language}`, nWords([row])].filter(Boolean),
  }));
  const title = `Dimension by dimension: ${panel}`;
  const domain = extentWithZero(value.perDimension.flatMap(({ rho, interval }) => [rho ?? 0, ...(interval ?? [])]));
  return figure({
    title,
    summary: `Spearman’s ρ over words between the ratings and what ${own[0]!.measure === 'probe' ? 'a ridge probe predicts from hidden states' : 'each model predicts'}.${probe.length > 0 ? ' The base has no head; its probe stands for it.' : ''}`,
    notes: ['For a closer look at the means above: no differences are tested here.', 'The table says which dimensions a model was trained on in the language shown.', value.bootstrap > 0 ? fitNote('Intervals') : ''],
    origins: [...new Set(rows.map(({ origin }) => origin))],
    legend: legend([...series.values()].filter(({ label }) => rows.some(({ row }) => row === label))),
    ...(panels.length > 1 ? { controls: select({ label: 'Shown', showLabel: true, value: panel, options: panels.map((one) => ({ value: one, label: one })), onChange: (one) => { context.state.set('panel', one); context.update(); } }) } : {}),
    body: chart(title, dotRows({ label: title, axis: `Spearman ρ (${nWords(rows)})`, groups: dimensionGroups([...new Set(rows.map(({ dimension }) => dimension))]), dots, domain, labelOf: dimensionLabel }), [value, panel]),
    table: { columns, rows },
  });
}
