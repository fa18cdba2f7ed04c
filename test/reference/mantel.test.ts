/** The Mantel test against full enumeration and Monte Carlo runs (../shared/reference). */
import { expect } from 'vitest';
import { openCompute } from '../../src/gpu/compute.ts';
import type { RdmComparator } from '../../src/rsa/comparators/comparators.ts';
import { isLinear } from '../../src/rsa/comparators/comparators.ts';
import { mantelTest } from '../../src/rsa/inference/mantel.ts';
import { nullValues } from '../../src/rsa/inference/null-values.ts';
import { type Scored, scoreRdm, valueOf } from '../../src/rsa/scored.ts';
import { condense } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Square = readonly (readonly number[])[];
interface ExactResult {
  readonly observed: number; readonly n_perm: number;
  readonly count_ge: number; readonly count_le: number; readonly count_abs_ge: number;
  readonly p_greater: number; readonly p_less: number; readonly p_two_sided_abs: number;
  readonly null_mean: number; readonly null_sd_ddof0: number;
}
interface ExactCase {
  readonly name: string; readonly n: number; readonly D1: Square; readonly D2: Square;
  readonly results: Readonly<Record<string, ExactResult>>;
  readonly null_spearman?: readonly number[]; readonly null_pearson?: readonly number[];
}

const names: Readonly<Partial<Record<RdmComparator, string>>> = {
  spearman: 'spearman', pearson: 'pearson', 'tau-b': 'tau_b', 'rho-a': 'rho_a', 'tau-a': 'tau_a', cosine: 'cosine',
};
const compute = () => openCompute({ backend: 'cpu' });

function scored(square: Square, comparator: RdmComparator, role: 'reference' | 'candidate'): Scored {
  const distances = condense(square);
  return isLinear(comparator) ? scoreRdm(distances, comparator, square.length, role) : { kind: 'order', distances };
}

testWithShared('over all orders of the words, values and every p are those of the reference, under every comparator', async () => {
  const { cases } = await sharedJson<{ cases: readonly ExactCase[] }>('reference/mantel_exact.json');
  expect(cases).toHaveLength(3);
  for (const [comparator, name] of Object.entries(names) as [RdmComparator, string][]) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const { n, D1, D2, results } of cases) {
      const expected = results[name]!;
      const input = { n, comparator, reference: scored(D1, comparator, 'reference'), candidates: [scored(D2, comparator, 'candidate')], permutations: 1000, seed: 1 };
      const { values, exact } = await nullValues(compute, input, {});
      expect(exact).toBe(true);
      expect(values[0]).toHaveLength(expected.n_perm);
      const mean = values[0]!.reduce((sum, value) => sum + value, 0) / expected.n_perm;
      const sd = Math.sqrt(values[0]!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / expected.n_perm);
      const p: number[] = [];
      for (const alternative of ['greater', 'two-sided', 'less'] as const) p.push((await mantelTest(compute, { ...input, alternative }, {})).p[0]!);
      ours.push(valueOf(comparator, input.reference, input.candidates[0]!), values[0]![0]!, mean, sd, ...p, ...p.map((one) => one * expected.n_perm));
      theirs.push(expected.observed, expected.observed, expected.null_mean, expected.null_sd_ddof0,
        expected.p_greater, expected.p_two_sided_abs, expected.p_less, expected.count_ge, expected.count_abs_ge, expected.count_le);
    }
    await agree('mantel_exact.json', `mantel: ${comparator}`, ours, theirs, { within: 1e-9 });
  }
});

testWithShared('the values over all orders are those of the reference, as a set', async () => {
  const { cases } = await sharedJson<{ cases: readonly ExactCase[] }>('reference/mantel_exact.json');
  for (const [comparator, key] of [['spearman', 'null_spearman'], ['pearson', 'null_pearson']] as const) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (const one of cases) {
      const listed = one[key];
      if (!listed) continue;
      const input = { n: one.n, comparator, reference: scored(one.D1, comparator, 'reference'), candidates: [scored(one.D2, comparator, 'candidate')], permutations: 1000, seed: 1 };
      ours.push(...(await nullValues(compute, input, {})).values[0]!.slice().sort());
      theirs.push(...listed.toSorted((a, b) => a - b));
    }
    await agree('mantel_exact.json', `mantel: all values, ${comparator}`, ours, theirs, { within: 1e-9 });
  }
});

interface MonteCarlo { readonly n: number; readonly D1: Square; readonly D2: Square; readonly observed: number; readonly p_runs: readonly number[] }

testWithShared('random permutations give a p within the range of the reference’s runs, the same on every backend', async () => {
  const { n, D1, D2, observed, p_runs: runs } = await sharedJson<MonteCarlo>('reference/mantel_montecarlo.json');
  const inputOf = (comparator: RdmComparator) =>
    ({ n, comparator, reference: scored(D1, comparator, 'reference'), candidates: [scored(D2, comparator, 'candidate')], permutations: 10_000, seed: 7 });
  const ranks = inputOf('spearman');
  await agree('mantel_montecarlo.json', 'spearman', valueOf('spearman', ranks.reference, ranks.candidates[0]!), observed, { within: 1e-9 });
  const [cpu, gpu] = await Promise.all((['cpu', 'webgpu'] as const).map((backend) => mantelTest(() => openCompute({ backend }), ranks, {})));
  const expected = runs.reduce((sum, p) => sum + p, 0) / runs.length;
  await agree('mantel_montecarlo.json', 'mantel: p of random permutations', cpu!.p[0]!, expected,
    { within: 4 * Math.sqrt((expected * (1 - expected)) / 10_000), because: 'other permutations: four standard errors of a share of 10,000' });
  expect(gpu).toEqual(cpu);
  // Float sums of the distances themselves, which agree to a few orders out of ten thousand.
  const [a, b] = await Promise.all((['cpu', 'webgpu'] as const).map((backend) => mantelTest(() => openCompute({ backend }), inputOf('pearson'), {})));
  expect(Math.abs(a!.p[0]! - b!.p[0]!)).toBeLessThan(1e-3);
});
