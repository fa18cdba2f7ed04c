/** A leaderboard: the ranking as table and forest, the layers of every model, all differences, and what was skipped. */
import { html, nothing, type TemplateResult } from 'lit';
import { groupSkipped, type LeaderboardModel, type LeaderboardValue, type SkippedModel } from '../../data/leaderboard.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { forest, type ForestRow } from '../../figures/forest.ts';
import { layerCurve } from '../../figures/layer-curve.ts';
import { rankingBody } from '../../figures/leaderboard.ts';
import { setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { legend, referenceSeries, seriesOf, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { dataTable } from '../../ui/data-table.ts';
import { correlation, count, counted, difference, interval, listed, percent, pValue } from '../../ui/format.ts';
import { icon } from '../../ui/icons.ts';
import type { View } from '../kind.ts';
import { ceilingKey, ceilingLabel, ceilingNote, comparedOf, drawsNote, highestWord, permutationsNote, toldValue } from '../rsa/notes.ts';
import { allColumns, differenceColumns, layerColumns, shortColumns } from './view-table.ts';

/** Pairs that a figure draws; the table has all. */
const mostPairs = 15;

/** Models named in a caption. */
const NAMED = 4;

/** The parts of an rsa cell's value that captions read, for one set. */
const asRsa = (value: LeaderboardValue) => ({ ...value, correction: 'max' as const });

function band({ ceiling, set }: LeaderboardValue) {
  return ceiling?.rows.find((row) => row.set === set);
}

const axisOf = (value: LeaderboardValue, rows: readonly { readonly n: number }[]): string => `RSA (${comparatorLabel(value.comparator)}, ${nWords(rows)})`;

/** How each model came to its layer, and what that does to its value. */
function choiceNote({ choice, training, models }: LeaderboardValue): string {
  switch (choice) {
    case 'last':
      return models.some(({ card }) => card !== null) ? 'Each model’s last layer.' : '';
    case 'held-out':
      return `Each model’s layer is the best on ${counted(training[0]?.n ?? 0, 'training word')}; the values are of other words.`;
    case 'same-words':
      return 'Each model’s best layer, chosen on these same words: the value is optimistic, and more so with more layers. p is corrected for the choice, the intervals are not.';
    default:
      return choice satisfies never;
  }
}

/** Which differences are beyond noise. */
function noiseNote({ models, differences, correction, level }: LeaderboardValue): string {
  const tested = differences.filter(({ p }) => p !== null);
  if (tested.length === 0) return '';
  const clear = tested.filter(({ p, pAdjusted }) => (pAdjusted ?? p)! < 1 - level).length;
  const how = { none: 'not corrected for their number', holm: 'after Holm’s correction', bh: 'after Benjamini and Hochberg’s correction' }[correction];
  const letters = models.some((model) => model.letters !== '') ? ' Models that share a letter under “alike” do not differ beyond chance.' : '';
  return `${clear === tested.length && clear > 1 ? `All ${clear}` : `${clear} of ${tested.length}`} differences between pairs are beyond noise ${how}.${letters}`;
}

function ranking(value: LeaderboardValue, series: ReadonlyMap<string, Series>): TemplateResult {
  const { models } = value;
  const ceiling = band(value);
  const first = models[0]!;
  const title = `${models.length === 1 ? 'RSA' : 'Models by RSA'} with ${value.reference}${value.set === 'all' ? '' : `, ${setLabel(value.set)} dimensions`}`;
  const rows: ForestRow[] = models.map(({ rank, label, row }) => ({
    group: '', label: `${rank}. ${label}`, series: series.get(label)!, value: row.value, interval: row.interval,
    text: [correlation(row.value), interval(row.interval)].filter(Boolean).join(' '), detail: [row.layer, pValue(row.pAdjusted)].filter(Boolean),
  }));
  return figure({
    title,
    summary: `Agreement of each model’s ${comparedOf(asRsa(value))} with that of ${named(value.reference, value.referenceOrigin)}. ${Number.isNaN(first.row.value) ? 'No model has a value.' : `${first.label} is ${highestWord(first.row.value)}${first.layers > 1 ? ` with ${first.row.layer}` : ''}: ${toldValue(first.row)}.`} ${noiseNote(value)}`,
    notes: [
      choiceNote(value), `All models are compared on the same ${nWords([first.row]).replace(/^n = /, '')}${lacksNote(models)}.`,
      drawsNote(asRsa(value)), permutationsNote(asRsa(value)), ceilingNote(value.ceiling),
      ceiling && value.choice !== 'same-words' ? '“Of ceiling” is the share of the band’s lower end.' : '',
      poolingNote(models),
      models.some(({ probe }) => probe !== null) ? probeNote(models) : '',
      value.permutations > 0 || value.differences.length > 0 ? `p of a model is corrected for all models${value.choice === 'same-words' ? ' and layers' : ''}; “from first” is the difference from the first model with its p${value.correction === 'none' ? '' : ', corrected for all pairs'}.` : '',
    ],
    origins: [value.referenceOrigin, ...models.map(({ origin }) => origin)],
    legend: ceiling ? html`<ul class="legend" aria-label="key">${ceilingKey(value.ceiling!)}</ul>` : html``,
    body: rankingBody(
      dataTable(title, shortColumns(value, series), models),
      chart(title, forest({ label: title, axis: axisOf(value, models.map(({ row }) => row)), rows, bands: ceiling ? [{ group: '', lower: ceiling.lower, upper: ceiling.upper }] : [] }), [value]),
    ),
    table: { name: 'All about the models', columns: allColumns(value), rows: models },
  });
}

function lacksNote(models: readonly LeaderboardModel[]): string {
  const lacking = models.filter(({ lacks }) => lacks.length > 0);
  return lacking.length === 0 ? '' : `; ${listed(lacking.map(({ label, lacks }) => `${label} lacks ${count(lacks.length)}`))}`;
}

/** What stands for a word, where models differ in it. */
function poolingNote(models: readonly LeaderboardModel[]): string {
  const forward = models.filter(({ card }) => card?.pooling === 'last').map(({ label }) => label);
  if (forward.length === 0 || models.every(({ card }) => card === null || card.pooling === 'last')) return '';
  return `A word is the mean of its tokens; in ${forward.length > NAMED ? counted(forward.length, 'model') : listed(forward)}, which ${forward.length === 1 ? 'reads' : 'read'} from left to right, its last.`;
}

function probeNote(models: readonly LeaderboardModel[]): string {
  const probed = models.flatMap(({ probe }) => probe ?? []);
  const [{ dimensions, n }] = probed as [(typeof probed)[number]];
  return `Probe: how well each dimension can be read off the ranked layer by ridge regression in five folds${probed.some(({ method }) => method === 'direct') ? ' (of ratings, their own columns)' : ''}; mean of Spearman’s ρ over ${counted(dimensions, 'dimension')}, ${counted(n, 'word')}.`;
}

function layers(value: LeaderboardValue, series: ReadonlyMap<string, Series>): TemplateResult | typeof nothing {
  const rows = value.training.length > 0 ? value.training : value.rows;
  const layered = value.models.filter((model) => model.layers > 1).map(({ label }) => label);
  if (layered.length === 0) return nothing;
  const own = rows.filter(({ candidate }) => layered.includes(candidate));
  const flat = rows.filter(({ candidate }) => !layered.includes(candidate));
  const dashed = new Map(flat.map(({ candidate }) => [candidate, { ...series.get(candidate)!, dashed: true }]));
  const ceiling = band(value);
  const on = value.training.length > 0 ? ' on the training words' : '';
  const title = `RSA with ${value.reference} by layer${on}`;
  const peaks = value.models.filter(({ label }) => layered.includes(label)).slice(0, NAMED).map(({ label, row }) => `${label} at ${row.layer}`);
  return figure({
    title,
    summary: `Each layer of each model${on}. ${value.choice === 'held-out' ? 'Chosen' : 'Best'}: ${peaks.join(', ')}${layered.length > NAMED ? `, and ${layered.length - NAMED} more` : ''}.${flat.length > 0 ? ` Dashed: ${listed(flat.map(({ candidate }) => candidate))}, without layers.` : ''}`,
    notes: value.training.length > 0 ? [] : [drawsNote(asRsa(value)), ceilingNote(value.ceiling)],
    origins: [value.referenceOrigin],
    legend: legend([...layered.map((label) => series.get(label)!), ...dashed.values()], ceiling ? ceilingKey(value.ceiling!) : nothing),
    body: chart(title, layerCurve({
      label: title,
      axis: axisOf(value, own),
      points: own.map((row) => ({ series: series.get(row.candidate)!, layer: row.layer, layerIndex: row.layerIndex, value: row.value, interval: row.interval, detail: [pValue(row.pAdjusted)].filter(Boolean) })),
      levels: flat.map((row) => ({ series: dashed.get(row.candidate)!, value: row.value })),
      ...(ceiling ? { band: { label: ceilingLabel(value.ceiling!), lower: ceiling.lower, upper: ceiling.upper } } : {}),
    }), [value]),
    table: { columns: layerColumns, rows },
  });
}

function differences(value: LeaderboardValue): TemplateResult | typeof nothing {
  if (value.differences.length === 0) return nothing;
  const first = value.models[0]!.label;
  const drawn = value.differences.length <= mostPairs ? value.differences : value.differences.filter(({ a }) => a.candidate === first);
  const ink = referenceSeries('difference');
  const rows: ForestRow[] = drawn.map((row) => ({
    // Long names have no room side by side on a small screen.
    group: `${row.a.candidate} minus`, label: row.b.candidate, series: ink, value: row.value, interval: row.interval,
    text: [difference(row.value), interval(row.interval), pValue(row.pAdjusted ?? row.p)].filter(Boolean).join('  '),
    detail: [`${row.a.layer} against ${row.b.layer}`],
  }));
  const title = 'Differences between models';
  const together = value.correction === 'holm' && value.differences.length > 1;
  return figure({
    title,
    summary: `Difference in RSA with ${named(value.reference, value.referenceOrigin)}, the higher ranked model first, paired over words. ${noiseNote({ ...value, models: [] })}`,
    notes: [
      value.bootstrap > 0 ? `${together ? `The intervals are so wide that all ${value.differences.length} hold together at ${percent(value.level)} (Bonferroni). Holm’s p, and the letters made of it, are less strict: a pair may differ although its interval reaches over 0.` : `${percent(value.level)} intervals, each by itself.`} Two-sided p from Student’s t of the difference over its corrected standard error.` : '',
      drawn.length < value.differences.length ? `Drawn: differences from ${first}; the table has all ${value.differences.length}.` : '',
      value.choice === 'same-words' ? 'Layers were chosen on these same words; neither intervals nor p cover the choice.' : '',
    ],
    origins: [value.referenceOrigin],
    body: chart(title, forest({ label: title, axis: `difference in ${axisOf(value, value.models.map(({ row }) => row))}`, rows }), [value]),
    table: { columns: differenceColumns, rows: value.differences },
  });
}

function skipped(all: readonly SkippedModel[], of: number): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<details class="disclosure dropped" open>
    <summary>${icon('chevron')}<span>${all.length} of ${counted(of, 'model')} skipped</span></summary>
    <div class="disclosure-body"><dl>${groupSkipped(all).map(({ names, reason, fix }) => html`<div><dt>${names.join(', ')}</dt><dd>${reason}. ${fix}</dd></div>`)}</dl>
      <p class="figure-note">To try them again, choose <b>Run again</b> in the cell’s menu.</p></div>
  </details>`;
}

export const view: View<'leaderboard'> = (value) => {
  const series = seriesOf(value.models.map(({ label }) => label));
  return html`<div class="view">
    ${ranking(value, series)}
    ${skipped(value.skipped, value.models.length + value.skipped.length)}
    ${layers(value, series)}
    ${differences(value)}
    ${droppedNote(value.dropped)}
  </div>`;
};
