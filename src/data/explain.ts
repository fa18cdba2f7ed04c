/** Which representations explain the reference's RDM, and what each adds to the others. Plain data. */
import type { Metric } from '../gpu/metric.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Alternative, IntervalMethod, RsaOrders } from './rsa.ts';
import type { Dropped, Interval, Origin } from './values.ts';

/** A number with its interval from draws of the words. */
export interface Bounded {
  readonly value: number;
  readonly interval: Interval;
}

/** The same with a permutation p; null without permutations, or where there is no value. */
export interface Tested extends Bounded {
  readonly p: number | null;
  /** After Holm's correction over all rows of the cell. */
  readonly pAdjusted: number | null;
}

/** One predictor RDM: a layer of a candidate, or a control. */
export interface ExplainRow {
  readonly set: DimensionSet;
  /** Name for the reader: "base", "hidden, layer 3", "length". */
  readonly predictor: string;
  /** What it is partitioned with: the candidate's label, or "controls". */
  readonly group: string;
  readonly control: boolean;
  /** '' for controls made from the words. */
  readonly layer: string;
  readonly layerIndex: number;
  readonly n: number;
  readonly pairs: number;
  /** Correlation with the reference. */
  readonly simple: Tested;
  /** The same with all other predictors taken out of both. */
  readonly partial: Tested;
  /** With the others taken out of the predictor alone. p is that of the partial correlation. */
  readonly semipartial: Bounded;
  /** What R² loses without the predictor: the semipartial correlation squared. */
  readonly uniqueVariance: Bounded;
  /** Least-squares weight in the units of the columns (ranks or distances), and of standardised columns. */
  readonly beta: number;
  readonly standardisedBeta: number;
  /** Weight of standardised columns, none below zero. */
  readonly weight: number;
}

/** How R² falls to groups of predictors, under one set of dimensions. */
export interface ExplainPartition {
  readonly set: DimensionSet;
  readonly n: number;
  readonly pairs: number;
  /** R² of all predictors. */
  readonly r2: Bounded;
  readonly groups: readonly {
    readonly group: string;
    readonly control: boolean;
    /** R² of the group alone. */
    readonly alone: number;
    readonly uniqueVariance: Bounded;
  }[];
  /** R² less all unique variances; negative where suppression outweighs what is shared. */
  readonly shared: number;
  /** R² of every subset of the groups; empty for more than six groups. */
  readonly subsets: readonly { readonly groups: readonly string[]; readonly r2: number }[];
  /** What exactly these groups share; they sum to R². Empty for more than six groups. */
  readonly terms: readonly { readonly groups: readonly string[]; readonly value: number }[];
}

/** A way of using the candidates' RDMs, on words that were not fitted. */
export interface SchemeResult {
  /** weighted: non-negative weights. selected: the best one. interpolated: two layers of a candidate, next to each other among those chosen, mixed. equal: all alike. single: one alone. */
  readonly scheme: 'weighted' | 'selected' | 'interpolated' | 'equal' | 'single';
  /** The predictor of `single`; '' otherwise. */
  readonly predictor: string;
  /** Mean over folds of the comparator's value. */
  readonly value: number;
  /** Per fold. */
  readonly folds: readonly number[];
}

/** Weighted RSA under one set of dimensions, over folds of the words. */
export interface ExplainWeighted {
  readonly set: DimensionSet;
  readonly n: number;
  readonly schemes: readonly SchemeResult[];
  readonly folds: readonly {
    /** Held-out words and the pairs among them. */
    readonly words: number;
    readonly pairs: number;
    /** Weights fitted on the other words, length 1, in the order of `predictors`. */
    readonly weights: readonly number[];
    /** The predictor that was best on the other words. */
    readonly selected: string;
  }[];
  readonly predictors: readonly string[];
}

export interface ExplainValue {
  readonly type: 'explain';
  readonly reference: string;
  readonly referenceOrigin: Origin;
  readonly metric: Metric;
  /** What correlations and regressions are of: ranks of distances, or distances. */
  readonly scale: 'ranks' | 'values';
  /** What weighted RSA is fitted for and judged by. */
  readonly comparator: 'spearman' | 'pearson' | 'cosine' | 'whitened-pearson' | 'whitened-cosine';
  readonly rows: readonly ExplainRow[];
  readonly partitions: readonly ExplainPartition[];
  /** Empty without folds, or with one candidate RDM. */
  readonly weighted: readonly ExplainWeighted[];
  /** Permutations asked for; `orders` says what was used. */
  readonly permutations: number;
  /** One per set; empty without permutations. */
  readonly orders: readonly RsaOrders[];
  readonly alternative: Alternative;
  /** Draws of the words. */
  readonly bootstrap: number;
  readonly intervalMethod: IntervalMethod;
  readonly level: number;
  readonly dropped: readonly Dropped[];
}
