/** Names of measures as the reader sees them. */
import { dimensionLabel, type DimensionSet } from '../data/dimensions.ts';
import type { Metric, RdmValue, Standardise } from '../data/values.ts';

const labels = {
  cosine: 'cosine distance',
  correlation: 'correlation distance',
  spearman: 'Spearman distance',
  euclidean: 'Euclidean distance',
  sqeuclidean: 'squared Euclidean distance',
  manhattan: 'Manhattan distance',
  chebyshev: 'Chebyshev distance',
  minkowski3: 'Minkowski-3 distance',
  mahalanobis: 'Mahalanobis distance',
  crossnobis: 'crossnobis distance',
} as const satisfies Record<Metric, string>;

export function metricLabel(metric: Metric): string {
  return labels[metric];
}

const treatments = { none: '', centre: 'columns centred', zscore: 'columns z-scored' } as const satisfies Record<Standardise, string>;

/** How columns were treated; '' for not at all. */
export function standardiseLabel(standardise: Standardise): string {
  return treatments[standardise];
}

/** What else was done to distances, for a note below their figure: "each word's mean removed". */
export function distanceNotes({ metric, shrinkage, perMeasurement, perChannel, removeMean }: Pick<RdmValue, 'metric' | 'shrinkage' | 'perMeasurement' | 'perChannel' | 'removeMean'>): string[] {
  const whitened = metric === 'mahalanobis' || metric === 'crossnobis';
  return [
    removeMean ? 'each word’s mean removed' : '',
    whitened && shrinkage ? `noise covariance: ${shrinkage}${metric === 'crossnobis' && perMeasurement ? ', of each measurement' : ''}` : '',
    perChannel && (whitened || metric === 'sqeuclidean') ? `${metric === 'mahalanobis' ? 'squared and ' : ''}divided by the number of columns` : '',
    metric === 'crossnobis' ? 'cross-validated over measurements, so words that are alike can be below 0' : '',
  ].filter(Boolean);
}

/** A set for the reader: "Motor", "All"; a single dimension by its own label, "Foot/leg". */
export function setLabel(set: DimensionSet): string {
  const label = dimensionLabel(set);
  return `${label[0]!.toUpperCase()}${label.slice(1)}`;
}
