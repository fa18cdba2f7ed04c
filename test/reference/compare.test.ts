/** Comparators of RDMs against rsatoolbox and scipy (../shared/reference/compare.json). */
import { expect } from 'vitest';
import { compare, type RdmComparator } from '../../src/rsa/compare.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree, type Numbers } from './agree.ts';

type Values = readonly (readonly (number | null)[])[];
interface Case {
  readonly name: string;
  readonly n_cond: number;
  readonly rdms1: Values;
  readonly rdms2: Values;
  readonly compare: Readonly<Record<string, Values>>;
  readonly scipy_spearmanr?: Values;
  readonly dense_exact_cosine_cov?: Values;
  readonly dense_exact_corr_cov?: Values;
}

const names: Readonly<Record<RdmComparator, string>> = {
  pearson: 'corr', spearman: 'spearman', 'rho-a': 'rho-a', 'tau-a': 'tau-a', 'tau-b': 'kendall', cosine: 'cosine',
  'whitened-cosine': 'cosine_cov', 'whitened-pearson': 'corr_cov',
};

testWithShared('every comparator of complete RDMs is rsatoolbox’s, with ties, zeros and constants', async () => {
  const { cases } = await sharedJson<{ cases: readonly Case[] }>('reference/compare.json');
  expect(cases).toHaveLength(7);
  for (const [comparator, theirs] of Object.entries(names) as [RdmComparator, string][]) {
    const ours: number[] = [];
    const wanted: Numbers[] = [];
    for (const one of cases) {
      const exact = comparator === 'whitened-cosine' ? one.dense_exact_cosine_cov : comparator === 'whitened-pearson' ? one.dense_exact_corr_cov : undefined;
      const expected = exact ?? one.compare[theirs];
      one.rdms1.forEach((x, i) => one.rdms2.forEach((y, j) => {
        if (!expected || x.includes(null) || y.includes(null)) return;
        const value = compare(comparator, Float64Array.from(x as number[]), Float64Array.from(y as number[]), one.n_cond);
        // rsatoolbox calls some correlations with a constant RDM 0; scipy and we say that there is none.
        const constant = new Set(x).size === 1 || new Set(y).size === 1;
        ours.push(Number.isNaN(value) && constant && expected[i]![j] !== null ? 0 : value);
        wanted.push(expected[i]![j]!);
      }));
    }
    await agree('compare.json', comparator, ours, wanted, { within: 1e-9 });
  }
});
