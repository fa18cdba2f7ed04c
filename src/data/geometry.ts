/** Representational geometry to look at: maps by multidimensional scaling, and trees, of words or of RDMs. Plain data. */
import type { RdmComparator } from './comparators.ts';
import type { Dropped, Metric, Origin } from './values.ts';

/** classical: Torgerson's; smacof: metric, by majorisation; non-metric: of the order of dissimilarities only. */
export const mapMethods = ['classical', 'smacof', 'non-metric'] as const;
export type MapMethod = (typeof mapMethods)[number];

/**
 * Pairs with equal dissimilarity in a non-metric map. Primary (Kruskal's first approach): nothing is asked of them, they are
 * put in the order of their distances. Secondary: they share one disparity.
 */
export type Ties = 'primary' | 'secondary';

/**
 * How far two clusters are apart: their nearest members, their farthest, the average over pairs of members (UPGMA), or
 * the growth of the sum of squares when they merge (Ward; right for Euclidean distances).
 */
export const linkages = ['single', 'complete', 'average', 'ward'] as const;
export type Linkage = (typeof linkages)[number];

/** One merge of two clusters: 0..n-1 are words, n + k is the k-th merge. */
export interface Merge {
  readonly a: number;
  readonly b: number;
  /** Distance of the two under the linkage. Ward: sqrt(2 |a| |b| / (|a| + |b|)) times the distance of their centres. */
  readonly height: number;
  /** Words in both. */
  readonly size: number;
}

/** A word, or the RDM of one layer. */
export interface MapPoint {
  readonly label: string;
  /** The word's category, or the cell whose RDM it is; '' for none. */
  readonly group: string;
  readonly x: number;
  readonly y: number;
  /** Absent in maps of two axes. */
  readonly z?: number;
  /** Places of the points that are nearest by dissimilarity (not on the map), nearest first. */
  readonly nearest: readonly number[];
}

/** Pairs of points: how far apart they should be and how far apart the map has them. Thinned evenly by rank of dissimilarity. */
export interface Shepard {
  /** Places of the two points of each pair. */
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly dissimilarity: Float64Array;
  readonly distance: Float64Array;
  /** What the method wants the distance to be: the dissimilarity, or for non-metric maps a monotone function of it. */
  readonly disparity: Float64Array;
  /** Pairs in all; more than are kept where they were thinned. */
  readonly of: number;
}

export interface GeometryMap {
  /** Label of the RDM; "RDMs" for a map of RDMs. */
  readonly of: string;
  /** Layer of the RDM; '' for a map of RDMs. */
  readonly layer: string;
  readonly layerIndex: number;
  /** What the dissimilarities are; null for a map of RDMs (1 - comparator). */
  readonly metric: Metric | null;
  /** Of everything it is made of, without repeats. */
  readonly origins: readonly Origin[];
  /** Words, and pairs of them. */
  readonly n: number;
  readonly pairs: number;
  readonly points: readonly MapPoint[];
  readonly stress1: number;
  /** Steps of majorisation; 0 for classical maps. */
  readonly steps: number;
  readonly converged: boolean;
  /** Of classical MDS, with which all methods begin; descending, one per point. */
  readonly eigenvalues: Float64Array;
  /** Share of the positive eigenvalues on each axis. */
  readonly shares: readonly number[];
  /** Share of the eigenvalues' sizes that is negative: how far the dissimilarities are from Euclidean. */
  readonly negative: number;
  readonly shepard: Shepard;
  /** The tree: points are 0..k-1, the m-th merge is k + m. */
  readonly merges: readonly Merge[];
  /** Points from one end of the tree to the other. */
  readonly leafOrder: Uint32Array;
  /** Correlation of the tree's heights with the dissimilarities; NaN where either is constant. */
  readonly cophenetic: number;
}

/** The RDM of RDMs. */
export interface SecondOrder {
  /** In the order of the map's points. */
  readonly rows: readonly { readonly of: string; readonly layer: string; readonly layerIndex: number; readonly origin: Origin }[];
  /** 1 - comparator, condensed. */
  readonly dissimilarity: Float64Array;
}

export interface GeometryValue {
  readonly type: 'geometry';
  readonly show: 'words' | 'rdms';
  readonly method: MapMethod;
  /** Treatment of equal dissimilarities; null for other than non-metric maps. */
  readonly ties: Ties | null;
  readonly linkage: Linkage;
  /** Null where words are shown. */
  readonly comparator: RdmComparator | null;
  /** One per RDM cell where words are shown, one in all for RDMs. */
  readonly maps: readonly GeometryMap[];
  /** Null where words are shown. */
  readonly secondOrder: SecondOrder | null;
  readonly dropped: readonly Dropped[];
}
