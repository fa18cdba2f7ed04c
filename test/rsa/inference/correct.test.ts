/** Corrections for many comparisons, and tests of shares against scipy. Holm and Benjamini-Hochberg against statsmodels: test/reference. */
import { expect, test } from 'vitest';
import { mcnemarExact, normalReach, pairedShareInterval, wilsonInterval } from '../../../src/rsa/inference/accuracy.ts';
import { benjaminiHochberg, holm } from '../../../src/rsa/inference/correct.ts';
import { bootstrapP, intervalOver, pairedDifference, spreadOf, type Measured } from '../../../src/rsa/inference/paired.ts';

test('one comparison needs no correction, none gives none, and what is no p-value is refused', () => {
  expect([holm([0.03]), benjaminiHochberg([0.03]), holm([]), benjaminiHochberg([])]).toEqual([[0.03], [0.03], [], []]);
  expect(holm([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  for (const wrong of [Number.NaN, -0.1, 1.1]) expect(() => holm([0.5, wrong])).toThrow(RangeError);
});

test('Wilson intervals are those of scipy (binomtest, method wilson)', () => {
  for (const [right, n, level, low, high] of [
    [12, 24, 0.95, 0.3142742581957335, 0.6857257418042665],
    [24, 24, 0.95, 0.8620237953250198, 1],
    [0, 10, 0.9, 0, 0.21294197008340698],
    [70, 120, 0.99, 0.4660349261466375, 0.6918994232058358],
  ] as const) {
    const found = wilsonInterval(right / n, n, level);
    expect(found[0]).toBeCloseTo(low, 12);
    expect(found[1]).toBeCloseTo(high, 12);
  }
  expect(normalReach(0.95)).toBeCloseTo(1.959963984540054, 12);
  expect(normalReach(0.999)).toBeCloseTo(3.2905267314919255, 11);
});

test('intervals of paired shares are Tango’s, as published and by a likelihood maximised in scipy, and no point where nothing differs', () => {
  // Fagerland, Lydersen and Laake 2017, Statistical Analysis of Contingency Tables, chapter 8 (6 and 16 of 161).
  expect(pairedShareInterval(6, 16, 161, 0.95).map((end) => end.toFixed(4))).toEqual(['-0.1240', '-0.0054']);
  for (const [first, second, n, level, low, high] of [
    [1, 7, 21, 0.95, -0.517232, -0.026003], [40, 20, 160, 0.9, 0.046267, 0.203035], [12, 2, 50, 0.95, 0.061112, 0.344709],
    [0, 0, 12, 0.95, -0.242494, 0.242494], [5, 0, 5, 0.95, 0.131035, 1], [0, 4, 20, 0.95, -0.416017, -0.00665], [1, 0, 44, 0.95, -0.059393, 0.118077],
  ] as const) {
    const found = pairedShareInterval(first, second, n, level);
    expect(found[0]).toBeCloseTo(low, 5);
    expect(found[1]).toBeCloseTo(high, 5);
    const turned = pairedShareInterval(second, first, n, level);
    expect(turned[0]).toBeCloseTo(-found[1], 12);
    expect(turned[1]).toBeCloseTo(-found[0], 12);
  }
  expect(pairedShareInterval(0, 1, 1, 0.95)[0]).toBe(-1);
});

test('McNemar’s exact test is the binomial test of the questions that only one got right, as scipy has it', () => {
  for (const [first, second, p] of [[0, 0, 1], [5, 5, 1], [1, 8, 0.0390625], [10, 2, 0.03857421875], [700, 800, 0.010559255466711]] as const) {
    expect(mcnemarExact(first, second)).toBeCloseTo(p, 13);
    expect(mcnemarExact(second, first)).toBe(mcnemarExact(first, second));
  }
});

test('a p from the bootstrap counts both sides, is never 0, and is 1 for no difference at all', () => {
  expect(bootstrapP(new Float64Array(99))).toBe(1);
  expect(bootstrapP(Float64Array.from({ length: 99 }, (_, draw) => draw + 1))).toBe(0.02);
  expect(bootstrapP(Float64Array.from({ length: 99 }, (_, draw) => (draw < 4 ? 1 : -1)))).toBeCloseTo(0.1, 15);
  expect(bootstrapP(Float64Array.of(Number.NaN))).toBeNull();
  expect(bootstrapP(new Float64Array(0))).toBeNull();
});

test('differences are paired over words, and their intervals cover the spread of repeats', () => {
  const noise = Float64Array.from({ length: 2000 }, (_, draw) => Math.sin(draw * 12.9898) / 10);
  const base: Measured = { values: [0.2], draws: [noise.map((value) => 0.2 + value)] };
  const once: Measured = { values: [0.3], draws: [noise.map((value) => 0.3 + value)] };
  const options = { level: 0.95, seed: 1, models: [1, 0] } as const;
  // What both share is no uncertainty of their difference.
  const alone = pairedDifference(once, base, options);
  expect(alone.value).toBeCloseTo(0.1, 12);
  expect(alone.interval![1] - alone.interval![0]).toBeLessThan(1e-12);
  expect(alone.p).toBe(2 / 2001);
  const thrice: Measured = { values: [0.2, 0.3, 0.4], draws: [0.2, 0.3, 0.4].map((centre) => noise.map((value) => centre + value)) };
  const together = pairedDifference(thrice, base, options);
  expect(together.value).toBeCloseTo(0.1, 12);
  // The mean of three draws from 0, .1 and .2: all three are 0 in 1 of 27 draws, all .2 in another.
  expect(together.interval![0]).toBeCloseTo(0, 9);
  expect(together.interval![1]).toBeCloseTo(0.2, 9);
  expect(together.p).toBeCloseTo(2 / 27, 1);
  expect(pairedDifference(thrice, base, options)).toEqual(together);
  // The interval of the value is over words alone.
  expect(intervalOver(thrice, 0.95)![1] - intervalOver(thrice, 0.95)![0]).toBeCloseTo(intervalOver(once, 0.95)![1] - intervalOver(once, 0.95)![0], 12);
  expect(spreadOf(thrice.values)).toEqual({ sd: expect.closeTo(0.1, 12), low: 0.2, high: 0.4 });
  expect(spreadOf(once.values)).toBeNull();
});

test('repeats that all equal the base differ from it by exactly 0', () => {
  // 0.1 + 0.1 + 0.1 is not 3 times 0.1.
  const noise = Float64Array.from({ length: 300 }, (_, draw) => 0.1 + Math.sin(draw * 12.9898) / 10);
  const base: Measured = { values: [0.1], draws: [noise] };
  for (const repeats of [2, 3, 6, 7]) {
    const same: Measured = { values: Array<number>(repeats).fill(0.1), draws: Array<Float64Array>(repeats).fill(noise) };
    expect(pairedDifference(same, base, { level: 0.95, seed: 1, models: [1, 0] })).toEqual({ value: 0, interval: [0, 0], p: 1 });
    expect(intervalOver(same, 0.95)).toEqual(intervalOver(base, 0.95));
  }
});
