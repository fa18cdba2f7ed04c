/** The tests of the rsa cell keep their level where there is nothing to find, and find what is there. */
import { expect, test } from 'vitest';
import { binomialBand, count, level, type Study } from '../../tools/calibration/designs.ts';

const runs = 300;
const study = (design: Study['design'], n: number, effect: number): Study => ({ design, n, effect, permutations: 100, bootstrap: 200 });

test('the band of a binomial count', () => {
  // scipy.stats.binom: cdf(3, 300, .05) = .00016, cdf(4) = .00069; sf(28) = .00061, sf(29) = .00028.
  expect(binomialBand(300, 0.05, 0.001)).toEqual([4, 29]);
  expect(binomialBand(10, 0.5, 0.001)).toEqual([0, 10]);
});

test.each([['permutation', 30], ['difference', 40], ['unrelated', 40], ['max', 20]] as const)('%s: false positives at the level among %i words, within the Monte Carlo error', async (design, n) => {
  const rejections = await count(study(design, n, 0), 0, runs);
  const [fewest, most] = binomialBand(runs, level, 0.001);
  expect(rejections[design]).toBeGreaterThanOrEqual(fewest);
  expect(rejections[design]).toBeLessThanOrEqual(most);
});

test('12 layers without correction reject far too often', async () => {
  const { uncorrected } = await count(study('max', 20, 0), 0, 100);
  expect(uncorrected).toBeGreaterThan(binomialBand(100, level, 0.001)[1]);
});

test.each([['permutation', 30, 0.7], ['difference', 40, 0.6], ['max', 20, 1.2]] as const)('%s: an effect is found', async (design, n, effect) => {
  const rejections = await count(study(design, n, effect), 0, 40);
  expect(rejections[design]).toBeGreaterThan(20);
});
