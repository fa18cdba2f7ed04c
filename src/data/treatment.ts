/** How distances are made, as forms, results and statistics write it; what it does is in src/rsa. */
import type { Metric, Standardise } from './values.ts';

/** How the covariance of the noise between columns is estimated; see src/rsa/distances/noise.ts. */
export type Shrinkage = 'none' | 'full' | 'diagonal' | 'ledoit-wolf' | 'schaefer-strimmer';

/** What to do with ratings that have empty cells: drop the words, or take what both words of a pair have. */
export type Missing = 'drop' | 'pairwise';

export interface NoiseSettings {
  /** Read by mahalanobis and crossnobis. */
  readonly shrinkage: Shrinkage;
  /** Crossnobis: a precision for each measurement by itself, over all pairs of measurements, in place of one for all. */
  readonly perMeasurement: boolean;
}

/** How rows become distances: what a cell's form asks, in one object. */
export interface Treatment {
  readonly metric: Metric;
  /** Treatment of rating columns. */
  readonly ratings: Standardise;
  /** Treatment of hidden states. */
  readonly states: Standardise;
  readonly noise: NoiseSettings;
  /** Squared distances divided by the number of columns, rsatoolbox's convention: sqeuclidean, mahalanobis, crossnobis. */
  readonly perChannel: boolean;
  /** Each word's own mean over its columns subtracted before distances. */
  readonly removeMean: boolean;
  readonly missing: Missing;
}
