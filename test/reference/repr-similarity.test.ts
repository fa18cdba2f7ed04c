/** Comparators of representations against netrep, thingsvision's unbiased CKA and rsatoolbox (../shared/reference/repr_similarity.json). */
import { expect } from 'vitest';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { linearCka, unbiasedHsic } from '../../src/rsa/comparators/cka.ts';
import { compare } from '../../src/rsa/comparators/compare.ts';
import type { LinearComparator } from '../../src/rsa/comparators/comparators.ts';
import { Procrustes } from '../../src/rsa/comparators/procrustes.ts';
import { scoreRdm, valueOf } from '../../src/rsa/scored.ts';
import { columnMoments } from '../../src/rsa/distances/standardise.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

interface Case {
  readonly n: number; readonly d1: number; readonly d2: number;
  readonly X: readonly (readonly number[])[]; readonly Y: readonly (readonly number[])[];
  readonly linear_cka_biased: number; readonly linear_cka_unbiased: number; readonly hsic_unbiased_xy_xx_yy: readonly number[];
  readonly rv_coefficient: number; readonly rsa_cosine_cov_sqeuclid_equals_biased_cka: number;
  readonly rsa_pearson_sqeuclid: number; readonly rsa_spearman_euclid: number;
  readonly procrustes_nuclear_norm: number; readonly procrustes_angular_netrep_alpha1: number; readonly procrustes_angular_formula: number;
  readonly procrustes_euclidean_netrep_alpha1: number; readonly procrustes_sq_euclidean_formula: number; readonly scipy_procrustes_disparity: number;
}

const rows = (values: readonly (readonly number[])[]): Float64Array<ArrayBuffer> => Float64Array.from(values.flat());

/** Root of the sum of squares around the columns' means. */
function length(data: Float64Array, n: number, d: number): number {
  let squares = 0;
  for (let column = 0; column < d; column++) squares += n * columnMoments(data, n, d, column).sd ** 2;
  return Math.sqrt(squares);
}

const cases = async (): Promise<readonly Case[]> => {
  const { cases: all } = await sharedJson<{ cases: readonly Case[] }>('reference/repr_similarity.json');
  expect(all).toHaveLength(3);
  return all;
};

testWithShared('CKA, biased and unbiased, is the same from representations and from their squared distances', async () => {
  const all = await cases();
  const plain = await Promise.all(all.map(({ n, d1, d2, X, Y }) => linearCka({ n, d: d1, data: rows(X) }, { n, d: d2, data: rows(Y) })));
  const fromDistances = (comparator: LinearComparator): number[] => all.map(({ n, d1, d2, X, Y }) => valueOf(comparator,
    scoreRdm(rdmCpu(rows(X), n, d1, 'sqeuclidean'), comparator, n, 'reference'), scoreRdm(rdmCpu(rows(Y), n, d2, 'sqeuclidean'), comparator, n, 'candidate')));
  const biased = all.map((one) => one.linear_cka_biased);
  const unbiased = all.map((one) => one.linear_cka_unbiased);
  await agree('repr_similarity.json', 'cka', plain.map((one) => one.biased), biased, { within: 1e-9 });
  await agree('repr_similarity.json', 'cka: of squared distances', fromDistances('cka'), biased, { within: 1e-9 });
  await agree('repr_similarity.json', 'cka: RV coefficient', plain.map((one) => one.biased), all.map((one) => one.rv_coefficient), { within: 1e-9 });
  await agree('repr_similarity.json', 'cka-unbiased', plain.map((one) => one.debiased), unbiased, { within: 1e-9 });
  await agree('repr_similarity.json', 'cka-unbiased: of squared distances', fromDistances('cka-unbiased'), unbiased, { within: 1e-9 });
  const hsic = await Promise.all(all.map(async ({ n, d1, d2, X, Y }) => {
    const [x, y] = [{ n, d: d1, data: rows(X) }, { n, d: d2, data: rows(Y) }];
    return [await unbiasedHsic(x, y), await unbiasedHsic(x, x), await unbiasedHsic(y, y)];
  }));
  await agree('repr_similarity.json', 'cka-unbiased: HSIC', hsic, all.map((one) => one.hsic_unbiased_xy_xx_yy), { within: 1e-9 });
});

testWithShared('whitened cosine of squared Euclidean RDMs is CKA, and correlations of RDMs are scipy’s', async () => {
  const all = await cases();
  const rdms = (metric: 'sqeuclidean' | 'euclidean') => all.map(({ n, d1, d2, X, Y }) => [rdmCpu(rows(X), n, d1, metric), rdmCpu(rows(Y), n, d2, metric), n] as const);
  await agree('repr_similarity.json', 'whitened-cosine', rdms('sqeuclidean').map(([x, y, n]) => compare('whitened-cosine', x, y, n)),
    all.map((one) => one.rsa_cosine_cov_sqeuclid_equals_biased_cka), { within: 1e-9 });
  await agree('repr_similarity.json', 'pearson', rdms('sqeuclidean').map(([x, y, n]) => compare('pearson', x, y, n)), all.map((one) => one.rsa_pearson_sqeuclid), { within: 1e-9 });
  await agree('repr_similarity.json', 'spearman', rdms('euclidean').map(([x, y, n]) => compare('spearman', x, y, n)), all.map((one) => one.rsa_spearman_euclid), { within: 1e-9 });
});

testWithShared('Procrustes: the similarity, netrep’s angle and what follows from it', async () => {
  const all = await cases();
  const found = all.map(({ n, d1, d2, X, Y }) => {
    const [x, y] = [rows(X), rows(Y)];
    return { value: new Procrustes({ n, d: d1, data: x }).value({ n, d: d2, data: y }), x: length(x, n, d1), y: length(y, n, d2) };
  });
  await agree('repr_similarity.json', 'procrustes: nuclear norm', found.map(({ value, x, y }) => value * x * y), all.map((one) => one.procrustes_nuclear_norm), { within: 1e-9 });
  await agree('repr_similarity.json', 'procrustes: angle', found.map(({ value }) => Math.acos(value)), all.map((one) => one.procrustes_angular_netrep_alpha1), { within: 1e-9 });
  await agree('repr_similarity.json', 'procrustes: angle', found.map(({ value }) => Math.acos(value)), all.map((one) => one.procrustes_angular_formula), { within: 1e-9 });
  const squared = found.map(({ value, x, y }) => x * x + y * y - 2 * value * x * y);
  await agree('repr_similarity.json', 'procrustes: squared distance', squared, all.map((one) => one.procrustes_sq_euclidean_formula), { within: 1e-9 });
  await agree('repr_similarity.json', 'procrustes: distance', squared.map(Math.sqrt), all.map((one) => one.procrustes_euclidean_netrep_alpha1), { within: 1e-9 });
  await agree('repr_similarity.json', 'procrustes: disparity', found.map(({ value }) => 1 - value * value), all.map((one) => one.scipy_procrustes_disparity), { within: 1e-9 });
});
