/** Runs an `rsa` cell; the statistics are in src/rsa. */
import type { RsaCeiling } from '../../data/rsa.ts';
import type { Dropped, RsaDifference, RsaRow } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { analyseSet, StatesCache } from '../../rsa/analyse.ts';
import { distinctLabels, planSets, referenceLabel } from '../../rsa/choose.ts';
import { comparesRows } from '../../rsa/comparators/comparators.ts';
import { benjaminiHochberg, holm } from '../../rsa/inference/correct.ts';
import { resamplingFor } from '../../rsa/inference/sample-words.ts';
import { listed } from '../../ui/format.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { treatmentFields, treatmentOf } from '../treatment.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

/** Errors from samples of the words are the difference of two variances, each known from half of the draws. */
const fewSamples = 500;

/** From here on a table of p-values invites picking; the warning says what a correction would ask. */
const manyComparisons = 10;

export const run: Run<typeof fields, 'rsa'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  const labels = distinctLabels(representations, cells);
  const aligned = alignWords(representations, labels, place);
  const resampling = resamplingFor(params.comparator, params.resampling, place);
  const settings = { ...params, ...treatmentOf(params), resampling };
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };
  warnSettings(params, resampling, context.warn);

  const cache = new StatesCache();
  const found: RsaRow[] = [];
  const between: RsaDifference[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  for (const plan of planSets({ sets: params.sets, representations, labels, layers: params.layers, place, warn: context.warn })) {
    const result = await analyseSet(plan, aligned, settings, services, cache);
    found.push(...result.rows);
    between.push(...result.differences);
    dropped.push(result.dropped);
  }
  const { correction } = params;
  const rows = correction === 'max' ? found : adjusted(found, correction);
  // Differences have no permutations of their own: Holm stands in for the maximum statistic.
  const differences = adjusted(between, correction === 'max' ? 'holm' : correction);
  warnReader(rows, differences, params, context.warn);
  return {
    type: 'rsa', reference: referenceLabel(representations[0]!, labels[0]!), referenceOrigin: representations[0]!.origin,
    comparator: params.comparator, metric: params.metric, rows, differences,
    permutations: params.permutations, alternative: params.alternative, correction,
    bootstrap: params.bootstrap, resampling, intervalMethod: resampling === 'delete-half' && params.interval === 'bca' ? 'percentile' : params.interval, level: params.level,
    ceiling: ceilingOf(params, rows, context), dropped: mergeDropped(dropped),
  };
};

/** p corrected over all rows that have one. */
function adjusted<Row extends Pick<RsaRow, 'p' | 'pAdjusted'>>(rows: readonly Row[], correction: 'none' | 'holm' | 'bh'): Row[] {
  if (correction === 'none') return [...rows];
  const tested = rows.filter(({ p }) => p !== null);
  const p = (correction === 'holm' ? holm : benjaminiHochberg)(tested.map((row) => row.p!));
  const of = new Map(tested.map((row, at) => [row, p[at]!]));
  return rows.map((row) => ({ ...row, pAdjusted: of.get(row) ?? null }));
}

function ceilingOf({ ceiling, comparator, metric }: Params, rows: readonly RsaRow[], context: RunContext): RsaCeiling | null {
  if (ceiling === 'none') return null;
  const value = inputOf(context, ceiling, 'ceiling');
  const differs = [
    ...(value.comparator === comparator ? [] : [`comparator ${value.comparator} in place of ${comparator}`]),
    ...(value.metric === metric ? [] : [`dissimilarity ${value.metric} in place of ${metric}`]),
  ];
  if (differs.length) context.warn(`the noise ceiling ${ceiling} was computed with ${differs.join(' and ')}: it is no bound for these values.`);
  if (value.from === 'raters') context.warn(`the noise ceiling ${ceiling} is from single ${value.measuredBy}s, and the values are of their mean, which has less noise: they can lie above it. Take from: reliability.`);
  const sets = new Set(rows.map(({ set }) => set));
  const own = value.rows.filter(({ set }) => sets.has(set)).map(({ set, lower, upper }) => ({ set, lower, upper }));
  const without = [...sets].filter((set) => !own.some((row) => row.set === set));
  if (without.length) context.warn(`the noise ceiling ${ceiling} has no value for ${without.join(', ')}.`);
  for (const { set, n } of value.rows) {
    const here = rows.find((row) => row.set === set)?.n;
    if (here !== undefined && here !== n) context.warn(`${set}: the noise ceiling is of ${n} words, the values of ${here}.`);
  }
  return { from: value.from, measuredBy: value.measuredBy, rows: own };
}

/** Fields of distances, which comparators of representations never see. */
const ofDistances = ['metric', 'perChannel', 'removeMean', 'missing'] as const;

function warnSettings(params: Params, resampling: 'bootstrap' | 'delete-half', warn: (message: string) => void): void {
  const { comparator, interval, bootstrap } = params;
  const idle = ofDistances.filter((name) => params[name] !== treatmentFields[name].default).map((name) => `${name} ${String(params[name])}`);
  if (comparesRows(comparator) && idle.length) {
    warn(`${comparator} compares the representations themselves: ${listed(idle)} ${idle.length === 1 ? 'plays' : 'play'} no part in it.`);
  }
  if (interval === 'bca' && resampling === 'delete-half' && bootstrap > 0) {
    warn(`BCa intervals need draws of the words with replacement; under ${comparator} words are drawn without, and percentiles are given in their place.`);
  }
  if (resampling === 'delete-half' && bootstrap > 0 && bootstrap < fewSamples) {
    warn(`only ${bootstrap} samples of the words: corrected intervals and p of differences are wide and large for it; ${fewSamples} or more are steadier.`);
  }
}

function warnReader(rows: readonly RsaRow[], differences: readonly RsaDifference[], { permutations, correction, sets }: Params, warn: (message: string) => void): void {
  const undefinedRows = rows.filter((row) => Number.isNaN(row.value));
  for (const row of undefinedRows) warn(`${row.set}: ${row.candidate}, ${row.layer}: all distances are equal, so there is no value.`);
  if (permutations > 0 && correction === 'none' && rows.length > manyComparisons) {
    warn(`${rows.length} p-values, not corrected for their number: Bonferroni asks p <= ${(0.05 / rows.length).toPrecision(2)} for 0.05; correction: max corrects for all candidates and layers of a set.`);
  }
  if (permutations > 0 && correction === 'max' && new Set(sets).size > 1) {
    warn('p is corrected for the candidates and layers of each set by itself, not for the number of sets.');
  }
  const layered = rows.some((row) => rows.some((other) => other.candidate === row.candidate && other.layerIndex !== row.layerIndex));
  if (layered && differences.length) {
    warn('differences take each model’s best layer, chosen on these same words: the values are optimistic, and neither intervals nor p cover the choice.');
  }
}
