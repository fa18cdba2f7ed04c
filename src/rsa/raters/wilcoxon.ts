/**
 * Wilcoxon's signed-rank test (Wilcoxon 1945, "Individual comparisons by ranking methods"): are these values as often and
 * as far above zero as below? Exact for up to 50 values without zeros, else by the normal distribution with the variance
 * corrected for ties, as scipy 1.10 does. Like scipy's, the exact distribution is that of ranks without ties; a sum of
 * average ranks that ends in a half counts as the next one towards the middle, the careful side.
 */
import { normalTwoSided } from '../numbers/distributions.ts';
import { doubledRanks } from '../comparators/ranks.ts';

const mostExact = 50;

/**
 * Two-sided p. Zeros are left out; no correction for continuity.
 *
 * @returns NaN where no value differs from 0, or one is NaN
 */
export function wilcoxonSignedRank(values: readonly number[]): number {
  if (values.some((value) => Number.isNaN(value))) return NaN;
  const others = Float64Array.from(values.filter((value) => value !== 0));
  const count = others.length;
  if (count === 0) return NaN;
  const doubled = doubledRanks(others.map(Math.abs));
  let positive = 0;
  others.forEach((value, k) => { if (value > 0) positive += doubled[k]! / 2; });
  if (count <= mostExact && count === values.length) return exactTwoSided(positive, count);
  const perRank = new Map<number, number>();
  for (const rank of doubled) perRank.set(rank, (perRank.get(rank) ?? 0) + 1);
  const ties = [...perRank.values()].reduce((sum, same) => sum + same ** 3 - same, 0);
  const variance = (count * (count + 1) * (2 * count + 1) - ties / 2) / 24;
  return normalTwoSided((positive - (count * (count + 1)) / 4) / Math.sqrt(variance));
}

/** Share of the 2^count ways to give signs whose sum of positive ranks is at least as far out, on both sides. */
function exactTwoSided(positive: number, count: number): number {
  const most = (count * (count + 1)) / 2;
  // How many sets of the ranks 1 .. count have each sum.
  let ways = new Float64Array(most + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= count; rank++) {
    const next = Float64Array.from(ways);
    for (let sum = rank; sum <= most; sum++) next[sum]! += ways[sum - rank]!;
    ways = next;
  }
  const far = Math.ceil(Math.min(positive, most - positive));
  let tail = 0;
  for (let sum = 0; sum <= far; sum++) tail += ways[sum]!;
  return Math.min(1, 2 * (tail / 2 ** count));
}

/** The least two-sided p that n values without ties and zeros can give. */
export const leastWilcoxonP = (count: number): number => Math.min(1, 2 / 2 ** count);
