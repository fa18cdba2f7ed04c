/** The bootstrap over raters, words and both against rsatoolbox's own resamples and their spread (../shared/reference). */
import { expect } from 'vitest';
import type { RdmComparator } from '../../src/data/comparators.ts';
import type { ResampledOver } from '../../src/data/raters.ts';
import { comparison, drawnComparison } from '../../src/rsa/comparators/comparison.ts';
import { bootstrapRaters, bootstrapVariance, drawDifferences, drawnRaterValues, raterValues } from '../../src/rsa/raters/rater-bootstrap.ts';
import { raterCeiling } from '../../src/rsa/raters/rater-ceiling.ts';
import { resampledRdm } from '../../src/rsa/inference/resample.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';
import type { CeilingFile } from './noise-ceiling.test.ts';

interface Resample {
  readonly rdm_idx: readonly number[];
  readonly pattern_idx: readonly number[];
  readonly evals: Readonly<Record<string, readonly number[]>>;
  readonly ceil: Readonly<Record<string, readonly [number, number]>>;
  readonly n_pairs_kept: number;
}
interface Spread { readonly N: number; readonly sem_expected_range: readonly [readonly number[], readonly number[]]; readonly diff_var_mean: readonly number[]; readonly diff_var_sd: readonly number[] }

const names: readonly (readonly [RdmComparator, string])[] = [
  ['pearson', 'corr'], ['spearman', 'spearman'], ['rho-a', 'rho-a'], ['tau-a', 'tau-a'], ['cosine', 'cosine'],
  ['whitened-cosine', 'cosine_cov'], ['whitened-pearson', 'corr_cov'],
];

const load = async () => {
  const { n_cond: n, subject_rdms, model_rdms } = await sharedJson<CeilingFile>('reference/noise_ceiling.json');
  return { n, subjects: subject_rdms.map((rdm) => Float64Array.from(rdm)), models: model_rdms.map((rdm) => Float64Array.from(rdm)) };
};

testWithShared('values and ceilings of given resamples are rsatoolbox’s for every comparator', async () => {
  const { resamples } = await sharedJson<{ resamples: readonly Resample[] }>('reference/bootstrap_deterministic.json');
  const { n, subjects, models } = await load();
  expect(resamples).toHaveLength(12);
  for (const [comparator, theirs] of names) {
    const bound = { within: 1e-9 };
    const ours = await Promise.all(resamples.map(async ({ rdm_idx, pattern_idx, n_pairs_kept }) => {
      const words = [...pattern_idx].sort((a, b) => a - b);
      const raters = rdm_idx.map((s) => subjects[s]!);
      const drawn = raters.map((rdm) => resampledRdm(rdm, n, words).values);
      expect(drawn[0]).toHaveLength(n_pairs_kept);
      const { lower, upper } = await raterCeiling(drawnComparison(comparator, words), drawn, rdm_idx);
      const values = await drawnRaterValues(comparator, n, raters, models, words);
      return { evals: values.map((own) => own.reduce((sum, value) => sum + value, 0) / own.length), ceil: [lower, upper] };
    }));
    await agree('bootstrap_deterministic.json', `bootstrap-raters: ${comparator}`, ours.map(({ evals }) => evals), resamples.map(({ evals }) => evals[theirs]!), bound);
    await agree('bootstrap_deterministic.json', `bootstrap-raters: noise ceiling, ${comparator}`, ours.map(({ ceil }) => ceil), resamples.map(({ ceil }) => ceil[theirs]!), bound);
  }
});

testWithShared('standard errors of the bootstrap over raters, over words and of both combined are within rsatoolbox’s range', async () => {
  const { results } = await sharedJson<{ results: Readonly<Record<'bootstrap_rdm' | 'bootstrap_pattern' | 'bootstrap_both_uncorrected' | 'dual_bootstrap_N300', Spread>> }>('reference/bootstrap_stochastic.json');
  const { n, subjects, models } = await load();
  const values = await raterValues(comparison('spearman', n), subjects, models);
  const from = { raters: subjects.length, words: n };
  const kinds: readonly (readonly [ResampledOver, Spread])[] = [['raters', results.bootstrap_rdm], ['words', results.bootstrap_pattern], ['both', results.dual_bootstrap_N300]];
  for (const [over, expected] of kinds) {
    const found = await bootstrapRaters({ comparator: 'spearman', n, raters: subjects, candidates: models, values, over, draws: 1000, seed: 1 });
    const sems = found.map((draws) => Math.sqrt(bootstrapVariance(draws, over, from)));
    const [low, high] = expected.sem_expected_range;
    sems.forEach((sem, m) => {
      expect(sem, `${over}, model ${m}`).toBeGreaterThanOrEqual(low[m]!);
      expect(sem, `${over}, model ${m}`).toBeLessThanOrEqual(high[m]!);
    });
    // Differences of models 0-1, 0-2, 1-2, within four of their SDs over seeds.
    [[0, 1], [0, 2], [1, 2]].forEach(([a, b], pair) => {
      const variance = bootstrapVariance(drawDifferences(found[a!]!, found[b!]!), over, from);
      expect(Math.abs(variance - expected.diff_var_mean[pair]!), `${over}, difference ${pair}`).toBeLessThanOrEqual(4 * expected.diff_var_sd[pair]!);
    });
    if (over === 'both') {
      // Raters and words drawn at once, before the combination: the words and raters of each draw.
      const { sem_expected_range: [least, most] } = results.bootstrap_both_uncorrected;
      found.forEach(({ both }, m) => {
        const mean = both.reduce((sum, value) => sum + value, 0) / both.length;
        const sem = Math.sqrt((both.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (both.length - 1)) * (10 / 9));
        expect(sem).toBeGreaterThanOrEqual(least[m]!);
        expect(sem).toBeLessThanOrEqual(most[m]!);
      });
    }
    const middle = low.map((bound, m) => (bound + high[m]!) / 2);
    await agree('bootstrap_stochastic.json', `bootstrap-raters: standard error over ${over}`, sems, middle, {
      within: Math.max(...low.map((bound, m) => (high[m]! - bound) / 2)), because: 'other random draws: within four SDs of rsatoolbox’s over seeds',
    });
  }
});
