/** Word by word: similarities before against after, whether their order holds under three measures, and who moved. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ChangeMover, ChangeValue, MeasureChange, WordMeasure } from '../../data/change.ts';
import { changeScatter, type WordDot } from '../../figures/change-scatter.ts';
import { dotRows, type RowDot } from '../../figures/dot-rows.ts';
import { chart, figure } from '../../figures/figure.ts';
import { setLabel } from '../../figures/metric.ts';
import { moversDomain, moversPlot } from '../../figures/movers.ts';
import { named } from '../../figures/origin.ts';
import { legend, seriesOf, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, difference, interval, listed, percent } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';

/** Words named in the scatter, at each end. */
const NAMED = 4;

const measures = {
  raw: { short: 'raw', label: 'raw ratings', axis: 'similarity 1 / (1 + Euclidean distance)' },
  zscored: { short: 'z-scored', label: 'z-scored ratings', axis: 'similarity, z-scored ratings' },
  rows: { short: 'per-word RSA', label: 'per-word RSA', axis: 'per-word RSA (Spearman ρ)' },
} as const satisfies Record<WordMeasure, { short: string; label: string; axis: string }>;
const order = Object.keys(measures) as WordMeasure[];

/** The measure that the reader has chosen, the study's at first; one choice for all figures of words. */
function chosenMeasure(context: ViewContext): { measure: WordMeasure; controls: TemplateResult } {
  const measure = (context.state.get('measure') as WordMeasure | undefined) ?? 'raw';
  return {
    measure,
    controls: segmented<WordMeasure>({ label: 'Measure', value: measure, options: order.map((one) => ({ value: one, label: measures[one].short })), onChange: (one) => { context.state.set('measure', one); context.update(); } }),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How the probe's ratings came about; nothing for per-word RSA, which needs none. */
function probeNote(value: ChangeValue, measure: WordMeasure): string {
  if (measure === 'rows') return `Per-word RSA: Spearman ρ of the word’s distances to all others in ${value.layer.name} and in the ratings; no probe.`;
  const finite = value.probes.filter((one) => Number.isFinite(one.before + one.after));
  return `Ratings read off ${value.layer.name} by a ridge probe that never saw the word’s own (${counted(value.folds, 'fold')}, the same before and after); their mean ρ with the reference over ${counted(finite.length, 'dimension')} is ${correlation(meanOf(finite.map((one) => one.before)))} before and ${correlation(meanOf(finite.map((one) => one.after)))} after. A shrinking probe pulls ratings to their mean, which alone changes raw distances.${value.bootstrap > 0 ? ' The interval leaves out the chance in the fitting: no probe is fitted again in a draw.' : ''}`;
}

interface WordRow { readonly word: string; readonly before: number; readonly after: number; readonly trained: boolean | null }

const wordColumns = (value: ChangeValue): readonly TableColumn<WordRow>[] => [
  { label: 'word', value: (row) => row.word },
  { label: value.before, value: (row) => row.before, text: (row) => correlation(row.before), numeric: true },
  { label: value.after, value: (row) => row.after, text: (row) => correlation(row.after), numeric: true },
  { label: 'change', value: (row) => row.after - row.before, text: (row) => difference(row.after - row.before), numeric: true },
  ...(value.trained ? [{ label: 'trained on', value: (row: WordRow) => (row.trained ? 'yes' : 'no') }] : []),
];

export function scatterFigure(value: ChangeValue, context: ViewContext): TemplateResult {
  const { measure, controls } = chosenMeasure(context);
  const own = value.perWord.find((one) => one.measure === measure)!;
  const all = value.measures.find((one) => one.measure === measure && one.set === value.widest)!;
  const mixed = value.trained?.includes(true) === true;
  const series = seriesOf(mixed ? ['held-out words', 'words it was trained on'] : ['words']);
  const [held, seen] = [...series.values()];
  const movers = value.movers.find((one) => one.measure === measure);
  const written = new Set([...(movers?.gains.slice(0, NAMED) ?? []), ...(movers?.losses.slice(0, NAMED) ?? [])].map(({ word }) => word));
  const rows = value.words.map((word, i): WordRow => ({ word, before: own.before[i]!, after: own.after[i]!, trained: value.trained?.[i] ?? null }));
  const dots = rows.map((row): WordDot => ({ word: row.word, before: row.before, after: row.after, series: row.trained && seen ? seen : held!, named: written.has(row.word) }));
  const title = `Similarity to ${value.reference}, word by word, before and after`;
  return figure({
    title,
    summary: `How near each word comes to ${named(value.reference, value.referenceOrigin)}, ${measures[measure].label}, ${setLabel(value.widest).toLowerCase()} dimensions. Mean ${correlation(all.before)} before and ${correlation(all.after)} after, ${difference(all.gain.value)} ${interval(all.gain.interval)}; ${percent(all.gained)} of ${counted(all.n, 'word')} gain.`,
    notes: ['Words above the line came nearer.', probeNote(value, measure)],
    origins: [value.referenceOrigin],
    controls,
    ...(mixed ? { legend: legend(series.values()) } : {}),
    body: chart(title, changeScatter({ label: title, across: `${measures[measure].axis}: ${value.before}`, up: `${value.after} (${nWords([all])})`, dots }), [value, measure]),
    table: { columns: wordColumns(value), rows },
  });
}

const measureColumns: readonly TableColumn<MeasureChange>[] = [
  { label: 'set', value: (row) => setLabel(row.set) },
  { label: 'measure', value: (row) => measures[row.measure].label },
  { label: 'rank correlation', value: (row) => row.rank.value, text: (row) => correlation(row.rank.value), numeric: true },
  { label: 'low', value: (row) => row.rank.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.rank.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.rank.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.rank.interval?.[1]), numeric: true },
  { label: 'other folds', note: 'before with itself', value: (row) => row.refolded ?? Number.NaN, text: (row) => correlation(row.refolded), numeric: true },
  { label: 'mean before', value: (row) => row.before, text: (row) => correlation(row.before), numeric: true },
  { label: 'mean after', value: (row) => row.after, text: (row) => correlation(row.after), numeric: true },
  { label: 'gain', value: (row) => row.gain.value, text: (row) => difference(row.gain.value), numeric: true },
  { label: 'low', note: 'gain', value: (row) => row.gain.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.gain.interval?.[0]), numeric: true },
  { label: 'high', note: 'gain', value: (row) => row.gain.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.gain.interval?.[1]), numeric: true },
  { label: 'words that gain', value: (row) => row.gained, text: (row) => percent(row.gained), numeric: true },
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
];

/** Reorganisation or global gain: whether the words keep their order, under each measure. */
export function orderFigure(value: ChangeValue): TemplateResult {
  const labels = { change: 'before and after', refolded: 'before, other folds' } as const;
  const series = seriesOf(Object.values(labels));
  const sets = [...new Set(value.measures.map((row) => row.set))];
  const key = (row: MeasureChange) => `${row.set} ${row.measure}`;
  const names = new Map(value.measures.map((row) => [key(row), measures[row.measure].label]));
  const dots = value.measures.flatMap((row): RowDot[] => [
    { row: key(row), series: series.get(labels.change)!, value: row.rank.value, interval: row.rank.interval, detail: [`mean gain ${difference(row.gain.value)} ${interval(row.gain.interval)}`, nWords([row])] },
    ...(row.refolded === null ? [] : [{ row: key(row), series: series.get(labels.refolded)!, value: row.refolded, interval: null, detail: ['no change but the probe’s folds'] }]),
  ]);
  const widest = value.measures.filter((row) => row.set === value.widest);
  const signs = new Set(widest.filter((row) => Number.isFinite(row.rank.value)).map((row) => Math.sign(row.rank.value)));
  const title = 'Reorganisation or global gain?';
  const label = 'Rank correlation over words, before and after';
  return figure({
    title,
    summary: `Rank correlation over words of their similarity to ${named(value.reference, value.referenceOrigin)} before and after: ${listed(widest.map((row) => `${measures[row.measure].short} ${[correlation(row.rank.value), interval(row.rank.interval)].filter(Boolean).join(' ')}`))}.${signs.size > 1 ? ' The sign depends on the measure.' : ''}`,
    notes: [
      'Raw ratings: 1 / (1 + Euclidean distance), the study’s measure; z-scored: the same after z-scoring each dimension; per-word RSA: of the word’s distances to all others.',
      'Near 1: the words that were near are still the near ones, whatever all of them gained together. Near 0 or below: others are near now.',
      'A low value alone is no proof of reorganisation: chance in the probe lowers it too (dots for other folds show how far the same states differ from themselves), and raw distances mix the level of the ratings with their pattern. Read it where the three measures agree.',
      value.bootstrap > 0 ? `${percent(value.level)} percentile intervals from ${counted(value.bootstrap, 'bootstrap draw')} of the words; the probes are not trained again.` : '',
    ],
    origins: [value.referenceOrigin],
    legend: legend(series.values()),
    body: chart(label, dotRows({ label, axis: `Spearman ρ over words (${nWords(value.measures)})`, groups: sets.map((set) => ({ heading: sets.length > 1 ? setLabel(set) : '', rows: value.measures.filter((row) => row.set === set).map(key) })), dots, labelOf: (row) => names.get(row) ?? row, rowHeight: 30 }), [value]),
    table: { columns: measureColumns, rows: value.measures },
  });
}

export function moversFigure(value: ChangeValue, [from, to]: readonly [Series, Series], context: ViewContext): TemplateResult {
  const { measure, controls } = chosenMeasure(context);
  const { gains, losses } = value.movers.find((one) => one.measure === measure)!;
  const all = [...gains, ...losses];
  // A star stands for training, in the drawing as in the note.
  const starred = (list: readonly ChangeMover[]) => list.map((mover) => (mover.trained ? { ...mover, word: `${mover.word} *` } : mover));
  const domain = moversDomain(all);
  const panel = (name: string, list: readonly ChangeMover[]) =>
    list.length
      ? html`<div><div class="figure-panel-title">${name}</div>${chart(`${name} from ${value.before} to ${value.after}`, moversPlot({ label: `${name} from ${value.before} to ${value.after}`, axis: measure === 'rows' ? 'per-word RSA' : 'similarity', from, to, movers: starred(list), domain }), [value, measure])}</div>`
      : nothing;
  const largest = (list: readonly ChangeMover[], what: string) => (list[0] ? ` Largest ${what}: ${list[0].word} (${difference(list[0].to - list[0].from)}).` : '');
  return figure({
    title: `Words that move most from ${value.before} to ${value.after}`,
    summary: `Similarity to ${named(value.reference, value.referenceOrigin)} before and after, ${measures[measure].label}.${largest(gains, 'gain')}${largest(losses, 'loss')}`,
    notes: [
      `The largest of ${counted(value.words.length, 'word')}: part of what singled them out is chance.`,
      all.some((mover) => mover.trained) ? '* The tuned model was trained or validated on this word.' : '',
    ],
    origins: [value.referenceOrigin],
    legend: legend([from, to]),
    controls,
    body: html`<div class="figure-panels">${all.length ? html`${panel('Gains', gains)}${panel('Losses', losses)}` : html`<p class="figure-note">No word changes.</p>`}</div>`,
    table: { columns: wordColumns(value), rows: all.map(({ word, from: before, to: after, trained }): WordRow => ({ word, before, after, trained })) },
  });
}
