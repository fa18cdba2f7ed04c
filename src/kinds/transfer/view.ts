/** Transfer: models by measures as a heatmap, differences with intervals, and agreement dimension by dimension. */
import { html, nothing, type TemplateResult } from 'lit';
import { transferMeasures, type TransferCell, type TransferMeasure, type TransferValue } from '../../data/transfer.ts';
import type { Dropped } from '../../data/values.ts';
import { droppedNote, figure } from '../../figures/figure.ts';
import { matrixLegend, transferMatrix, type MatrixCell } from '../../figures/transfer-matrix.ts';
import { setLabel } from '../../figures/metric.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, difference, listed, pValue } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import { differencesFigure } from './view-differences.ts';
import { dimensionsFigure } from './view-dimensions.ts';
import { columnName, correctionNote, differenceText, headingsOf, relationWords, sentenceOf, trainedOnText, uncertaintyNotes, valueText, wordTests } from './wording.ts';

const number = (value: number | null | undefined): number => value ?? Number.NaN;
const pText = (p: number | null): string => pValue(p).replace(/^p (= )?/, '') || '–';

export const cellColumns: readonly TableColumn<TransferCell>[] = [
  { label: 'model', value: (cell) => cell.row },
  { label: 'measure', value: (cell) => cell.measure },
  { label: 'read', value: (cell) => cell.read ?? '' },
  { label: 'test', value: (cell) => cell.test },
  { label: 'language', value: (cell) => cell.language },
  { label: 'set', value: (cell) => (cell.set ? setLabel(cell.set) : '') },
  { label: 'value', value: (cell) => number(cell.value), text: (cell) => correlation(cell.value), numeric: true },
  { label: 'low', note: 'value', value: (cell) => number(cell.interval?.[0]), text: (cell) => correlation(cell.interval?.[0]), numeric: true },
  { label: 'high', note: 'value', value: (cell) => number(cell.interval?.[1]), text: (cell) => correlation(cell.interval?.[1]), numeric: true },
  { label: 'SD', note: 'trainings', value: (cell) => number(cell.spread?.sd), text: (cell) => correlation(cell.spread?.sd), numeric: true },
  { label: 'lowest', note: 'trainings', value: (cell) => number(cell.spread?.low), text: (cell) => correlation(cell.spread?.low), numeric: true },
  { label: 'highest', note: 'trainings', value: (cell) => number(cell.spread?.high), text: (cell) => correlation(cell.spread?.high), numeric: true },
  { label: 'base', value: (cell) => number(cell.baseline), text: (cell) => correlation(cell.baseline), numeric: true },
  { label: 'base read', value: (cell) => cell.against ?? '' },
  { label: 'difference', value: (cell) => number(cell.difference), text: (cell) => difference(cell.difference), numeric: true },
  { label: 'low', note: 'difference', value: (cell) => number(cell.differenceInterval?.[0]), text: (cell) => correlation(cell.differenceInterval?.[0]), numeric: true },
  { label: 'high', note: 'difference', value: (cell) => number(cell.differenceInterval?.[1]), text: (cell) => correlation(cell.differenceInterval?.[1]), numeric: true },
  { label: 'p', value: (cell) => number(cell.p), text: (cell) => pText(cell.p), numeric: true },
  { label: 'p, Holm', value: (cell) => number(cell.holm), text: (cell) => pText(cell.holm), numeric: true },
  { label: 'p, BH', value: (cell) => number(cell.bh), text: (cell) => pText(cell.bh), numeric: true },
  { label: 'p from', value: (cell) => cell.pFrom ?? '' },
  { label: 'n', value: (cell) => cell.n, text: (cell) => count(cell.n), numeric: true },
  { label: 'relation', value: (cell) => relationWords(cell) },
  { label: 'not measured', value: (cell) => cell.reason },
];

/** Whether a difference holds after Holm's correction. */
export function isClear(cell: TransferCell, { level }: TransferValue): boolean {
  return cell.holm !== null && cell.holm < 1 - level;
}

/** Differences that colour a cell at full strength: one scale for correlations, one for shares. */
function scalesOf(cells: readonly TransferCell[]): { readonly correlations: number; readonly shares: number } {
  const largest = (own: readonly TransferCell[], least: number): number => Math.max(least, ...own.map(({ difference: value }) => Math.abs(value ?? 0)));
  // Differences that are all tiny stay pale.
  return { correlations: largest(cells.filter(({ measure }) => measure !== 'choice'), 0.05), shares: largest(cells.filter(({ measure }) => measure === 'choice'), 0.1) };
}

const shortStandIn = { probe: 'probe', likelihood: 'likel.', '': '' } as const;

/** The difference as short as it can be: whole percentage points for shares. */
function shortDifference(cell: TransferCell): string {
  if (cell.measure !== 'choice' || cell.difference === null) return differenceText(cell, cell.difference);
  const points = Math.round(cell.difference * 100);
  return `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points)} pp`;
}

function heatmap(value: TransferValue): TemplateResult {
  const { rows, cells } = value;
  const tests = wordTests(value);
  const scales = scalesOf(cells);
  // Prompted ratings stand beside those of heads, whatever the test.
  const order = [...value.columns].map((column) => ({ column, headings: headingsOf(column, tests) })).sort((a, b) => rank(a.column) - rank(b.column));
  const of = new Map(cells.map((cell) => [`${cell.row}\n${cell.column}`, cell]));
  const matrix = rows.map((row) => ({
    label: row.row,
    note: trainedOnText(row),
    cells: order.map(({ column }): MatrixCell => {
      const cell = of.get(`${row.row}\n${column.column}`)!;
      const scale = column.measure === 'choice' ? scales.shares : scales.correlations;
      const standIn = row.base && (cell.against === 'probe' || cell.against === 'likelihood') ? cell.against : '';
      return {
        text: valueText(cell, cell.value), small: shortStandIn[standIn] || shortDifference(cell), share: cell.difference === null ? null : cell.difference / scale,
        clear: isClear(cell, value), trained: cell.value === null ? 'none' : cell.relation === 'trained' ? 'all' : cell.relation === 'partly trained' ? 'some' : 'none',
        sentence: sentenceOf(cell, row),
      };
    }),
  }));
  const compared = cells.filter(({ difference: own }) => own !== null);
  const clear = compared.filter((cell) => isClear(cell, value));
  const named = [...clear].sort((a, b) => Math.abs(b.difference!) - Math.abs(a.difference!)).slice(0, 3).map((cell) => `${cell.row}, ${columnName(cell)}: ${differenceText(cell, cell.difference, 3)}`);
  const title = `What tuning bought, against ${rows[0]!.row}`;
  const unsure = rows.filter(({ seenKnown }) => !seenKnown).map(({ row }) => row);
  const repeated = rows.filter(({ repeats }) => repeats > 1);
  const standsIn = new Set(cells.flatMap(({ row, against }) => (row === rows[0]!.row && against && against !== 'same' ? [against] : [])));
  return figure({
    title,
    summary: `${counted(rows.length - 1, 'model')} and the base on words and questions that none of them ${unsure.length > 0 ? `is known to have been trained or validated on; what ${listed(unsure)} saw is not known` : 'was trained or validated on'}. ${value.family > 0 ? `${clear.length} of ${counted(value.family, 'difference')} from the base ${value.family === 1 ? 'is' : 'are'} clear after correction${named.length > 0 ? `: ${named.join('; ')}${clear.length > named.length ? `; and ${clear.length - named.length} more` : ''}` : ''}.` : compared.length > 0 ? `${counted(compared.length, 'difference')} from the base, without draws to test them.` : 'Nothing was compared.'}`,
    notes: [
      ...rows.filter(({ base }) => !base).map((row) => `${row.row}: ${trainedOnText(row) || 'not tuned'}${row.repeats > 1 ? `; ${row.repeats} trainings with other seeds` : ''}.`),
      nNote(value),
      `Hidden states: ${value.layer}, ${value.pooling} of tokens. RSA: Spearman of cosine distances, ratings z-scored. Probe: ridge, ${counted(value.folds, 'fold')} over the held-out words.`,
      standsIn.has('probe') ? 'The base has no head for ratings: its probe, which learns from the other folds of the held-out words, stands for it.' : '',
      standsIn.has('likelihood') ? 'The base has no head for questions: its answers by likelihood stand for it.' : '',
      ...uncertaintyNotes(value),
      repeated.length > 0 ? `Of repeated trainings the mean is shown.${value.bootstrap > 0 ? ' Its interval is over words; differences and their p draw words and trainings.' : ''}` : '',
      correctionNote(value),
    ],
    origins: [...new Set(value.columns.map(({ origin }) => origin))],
    legend: matrixLegend(`at full strength ±${correlation(scales.correlations, 2)}${value.columns.some(({ measure }) => measure === 'choice') ? `, questions ±${Math.round(scales.shares * 100)} pp` : ''}`, `clear after correction`),
    body: transferMatrix(title, order, matrix),
    table: { columns: cellColumns, rows: cells },
  });
}

function rank({ measure, read }: { readonly measure: TransferMeasure; readonly read: string | null }): number {
  return transferMeasures.indexOf(measure) + (read === 'prompt' && measure === 'rating' ? 0.5 : 0);
}

/** "48 of 240 words of demo concepts in en and nl; 24 of 120 demo questions in en". */
function nNote({ tests }: TransferValue): string {
  const groups = Map.groupBy(tests, ({ test, used, of }) => `${test}\n${used.length}\n${of}`);
  const parts = [...groups.values()].map((own) => {
    const { test, unit, used, of, given } = own[0]!;
    const what = unit === 'question' ? `${count(used.length)} of ${count(of)} ${test}` : `${count(used.length)} of ${counted(of, 'word')} of ${test}${given ? ' (their own test side)' : ''}`;
    return `${what} in ${listed(own.map(({ language }) => language))}`;
  });
  return `Measured on ${listed(parts)}.`;
}

/** Each reason once per test, languages together. */
function droppedOf({ tests }: TransferValue): Dropped[] {
  const merged = new Map<string, Set<string>>();
  for (const { test, dropped } of tests) {
    for (const { reason, words } of dropped) {
      const key = new Set(tests.map((one) => one.test)).size > 1 ? `${test}: ${reason}` : reason;
      const seen = merged.get(key) ?? new Set<string>();
      for (const word of words) seen.add(word);
      merged.set(key, seen);
    }
  }
  return [...merged].map(([reason, words]) => ({ reason, words: [...words] }));
}

export const view: View<'transfer'> = (value, context) => html`<div class="view">
  ${heatmap(value)}
  ${value.cells.some((cell) => cell.difference !== null) ? differencesFigure(value, context, cellColumns) : nothing}
  ${value.perDimension.length > 0 ? dimensionsFigure(value, context) : nothing}
  ${droppedNote(droppedOf(value))}
</div>`;
