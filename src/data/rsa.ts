/**
 * Results of the rsa cell: one row per candidate, layer and set of dimensions, and differences between candidates. Plain
 * data, long form.
 */
import type { Metric } from '../gpu/metric.ts';
import type { CeilingFrom, NoiseCeiling } from './ceiling.ts';
import type { Comparator } from './comparators.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Dropped, Interval, MeasuredBy, Origin } from './values.ts';

/** One candidate layer against the reference, under one set of dimensions. */
export interface RsaRow {
  readonly candidate: string;
  readonly layer: string;
  readonly layerIndex: number;
  readonly set: DimensionSet;
  /** Words and pairs used. */
  readonly n: number;
  readonly pairs: number;
  /** The comparator's value, -1 to 1. */
  readonly value: number;
  /** The angular Procrustes distance, the arc cosine of the value, 0 to pi / 2; absent under other comparators. */
  readonly angle?: number;
  /** Over words; null where none was asked for, or where there is none. */
  readonly interval: Interval;
  /** Standard error over words, corrected as docs/statistics/inference/intervals.md says; null without draws. */
  readonly se: number | null;
  /** Of the permutation test (identity counted); null without permutations. */
  readonly p: number | null;
  /** p corrected for the number of comparisons; null where no correction was asked for. */
  readonly pAdjusted: number | null;
}

/** value(a) - value(b) against the same reference, paired over words. */
export interface RsaDifference {
  readonly set: DimensionSet;
  readonly a: { readonly candidate: string; readonly layer: string };
  readonly b: { readonly candidate: string; readonly layer: string };
  readonly value: number;
  readonly interval: Interval;
  readonly se: number | null;
  /** Two-sided, of the difference against zero; null without draws. */
  readonly p: number | null;
  /** Corrected over all differences of the cell; null where no correction was asked for. */
  readonly pAdjusted: number | null;
}

/** How far up the values can come, from a ceiling cell. */
export interface RsaCeiling {
  readonly from: CeilingFrom;
  /** What stood for raters; null unless from raters. */
  readonly measuredBy: MeasuredBy['by'] | null;
  readonly rows: readonly (NoiseCeiling & { readonly set: DimensionSet })[];
}

/** The orders of the words that p of one set is from. */
export interface RsaOrders {
  readonly set: DimensionSet;
  /** Orders used, the given one counted: the permutations asked for, or n! where these are no more. */
  readonly permutations: number;
  /** True where all n! orders were taken, so that p is exact. */
  readonly exact: boolean;
}

export type Alternative = 'greater' | 'two-sided' | 'less';
export type Correction = 'none' | 'max' | 'holm' | 'bh';
export type IntervalMethod = 'corrected' | 'percentile' | 'bca';

/** Words drawn with replacement, or half of them (and nine tenths) without. */
export type Resampling = 'bootstrap' | 'delete-half';

export interface RsaValue {
  readonly type: 'rsa';
  readonly reference: string;
  readonly referenceOrigin: Origin;
  readonly comparator: Comparator;
  readonly metric: Metric;
  readonly rows: readonly RsaRow[];
  readonly differences: readonly RsaDifference[];
  /** Permutations asked for; `orders` says what was used. */
  readonly permutations: number;
  /** One per set; empty without permutations. */
  readonly orders: readonly RsaOrders[];
  readonly alternative: Alternative;
  readonly correction: Correction;
  /** Draws of the words. */
  readonly bootstrap: number;
  readonly resampling: Resampling;
  /** How intervals were made of the draws. */
  readonly intervalMethod: IntervalMethod;
  /** Level of the intervals, for example 0.95. */
  readonly level: number;
  /** Null where no ceiling was named. */
  readonly ceiling: RsaCeiling | null;
  readonly dropped: readonly Dropped[];
}
