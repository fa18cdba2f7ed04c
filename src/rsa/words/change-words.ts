/**
 * Words before and after tuning: how near each comes to the reference under three measures, and whether the same words
 * are near as before. A probe that never saw a word's rating reads ratings off the states; per-word RSA needs no probe.
 */
import type { Watch } from '../../base/progress.ts';
import type { Estimate, MeasureChange, WordMeasure } from '../../data/change.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import type { Interval } from '../../data/values.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { drawWeights } from '../inference/bootstrap.ts';
import type { Distances } from './change-layers.ts';
import type { Features } from '../comparators/cka.ts';
import { mean, percentileInterval, spearman } from '../comparators/correlate.ts';
import { heldOutPredictions, shuffledFolds } from '../dimensions/probe.ts';
import { doubledRanks } from '../comparators/ranks.ts';
import { WeightedSpearman } from '../dimensions/weighted-spearman.ts';
import { rowCorrelations, rowRanks, wordSimilarities, zscoredSimilarities } from './wordsim.ts';

export interface WordsInput {
  readonly n: number;
  /** The states of one layer, as the model gave them. */
  readonly states: readonly [before: Features, after: Features];
  /** RDMs of the same layer. */
  readonly rdms: readonly [before: Distances, after: Distances];
  /** The reference's ratings, one array of n per dimension of any set. */
  readonly dimensions: readonly { readonly name: string; readonly ratings: Float64Array }[];
  /** Places in `dimensions` and the reference's RDM. */
  readonly sets: readonly { readonly set: DimensionSet; readonly dimensions: readonly number[]; readonly rdm: Distances }[];
  readonly folds: number;
  readonly draws: number;
  readonly level: number;
  readonly seed: number;
}

/** Each word's similarity to the reference on both sides; NaN where it has none. */
export interface WordSimilarities {
  readonly set: DimensionSet;
  readonly measure: WordMeasure;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

export interface WordsResult {
  readonly probes: readonly { readonly dimension: string; readonly before: number; readonly after: number }[];
  readonly similarities: readonly WordSimilarities[];
  readonly measures: readonly MeasureChange[];
}

export async function compareWordsOver(input: WordsInput, watch: Watch): Promise<WordsResult> {
  const { n, states: [before, after], dimensions, seed } = input;
  const targets = dimensions.map(({ ratings }) => ratings);
  const folds = shuffledFolds(n, input.folds, seed);
  const predict = (features: Features, own: Uint8Array, done: number): Promise<Float64Array[]> => {
    watch.progress?.({ label: 'probes', done, total: 3 });
    return heldOutPredictions({ n, d: features.d, features: features.data, targets, folds: own }, watch);
  };
  const predicted = [await predict(before, folds, 0), await predict(after, folds, 1)] as const;
  // The same states under other folds: how far the order of the words moves when nothing changed but the probe.
  const refolded = await predict(before, shuffledFolds(n, input.folds, (seed + 1) % 2 ** 32), 2);
  const rows = await Promise.all(input.rdms.map((rdm) => ranksByWord(rdm, n, watch)));

  const similarities: WordSimilarities[] = [];
  const others: (Float64Array | null)[] = [];
  for (const { set, dimensions: places, rdm } of input.sets) {
    const matrix = (columns: readonly Float64Array[]): Float64Array => interleaved(places.map((place) => columns[place]!), n);
    const [human, first, second, again] = [targets, ...predicted, refolded].map(matrix) as [Float64Array, Float64Array, Float64Array, Float64Array];
    const k = places.length;
    const reference = await ranksByWord(rdm, n, watch);
    const [own, tuned] = rows.map((ranks) => rowCorrelations(reference, ranks, n)) as [Float64Array, Float64Array];
    similarities.push(
      { set, measure: 'raw', before: wordSimilarities(human, first, n, k), after: wordSimilarities(human, second, n, k) },
      { set, measure: 'zscored', before: zscoredSimilarities(human, first, n, k), after: zscoredSimilarities(human, second, n, k) },
      { set, measure: 'rows', before: own, after: tuned },
    );
    others.push(wordSimilarities(human, again, n, k), zscoredSimilarities(human, again, n, k), null);
  }
  const intervals = await intervalsOver(similarities, input, watch);
  return {
    probes: dimensions.map(({ name, ratings }, d) => ({ dimension: name, before: spearman(ratings, predicted[0][d]!), after: spearman(ratings, predicted[1][d]!) })),
    similarities,
    measures: similarities.map((one, at) => measured(one, others[at] ?? null, intervals[at]!)),
  };
}

async function ranksByWord(rdm: Distances, n: number, watch: Watch): Promise<Float32Array> {
  const ranks = doubledRanks(rdm);
  await pause();
  watch.signal?.throwIfAborted();
  const rows = rowRanks(ranks, n);
  await pause();
  watch.signal?.throwIfAborted();
  return rows;
}

/** n x k, row-major, of k columns. */
function interleaved(columns: readonly Float64Array[], n: number): Float64Array {
  const k = columns.length;
  const out = new Float64Array(n * k);
  columns.forEach((column, at) => { for (let i = 0; i < n; i++) out[i * k + at] = column[i]!; });
  return out;
}

/** Words that have the measure on both sides. */
function definedIn({ before, after }: WordSimilarities): Uint32Array {
  return Uint32Array.from([...before.keys()].filter((i) => Number.isFinite(before[i]! + after[i]!)));
}

const taken = (values: Float64Array, places: Uint32Array): Float64Array => Float64Array.from(places, (i) => values[i]!);

function measured(one: WordSimilarities, refolded: Float64Array | null, intervals: Intervals): MeasureChange {
  const places = definedIn(one);
  const [before, after] = [taken(one.before, places), taken(one.after, places)];
  const gained = before.reduce((count, value, i) => count + (after[i]! > value ? 1 : 0), 0);
  const estimate = (value: number, interval: Interval): Estimate => ({ value, interval });
  return {
    set: one.set, measure: one.measure, n: places.length,
    before: mean(before), after: mean(after),
    gain: estimate(mean(after.map((value, i) => value - before[i]!)), intervals.gain), gained: gained / places.length,
    rank: estimate(spearman(before, after), intervals.rank),
    refolded: refolded ? spearman(one.before, refolded) : null,
  };
}

interface Intervals { readonly gain: Interval; readonly rank: Interval }

/** Percentile intervals, the same resamples of the words for all; the similarities of a word stay as they are. */
async function intervalsOver(all: readonly WordSimilarities[], { n, draws, level, seed }: WordsInput, watch: Watch): Promise<Intervals[]> {
  if (draws === 0) return all.map(() => ({ gain: null, rank: null }));
  const places = all.map(definedIn);
  const sides = all.map(({ before, after }, at) => [taken(before, places[at]!), taken(after, places[at]!)] as const);
  const correlations = sides.map(([before, after]) => new WeightedSpearman(before, after));
  const gains = all.map(() => new Float64Array(draws));
  const ranks = all.map(() => new Float64Array(draws));
  const weights = new Uint32Array(n);
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    drawWeights(seed, draw, weights);
    for (let at = 0; at < all.length; at++) {
      const own = places[at]!.map((word) => weights[word]!);
      const [before, after] = sides[at]!;
      let [total, sum] = [0, 0];
      for (let i = 0; i < own.length; i++) {
        total += own[i]!;
        sum += own[i]! * (after[i]! - before[i]!);
      }
      gains[at]![draw] = sum / total;
      ranks[at]![draw] = correlations[at]!.correlate(own);
    }
    if (!breather.due()) continue;
    watch.progress?.({ label: 'words: bootstrap', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return all.map((_, at) => ({ gain: percentileInterval(gains[at]!, level), rank: percentileInterval(ranks[at]!, level) }));
}
