/** Results of the dimensions cell: agreement with the reference dimension by dimension, and tests between candidates. */
import type { Dropped, Interval, Origin } from './values.ts';

/** Agreement of one candidate with one dimension of the reference. */
export interface DimensionRow {
  readonly candidate: string;
  readonly layer: string;
  readonly layerIndex: number;
  readonly dimension: string;
  readonly n: number;
  /**
   * Spearman: of the same-named rating column (direct), or of the probe's held-out predictions (probe), there the mean
   * over partitions into folds. A probe's predictions of all folds are ranked together (pooled), which puts it below 0
   * where there is no relation; see `rhoWithin`.
   */
  readonly rho: number;
  /**
   * Spearman within each fold of a probe, the mean over folds weighted by their words, and over partitions: near 0 where
   * there is no relation. Folds with equal ratings or predictions are left out; null for ratings, or with no fold left.
   */
  readonly rhoWithin: number | null;
  /** SD of rho over partitions into folds; null with one. */
  readonly sd: number | null;
  readonly interval: Interval;
  /** Held-out R² of the probe, the mean over partitions: 0 is the mean rating, 1 perfect, below 0 worse than the mean; null for ratings. */
  readonly r2: number | null;
  /** Spearman of a probe of shuffled ratings, in the same folds; null without control. */
  readonly controlRho: number | null;
  /** The same within folds, as `rhoWithin`. */
  readonly controlRhoWithin: number | null;
  readonly method: 'direct' | 'probe';
  /**
   * The same over the words that every candidate has on this dimension (listwise), for comparing candidates; left out
   * where it is the same words.
   */
  readonly shared?: { readonly n: number; readonly rho: number };
}

/** Which of two candidates agrees better with a dimension, over the words that every candidate has on it. */
export interface DimensionTest {
  readonly dimension: string;
  readonly a: { readonly candidate: string; readonly layer: string };
  readonly b: { readonly candidate: string; readonly layer: string };
  readonly n: number;
  /** Spearman of each with the reference, and of both with each other; for probes means over partitions. */
  readonly rhoA: number;
  readonly rhoB: number;
  readonly rhoAB: number;
  /** z, or t where there are degrees of freedom; positive where a agrees better. Null where there is no p. */
  readonly statistic: number | null;
  readonly df?: number;
  /** Two-sided; null where the test cannot be made: a candidate is constant (jackknife: also without one word), or (others) equals the reference. */
  readonly p: number | null;
  /** Corrected over all tests of the cell that have a p; null where no correction was asked for, or there is no p. */
  readonly pAdjusted: number | null;
  /** Of atanh rhoA - atanh rhoB, not corrected; under Meng, Rosenthal and Rubin's test alone. */
  readonly interval?: Interval;
}

export interface DimensionsValue {
  readonly type: 'dimensions';
  readonly reference: string;
  readonly referenceOrigin: Origin;
  readonly rows: readonly DimensionRow[];
  readonly tests: readonly DimensionTest[];
  /** Which test; none where none was asked for. */
  readonly test: 'none' | 'jackknife' | 'steiger' | 'dunn-clark' | 'meng' | 'williams' | 'hotelling';
  readonly correction: 'none' | 'holm' | 'bh';
  readonly folds: number;
  /** Partitions into folds. */
  readonly foldings: number;
  readonly penalty: 'gcv' | 'nested';
  /** Where probes were trained on the ratings of other words: whose, and on how many at least and at most; absent with folds. */
  readonly training?: { readonly label: string; readonly fewest: number; readonly most: number };
  /** Draws of the words behind the intervals; with 0 they come from a formula. */
  readonly bootstrap: number;
  /** percentile: of the bootstrap's draws; else the standard error in the formula, or none. */
  readonly intervalMethod: 'none' | 'percentile' | 'bonett-wright' | 'fieller' | 'fisher';
  readonly level: number;
  readonly dropped: readonly Dropped[];
}
