/**
 * Weighted RSA on words that were not fitted: words are dealt into folds; weights are fitted on the pairs among the words
 * of the other folds, and tried on the pairs among the fold's own words. Pairs of a fitted with a held-out word are used in
 * neither, since they would carry one into the other.
 */
import type { Watch } from '../../base/progress.ts';
import { pause } from '../../gpu/pause.ts';
import { PhiloxStream } from '../../gpu/philox.ts';
import { compare } from '../comparators/compare.ts';
import type { Numbers } from '../comparators/correlate.ts';
import { dealtBy } from '../dimensions/folds.ts';
import { subRdm } from '../inference/resample.ts';
import { type Distances, equalWeights, type FittedComparator, mixtureOfTwo, mostSimilar, productsOf, summands, weightedSum, weightsAboveZero } from './weighted.ts';

/** Ways of using several predictors; each predictor alone is told beside them. */
export type Scheme = 'weighted' | 'selected' | 'interpolated' | 'equal';

/** The seed's streams of this file. */
const foldStream = 0xb000_0000;

/** Words 0 to n - 1, ascending within each side. */
interface WordFold {
  readonly train: Uint32Array<ArrayBuffer>;
  readonly test: Uint32Array<ArrayBuffer>;
}

/** Deals n words into k folds whose sizes differ by one at most, shuffled by the seed. */
export function wordFolds(n: number, k: number, seed: number): WordFold[] {
  const fold = dealtBy(new PhiloxStream(seed, foldStream), n, k);
  const words = Uint32Array.from(fold, (_, word) => word);
  return Array.from({ length: k }, (_, at) => ({ train: words.filter((word) => fold[word] !== at), test: words.filter((word) => fold[word] === at) }));
}

/** One fold: the comparator's value on held-out words. */
interface FoldResult {
  readonly schemes: Readonly<Record<Scheme, number>>;
  /** Each predictor alone. */
  readonly single: readonly number[];
  /** What was fitted on the other words: weights of at least zero and length 1, and the predictor chosen. */
  readonly weights: Float64Array;
  readonly selected: number;
}

interface FoldInput {
  readonly comparator: FittedComparator;
  /** Condensed, over n words. */
  readonly reference: Distances;
  readonly predictors: readonly Distances[];
  readonly n: number;
  /** Predictors that may be mixed: layers of one candidate that follow each other among those chosen. None gives NaN for the scheme. */
  readonly neighbours: readonly (readonly [number, number])[];
}

/**
 * Fits on one side of a fold and tries on the other. The reference may be another one there: see the tests of rsatoolbox.
 *
 * @throws the signal's reason when cancelled
 */
export async function runFold(input: FoldInput, { train, test }: WordFold, held: Distances = input.reference, watch: Watch = {}): Promise<FoldResult> {
  const { comparator, reference, predictors, n, neighbours } = input;
  const columns: Numbers[] = [];
  for (const own of [...predictors, reference]) {
    // Ranking a million pairs takes a while.
    await pause();
    watch.signal?.throwIfAborted();
    columns.push(summands(comparator, subRdm(own, n, train)));
  }
  const fitted = productsOf(comparator, columns.slice(0, -1), columns.at(-1)!, train.length);
  const alone = predictors.map((own) => subRdm(own, n, test));
  const parts = alone.map((own) => summands(comparator, own));
  const target = subRdm(held, n, test);
  const tried = (weights: ArrayLike<number> | null): number => (weights ? compare(comparator, weightedSum(parts, weights), target, test.length) : NaN);
  const single = alone.map((own) => compare(comparator, own, target, test.length));
  const weights = weightsAboveZero(fitted);
  const selected = mostSimilar(fitted);
  return {
    schemes: {
      weighted: tried(weights), selected: single[selected] ?? NaN,
      interpolated: tried(mixtureOfTwo(fitted, neighbours)), equal: tried(equalWeights(fitted)),
    },
    single, weights, selected,
  };
}

/** Runs every fold. @throws the signal's reason when cancelled */
export async function runFolds(input: FoldInput, folds: readonly WordFold[], watch: Watch = {}): Promise<FoldResult[]> {
  const results: FoldResult[] = [];
  for (const [at, fold] of folds.entries()) {
    watch.progress?.({ label: 'held-out words', done: at, total: folds.length });
    results.push(await runFold(input, fold, input.reference, watch));
  }
  return results;
}
