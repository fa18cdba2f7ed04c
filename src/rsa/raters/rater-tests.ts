/**
 * What the values of a candidate with every rater say about raters in general: mean, standard error, t and Wilcoxon
 * tests against 0, against the noise ceiling and between candidates (rsatoolbox's `eval_fixed`).
 */
import type { Interval } from '../../data/values.ts';
import { studentCdf, studentQuantile, studentTwoSided } from '../numbers/distributions.ts';
import { wilcoxonSignedRank } from './wilcoxon.ts';

export interface RaterMean {
  readonly value: number;
  /** Standard error of the mean: the SD over raters, with one less than their number below, divided by the root of their number; NaN of one rater. */
  readonly se: number;
  /** value +- t(n - 1) x se; null of one rater. */
  readonly interval: Interval;
}

/** The mean over raters with its standard error and interval. */
export function raterMean(values: readonly number[], level: number): RaterMean {
  const count = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / count;
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const se = count > 1 ? Math.sqrt(squares / (count - 1) / count) : NaN;
  return { value, se, interval: tInterval(value, se, count - 1, level) };
}

/** value +- t x se; null where either is not a number. */
export function tInterval(value: number, se: number, df: number, level: number): Interval {
  if (!Number.isFinite(value) || !Number.isFinite(se) || !(df > 0)) return null;
  const half = studentQuantile((1 + level) / 2, df) * se;
  return [value - half, value + half];
}

/** P of a t as large by chance where the truth is 0 or below; null where there is no t. */
export function greaterP(value: number, se: number, df: number): number | null {
  // P(T > t) = P(T < -t), which keeps its digits in the tail.
  return pOf(studentCdf(-tOf(value, se), df));
}

/** P of a t as far from 0 by chance; null where there is no t. */
export function twoSidedP(value: number, se: number, df: number): number | null {
  return pOf(studentTwoSided(tOf(value, se), df));
}

/** Two-sided signed-rank p of the values against `centre`; null where there is none. */
export function wilcoxonP(values: readonly number[], centre = 0): number | null {
  return pOf(wilcoxonSignedRank(values.map((value) => value - centre)));
}

/** Without any spread, a mean of 0 is no evidence, and another is infinitely far from 0. */
const tOf = (value: number, se: number): number => (value === 0 && se === 0 ? 0 : value / se);
const pOf = (p: number): number | null => (Number.isNaN(p) ? null : p);
