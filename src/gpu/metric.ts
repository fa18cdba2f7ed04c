/** Dissimilarities of two rows, with scipy's conventions: nothing is squared or divided by columns unless its name says so. */

/** Made of dot products, so the tiled kernel computes them. */
export type GramMetric = 'cosine' | 'correlation' | 'euclidean' | 'sqeuclidean';
/** Made of differences column by column, so each pair is computed by itself. */
export type DirectMetric = 'manhattan' | 'chebyshev' | 'minkowski3';
/** What the kernels and their twin compute from rows as they are. */
export type KernelMetric = GramMetric | DirectMetric;
/**
 * What a cell can ask for. `spearman` is `correlation` of ranks, `mahalanobis` is `euclidean` of whitened rows, `crossnobis`
 * takes products of differences in separate measurements: see src/rsa/distances/rdm.ts.
 */
export type Metric = KernelMetric | 'spearman' | 'mahalanobis' | 'crossnobis';

/** In the order of the form. */
export const metrics = [
  'cosine', 'correlation', 'spearman', 'euclidean', 'sqeuclidean', 'manhattan', 'chebyshev', 'minkowski3', 'mahalanobis', 'crossnobis',
] as const satisfies readonly Metric[];

export function isDirect(metric: KernelMetric): metric is DirectMetric {
  return metric === 'manhattan' || metric === 'chebyshev' || metric === 'minkowski3';
}
