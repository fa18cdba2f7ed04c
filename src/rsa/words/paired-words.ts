/**
 * Measures of several models on the same words, each with its value in every bootstrap draw, so that differences between
 * them are paired: RSA with ratings, and rank correlations of predicted with human ratings.
 */
import type { Watch } from '../../base/progress.ts';
import type { Layer } from '../../data/values.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import type { Alignment, Block } from '../align.ts';
import { bootstrapCorrelations, drawWeights } from '../inference/bootstrap.ts';
import { pearson, spearman } from '../comparators/correlate.ts';
import { scoreRdm, type ScoredRdm } from '../inference/mantel.ts';
import { meanOf } from '../inference/paired.ts';
import { plainTreatment, prepareBlocks } from '../distances/prepare.ts';
import { heldOutPredictions, shuffledFolds } from '../dimensions/probe.ts';
import { rdmsOf } from '../distances/rdm.ts';
import { WeightedSpearman } from '../dimensions/weighted-spearman.ts';

/** A number, and what it is in each draw of the words; no draws where none were asked for. */
export interface Drawn {
  readonly value: number;
  readonly draws: Float64Array;
}

export interface DrawOptions {
  /** Bootstrap draws. */
  readonly bootstrap: number;
  readonly seed: number;
}

/** Rows of numbers, one for each of the same words: n x width. */
export interface WordMatrix {
  readonly label: string;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
}

export interface PairedRsa {
  /** In the order of the models. */
  readonly models: readonly Drawn[];
  /** Words and pairs that were left: a word whose vector is zero has no cosine. */
  readonly n: number;
  readonly pairs: number;
}

function blockOf({ label, width, data }: WordMatrix, of: number, columns: readonly number[] | null): Block {
  const layer: Layer = { name: label, index: 0, d: width, data };
  return { of, label, layer, columns, names: [] };
}

/**
 * RSA as an `rsa` cell does it by default: cosine distances of z-scored ratings, and of hidden states as they are;
 * Spearman's rho over pairs of words; bootstrap over words with pairs of a word with itself left out, ranks staying those
 * of the full sample.
 *
 * @param words names, for messages
 * @param ratings columns of the set are chosen by `columns`
 */
export async function pairedRsa(
  words: readonly string[], ratings: WordMatrix, columns: readonly number[], models: readonly WordMatrix[], options: DrawOptions, compute: () => Promise<Compute>, watch: Watch,
): Promise<PairedRsa> {
  const blocks = [blockOf(ratings, 0, columns), ...models.map((model, k) => blockOf(model, k + 1, null))];
  const every = Uint32Array.from(words, (_, row) => row);
  const all: Alignment = { words, rows: blocks.map(() => every), dropped: [] };
  const treatment = plainTreatment('cosine', 'zscore', 'none');
  const { alignment, layers } = await prepareBlocks(blocks, all, treatment);
  const n = alignment.words.length;
  const scored: ScoredRdm[] = [];
  for (const rdm of await rdmsOf(compute, layers, treatment, watch)) {
    watch.signal?.throwIfAborted();
    scored.push(scoreRdm(rdm, 'spearman'));
    await pause();
  }
  const [standard, ...others] = scored as [ScoredRdm, ...ScoredRdm[]];
  const draws = options.bootstrap > 0
    ? await bootstrapCorrelations({ n, reference: standard.standard, candidates: others.map((other) => other.standard), draws: options.bootstrap, seed: options.seed }, watch)
    : others.map(() => new Float64Array(0));
  return { models: others.map(({ scores }, k) => ({ value: pearson(scores, standard.scores), draws: draws[k]! })), n, pairs: pairCount(n) };
}

/** Two lists over the same words. */
export interface Ranked {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Spearman's rho of each pair of lists over n words. Ranks are taken anew in each draw; what was predicted stays as it is.
 */
export async function rankCorrelations(pairs: readonly Ranked[], n: number, { bootstrap, seed }: DrawOptions, watch: Watch): Promise<Drawn[]> {
  const correlations = pairs.map(({ x, y }) => new WeightedSpearman(x, y));
  const draws = pairs.map(() => new Float64Array(bootstrap));
  const weights = new Uint32Array(n);
  const breather = new Breather();
  for (let draw = 0; draw < bootstrap; draw++) {
    drawWeights(seed, draw, weights);
    correlations.forEach((correlation, k) => { draws[k]![draw] = correlation.correlate(weights); });
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: bootstrap });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return pairs.map(({ x, y }, k) => ({ value: spearman(x, y), draws: draws[k]! }));
}

/** The mean of several measures, in every draw as well. */
export function meanDrawn(measures: readonly Drawn[]): Drawn {
  return {
    value: meanOf(measures.map(({ value }) => value)),
    draws: Float64Array.from(measures[0]!.draws, (_, draw) => meanOf(measures.map(({ draws }) => draws[draw]!))),
  };
}

/**
 * A ridge probe's predictions of ratings for words that it was not trained on, as a `dimensions` cell makes them: the same
 * folds for all models of the same n and seed.
 *
 * @param targets one list of n ratings for each dimension
 */
export async function probed({ width, data }: WordMatrix, targets: readonly Float64Array[], options: { folds: number; seed: number }, watch: Watch): Promise<Float64Array[]> {
  const n = targets[0]!.length;
  return heldOutPredictions({ n, d: width, features: data, targets, folds: shuffledFolds(n, options.folds, options.seed) }, watch);
}

/**
 * The share of right answers, in every draw of the questions as well.
 *
 * @param right 1 where the answer is right, else 0
 */
export function shareDrawn(right: Uint8Array, { bootstrap, seed }: DrawOptions): Drawn {
  const n = right.length;
  const weights = new Uint32Array(n);
  const share = (weightOf: (at: number) => number): number => right.reduce((sum, one, at) => sum + one * weightOf(at), 0) / n;
  return { value: share(() => 1), draws: Float64Array.from({ length: bootstrap }, (_, draw) => {
    drawWeights(seed, draw, weights);
    return share((at) => weights[at]!);
  }) };
}
