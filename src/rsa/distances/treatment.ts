/** How rows become distances: what a cell's form asks, in one object that every analysis hands on. */
import type { Treatment } from '../../data/treatment.ts';
import type { Metric, Standardise } from '../../data/values.ts';

export type { NoiseSettings, Treatment } from '../../data/treatment.ts';

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
