/** The dissimilarities that the RDM kernel computes, with scipy's conventions (Euclidean is neither squared nor divided). */
export type Metric = 'cosine' | 'correlation' | 'euclidean' | 'sqeuclidean';
