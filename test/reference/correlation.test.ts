/** Ranks and comparators against scipy and rsatoolbox (../shared/reference). */
import { expect } from 'vitest';
import { pearson, spearman } from '../../src/rsa/comparators/correlate.ts';
import { bothRanks, doubledRanks } from '../../src/rsa/comparators/ranks.ts';
import { largestDifference } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';

interface CompareCase {
  readonly name: string;
  readonly rdms1: readonly (readonly (number | null)[])[];
  readonly rdms2: readonly (readonly (number | null)[])[];
  readonly compare: Readonly<Record<'corr' | 'spearman', readonly (readonly number[])[]>>;
  readonly scipy_spearmanr: readonly (readonly (number | null)[])[];
}

testWithShared('Pearson and Spearman of RDMs are those of rsatoolbox and scipy to 1e-9, with and without ties', async () => {
  const { cases } = await sharedJson<{ cases: readonly CompareCase[] }>('reference/compare.json');
  let compared = 0;
  for (const { rdms1, rdms2, compare, scipy_spearmanr: scipy } of cases) {
    rdms1.forEach((one, i) => rdms2.forEach((other, j) => {
      // Undefined pairs (null) never reach the comparators: their words are dropped first. The reference drops the pairs.
      const defined = [...one.keys()].filter((pair) => one[pair] !== null && other[pair] !== null);
      const [x, y] = [one, other].map((rdm) => Float64Array.from(defined, (pair) => rdm[pair]!)) as [Float64Array, Float64Array];
      // rsatoolbox calls the correlation with a constant RDM 0, scipy NaN; we follow scipy.
      if (scipy?.[i]?.[j] === null) {
        expect(spearman(x, y)).toBeNaN();
        expect(pearson(x, y)).toBeNaN();
        return;
      }
      expect(Math.abs(pearson(x, y) - compare.corr[i]![j]!)).toBeLessThan(1e-9);
      expect(Math.abs(spearman(x, y) - compare.spearman[i]![j]!)).toBeLessThan(1e-9);
      compared++;
    }));
  }
  expect(compared).toBe(27);
});

testWithShared('average ranks are rsatoolbox’s; the tie tolerance joins only what rounding split', async () => {
  const { input, rank } = await sharedJson<{ input: readonly number[]; rank: readonly number[] }>('reference/rdm_transforms.json');
  expect(largestDifference(doubledRanks(Float64Array.from(input)), rank.map((value) => 2 * value))).toBe(0);

  const { rdms } = await sharedJson<{ rdms: Record<string, readonly number[]> }>('reference/rdm_C.json');
  const distances = Float64Array.from(rdms['scipy_sqeuclidean']!);
  const { exact, tied } = bothRanks(distances);
  expect(new Set(exact).size).toBe(400);
  // Ratings rounded to 0.1: squared distances are whole hundredths, so there are as many as there are such.
  expect(new Set(tied).size).toBe(new Set(distances.map((value) => Math.round(value * 100))).size);
  expect(pearson(exact, tied!)).toBeGreaterThan(1 - 1e-6);
});
