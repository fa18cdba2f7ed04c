/** How rows become distances: what a cell's form asks, in one object that every analysis hands on. */
import type { Missing, Shrinkage } from '../../data/treatment.ts';
import type { Metric, Standardise } from '../../data/values.ts';

export interface NoiseSettings {
  /** Read by mahalanobis and crossnobis. */
  readonly shrinkage: Shrinkage;
  /** Crossnobis: a precision for each measurement by itself, over all pairs of measurements, in place of one for all. */
  readonly perMeasurement: boolean;
}

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

/** A treatment with nothing but the choices every cell has. */
export function plainTreatment(metric: Metric, ratings: Standardise, states: Standardise): Treatment {
  return { metric, ratings, states, noise: { shrinkage: 'schaefer-strimmer', perMeasurement: false }, perChannel: false, removeMean: false, missing: 'drop' };
}

/** Metrics that weigh directions by noise, and so read the separate measurements of a word. */
export function isWhitened(metric: Metric): metric is 'mahalanobis' | 'crossnobis' {
  return metric === 'mahalanobis' || metric === 'crossnobis';
}

/** Metrics of direction alone: one column has none. */
export function isAngular(metric: Metric): boolean {
  return metric === 'cosine' || metric === 'correlation' || metric === 'spearman';
}
