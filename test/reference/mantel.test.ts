/** The Mantel test against full enumeration and Monte Carlo runs (../shared/reference). */
import { expect } from 'vitest';
import { openCompute } from '../../src/gpu/compute.ts';
import { pearson, scores } from '../../src/rsa/correlate.ts';
import { exactMantel, mantelTest, scoreRdm } from '../../src/rsa/mantel.ts';
import { condense } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';

type Square = readonly (readonly number[])[];
interface ExactResult { readonly observed: number; readonly count_ge: number; readonly count_le: number; readonly count_abs_ge: number; readonly n_perm: number; readonly p_greater: number }
interface ExactCase { readonly name: string; readonly n: number; readonly D1: Square; readonly D2: Square; readonly results: Readonly<Record<'spearman' | 'pearson', ExactResult>> }

testWithShared('over all orders of the words the statistic and every count are those of the reference', async () => {
  const { cases } = await sharedJson<{ cases: readonly ExactCase[] }>('reference/mantel_exact.json');
  for (const { n, D1, D2, results } of cases) {
    for (const comparator of ['spearman', 'pearson'] as const) {
      const expected = results[comparator];
      const found = exactMantel(n, scores(condense(D1), comparator), scores(condense(D2), comparator));
      expect(Math.abs(found.observed - expected.observed)).toBeLessThan(1e-9);
      expect([found.orders, found.atLeast, found.atMost, found.sizeAtLeast]).toEqual([expected.n_perm, expected.count_ge, expected.count_le, expected.count_abs_ge]);
    }
  }
  expect(cases).toHaveLength(3);
});

testWithShared('with few words the test takes every order once, and p is exact', async () => {
  const { cases } = await sharedJson<{ cases: readonly ExactCase[] }>('reference/mantel_exact.json');
  for (const { n, D1, D2, results } of cases) {
    const input = { n, reference: scoreRdm(condense(D1), 'spearman'), candidates: [scoreRdm(condense(D2), 'spearman')], comparator: 'spearman' as const, permutations: 1000, seed: 1 };
    expect(await mantelTest(() => openCompute({ backend: 'cpu' }), input, {})).toEqual({ p: [results.spearman.p_greater], exact: true, permutations: results.spearman.n_perm });
  }
});

interface MonteCarlo { readonly n: number; readonly D1: Square; readonly D2: Square; readonly observed: number; readonly p_runs: readonly number[] }

testWithShared('random permutations give a p within the range of the reference’s runs, the same on every backend', async () => {
  const { n, D1, D2, observed, p_runs: runs } = await sharedJson<MonteCarlo>('reference/mantel_montecarlo.json');
  const [one, other] = [condense(D1), condense(D2)];
  expect(Math.abs(pearson(scores(one, 'spearman'), scores(other, 'spearman')) - observed)).toBeLessThan(1e-9);
  const input = { n, reference: scoreRdm(one, 'spearman'), candidates: [scoreRdm(other, 'spearman')], comparator: 'spearman' as const, permutations: 10_000, seed: 7 };
  const [cpu, gpu] = await Promise.all((['cpu', 'webgpu'] as const).map((backend) => mantelTest(() => openCompute({ backend }), input, {})));
  const expected = runs.reduce((sum, p) => sum + p, 0) / runs.length;
  expect(Math.abs(cpu!.p[0]! - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 10_000));
  expect(gpu).toEqual(cpu);
  // Float sums of the distances themselves, which agree to a few orders out of ten thousand.
  const plain = { ...input, reference: scoreRdm(one, 'pearson'), candidates: [scoreRdm(other, 'pearson')], comparator: 'pearson' as const };
  const [a, b] = await Promise.all((['cpu', 'webgpu'] as const).map((backend) => mantelTest(() => openCompute({ backend }), plain, {})));
  expect(Math.abs(a!.p[0]! - b!.p[0]!)).toBeLessThan(1e-3);
});
