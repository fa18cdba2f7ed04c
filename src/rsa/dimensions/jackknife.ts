/**
 * A test of two correlations with the same reference that asks the words themselves how much their difference varies: each
 * word is left out once, all ranks are taken anew, and the spread of the differences gives the standard error. It assumes
 * no distribution of the ratings, and holds with ties.
 *
 * Jackknife: Quenouille 1956, Biometrika 43; Tukey 1958, Annals of Mathematical Statistics 29; Student's t with n - 1
 * degrees of freedom as Tukey proposed.
 */
import { mean } from '../comparators/correlate.ts';
import { studentTwoSided } from '../numbers/distributions.ts';
import type { DependentResult } from './dependent.ts';

/**
 * Spearman's rho without each word in turn, ranked anew: exact, and all of them together in O(n log n).
 *
 * Without word i every word above it moves down by one rank, and every word tied with it by a half. So the sum of products
 * of the new ranks differs from the old one by sums over the words above i, which running totals hold, and by the number of
 * words that are above i on both sides.
 *
 * @param x doubled average ranks (ranks.ts), at most 100,000 so that all sums are exact
 * @param y the same words' on the other side
 * @returns one rho per word left out; NaN where the rest is constant on a side
 */
export function leaveOneOut(x: Uint32Array, y: Uint32Array): Float64Array<ArrayBuffer> {
  const n = x.length;
  const rest = n - 1;
  const products = x.reduce((sum, rank, k) => sum + rank * y[k]!, 0);
  // Of each word: ranks on one side of the words above it on the other, twice, and of those tied with it, once.
  const xAbove = sumsAbove(y, x);
  const yAbove = sumsAbove(x, y);
  const both = aboveOnBoth(x, y);
  const squaresX = squaresWithout(x);
  const squaresY = squaresWithout(y);
  return Float64Array.from({ length: n }, (_, i) => {
    const shifted = products - xAbove[i]! - yAbove[i]! + both[i]! - (x[i]! - 1) * (y[i]! - 1);
    const covariance = shifted - rest * n * n;
    const scale = squaresX[i]! * squaresY[i]!;
    return scale > 0 ? Math.max(-1, Math.min(1, covariance / Math.sqrt(scale))) : NaN;
  });
}

/** Words by rank: `starts[r]` to `starts[r + 1]` in `order` have the doubled rank r. */
function byRank(ranks: Uint32Array): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(2 * ranks.length + 2);
  for (const rank of ranks) starts[rank + 1]!++;
  for (let rank = 1; rank < starts.length; rank++) starts[rank]! += starts[rank - 1]!;
  const next = starts.slice();
  const order = new Uint32Array(ranks.length);
  ranks.forEach((rank, k) => { order[next[rank]!++] = k; });
  return { order, starts };
}

/** For each word, twice the sum of `values` over words of a higher rank, and once over those of its own, itself among them. */
function sumsAbove(ranks: Uint32Array, values: Uint32Array): Float64Array {
  const totals = new Float64Array(2 * ranks.length + 1);
  ranks.forEach((rank, k) => { totals[rank]! += values[k]!; });
  const sums = new Float64Array(totals.length);
  for (let rank = totals.length - 1, above = 0; rank > 0; rank--) {
    sums[rank] = 2 * above + totals[rank]!;
    above += totals[rank]!;
  }
  return Float64Array.from(ranks, (rank) => sums[rank]!);
}

/**
 * For each word i, the sum over all words k of u v, where u is 2 if k is above i in x, 1 if tied (itself among them), else 0,
 * and v the same in y. Words enter a Fenwick tree (Fenwick 1994, Software: Practice and Experience 24) from the highest x
 * down, with weight 1 while they tie with those that ask, and 2 once they are above.
 */
function aboveOnBoth(x: Uint32Array, y: Uint32Array): Float64Array {
  const n = x.length;
  const { order, starts } = byRank(x);
  const tree = new Float64Array(2 * n + 1);
  const add = (rank: number): void => { for (let at = rank; at <= 2 * n; at += at & -at) tree[at]!++; };
  const upTo = (rank: number): number => {
    let sum = 0;
    for (let at = rank; at > 0; at -= at & -at) sum += tree[at]!;
    return sum;
  };
  const out = new Float64Array(n);
  for (let rank = 2 * n, total = 0; rank > 0; rank--) {
    const group = order.subarray(starts[rank], starts[rank + 1]);
    for (const word of group) add(y[word]!);
    total += group.length;
    for (const word of group) out[word] = total - upTo(y[word]!) + (total - upTo(y[word]! - 1));
    for (const word of group) add(y[word]!);
    total += group.length;
  }
  return out;
}

/** For each word, the sum of squares of the others' doubled ranks around their mean: (m³ - m - Σ (t³ - t)) / 3 with ties t. */
function squaresWithout(ranks: Uint32Array): Float64Array {
  const ties = new Uint32Array(2 * ranks.length + 1);
  for (const rank of ranks) ties[rank]!++;
  const cubed = (t: number): number => t ** 3 - t;
  const all = ties.reduce((sum, t) => sum + cubed(t), 0);
  return Float64Array.from(ranks, (rank) => (cubed(ranks.length - 1) - all + cubed(ties[rank]!) - cubed(ties[rank]! - 1)) / 3);
}

/**
 * Tests rho(reference, a) = rho(reference, b), two-sided: t = difference / SE, SE² = (n - 1)/n Σ (dᵢ - mean d)², df n - 1.
 *
 * @param difference of the correlations over all words
 * @param a for each word, rho(reference, a) without it
 * @param b the same of b
 * @returns NaN where the test has none: 3 words or fewer, a correlation that is NaN with or without some word. Two
 *   candidates that never differ have t = 0 and p = 1.
 */
export function jackknifeTest(difference: number, a: Float64Array, b: Float64Array): DependentResult {
  const n = a.length;
  const df = n - 1;
  const differences = a.map((rho, i) => rho - b[i]!);
  const centre = mean(differences);
  const error = Math.sqrt((df / n) * differences.reduce((sum, one) => sum + (one - centre) ** 2, 0));
  // Without an error only candidates that rank the words alike have a test; perfect agreement and perfect reversal have none.
  const statistic = n <= 3 ? NaN : difference === 0 && error === 0 ? 0 : error > 0 ? difference / error : NaN;
  return { statistic, df, p: studentTwoSided(statistic, df) };
}
