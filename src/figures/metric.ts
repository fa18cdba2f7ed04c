/** Names of measures as the reader sees them. */
import type { DimensionSet } from '../data/dimensions.ts';
import type { Metric, Standardise } from '../data/values.ts';

const metrics = {
  cosine: 'cosine distance',
  correlation: 'correlation distance',
  euclidean: 'Euclidean distance',
  sqeuclidean: 'squared Euclidean distance',
} as const satisfies Record<Metric, string>;

export function metricLabel(metric: Metric): string {
  return metrics[metric];
}

const treatments = { none: '', centre: 'columns centred', zscore: 'columns z-scored' } as const satisfies Record<Standardise, string>;

/** How columns were treated; '' for not at all. */
export function standardiseLabel(standardise: Standardise): string {
  return treatments[standardise];
}

const sets = { motor: 'Motor', sensory: 'Sensory', all: 'All' } as const satisfies Record<DimensionSet, string>;

export function setLabel(set: DimensionSet): string {
  return sets[set];
}
