/**
 * Noise ceilings: how high RSA with these norms can come, given how far raters differ. Long form, plain data: one record
 * per set of dimensions.
 */
import type { Metric } from '../gpu/metric.ts';
import type { RdmComparator } from './comparators.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Treatment } from './treatment.ts';
import type { Dropped, Interval, MeasuredBy, Origin } from './values.ts';

/**
 * raters: from every rater's own RDM. reliability: simulated from published means, SDs and numbers of raters. norms: the
 * agreement of two norms of the same words.
 */
export type CeilingFrom = 'raters' | 'reliability' | 'norms';

export interface NoiseCeiling {
  readonly lower: number;
  readonly upper: number;
}

/** How reliable the published means of one dimension are. */
export interface DimensionReliability {
  readonly dimension: string;
  /** Share of the variance of the means over words that is not error, 0 to 1. */
  readonly reliability: number;
  /** Root mean square of the words' standard errors, in units of the scale. */
  readonly se: number;
  /** Population SD of the published means over words. */
  readonly sd: number;
  /** Median number of raters of a word. */
  readonly raters: number;
  /** Share of the words to which all raters gave the same answer (SD 0), 0 to 1. */
  readonly unanimous: number;
}

/** The ceiling under one set of dimensions. */
export interface CeilingRow extends NoiseCeiling {
  readonly set: DimensionSet;
  /** Words and pairs used. */
  readonly n: number;
  readonly pairs: number;
  /** Of the ends; null from reliability and without draws. Of norms there is one value: lower and upper are equal, and so are their intervals. */
  readonly lowerInterval: Interval;
  readonly upperInterval: Interval;
  /** From reliability: where single simulated studies lie. It is the spread of one study, not an interval of the end. */
  readonly lowerSpread: Interval;
  readonly upperSpread: Interval;
  /** Raters or templates that were compared; null unless from raters. */
  readonly raters: number | null;
  /** Words and raters both held out, where folds were asked for. */
  readonly crossValidated: NoiseCeiling | null;
  /** Share of the ratings to which all raters gave the same answer (SD 0), 0 to 1; null unless from reliability. */
  readonly unanimous: number | null;
  /** Empty unless from reliability. */
  readonly reliability: readonly DimensionReliability[];
}

export interface CeilingValue {
  readonly type: 'ceiling';
  readonly from: CeilingFrom;
  readonly reference: string;
  readonly referenceOrigin: Origin;
  /** The other norms; null unless from norms. */
  readonly second: string | null;
  readonly comparator: RdmComparator;
  readonly metric: Metric;
  /** How all distances were made: a ceiling holds for values that were made the same way. */
  readonly treatment: Treatment;
  readonly rows: readonly CeilingRow[];
  /** What the measurements are; null unless from raters. */
  readonly measuredBy: MeasuredBy['by'] | null;
  /** What was drawn for the intervals: raters, words, both; null for simulations and without intervals. */
  readonly over: 'raters' | 'words' | 'both' | null;
  readonly simulations: number;
  readonly bootstrap: number;
  /** Level of intervals and spreads, for example 0.95. */
  readonly level: number;
  readonly dropped: readonly Dropped[];
}
