/**
 * RSA with every rater's own RDM: the mean over raters, what differs between raters, and the noise ceiling. Long form,
 * plain data: one record per candidate, layer and set.
 */
import type { Metric } from '../gpu/metric.ts';
import type { RdmComparator } from './comparators.ts';
import type { NoiseCeiling } from './ceiling.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Dropped, Interval, MeasuredBy, Origin } from './values.ts';

/** What is drawn again in the bootstrap: the raters, the words, or both at once. */
export type ResampledOver = 'raters' | 'words' | 'both';

/** A bootstrap's standard error, and the interval and one-sided or two-sided p by Student's t with it. */
export interface BootstrapSpread {
  readonly se: number;
  /** Units drawn minus one, of the fewer where both are drawn. */
  readonly df: number;
  readonly interval: Interval;
  readonly p: number | null;
}

/** One candidate layer against every rater, under one set of dimensions. */
export interface RatersRow {
  readonly candidate: string;
  readonly layer: string;
  readonly layerIndex: number;
  readonly set: DimensionSet;
  /** Words and pairs used. */
  readonly n: number;
  readonly pairs: number;
  /** The comparator's value with each rater's RDM, in the order of RatersValue.raters; NaN of a rater who was left out. */
  readonly values: readonly number[];
  /** Raters who took part; one whose distances are all equal has no value. */
  readonly raters: number;
  /** Mean over raters. */
  readonly value: number;
  /** Standard error of the mean over raters: their SD, with one less than their number below, divided by the root of their number. */
  readonly se: number;
  /** value +- t x se, df = raters - 1. */
  readonly interval: Interval;
  /** One-sided t against 0. */
  readonly p: number | null;
  /** Two-sided t against the lower noise ceiling, which is taken as known. */
  readonly pCeiling: number | null;
  /** Two-sided Wilcoxon signed-rank against 0 and against the lower noise ceiling. */
  readonly pWilcoxon: number | null;
  readonly pWilcoxonCeiling: number | null;
  /** Null without draws; its p is one-sided against 0. */
  readonly bootstrap: BootstrapSpread | null;
}

/** value(a) - value(b), paired over raters. */
export interface RatersDifference {
  readonly set: DimensionSet;
  readonly a: { readonly candidate: string; readonly layer: string };
  readonly b: { readonly candidate: string; readonly layer: string };
  readonly value: number;
  readonly se: number;
  readonly interval: Interval;
  /** Two-sided paired t, and the same corrected for the number of differences in the cell (Holm). */
  readonly p: number | null;
  readonly pAdjusted: number | null;
  /** Two-sided Wilcoxon signed-rank. */
  readonly pWilcoxon: number | null;
  /** Null without draws; its p is two-sided, and pAdjusted is Holm's over the same p of all differences in the cell. */
  readonly bootstrap: (BootstrapSpread & { readonly pAdjusted: number | null }) | null;
}

/** How high a candidate can come with these raters. */
export interface RatersCeiling {
  readonly set: DimensionSet;
  readonly noiseCeiling: NoiseCeiling;
}

export interface RatersValue {
  readonly type: 'raters';
  readonly reference: string;
  readonly referenceOrigin: Origin;
  readonly measuredBy: MeasuredBy['by'];
  /** Names of the raters or templates. */
  readonly raters: readonly string[];
  readonly comparator: RdmComparator;
  readonly metric: Metric;
  readonly rows: readonly RatersRow[];
  readonly differences: readonly RatersDifference[];
  readonly ceilings: readonly RatersCeiling[];
  readonly over: ResampledOver;
  readonly bootstrap: number;
  /** Level of the intervals, for example 0.95. */
  readonly level: number;
  readonly dropped: readonly Dropped[];
}
