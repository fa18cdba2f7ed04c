/** Noise covariances, and the distances that are weighed by them. */
import { describe, expect, test } from 'vitest';
import { openCompute } from '../../../src/gpu/compute.ts';
import { covariance, noiseFactor, precisionOf, whitenRows } from '../../../src/rsa/distances/noise.ts';
import { prepareLayer, rdmsOf, type Rows } from '../../../src/rsa/distances/rdm.ts';
import { isStill, residualsOfMeasurements, residualsOfOne, residualsOfWords } from '../../../src/rsa/distances/residuals.ts';
import { plainTreatment, type Treatment } from '../../../src/rsa/distances/treatment.ts';
import { largestDifference, normals } from '../helpers.ts';

const [n, d, m] = [12, 5, 4];
/** Noise of very different size by column, the same patterns under it. */
const patterns = normals(n * d, 1);
const noisy = (scale: number, seed: number): Float64Array => normals(n * d, seed).map((value, k) => patterns[k]! + scale * (1 + 3 * (k % d)) * value);
const folds = Array.from({ length: m }, (_, fold) => noisy(0.2, 10 + fold));
const meanOf = (measurements: readonly Float64Array[]): Float64Array => measurements[0]!.map((_, k) => measurements.reduce((sum, data) => sum + data[k]!, 0) / measurements.length);
const rowsOf = (measurements: readonly Float64Array[]): Rows => prepareLayer(meanOf(measurements), n, d, 'none', measurements);
const noCompute = (): never => { throw new Error('float64 stays on the CPU'); };
const treated = (metric: 'mahalanobis' | 'crossnobis', more: Partial<Treatment> = {}): Treatment => ({ ...plainTreatment(metric, 'none', 'none'), ...more });
const noise = (shrinkage: Treatment['noise']['shrinkage'], perMeasurement = false): Pick<Treatment, 'noise'> => ({ noise: { shrinkage, perMeasurement } });

describe('residuals', () => {
  test('of measurements are what is left of words and of measurements, with (n - 1) (m - 1) degrees of freedom', () => {
    const { count, dof, columns } = residualsOfMeasurements(folds, n, d);
    expect([count, dof]).toEqual([n * m, (n - 1) * (m - 1)]);
    const means = meanOf(folds);
    const over = (data: Float64Array): number => Array.from({ length: n }, (_, i) => data[i * d]! / n).reduce((sum, value) => sum + value, 0);
    expect(columns[0]).toBeCloseTo(folds[0]![0]! - means[0]! - over(folds[0]!) + over(means), 12);
  });

  /** 2 times a normal deviate for each measurement and column, the same for all words, which cancels in every distance. */
  const shifted = (measurements: readonly Float64Array[]): Float64Array[] =>
    measurements.map((data, at) => data.map((value, k) => value + 2 * normals(d, 900 + at)[k % d]!));

  test('do not see what a measurement adds to all words alike, however few it adds it to', () => {
    expect(largestDifference(residualsOfMeasurements(shifted(folds), n, d).columns, residualsOfMeasurements(folds, n, d).columns)).toBeLessThan(1e-12);
    const gappy = folds.map((data, at) => data.map((value, k) => ((Math.floor(k / d) + at) % 3 === 0 ? NaN : value)));
    expect(largestDifference(residualsOfMeasurements(shifted(gappy), n, d).columns, residualsOfMeasurements(gappy, n, d).columns)).toBeLessThan(1e-11);
  });

  test('of noise of variance 1 under shifts of SD 2 have variance 1, with empty cells as without', async () => {
    const [words, times] = [300, 6];
    const noise = Array.from({ length: times }, (_, at) => normals(words * d, 40 + at));
    for (const without of [0, 4]) {
      const measured = shifted(noise).map((data, at) => data.map((value, k) => (without && (7 * Math.floor(k / d) + at) % without === 0 ? NaN : value)));
      const variances = await covariance(residualsOfMeasurements(measured, words, d), 'diagonal');
      const average = Array.from({ length: d }, (_, k) => variances[k * d + k]! / d).reduce((sum, value) => sum + value, 0);
      // 5 columns of about 1100 degrees of freedom or more: a standard error of 0.02.
      expect(Math.abs(average - 1)).toBeLessThan(0.06);
    }
  });

  test('leave out measurements with an empty cell, and count them out', () => {
    const gap = Float64Array.from(folds[1]!);
    gap[2 * d] = NaN;
    const { count, dof } = residualsOfMeasurements([folds[0]!, gap, folds[2]!], n, d);
    expect([count, dof]).toEqual([3 * n - 1, 3 * n - 1 - n - 3 + 1]);
  });

  test('of two groups of raters that share no word have the degrees of freedom of each group', () => {
    const half = (data: Float64Array, first: boolean): Float64Array => data.map((value, k) => ((k < (n * d) / 2) === first ? value : NaN));
    const { count, dof } = residualsOfMeasurements([half(folds[0]!, true), half(folds[1]!, true), half(folds[2]!, false), half(folds[3]!, false)], n, d);
    expect([count, dof]).toEqual([2 * n, 2 * (n / 2 - 1)]);
  });

  test('of float32 measurements that only shift are 0, not their rounding', () => {
    const measured = shifted([patterns, patterns, patterns]).map((data) => Float32Array.from(data));
    expect(residualsOfMeasurements(measured, n, d).columns.every((value) => value === 0)).toBe(true);
    expect(residualsOfOne(measured, 1, n, d).columns.every((value) => value === 0)).toBe(true);
    expect([isStill(measured, n, d), isStill(folds.map((data) => Float32Array.from(data)), n, d)]).toEqual([true, false]);
  });

  test('of one measurement have the scale of noise: averaged over measurements their variances are those of all together', async () => {
    const own = await Promise.all(folds.map((_, at) => covariance(residualsOfOne(folds, at, n, d), 'diagonal')));
    const all = await covariance(residualsOfMeasurements(folds, n, d), 'diagonal');
    for (let k = 0; k < d; k++) expect(own.reduce((sum, cov) => sum + cov[k * d + k]!, 0) / m).toBeCloseTo(all[k * d + k]!, 12);
  });
});

describe('covariances', () => {
  test('shrinkage is strongest where residuals are few, and keeps the variances under schaefer-strimmer', async () => {
    const few = residualsOfWords(normals(6 * 20, 2), 6, 20);
    const full = await covariance(few, 'full');
    const shrunk = await covariance(few, 'schaefer-strimmer');
    const off = (cov: Float64Array): number => cov.reduce((sum, value, k) => sum + (k % 21 === 0 ? 0 : value ** 2), 0);
    expect(off(shrunk)).toBeLessThan(off(full));
    for (let k = 0; k < 20; k++) expect(shrunk[k * 21]).toBe(full[k * 21]);
    expect(precisionOf(shrunk, 20, 'schaefer-strimmer')).toHaveLength(400);
  });

  test('full is refused with fewer residuals than columns, and says what to choose', async () => {
    const few = residualsOfWords(normals(6 * 20, 2), 6, 20);
    const full = await covariance(few, 'full');
    expect(() => noiseFactor(full, 20, 'full', 'bert, layer 3')).toThrow(/bert, layer 3: the full noise covariance of 20 columns has no inverse.*schaefer-strimmer/);
  });

  test('a column without variance can only be borne by ledoit-wolf', async () => {
    const still = residualsOfWords(normals(30 * 4, 3).map((value, k) => (k % 4 === 2 ? 0 : value)), 30, 4);
    const diagonal = await covariance(still, 'diagonal');
    expect(() => noiseFactor(diagonal, 4, 'diagonal', 'x')).toThrow(/column 3 of 4 does not vary/);
    expect(noiseFactor(await covariance(still, 'ledoit-wolf'), 4, 'ledoit-wolf', 'x')).toHaveLength(16);
  });

  test('whitened residuals have unit covariance', async () => {
    const residuals = residualsOfWords(patterns, n, d);
    const factor = noiseFactor(await covariance(residuals, 'full'), d, 'full', '');
    const again = await covariance(residualsOfWords(await whitenRows(factor, patterns, n, d), n, d), 'full');
    expect(largestDifference(again, Float64Array.from({ length: d * d }, (_, k) => (k % (d + 1) === 0 ? 1 : 0)))).toBeLessThan(1e-12);
  });

  test('columns in other units and mixtures of columns give the same Mahalanobis distances with the full covariance', async () => {
    const mixed = patterns.map((_, k) => {
      const [row, column] = [Math.floor(k / d) * d, k % d];
      return 100 ** column * patterns[k]! + patterns[row]!;
    });
    const [one, other] = await rdmsOf(noCompute, [patterns, mixed].map((data) => prepareLayer(data, n, d, 'none')), treated('mahalanobis', noise('full')), {});
    expect(largestDifference(one!, other!)).toBeLessThan(1e-9);
  });

  test('perChannel squares Mahalanobis distances and divides them by the columns', async () => {
    const [root] = await rdmsOf(noCompute, [rowsOf(folds)], treated('mahalanobis'), {});
    const [squared] = await rdmsOf(noCompute, [rowsOf(folds)], treated('mahalanobis', { perChannel: true }), {});
    expect(largestDifference(squared!, root!.map((value) => value ** 2 / d))).toBeLessThan(1e-12);
  });
});

describe('crossnobis', () => {
  const average = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

  test('of words that are alike lies around 0, below it as often as above; squared distances of the means do not', async () => {
    const same = Array.from({ length: m }, (_, fold) => normals(n * d, 100 + fold));
    const [crossed] = await rdmsOf(noCompute, [rowsOf(same)], treated('crossnobis', noise('none')), {});
    const [plain] = await rdmsOf(noCompute, [rowsOf(same)], plainTreatment('sqeuclidean', 'none', 'none'), {});
    const negative = crossed!.filter((value) => value < 0).length / crossed!.length;
    expect(negative).toBeGreaterThan(0.25);
    expect(negative).toBeLessThan(0.75);
    // Noise of unit variance adds 2 d / m to every squared distance of means.
    expect(average(plain!)).toBeGreaterThan(0.6 * ((2 * d) / m));
    expect(Math.abs(average(crossed!))).toBeLessThan(0.2 * average(plain!));
  });

  test('leaving one measurement out and all pairs are the same number', async () => {
    const [found] = await rdmsOf(noCompute, [rowsOf(folds)], treated('crossnobis', noise('none')), {});
    const difference = (data: Float64Array, k: number): number => data[k]! - data[d + k]!;
    let expected = 0;
    for (let f = 0; f < m; f++) {
      const rest = meanOf(folds.filter((_, other) => other !== f));
      for (let k = 0; k < d; k++) expected += (difference(rest, k) * difference(folds[f]!, k)) / m;
    }
    expect(found![0]).toBeCloseTo(expected, 12);
  });

  test('with two measurements a covariance of each is the covariance of both', async () => {
    const [shared, own] = await Promise.all([false, true].map(async (each) => (await rdmsOf(noCompute, [rowsOf(folds.slice(0, 2))], treated('crossnobis', noise('full', each)), {}))[0]!));
    expect(largestDifference(own!, shared!)).toBeLessThan(1e-9 * Math.max(...shared!));
  });

  test('are the same however measurements shift all words', async () => {
    const moved = folds.map((data, at) => data.map((value, k) => value + at * (k % d)));
    for (const metric of ['crossnobis', 'mahalanobis'] as const) {
      const [before, after] = await rdmsOf(noCompute, [rowsOf(folds), rowsOf(moved)], treated(metric, noise('ledoit-wolf')), {});
      expect(largestDifference(before!, after!)).toBeLessThan(1e-9 * Math.max(...before!));
    }
  });

  test('float32 rows go through the kernel and keep its precision', async () => {
    const single = folds.map((data) => Float32Array.from(data));
    const rows = prepareLayer(Float32Array.from(meanOf(folds)), n, d, 'none', single);
    for (const each of [false, true]) {
      const treatment = treated('crossnobis', noise('schaefer-strimmer', each));
      const [found] = await rdmsOf(() => openCompute({ backend: 'webgpu' }), [rows], treatment, {});
      const [exact] = await rdmsOf(noCompute, [rowsOf(single.map((data) => Float64Array.from(data)))], treatment, {});
      expect(found).toBeInstanceOf(Float32Array);
      expect(largestDifference(found!, exact!)).toBeLessThan(2e-5 * Math.max(...exact!));
    }
  });

  test('a cancelled run stops', async () => {
    const controller = new AbortController();
    controller.abort();
    const large = Array.from({ length: 2 }, (_, fold) => normals(600 * 40, fold));
    const rows = prepareLayer(large[0]!, 600, 40, 'none', large);
    await expect(rdmsOf(noCompute, [rows], treated('crossnobis'), { signal: controller.signal })).rejects.toThrow(/abort/i);
  });
});

test('removing each word’s mean makes cosine distances correlation distances, and takes common levels off the others', async () => {
  const shifted = patterns.map((value, k) => value + 10 * Math.floor(k / d));
  const rdm = async (data: Float64Array, metric: 'cosine' | 'correlation' | 'euclidean', removeMean: boolean): Promise<Float32Array | Float64Array> =>
    (await rdmsOf(noCompute, [prepareLayer(data, n, d, 'none')], { ...plainTreatment(metric, 'none', 'none'), removeMean }, {}))[0]!;
  expect(largestDifference(await rdm(patterns, 'cosine', true), await rdm(patterns, 'correlation', false))).toBeLessThan(1e-12);
  expect(largestDifference(await rdm(shifted, 'euclidean', true), await rdm(patterns, 'euclidean', true))).toBeLessThan(1e-12);
});

test('a constant row has no direction once its mean is removed, however its mean is rounded', async () => {
  const rows = prepareLayer(Float64Array.from({ length: 33 }, (_, k) => (k < 11 ? 0.1 : k ** 2)), 3, 11, 'none');
  for (const layer of [rows, prepareLayer(Float32Array.from(rows.data), 3, 11, 'none')]) {
    const [found] = await rdmsOf(() => openCompute({ backend: 'cpu' }), [layer], { ...plainTreatment('cosine', 'none', 'none'), removeMean: true }, {});
    expect(Array.from(found!, Number.isNaN)).toEqual([true, true, false]);
  }
});

test('Spearman distances see the order of columns alone, ties averaged', async () => {
  const rows = prepareLayer(Float64Array.of(1, 2, 3, 4, 1, 10, 100, 1000, 4, 3, 2, 1, 1, 1, 2, 3), 4, 4, 'none');
  const [found] = await rdmsOf(noCompute, [rows], plainTreatment('spearman', 'none', 'none'), {});
  // Ranks of the last row: 1.5, 1.5, 3, 4, so rho with 1, 2, 3, 4 is 4.5 / sqrt(5 * 4.5).
  const tied = 4.5 / Math.sqrt(5 * 4.5);
  expect(largestDifference(found!, [0, 2, 1 - tied, 2, 1 - tied, 1 + tied])).toBeLessThan(1e-15 * 4);
  const single = prepareLayer(Float32Array.from(rows.data), 4, 4, 'none');
  const [onKernel] = await rdmsOf(() => openCompute({ backend: 'webgpu' }), [single], plainTreatment('spearman', 'none', 'none'), {});
  expect(largestDifference(onKernel!, found!)).toBeLessThan(1e-6);
});
