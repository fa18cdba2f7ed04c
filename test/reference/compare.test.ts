/** Comparators of RDMs against rsatoolbox and scipy (../shared/reference/compare.json). */
import { expect } from 'vitest';
import { compare, type RdmComparator } from '../../src/rsa/comparators/compare.ts';
import { mean } from '../../src/rsa/comparators/correlate.ts';
import { denseWhitenedCosine } from '../../src/rsa/comparators/whiten-dense.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree, type Numbers } from './agree.ts';

type Vector = readonly (number | null)[];
type Values = readonly Vector[];
interface Case {
  readonly name: string;
  readonly n_cond: number;
  readonly rdms1: Values;
  readonly rdms2: Values;
  readonly compare: Readonly<Record<string, Values>>;
  readonly dense_exact_cosine_cov?: Values;
  readonly dense_exact_corr_cov?: Values;
  readonly sigma_k_diag?: readonly number[];
  readonly sigma_k_full?: readonly (readonly number[])[];
  readonly cosine_cov_sigma_diag_exact?: Values;
  readonly corr_cov_sigma_diag_exact?: Values;
  readonly cosine_cov_sigma_full_exact?: Values;
  readonly corr_cov_sigma_full_exact?: Values;
}

const names: Readonly<Record<RdmComparator, string>> = {
  pearson: 'corr', spearman: 'spearman', 'rho-a': 'rho-a', 'tau-a': 'tau-a', 'tau-b': 'kendall', cosine: 'cosine',
  'whitened-cosine': 'cosine_cov', 'whitened-pearson': 'corr_cov',
};

const distances = (vector: Vector): Float64Array => Float64Array.from(vector, (value) => value ?? NaN);
const cases = async (): Promise<readonly Case[]> => (await sharedJson<{ cases: readonly Case[] }>('reference/compare.json')).cases;
const isWhitened = (comparator: RdmComparator): boolean => comparator.startsWith('whitened');
/** What the reference solved exactly, where it did. */
const exactly = (one: Case, comparator: RdmComparator): Values | undefined =>
  comparator === 'whitened-cosine' ? one.dense_exact_cosine_cov : comparator === 'whitened-pearson' ? one.dense_exact_corr_cov : undefined;

function everyPair(all: readonly Case[], comparator: RdmComparator): { ours: number[]; theirs: Numbers[] } {
  const ours: number[] = [];
  const theirs: Numbers[] = [];
  for (const one of all) {
    const expected = exactly(one, comparator) ?? one.compare[names[comparator]];
    one.rdms1.forEach((x, i) => one.rdms2.forEach((y, j) => {
      if (!expected) return;
      const value = compare(comparator, distances(x), distances(y), one.n_cond);
      // rsatoolbox calls some correlations with a constant RDM 0; scipy and we say that there is none.
      const constant = new Set(x).size === 1 || new Set(y).size === 1;
      ours.push(Number.isNaN(value) && constant && expected[i]![j] !== null ? 0 : value);
      theirs.push(expected[i]![j]!);
    }));
  }
  return { ours, theirs };
}

testWithShared('every comparator is rsatoolbox’s, with ties, zeros, constants and missing pairs', async () => {
  const all = await cases();
  expect(all).toHaveLength(7);
  const complete = all.filter(({ rdms1 }) => !rdms1.flat().includes(null));
  for (const comparator of Object.keys(names) as RdmComparator[]) {
    const { ours, theirs } = everyPair(isWhitened(comparator) ? complete : all, comparator);
    await agree('compare.json', comparator, ours, theirs, { within: 1e-9 });
  }
});

testWithShared('a missing pair leaves the whitened comparators with its row and column', async () => {
  const missing = (await cases()).filter(({ rdms1 }) => rdms1.flat().includes(null));
  expect(missing).toHaveLength(1);
  for (const comparator of ['whitened-cosine', 'whitened-pearson'] as const) {
    const { ours, theirs } = everyPair(missing, comparator);
    await agree('compare.json', `${comparator}: missing pairs`, ours, theirs, { within: 1e-9 });
  }
});

testWithShared('unequal and correlated noise of the words enters the covariance of the distances', async () => {
  const [one] = (await cases()).filter(({ sigma_k_full }) => sigma_k_full);
  const { n_cond: n, rdms1, rdms2 } = one!;
  const full = Float64Array.from(one!.sigma_k_full!.flat());
  const diagonal = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? one!.sigma_k_diag![k / (n + 1)]! : 0));
  const centred = (values: Float64Array): Float64Array => values.map((value) => value - mean(values));
  const all = (sigma: Float64Array, prepare: (values: Float64Array) => Float64Array): number[][] =>
    rdms1.map((x) => rdms2.map((y) => denseWhitenedCosine(prepare(distances(x)), prepare(distances(y)), { n, sigma })));
  const asIs = (values: Float64Array): Float64Array => values;
  await agree('compare.json', 'whitened-cosine: diagonal noise', all(diagonal, asIs), one!.cosine_cov_sigma_diag_exact!, { within: 1e-9 });
  await agree('compare.json', 'whitened-cosine: full noise', all(full, asIs), one!.cosine_cov_sigma_full_exact!, { within: 1e-9 });
  await agree('compare.json', 'whitened-pearson: diagonal noise', all(diagonal, centred), one!.corr_cov_sigma_diag_exact!, { within: 1e-9 });
  await agree('compare.json', 'whitened-pearson: full noise', all(full, centred), one!.corr_cov_sigma_full_exact!, { within: 1e-9 });
});
