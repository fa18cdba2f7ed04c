/**
 * Spearman's rho of a probe's predictions within each fold.
 *
 * Ranking the predictions of all folds together (pooling) pulls rho down. A readout's intercept is the mean rating of its
 * training words, which lies below the mean of all words where the held-out ones lie above it, and the other way round.
 * Predictions of k folds that are nothing but intercepts have r near -sqrt((k - 1) / (n - 1)) with the ratings of n words:
 * folds explain that share of variance by chance, and the intercepts have it the wrong way round. Within one fold every
 * prediction has the same intercept, and without a relation rho is 0 on average.
 */
import { spearman } from '../comparators/correlate.ts';

export interface WithinFolds {
  /** Mean over folds, weighted by their words; NaN where none has a correlation. */
  readonly rho: number;
  /** Folds left out: equal ratings or equal predictions have no correlation. */
  readonly constant: number;
}

/** @param folds fold of each word, 0 to folds - 1; all of the same length */
export function spearmanWithin(x: Float64Array, y: Float64Array, folds: Uint8Array): WithinFolds {
  const count = folds.reduce((most, fold) => Math.max(most, fold + 1), 0);
  let sum = 0;
  let words = 0;
  let constant = 0;
  for (let fold = 0; fold < count; fold++) {
    const own = (_: number, k: number): boolean => folds[k] === fold;
    const held = x.filter(own);
    const rho = spearman(held, y.filter(own));
    if (Number.isNaN(rho)) {
      constant++;
      continue;
    }
    sum += rho * held.length;
    words += held.length;
  }
  return { rho: words > 0 ? sum / words : NaN, constant };
}
