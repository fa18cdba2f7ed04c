/**
 * What draws of the words tell about a value, or about the difference of two values on the same words: standard error,
 * interval, p.
 *
 * An RDM's pairs share words, so the variance of a value over samples of words has a part that is linear in the words, V1,
 * and one of their interactions, V2 (Hoeffding 1948). Every way of drawing words sees V1 once but V2 too often: the jackknife
 * twice (its upward bias: Efron & Stein 1981, "The jackknife estimate of variance"), the bootstrap three times, samples of m
 * of n words, scaled by m / (n - m), (n + m) / m times. Two of them tell V1 + V2.
 */
import type { IntervalMethod } from '../../data/rsa.ts';
import { bcaInterval } from './bca.ts';
import { mean, percentileInterval, sampleVariance } from '../comparators/correlate.ts';
import { sampleSize } from './delete-half.ts';
import { studentQuantile, studentTwoSided } from '../numbers/distributions.ts';

/** Draws with replacement, and the values without each one word. */
interface Bootstrapped {
  readonly kind: 'bootstrap';
  /** Words. */
  readonly n: number;
  readonly draws: Float64Array;
  readonly without: Float64Array;
}

/** Samples without replacement of half the words, and of nine tenths. */
interface Subsampled {
  readonly kind: 'delete-half';
  readonly n: number;
  readonly half: Float64Array;
  readonly most: Float64Array;
}

export type WordSample = Bootstrapped | Subsampled;

/** Of the difference a - b, from the same draws of the words. */
export function differenceOf(a: WordSample, b: WordSample): WordSample {
  if (a.kind === 'bootstrap' && b.kind === 'bootstrap') {
    return { kind: 'bootstrap', n: a.n, draws: minus(a.draws, b.draws), without: minus(a.without, b.without) };
  }
  if (a.kind === 'delete-half' && b.kind === 'delete-half') {
    return { kind: 'delete-half', n: a.n, half: minus(a.half, b.half), most: minus(a.most, b.most) };
  }
  throw new RangeError('the two values were not drawn the same way');
}

/** A standard error over samples of words, and how sure it is. */
export interface Spread {
  readonly se: number;
  /** Degrees of freedom of Student's t. */
  readonly df: number;
}

/**
 * The standard error over samples of words, corrected for the interactions' share; null where draws have no value.
 *
 *     bootstrap:    V = 2 V_jackknife - V_bootstrap, at least V_jackknife / 4
 *     without replacement: the line through (c, V) of the two sizes, at c = 1, where c = (n + m) / m; at least V_most / 4
 *
 * Degrees of freedom by Satterthwaite 1946 ("An approximate distribution of estimates of variance components"): a variance
 * that is known from B draws only, and makes up the share s of V, adds s^2 / (B - 1) to the 1 / (n - 1) of the words.
 */
export function spreadOf(sample: WordSample): Spread | null {
  const { n } = sample;
  if (sample.kind === 'bootstrap') {
    const jackknife = ((n - 1) ** 2 / n) * sampleVariance(sample.without);
    // The variance of n draws with replacement is that of the words at hand, (n - 1) / n of the estimate.
    const draws = finite(sample.draws);
    const bootstrap = (n / (n - 1)) * sampleVariance(draws);
    const variance = Math.max(2 * jackknife - bootstrap, jackknife / 4);
    return spreadFrom(variance, n, [{ variance: bootstrap, count: draws.length, share: -1 }]);
  }
  const [half, most] = [scaled(sample.half, n, sampleSize(n, 'half')), scaled(sample.most, n, sampleSize(n, 'most'))];
  const share = (1 - most.times) / (half.times - most.times);
  const variance = Math.max(share * half.variance + (1 - share) * most.variance, most.variance / 4);
  return spreadFrom(variance, n, [{ ...half, share }, { ...most, share: 1 - share }]);
}

/** A variance from draws, and how it enters the corrected one. */
interface DrawnPart {
  readonly variance: number;
  /** Draws with a value. */
  readonly count: number;
  readonly share: number;
}

function spreadFrom(variance: number, n: number, parts: readonly DrawnPart[]): Spread | null {
  if (!Number.isFinite(variance)) return null;
  if (variance === 0) return { se: 0, df: n - 1 };
  const errors = parts.map((part) => (part.share * part.variance / variance) ** 2 / (part.count - 1));
  return { se: Math.sqrt(variance), df: 1 / errors.reduce((sum, error) => sum + error, 1 / (n - 1)) };
}

interface Scaled {
  readonly variance: number;
  /** How often the interactions' share is counted. */
  readonly times: number;
  /** Draws with a value. */
  readonly count: number;
}

function scaled(values: Float64Array, n: number, size: number): Scaled {
  const drawn = finite(values);
  return { variance: (size / (n - size)) * sampleVariance(drawn), times: (n + size) / size, count: drawn.length };
}

/**
 * The interval of a value at a level.
 *
 * @param range the smallest and the largest value there can be
 */
export function intervalOf(value: number, sample: WordSample, { method, level, range }: {
  readonly method: IntervalMethod; readonly level: number; readonly range: readonly [number, number];
}): readonly [number, number] | null {
  if (Number.isNaN(value)) return null;
  if (method === 'corrected') {
    const spread = spreadOf(sample);
    if (!spread) return null;
    const reach = studentQuantile((1 + level) / 2, spread.df) * spread.se;
    return [Math.max(range[0], value - reach), Math.min(range[1], value + reach)];
  }
  if (sample.kind === 'bootstrap') return method === 'bca' ? bcaInterval(value, sample.draws, sample.without, level) : percentileInterval(sample.draws, level);
  // Samples of half the words scatter around their own mean as the value does around the truth, but for their size's factor.
  const draws = finite(sample.half);
  const centre = mean(draws);
  const size = sampleSize(sample.n, 'half');
  const factor = Math.sqrt(size / (sample.n - size));
  const found = percentileInterval(draws.map((draw) => value + factor * (draw - centre)), level);
  return found && [Math.max(range[0], found[0]), Math.min(range[1], found[1])];
}

/** Two-sided p of a value against zero: Student's t of value / standard error; null without one. */
export function zeroP(value: number, sample: WordSample): number | null {
  const spread = spreadOf(sample);
  if (!spread || Number.isNaN(value)) return null;
  if (spread.se === 0) return value === 0 ? 1 : null;
  return studentTwoSided(value / spread.se, spread.df);
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, k) => value - b[k]!);

const finite = (values: Float64Array): Float64Array => values.filter((value) => Number.isFinite(value));
