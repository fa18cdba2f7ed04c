/** What tuning changed in a model's representation: layer by layer, word by word, and in the whole geometry. Plain data. */
import type { Metric } from '../gpu/metric.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Dropped, Interval, Mover, Origin, RdmValue, Standardise } from './values.ts';

/** A number and its percentile interval from the bootstrap over words. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** RSA of one layer with the reference before and after tuning, on the same words. */
export interface LayerChange {
  readonly set: DimensionSet;
  readonly layer: string;
  readonly layerIndex: number;
  readonly before: Estimate;
  readonly after: Estimate;
  /** After minus before, paired over words. */
  readonly difference: Estimate;
  /** Two-sided, from the bootstrap of the difference; null without draws. */
  readonly p: number | null;
  /** The same after Holm's correction over all layers and sets of the cell. */
  readonly corrected: number | null;
}

/** How far one layer has moved, whatever the reference says. */
export interface LayerDrift {
  readonly layer: string;
  readonly layerIndex: number;
  /** Linear CKA between the layer before and after (Kornblith et al. 2019). */
  readonly cka: number;
  /** The same with unbiased HSIC (Song et al. 2012). */
  readonly debiased: number;
  /** Spearman's rho of the RDM before and after. */
  readonly rdm: Estimate;
}

/**
 * How near a word comes to the reference: 1 / (1 + Euclidean distance) between the ratings that a probe reads off the
 * states and the reference's, as they are or z-scored per dimension; or Spearman's rho of the word's row in the RDM of
 * the states and in that of the reference.
 */
export type WordMeasure = 'raw' | 'zscored' | 'rows';

/** All words together under one measure and one set of dimensions. */
export interface MeasureChange {
  readonly set: DimensionSet;
  readonly measure: WordMeasure;
  /** Words that have this measure before and after. */
  readonly n: number;
  /** Means over words, and the mean of after minus before. */
  readonly before: number;
  readonly after: number;
  readonly gain: Estimate;
  /** Share of the words whose similarity is larger after than before, 0 to 1. */
  readonly gained: number;
  /** Spearman's rho over words of the similarities before and after. */
  readonly rank: Estimate;
  /** The same of two probes of the states before that differ in their folds alone; null for rows, which need no probe. */
  readonly refolded: number | null;
}

export interface ChangeMover extends Mover {
  /** Whether the tuned model was trained or validated on it; null where that is not known. */
  readonly trained: boolean | null;
}

/** A pair of words whose place among all distances changed. */
export interface MovedPair {
  /** Places in the words that are drawn. */
  readonly i: number;
  readonly j: number;
  /** Rank of its distance as a share of all pairs, after minus before: above 0 it went apart. */
  readonly moved: number;
}

/** The RDMs of the same words before and after tuning, and of the reference, each on its own scale. */
export interface ChangeRdms extends Pick<RdmValue, 'words' | 'categories' | 'order' | 'orderedBy'> {
  /** How many words these were drawn from; as many as there are where none was left out. */
  readonly of: number;
  readonly set: DimensionSet;
  /** Condensed. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly reference: Float32Array;
  /** The pairs that came nearer most, and those that went apart most, each from the largest. */
  readonly nearer: readonly MovedPair[];
  readonly apart: readonly MovedPair[];
}

export interface ChangeValue {
  readonly type: 'change';
  /** Labels. */
  readonly before: string;
  readonly after: string;
  readonly reference: string;
  readonly referenceOrigin: Origin;
  /** The same in every part. */
  readonly words: readonly string[];
  /** Which words were taken, as the cell came to decide it. */
  readonly chosen: 'all' | 'test' | 'held-out';
  /** Per word whether the tuned model was trained or validated on it; null where no model was named, or it does not say. */
  readonly trained: readonly boolean[] | null;
  readonly metric: Metric;
  readonly standardise: Standardise;
  readonly states: Standardise;
  readonly layers: readonly LayerChange[];
  /** How many differences the correction counts; 0 without draws. */
  readonly family: number;
  readonly drift: readonly LayerDrift[];
  /** The layer of the word-by-word part and of the RDMs. */
  readonly layer: { readonly name: string; readonly index: number };
  /** Spearman's rho over words of the probe's held-out predictions with the reference, by dimension. */
  readonly probes: readonly { readonly dimension: string; readonly before: number; readonly after: number }[];
  readonly measures: readonly MeasureChange[];
  /** Of the widest set: each word's similarity; NaN where a word has none. */
  readonly widest: DimensionSet;
  readonly perWord: readonly { readonly measure: WordMeasure; readonly before: Float64Array; readonly after: Float64Array }[];
  /** Of the widest set: largest gains and losses. */
  readonly movers: readonly { readonly measure: WordMeasure; readonly gains: readonly ChangeMover[]; readonly losses: readonly ChangeMover[] }[];
  readonly rdms: ChangeRdms;
  readonly folds: number;
  readonly bootstrap: number;
  readonly level: number;
  readonly seed: number;
  readonly dropped: readonly Dropped[];
}
