/** Differences from the base with their intervals, one measure at a time. */
import type { TemplateResult } from 'lit';
import { transferMeasures, type TransferCell, type TransferMeasure, type TransferValue } from '../../data/transfer.ts';
import { chart, figure } from '../../figures/figure.ts';
import { forest, type ForestRow } from '../../figures/forest.ts';
import { legend, seriesOf } from '../../figures/series.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { interval, percent, pValue } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';
import { correctionNote, differenceText, fitNote, headingsOf, isFitted, measureAxes, measureLabels, relationWords, wordTests } from './wording.ts';

export function differencesFigure(value: TransferValue, context: ViewContext, columns: readonly TableColumn<TransferCell>[]): TemplateResult {
  const compared = value.cells.filter((cell) => cell.difference !== null);
  const measures = transferMeasures.filter((measure) => compared.some((cell) => cell.measure === measure));
  const kept = context.state.get('measure') as TransferMeasure | undefined;
  const measure = kept && measures.includes(kept) ? kept : measures[0]!;
  const shown = compared.filter((cell) => cell.measure === measure);
  const series = seriesOf(value.rows.filter(({ base }) => !base).map(({ row }) => row));
  const tests = wordTests(value);
  const groupOf = (cell: TransferCell): string => {
    const [heading, place, last] = headingsOf(cell, tests);
    return [...(heading === measureLabels[measure] ? [] : ['prompted']), place, last?.toLowerCase()].join(', ');
  };
  // Column by column, models within: the eye compares models.
  const rows = value.columns.flatMap(({ column }) => shown.filter((cell) => cell.column === column)).map((cell): ForestRow => ({
    group: groupOf(cell), label: cell.row, series: series.get(cell.row)!, value: cell.difference!, interval: cell.differenceInterval,
    text: [differenceText(cell, cell.difference, 3), textOf(cell), cell.holm === null ? '' : pValue(cell.holm)].filter(Boolean).join('  '),
    detail: [cell.p === null ? '' : `${pValue(cell.p)}, corrected ${pValue(cell.holm)}`, relationWords(cell), cell.against === 'same' ? '' : `base: ${cell.against}`].filter(Boolean),
  }));
  const apart = shown.filter(({ differenceInterval: own }) => own && (own[0] > 0 || own[1] < 0)).length;
  const title = `Differences from ${value.rows[0]!.row}: ${measureLabels[measure]}`;
  return figure({
    title,
    summary: `Each model minus the base, paired over the same ${measure === 'choice' ? 'questions' : 'words'}. ${value.bootstrap > 0 ? `The interval excludes zero in ${apart} of ${shown.length}, before any correction.` : ''}`,
    notes: [
      ...(value.family > 0 ? ['p beside the intervals is corrected.', correctionNote(value)] : []),
      value.bootstrap > 0 && isFitted(measure) ? fitNote('Intervals and p') : '',
    ],
    origins: [...new Set(shown.map(({ origin }) => origin))],
    legend: legend(series.values()),
    ...(measures.length > 1 ? { controls: segmented<TransferMeasure>({ label: 'Measure', value: measure, options: measures.map((one) => ({ value: one, label: measureLabels[one] })), onChange: (one) => { context.state.set('measure', one); context.update(); } }) } : {}),
    body: chart(title, forest({ label: title, axis: `difference in ${measureAxes[measure]}`, rows }), [value, measure]),
    table: { columns, rows: shown },
  });
}

function textOf({ measure, differenceInterval: bounds }: TransferCell): string {
  if (bounds === null) return '';
  return measure === 'choice' ? `[${percent(bounds[0])}, ${percent(bounds[1])}]` : interval(bounds);
}
