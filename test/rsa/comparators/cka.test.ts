/** Linear CKA against the reference values in ../shared, and where it must not move. */
import { expect, test } from 'vitest';
import { type Features, linearCka, unbiasedHsic } from '../../../src/rsa/comparators/cka.ts';
import { sharedJson, testWithShared } from '../../shared.ts';
import { normals } from '../helpers.ts';

interface SimilarityCase {
  readonly n: number;
  readonly d1: number;
  readonly d2: number;
  readonly X: readonly (readonly number[])[];
  readonly Y: readonly (readonly number[])[];
  readonly linear_cka_biased: number;
  readonly linear_cka_unbiased: number;
  readonly hsic_unbiased_xy_xx_yy: readonly [number, number, number];
}

const features = (rows: readonly (readonly number[])[]): Features => ({ n: rows.length, d: rows[0]!.length, data: Float64Array.from(rows.flat()) });
const drawn = (n: number, d: number, seed: number): Features => ({ n, d, data: normals(n * d, seed) });

testWithShared('CKA and HSIC are those of the reference to 1e-10, with more words than features and fewer', async () => {
  const { cases } = await sharedJson<{ cases: readonly SimilarityCase[] }>('reference/repr_similarity.json');
  expect(cases.map(({ n, d1, d2 }) => n < Math.min(d1, d2))).toEqual([false, false, false]);
  for (const one of cases) {
    const [x, y] = [features(one.X), features(one.Y)];
    const { biased, debiased } = await linearCka(x, y);
    expect(Math.abs(biased - one.linear_cka_biased)).toBeLessThan(1e-10);
    expect(Math.abs(debiased - one.linear_cka_unbiased)).toBeLessThan(1e-10);
    const [xy, xx, yy] = one.hsic_unbiased_xy_xx_yy;
    expect(Math.abs((await unbiasedHsic(x, y)) / xy - 1)).toBeLessThan(1e-9);
    expect(Math.abs((await unbiasedHsic(x, x)) / xx - 1)).toBeLessThan(1e-9);
    expect(Math.abs((await unbiasedHsic(y, y)) / yy - 1)).toBeLessThan(1e-9);
  }
});

/** The definition itself, word by word: kernels with empty diagonals. */
function hsicOfKernels(x: Features, y: Features): number {
  const { n } = x;
  const kernel = ({ d, data }: Features): number[][] => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += data[i * d + k]! * data[j * d + k]!;
    return i === j ? 0 : sum;
  }));
  const [k, l] = [kernel(x), kernel(y)];
  const total = (matrix: number[][]): number => matrix.flat().reduce((sum, value) => sum + value, 0);
  let trace = 0;
  let through = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      trace += k[i]![j]! * l[i]![j]!;
      for (let m = 0; m < n; m++) through += k[i]![j]! * l[j]![m]!;
    }
  }
  return (trace + (total(k) * total(l)) / ((n - 1) * (n - 2)) - (2 * through) / (n - 2)) / (n * (n - 3));
}

test.each([[12, 5, 7], [9, 30, 20]])('%i words of %i and %i features: the short way gives what the definition gives', async (n, d1, d2) => {
  const [x, y] = [drawn(n, d1, 1), drawn(n, d2, 2)];
  expect(Math.abs((await unbiasedHsic(x, y)) - hsicOfKernels(x, y))).toBeLessThan(1e-9 * Math.abs(hsicOfKernels(x, x)));
});

test('rotation, scale and a shift change nothing; float32 keeps six digits', async () => {
  const x = drawn(40, 2, 3);
  const [cosine, sine] = [Math.cos(0.7), Math.sin(0.7)];
  const turned = new Float32Array(80);
  for (let i = 0; i < 40; i++) {
    const [a, b] = [x.data[2 * i]!, x.data[2 * i + 1]!];
    turned[2 * i] = 3 * (cosine * a - sine * b) + 100;
    turned[2 * i + 1] = 3 * (sine * a + cosine * b) - 50;
  }
  const { biased, debiased } = await linearCka(x, { n: 40, d: 2, data: turned });
  expect(Math.abs(biased - 1)).toBeLessThan(1e-6);
  expect(Math.abs(debiased - 1)).toBeLessThan(1e-6);
  expect(await linearCka(x, x)).toEqual({ biased: 1, debiased: 1 });
});

test('of unrelated representations with more features than words, only the debiased one is near 0', async () => {
  const values = await Promise.all(Array.from({ length: 20 }, (_, seed) => linearCka(drawn(30, 100, 10 + seed), drawn(30, 100, 50 + seed))));
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  expect(mean(values.map(({ biased }) => biased))).toBeGreaterThan(0.7);
  expect(Math.abs(mean(values.map(({ debiased }) => debiased)))).toBeLessThan(0.02);
});

test('where all words are alike there is no CKA, and below four words none that is debiased', async () => {
  const flat: Features = { n: 6, d: 3, data: new Float64Array(18).fill(2) };
  expect(await linearCka(flat, drawn(6, 3, 4))).toEqual({ biased: NaN, debiased: NaN });
  const { biased, debiased } = await linearCka(drawn(3, 2, 5), drawn(3, 2, 6));
  expect(biased).toBeGreaterThan(0);
  expect(debiased).toBeNaN();
  await expect(linearCka(drawn(5, 2, 7), drawn(6, 2, 8))).rejects.toThrow('representations of 5 and 6 words');
});

test('a long computation stops when it is cancelled', async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(linearCka(drawn(700, 700, 9), drawn(700, 700, 10), { signal: stop.signal })).rejects.toThrow(/abort/i);
});
