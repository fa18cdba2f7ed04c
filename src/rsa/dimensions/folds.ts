/** Random partitions of words into folds, and shuffled ratings, all from the seed: the parts of a probe that chance decides. */
import { PhiloxStream } from '../../gpu/philox.ts';

/** Stream of the seed that shuffles words into the first set of folds; the bootstrap uses the low numbers. */
const foldStream = 0x8000_0000;
/** Further sets of folds: this plus their number. */
const furtherFolds = 0xc000_0000;
/** Orders of the ratings for the control. */
const controlStream = 0xc800_0000;
/** Inner folds of nested cross-validation: this plus 256 times the partition plus the outer fold. */
const innerStreams = 0xc100_0000;

/** The order of 0..n-1 drawn by a stream of the seed (Fisher and Yates). */
function shuffledOrder(n: number, stream: PhiloxStream): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Folds of nearly equal size, shuffled by the seed.
 *
 * @param folding which of the seed's partitions, 0 for the first
 */
export function shuffledFolds(n: number, folds: number, seed: number, folding = 0): Uint8Array {
  return dealtBy(new PhiloxStream(seed, folding === 0 ? foldStream : furtherFolds + folding), n, folds);
}

/** Ratings with their words shuffled, the same way for every dimension, so that dimensions keep their correlations. */
export function shuffledTargets(targets: readonly Float64Array[], seed: number): Float64Array[] {
  const order = shuffledOrder(targets[0]?.length ?? 0, new PhiloxStream(seed, controlStream));
  return targets.map((target) => Float64Array.from(order, (word) => target[word]!));
}

/** Inner fold of each of m training words; the partition and the outer fold tell which of the seed's. */
export function innerFolds(m: number, inner: number, { seed, folding, fold }: { seed: number; folding: number; fold: number }): Uint8Array {
  return dealtBy(new PhiloxStream(seed, innerStreams + 256 * folding + fold), m, inner);
}

/** The fold of each of n words, shuffled by a stream of the seed and dealt to at most 256 folds in turn. */
export function dealtBy(stream: PhiloxStream, n: number, folds: number): Uint8Array {
  const out = new Uint8Array(n);
  shuffledOrder(n, stream).forEach((word, place) => { out[word] = place % folds; });
  return out;
}
