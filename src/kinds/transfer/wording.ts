/** How a transfer cell names its measures, columns and records for the reader. */
import type { Across, AnswerRead, TransferCell, TransferColumn, TransferMeasure, TransferRow, TransferValue } from '../../data/transfer.ts';
import { setLabel } from '../../figures/metric.ts';
import { correlation, count, counted, difference, interval, listed, percent, pValue } from '../../ui/format.ts';

export const measureLabels: Readonly<Record<TransferMeasure, string>> = { rsa: 'RSA', probe: 'Probe', rating: 'Predicted ratings', choice: 'Questions' };

/** What the numbers are, for axes. */
export const measureAxes: Readonly<Record<TransferMeasure, string>> = {
  rsa: 'RSA (Spearman ρ)', probe: 'mean Spearman ρ of a ridge probe', rating: 'mean Spearman ρ of predicted ratings', choice: 'share of right answers',
};

const reads: Readonly<Record<AnswerRead, string>> = { head: 'own head', prompt: 'after a prompt', likelihood: 'by likelihood' };

/** May be broken within a narrow column. */
function breakable(text: string): string {
  return text.replace('likelihood', 'likeli\u00ADhood');
}

/** Headings of a column, the widest first; the test is named where there are several. */
export function headingsOf({ measure, read, test, language, set }: TransferColumn, tests: number): string[] {
  const place = tests > 1 && measure !== 'choice' ? `${test}, ${language}` : language;
  if (measure === 'choice') return [measureLabels.choice, place, read ? breakable(reads[read]) : ''];
  return [read === 'prompt' ? `${measureLabels[measure]}, prompted` : measureLabels[measure], place, set ? setLabel(set) : ''];
}

/** "probe, demo concepts in nl, motor". */
export function columnName({ measure, read, test, language, set }: TransferColumn): string {
  const how = read && measure === 'choice' ? ` ${reads[read]}` : read === 'prompt' ? ', prompted' : '';
  return [`${measureLabels[measure]}${how}`, `${test} in ${language}`, ...(set ? [setLabel(set).toLowerCase()] : [])].join(', ');
}

/** Several tests of words in a cell need their names. */
export function wordTests({ columns }: TransferValue): number {
  return new Set(columns.filter(({ measure }) => measure !== 'choice').map(({ test }) => test)).size;
}

const acrossWords: Readonly<Record<Across, string>> = { format: 'another format', language: 'another language', dimensions: 'other dimensions', 'some dimensions': 'some other dimensions' };

/** "trained on this, with other words", "transfer: another language and other dimensions". */
export function relationWords({ relation, across, measure, dimensions, rated }: TransferCell): string {
  switch (relation) {
    case 'base': return 'not tuned';
    case 'trained': return `trained on this, with other ${measure === 'choice' ? 'questions' : 'words'}`;
    case 'partly trained': return rated.length < dimensions.length ? `trained on ${rated.length} of these ${dimensions.length} dimensions` : 'trained on some of these dimensions';
    case 'transfer': return `transfer to ${listed(across.map((one) => acrossWords[one]))}`;
    case 'unknown': return 'not known whether it was trained on this';
    default: return relation satisfies never;
  }
}

export function valueText({ measure }: Pick<TransferColumn, 'measure'>, value: number | null, digits = 2): string {
  if (value === null) return '';
  return measure === 'choice' ? percent(value) : correlation(value, digits);
}

export function differenceText({ measure }: Pick<TransferColumn, 'measure'>, value: number | null, digits = 2): string {
  if (value === null) return '';
  if (measure !== 'choice') return difference(value, digits);
  // Percentage points.
  const points = percent(value).replace('%', 'pp');
  return value > 0 && /[1-9]/.test(points) ? `+${points}` : points;
}

const intervalText = (cell: TransferCell, bounds: TransferCell['interval']): string =>
  bounds === null ? '' : cell.measure === 'choice' ? ` [${percent(bounds[0])}, ${percent(bounds[1])}]` : ` ${interval(bounds)}`;

const standIns = { probe: 'its ridge probe', likelihood: 'its answers by likelihood' } as const;

/** A record as sentences. */
export function sentenceOf(cell: TransferCell, row: TransferRow): string {
  const name = `${cell.row}: ${columnName(cell)}`;
  if (cell.value === null) return `${name}: not measured, ${cell.reason}.`;
  const unit = cell.measure === 'choice' ? 'question' : 'word';
  const parts = [`${name}: ${valueText(cell, cell.value, 3)}${intervalText(cell, cell.interval)}, ${counted(cell.n, unit)}.`];
  if (row.base && (cell.against === 'probe' || cell.against === 'likelihood')) parts.push(`The base has no head: this is ${standIns[cell.against]}, with which the others are compared.`);
  if (cell.spread) parts.push(`Mean of ${cell.repeats.length} trainings: SD ${correlation(cell.spread.sd)}, ${valueText(cell, cell.spread.low, 3)} to ${valueText(cell, cell.spread.high, 3)}.`);
  if (cell.difference !== null) {
    const from = cell.against === 'probe' || cell.against === 'likelihood' ? `the base (${standIns[cell.against]}, ${valueText(cell, cell.baseline, 3)})` : 'the base';
    parts.push(`Difference from ${from}: ${differenceText(cell, cell.difference, 3)}${intervalText(cell, cell.differenceInterval)}${cell.p === null ? '' : `, ${pValue(cell.p)}${cell.holm === null ? '' : `, corrected ${pValue(cell.holm)}`}`}.`);
  }
  if (!row.base) parts.push(`${relationWords(cell).replace(/^./, (letter) => letter.toUpperCase())}.`);
  return parts.join(' ');
}

/** "ratings of demo concepts in en (6 dimensions, 168 words)". */
export function trainedOnText({ trainedOn, tasksKnown }: Pick<TransferRow, 'trainedOn' | 'tasksKnown'>): string {
  const known = trainedOn.map(({ task, form, data, language, dimensions, n, unit }) => {
    const what = { rating: `ratings of ${data}`, choice: data, text: `sentences of ${data}` }[task];
    const size = [...(dimensions.length > 0 ? [counted(dimensions.length, 'dimension')] : []), ...(n > 0 ? [counted(n, unit)] : [])];
    return `${what}${language ? ` in ${language}` : ''}${form === 'prompt' && task !== 'text' ? ', prompted' : ''}${size.length > 0 ? ` (${size.join(', ')})` : ''}`;
  }).join('; then ');
  if (tasksKnown) return known;
  return known ? `${known}; and on what its file does not tell` : 'on what, its file does not tell';
}

/** How the correction was made, and over how many. */
export function correctionNote({ family, level }: TransferValue): string {
  return family > 0 ? `p corrected by Holm over all ${count(family)} differences of this cell (Benjamini-Hochberg in the table); called clear below ${correlation(1 - level, 2)}.` : '';
}

/** Whether a measure rests on something that was fitted to ratings. */
export function isFitted(measure: TransferMeasure): boolean {
  return measure === 'probe' || measure === 'rating';
}

/** What draws of the words leave out. */
export function fitNote(what: 'Intervals' | 'Intervals and p'): string {
  return `${what} of probes and predicted ratings leave out the chance in the fitting: in a draw the words are drawn anew, but nothing is fitted again.`;
}

/** Where the intervals and p of the cell come from, as far as it has them. */
export function uncertaintyNotes({ bootstrap, level, cells }: TransferValue): string[] {
  const measured = cells.filter(({ value }) => value !== null);
  const asked = measured.some(({ measure }) => measure === 'choice');
  const drawn = [measured.some(({ measure }) => measure !== 'choice') ? 'words' : '', asked ? 'questions' : ''].filter(Boolean);
  const intervals = [
    bootstrap > 0 && drawn.length > 0 ? `from ${counted(bootstrap, 'bootstrap draw')} of the ${listed(drawn)}, the same for all models` : '',
    asked ? 'of shares of right answers by Wilson' : '',
  ].filter(Boolean);
  const exact = cells.some(({ pFrom }) => pFrom === 'mcnemar');
  const once = cells.some(({ pFrom, measure }) => pFrom === 'bootstrap' && measure === 'choice') ? ' to models trained once' : '';
  const p = [
    cells.some(({ pFrom }) => pFrom === 'bootstrap') ? 'from the bootstrap' : '',
    exact ? `of questions${once} by McNemar’s exact test` : '',
  ].filter(Boolean);
  return [
    [intervals.length > 0 ? `${percent(level)} intervals ${intervals.join('; ')}.` : '', p.length > 0 ? `p two-sided ${p.join(', ')}.` : ''].filter(Boolean).join(' '),
    bootstrap > 0 && measured.some(({ measure }) => isFitted(measure)) ? fitNote('Intervals and p') : '',
  ];
}
