/** Standard errors, intervals and p from draws of the words. */
import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { bcaInterval } from '../../../src/rsa/inference/bca.ts';
import { compare } from '../../../src/rsa/comparators/compare.ts';
import type { Comparator } from '../../../src/rsa/comparators/comparators.ts';
import { isLinear } from '../../../src/rsa/comparators/comparators.ts';
import { pearson } from '../../../src/rsa/comparators/correlate.ts';
import { sampledWords, sampleSize, sampledValues } from '../../../src/rsa/inference/delete-half.ts';
import { jackknifeValues } from '../../../src/rsa/inference/jackknife.ts';
import { resamplingFor, sampleWords } from '../../../src/rsa/inference/sample-words.ts';
import { type Role, type Scored, scoreRdm, valueOf } from '../../../src/rsa/scored.ts';
import { subRdm } from '../../../src/rsa/inference/resample.ts';
import { differenceOf, intervalOf, spreadOf, zeroP } from '../../../src/rsa/inference/word-samples.ts';
import { normals } from '../helpers.ts';

const d = 4;
const rdm = (rows: Float64Array<ArrayBuffer>): Float64Array => rdmCpu(rows, rows.length / d, d, 'sqeuclidean');

function scored(comparator: Comparator, rows: Float64Array<ArrayBuffer>, role: Role, keep?: boolean): Scored {
  const n = rows.length / d;
  if (comparator === 'procrustes') return { kind: 'rows', rows: { n, d, data: rows } };
  return isLinear(comparator) ? scoreRdm(rdm(rows), comparator, n, role, keep) : { kind: 'order', distances: rdm(rows) };
}

/** A reference and two candidates with as much of it as noise. */
function related(n: number, seed: number): [Float64Array<ArrayBuffer>, ...Float64Array<ArrayBuffer>[]] {
  const base = normals(n * d, seed);
  return [base, ...[1, 2].map((k) => normals(n * d, seed + 1000 * k).map((noise, at) => base[at]! + noise))];
}

const rest = (n: number, word: number): Uint32Array => Uint32Array.from({ length: n - 1 }, (_, k) => (k < word ? k : k + 1));

test('the jackknife leaves each word out as if it had never been there', async () => {
  const n = 9;
  const [x, y, z] = related(n, 3).map(rdm) as [Float64Array, Float64Array, Float64Array];
  for (const about of ['means', 'zero'] as const) {
    const found = await jackknifeValues({ n, reference: x, candidates: [y, z], about });
    [y, z].forEach((candidate, c) => found[c]!.forEach((value, word) => {
      const [a, b] = [subRdm(x, n, rest(n, word)), subRdm(candidate, n, rest(n, word))];
      expect(value).toBeCloseTo(about === 'means' ? pearson(a, b) : compare('cosine', a, b, n - 1), 12);
    }));
  }
});

test('a sample holds half of the words, or nine tenths, none twice, the same for the same seed', () => {
  expect([sampleSize(21, 'half'), sampleSize(21, 'most')]).toEqual([10, 18]);
  const words = sampledWords(21, 'half', 5, 3);
  expect([...words]).toEqual([...new Set(words)].sort((a, b) => a - b));
  expect([...sampledWords(21, 'half', 5, 3)]).toEqual([...words]);
  expect([...sampledWords(21, 'half', 5, 4)]).not.toEqual([...words]);
  expect(Array.from(sampledWords(21, 'most', 5, 3).subarray(0, 10))).not.toEqual([...words]);
});

test.each(['tau-a', 'spearman', 'whitened-cosine', 'cka-unbiased', 'procrustes'] as const)('%s on a sample is what it is on those words alone', async (comparator) => {
  const n = 20;
  const [base, ...others] = related(n, 9);
  const input = { n, comparator, reference: scored(comparator, base, 'reference', true), candidates: others.map((rows) => scored(comparator, rows, 'candidate', true)), draws: 5, seed: 2 };
  const values = await sampledValues(input, 'half');
  for (let draw = 0; draw < 5; draw++) {
    const words = sampledWords(n, 'half', 2, draw);
    const of = (rows: Float64Array): Float64Array<ArrayBuffer> => Float64Array.from(Array.from(words, (word) => Array.from(rows.subarray(word * d, (word + 1) * d))).flat());
    others.forEach((rows, c) =>
      expect(values[c]![draw]).toBeCloseTo(valueOf(comparator, scored(comparator, of(base), 'reference'), scored(comparator, of(rows), 'candidate')), 12));
  }
});

test('of a mean of pairs, the corrected error has the interactions’ share once: it is that of fresh words', async () => {
  // The true spread, over 300 samples of 24 words; and what one sample tells about it, on average over 60.
  const n = 24;
  for (const comparator of ['pearson', 'cosine', 'whitened-cosine'] as const) {
    const values: number[] = [];
    const squares: number[] = [];
    for (let sample = 0; sample < 300; sample++) {
      const [base, first, second] = related(n, 5000 * sample).map((rows) => rows.slice()) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
      const reference = scored(comparator, base, 'reference');
      const candidates = [first, second].map((rows) => scored(comparator, rows, 'candidate'));
      const [a, b] = candidates.map((candidate) => valueOf(comparator, reference, candidate)) as [number, number];
      values.push(a - b);
      if (sample >= 60) continue;
      const [one, two] = (await sampleWords({ n, comparator, reference, candidates, draws: 200, resampling: resamplingFor(comparator, 'automatic', ''), seed: sample }, {}))!;
      squares.push(spreadOf(differenceOf(one!, two!))!.se ** 2);
    }
    const truth = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const told = squares.reduce((sum, value) => sum + value, 0) / squares.length;
    expect(told / truth, comparator).toBeGreaterThan(0.65);
    expect(told / truth, comparator).toBeLessThan(1.6);
  }
});

test('BCa moves percentiles for bias and skew, as the formula worked by hand with scipy says', () => {
  const draws = Float64Array.from({ length: 99 }, (_, k) => ((k + 1) / 50) ** 2 + 0.01 * (k + 1));
  const without = Float64Array.of(1.1, 1.15, 1.2, 1.25, 1.22, 1.5, 1.18, 1.19);
  const found = bcaInterval(1.2, draws, without, 0.95)!;
  expect(found[0]).toBeCloseTo(0.012890873371573394, 12);
  expect(found[1]).toBeCloseTo(4.1857055205635, 12);
  // No bias, no skew: the percentiles.
  const even = Float64Array.from({ length: 101 }, (_, k) => k);
  expect(bcaInterval(50, even, Float64Array.of(1, 2, 3), 0.9)!.map((end) => Math.round(end * 1e9) / 1e9)).toEqual([5, 95]);
});

test('intervals keep to what the comparator can be, and a value without draws has none', () => {
  const sample = { kind: 'bootstrap', n: 10, draws: Float64Array.of(0.7, 0.9, 0.99, 0.95), without: Float64Array.from({ length: 10 }, (_, k) => 0.8 + 0.02 * k) } as const;
  expect(intervalOf(0.95, sample, { method: 'corrected', level: 0.95, range: [-1, 1] })![1]).toBe(1);
  const none = { ...sample, draws: new Float64Array(0) };
  for (const method of ['corrected', 'percentile', 'bca'] as const) expect(intervalOf(0.95, none, { method, level: 0.95, range: [-1, 1] })).toBeNull();
  expect(intervalOf(NaN, sample, { method: 'corrected', level: 0.95, range: [-1, 1] })).toBeNull();
});

test('the fewer draws tell the corrected error, the fewer its degrees of freedom, and never more than the words give', () => {
  const n = 20;
  const without = Float64Array.from({ length: n }, (_, k) => 0.5 + 0.01 * (k % 5));
  const spread = (count: number): { se: number; df: number } => spreadOf({ kind: 'bootstrap', n, draws: Float64Array.from({ length: count }, (_, k) => 0.5 + 0.1 * Math.sin(k)), without })!;
  const [few, many] = [spread(50), spread(50_000)];
  expect(many.df).toBeGreaterThan(0.98 * (n - 1));
  expect(many.df).toBeLessThan(n - 1);
  expect(few.df).toBeLessThan(0.9 * (n - 1));
  // Worked by hand: V = 2 J - B, and B's share enters with B's degrees of freedom.
  const variance = (values: Float64Array): number => { const centre = values.reduce((sum, value) => sum + value, 0) / values.length; return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1); };
  const drawn = (n / (n - 1)) * variance(Float64Array.from({ length: 50 }, (_, k) => 0.5 + 0.1 * Math.sin(k)));
  expect(few.df).toBeCloseTo(1 / (1 / (n - 1) + (drawn / few.se ** 2) ** 2 / 49), 9);
});

test('a difference of equal candidates is exactly none, and p is 1', () => {
  const sample = { kind: 'bootstrap', n: 10, draws: Float64Array.of(0.7, 0.9), without: Float64Array.of(0.8, 0.9) } as const;
  const none = differenceOf(sample, sample);
  expect(zeroP(0, none)).toBe(1);
  expect(spreadOf(none)!.se).toBe(0);
});

test('rho-a’s draws are Spearman’s but for the ties’ factor, and a choice of draws that cannot be is refused', async () => {
  const n = 20;
  const rounded = related(n, 4).map((rows) => rows.map((value) => Math.round(value))) as [Float64Array<ArrayBuffer>, ...Float64Array<ArrayBuffer>[]];
  const samples = async (comparator: 'spearman' | 'rho-a') => (await sampleWords({
    n, comparator, reference: scored(comparator, rounded[0], 'reference'), candidates: [scored(comparator, rounded[1]!, 'candidate')], draws: 20, resampling: 'bootstrap', seed: 1,
  }, {}))![0]!;
  const [rho, rhoA] = [await samples('spearman'), await samples('rho-a')];
  const factor = compare('rho-a', rdm(rounded[0]), rdm(rounded[1]!), n) / compare('spearman', rdm(rounded[0]), rdm(rounded[1]!), n);
  expect(factor).toBeLessThan(1);
  if (rho.kind !== 'bootstrap' || rhoA.kind !== 'bootstrap') throw new Error('not drawn with replacement');
  rho.draws.forEach((value, draw) => expect(rhoA.draws[draw]).toBeCloseTo(value * factor, 12));
  expect(() => resamplingFor('tau-a', 'bootstrap', 'cell gap')).toThrow(/resampling is bootstrap, but tau-a/);
});
