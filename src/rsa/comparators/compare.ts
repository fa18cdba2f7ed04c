/**
 * Comparators of two RDMs: how alike are two condensed lists of distances over the same pairs of words? Each has a page
 * in docs/statistics/comparators. This file holds the plain definitions, in float64, that faster ways (permutation,
 * bootstrap by weights) are checked against.
 */
import type { RdmComparator } from '../../data/comparators.ts';
import { cosine, deviations, type Numbers, pearson } from './correlate.ts';
import { doubledRanks } from './ranks.ts';
import { tauCounts, tauOf } from './kendall.ts';
import { whiten } from './whiten.ts';
import { denseWhitenedCosine } from './whiten-dense.ts';

export type { RdmComparator };

export type Distances = Float32Array | Float64Array;

/**
 * The comparator's value for two RDMs, over the pairs that both have: a pair that is NaN in one is left out of both, and
 * under the whitened comparators its row and column of the covariance with it.
 *
 * @param x condensed, n(n-1)/2 values, NaN where a distance is missing
 * @param y the same pairs
 * @param n words; read by the whitened comparators only
 * @returns -1 to 1; NaN where it does not exist (a constant list under a correlation, a list of zeros under a cosine)
 * @throws RangeError for whitened comparators of more than 2,000 pairs of which some are missing
 */
export function compare(comparator: RdmComparator, x: Distances, y: Distances, n: number): number {
  if (x.length !== y.length) throw new RangeError(`RDMs of ${x.length} and ${y.length} pairs cannot be compared`);
  const kept = definedInBoth(x, y);
  if (!kept) return compareComplete(comparator, x, y, n);
  const [a, b] = [taken(x, kept), taken(y, kept)];
  if (comparator === 'whitened-cosine') return denseWhitenedCosine(a, b, { n, kept });
  if (comparator === 'whitened-pearson') return denseWhitenedCosine(deviations(a), deviations(b), { n, kept });
  return compareComplete(comparator, a, b, n);
}

/** The distances of these pairs. A loop: from() with a function takes twenty times as long. */
function taken(x: Distances, kept: Uint32Array): Float64Array {
  const out = new Float64Array(kept.length);
  for (let k = 0; k < out.length; k++) out[k] = x[kept[k]!]!;
  return out;
}

/** The pairs that are defined in both; null where all are. */
function definedInBoth(x: Distances, y: Distances): Uint32Array | null {
  let missing = 0;
  for (let k = 0; k < x.length; k++) if (Number.isNaN(x[k]! + y[k]!)) missing++;
  if (missing === 0) return null;
  const kept = new Uint32Array(x.length - missing);
  for (let k = 0, at = 0; k < x.length; k++) if (!Number.isNaN(x[k]! + y[k]!)) kept[at++] = k;
  return kept;
}

function compareComplete(comparator: RdmComparator, x: Distances, y: Distances, n: number): number {
  return preparedValue(comparator, prepared(comparator, x), prepared(comparator, y), n);
}

/** What the comparator reads of a complete RDM: doubled ranks, or the distances as they are. */
export function prepared(comparator: RdmComparator, x: Distances): Numbers {
  return comparator === 'spearman' || comparator === 'rho-a' ? doubledRanks(x) : x;
}

/** The comparator's value for two RDMs as {@link prepared} gives them; `n` words, read by the whitened comparators only. */
export function preparedValue(comparator: RdmComparator, x: Numbers, y: Numbers, n: number): number {
  switch (comparator) {
    case 'pearson':
    case 'spearman':
      return pearson(x, y);
    case 'rho-a':
      return rhoA(x, y);
    case 'tau-a':
    case 'tau-b':
      // Prepared for tau, distances are what they were.
      return tauValue(comparator, x as Distances, y as Distances);
    case 'cosine':
      return cosine(x, y);
    case 'whitened-cosine':
      return whitened(x, y, n);
    case 'whitened-pearson':
      return whitened(deviations(x), deviations(y), n);
    default:
      return comparator satisfies never;
  }
}

/** Kendall's tau-a or tau-b of two complete lists; NaN without pairs to compare. */
export function tauValue(comparator: 'tau-a' | 'tau-b', x: Distances, y: Distances): number {
  return tauOf(comparator, tauCounts(x, y));
}

/**
 * Spearman's rho without its correction for ties: 12 sum (rx - m)(ry - m) / (N^3 - N). Equals the mean of rho over all
 * ways to break the ties at random (Schütt, Kipnis, Diedrichsen & Kriegeskorte 2023, "Statistical inference on
 * representational geometries").
 *
 * @param rx doubled ranks
 * @param ry the same
 */
function rhoA(rx: Numbers, ry: Numbers): number {
  const count = rx.length;
  if (count < 2) return NaN;
  const centre = count + 1;
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (rx[k]! - centre) * (ry[k]! - centre);
  return (3 * sum) / (count ** 3 - count);
}

/** Cosine under the inverse of the distances' covariance: x' V^-1 y / sqrt(x' V^-1 x  y' V^-1 y), for equal noise of all words. */
function whitened(x: Numbers, y: Numbers, n: number): number {
  return cosine(x, y, whiten(x, n), whiten(y, n));
}
