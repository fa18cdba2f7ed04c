import { expect, test } from 'vitest';
import { compare } from '../../../src/rsa/comparators/compare.ts';
import { comparison, drawnComparison, whitenDrawn } from '../../../src/rsa/comparators/comparison.ts';
import { bootstrapRaters, raterValues } from '../../../src/rsa/raters/rater-bootstrap.ts';
import { bootstrapCeiling, ceilingFolds, drawWords, raterCeiling } from '../../../src/rsa/raters/rater-ceiling.ts';
import { greaterP, raterMean, twoSidedP } from '../../../src/rsa/raters/rater-tests.ts';
import { resampledRdm } from '../../../src/rsa/inference/resample.ts';
import { wilcoxonSignedRank } from '../../../src/rsa/raters/wilcoxon.ts';
import { rdmComparators } from '../../../src/data/comparators.ts';
import { normals, uniforms } from '../helpers.ts';

const pairs = (n: number): number => (n * (n - 1)) / 2;

/** x' V^-1 y with V built entry by entry and solved by elimination. */
function denseWhitened(y: Float64Array, draw: readonly number[]): number[] {
  const kept: [number, number][] = [];
  for (let a = 0; a < draw.length; a++) for (let b = a + 1; b < draw.length; b++) if (draw[a] !== draw[b]) kept.push([a, b]);
  const rows = kept.map(([a, b], p) => [...kept.map(([c, d], q) => (p === q ? 4 : [c, d].filter((word) => word === a || word === b).length)), y[p]!]);
  rows.forEach((pivot, k) => rows.forEach((row, m) => {
    if (m === k) return;
    const share = row[k]! / pivot[k]!;
    for (let at = k; at <= rows.length; at++) row[at]! -= share * pivot[at]!;
  }));
  return rows.map((row, k) => row[rows.length]! / row[k]!);
}

test('whitening over drawn words is the solution with the full covariance, however often a word comes', () => {
  // In the last draw a word comes so often that its own equation has no term of its own: 8 + 2 = 2 * 5.
  for (const draw of [[0, 1, 2, 3, 4, 5], [0, 0, 1, 2, 3, 3, 3, 5], [0, 1, 2, 2, 2, 2, 2, 3], [1, 1, 1, 1, 1, 1, 2, 4]]) {
    const y = resampledRdm(uniforms(pairs(6), draw.length), 6, draw).values;
    const ours = whitenDrawn(y, draw);
    denseWhitened(y, draw).forEach((value, k) => expect(ours[k]! / 2).toBeCloseTo(value, 12));
  }
});

test('over words that are each drawn once, every comparator is what it is over all words', () => {
  const n = 9;
  const [x, y] = [uniforms(pairs(n), 1), uniforms(pairs(n), 2)];
  const draw = Array.from({ length: n }, (_, word) => word);
  for (const comparator of rdmComparators) {
    for (const how of [comparison(comparator, n), drawnComparison(comparator, draw)]) {
      expect(how.value(how.prepare(x), how.prepare(y)), comparator).toBeCloseTo(compare(comparator, x, y, n), 12);
    }
  }
});

test('Wilcoxon: all signs alike give the least p, symmetric values 1, zeros and many values the normal distribution', () => {
  expect(wilcoxonSignedRank([1, 2, 3, 4, 5, 6])).toBe(2 / 64);
  expect(wilcoxonSignedRank([-1, -2, -3, -4, -5, -6])).toBe(2 / 64);
  expect(wilcoxonSignedRank([1, -1, 2, -2])).toBe(1);
  // scipy 1.10: wilcoxon([0, 1, 2, 3, 4, 5, -6]) by the normal distribution, without the zero.
  const z = (6 - 10.5) / Math.sqrt((6 * 7 * 13) / 24);
  expect(wilcoxonSignedRank([0, 1, 2, 3, 4, 5, -6])).toBeCloseTo(2 * 0.5 * erfc(Math.abs(z) / Math.SQRT2), 7);
  expect(wilcoxonSignedRank([0, 0])).toBeNaN();
  const many = [...normals(60, 3)].map((value) => value + 0.4);
  const few = many.slice(0, 50);
  expect(wilcoxonSignedRank(many)).toBeLessThan(0.05);
  // The exact and the normal p of 50 values are nearly the same.
  expect(Math.abs(wilcoxonSignedRank(few) - wilcoxonSignedRank([...few, 0]))).toBeLessThan(0.002);
});

/** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  return t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
}

test('a mean of raters who all agree is infinitely sure, and one of one rater not at all', () => {
  const same = raterMean([0.5, 0.5, 0.5], 0.95);
  expect(same).toEqual({ value: 0.5, se: 0, interval: [0.5, 0.5] });
  expect([greaterP(0.5, 0, 2), twoSidedP(0, 0, 2)]).toEqual([0, 1]);
  expect(raterMean([0.5], 0.95)).toEqual({ value: 0.5, se: NaN, interval: null });
  expect(greaterP(0.5, NaN, 0)).toBeNull();
});

test('copies of a rater in a draw are left out together: identical raters hold each other up only under other names', async () => {
  const n = 10;
  const rdms = [uniforms(pairs(n), 1), uniforms(pairs(n), 2), uniforms(pairs(n), 3)];
  const how = comparison('spearman', n);
  const drawn = [rdms[0]!, rdms[0]!, rdms[1]!, rdms[2]!];
  const together = await raterCeiling(how, drawn, [0, 0, 1, 2]);
  const apart = await raterCeiling(how, drawn);
  expect(apart.lower).toBeGreaterThan(together.lower);
  expect((await raterCeiling(how, [rdms[0]!, rdms[0]!], [4, 4])).lower).toBeNaN();
  expect(await raterCeiling(how, [rdms[0]!, rdms[0]!])).toEqual({ lower: 1, upper: 1 });
});

test('folds take each word and rater once, and the seed decides which', () => {
  const folds = ceilingFolds(11, 5, { words: 3, raters: 2 }, 7);
  expect(folds).toHaveLength(6);
  const words = folds.slice(0, 3).flatMap((fold) => [...fold.words]);
  expect(words.sort((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, k) => k));
  expect([...folds[0]!.raters, ...folds[3]!.raters].sort()).toEqual([0, 1, 2, 3, 4]);
  expect(ceilingFolds(11, 5, { words: 3, raters: 2 }, 7)).toEqual(folds);
  expect(ceilingFolds(11, 5, { words: 3, raters: 2 }, 8)).not.toEqual(folds);
});

test('many words: the bootstrap by weights gives Pearson’s values of rebuilt RDMs', async () => {
  const n = 20;
  const raters = [uniforms(pairs(n), 1), uniforms(pairs(n), 2), uniforms(pairs(n), 3)];
  const candidate = uniforms(pairs(n), 4).map((value, k) => value + raters[0]![k]! + raters[1]![k]!);
  const values = await raterValues(comparison('pearson', n), raters, [candidate]);
  const [draws] = await bootstrapRaters({ comparator: 'pearson', n, raters, candidates: [candidate], values, over: 'words', draws: 5, seed: 3 });
  for (let draw = 0; draw < 5; draw++) {
    const words = drawWords(3, draw, n);
    const rebuilt = await raterValues(drawnComparison('pearson', words), raters.map((rdm) => resampledRdm(rdm, n, words).values), [resampledRdm(candidate, n, words).values]);
    expect(draws!.words[draw]).toBeCloseTo(rebuilt[0]!.reduce((sum, value) => sum + value, 0) / 3, 10);
  }
});

test('bootstraps tell how far they are and stop when cancelled', async () => {
  const n = 30;
  const rdms = [uniforms(pairs(n), 1), uniforms(pairs(n), 2), uniforms(pairs(n), 3)];
  const values = await raterValues(comparison('tau-b', n), rdms, [rdms[0]!]);
  const seen: string[] = [];
  const watchUntil = (): { signal: AbortSignal; progress: (step: { label: string }) => void } => {
    const controller = new AbortController();
    return { signal: controller.signal, progress: ({ label }) => { seen.push(label); controller.abort(); } };
  };
  await expect(bootstrapRaters({ comparator: 'tau-b', n, raters: rdms, candidates: [rdms[0]!], values, over: 'both', draws: 100_000, seed: 1 }, watchUntil())).rejects.toMatchObject({ name: 'AbortError' });
  await expect(bootstrapCeiling('tau-b', rdms, n, { lower: 0, upper: 1 }, { over: 'raters', draws: 100_000, seed: 1, level: 0.95 }, watchUntil())).rejects.toMatchObject({ name: 'AbortError' });
  expect(seen).toEqual(['bootstrap over raters and words', 'bootstrap of the noise ceiling']);
});
