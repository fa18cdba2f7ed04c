/** The bootstrap over words against rsatoolbox's own resamples (../shared/reference). */
import { expect } from 'vitest';
import { WeightedCorrelation } from '../../src/rsa/bootstrap.ts';
import { doubledRanks } from '../../src/rsa/ranks.ts';
import { sharedJson, testWithShared } from '../shared.ts';

interface Resample { readonly kind: 'both' | 'rdm' | 'pattern'; readonly rdm_idx: readonly number[]; readonly pattern_idx: readonly number[]; readonly evals: Readonly<Record<'corr' | 'spearman', readonly number[]>> }
interface Data { readonly n_cond: number; readonly subject_rdms: readonly (readonly number[])[]; readonly model_rdms: readonly (readonly number[])[] }

/** Mean over the resampled subjects, as rsatoolbox evaluates a model. */
function evaluate(n: number, weights: Uint32Array, model: Float64Array, subjects: readonly Float64Array[], indices: readonly number[]): number {
  const values = new WeightedCorrelation(n, model, subjects).correlate(weights);
  return indices.reduce((sum, subject) => sum + values[subject]!, 0) / indices.length;
}

testWithShared('every Pearson value of a resample is rsatoolbox’s to 1e-9; Spearman too while all words are drawn once', async () => {
  const { resamples } = await sharedJson<{ resamples: readonly Resample[] }>('reference/bootstrap_deterministic.json');
  const { n_cond: n, subject_rdms, model_rdms } = await sharedJson<Data>('reference/noise_ceiling.json');
  const [subjects, models] = [subject_rdms, model_rdms].map((rdms) => rdms.map((rdm) => Float64Array.from(rdm)));
  const ranked = (rdms: readonly Float64Array[]): Float64Array[] => rdms.map((rdm) => Float64Array.from(doubledRanks(rdm)));
  const gaps: number[] = [];
  let unweighted = 0;
  for (const { rdm_idx, pattern_idx, evals } of resamples) {
    const weights = new Uint32Array(n);
    for (const word of pattern_idx) weights[word]!++;
    models!.forEach((model, m) => {
      expect(Math.abs(evaluate(n, weights, model, subjects!, rdm_idx) - evals.corr[m]!)).toBeLessThan(1e-9);
      const spearman = evaluate(n, weights, ranked([model])[0]!, ranked(subjects!), rdm_idx);
      if (weights.every((weight) => weight === 1)) {
        expect(Math.abs(spearman - evals.spearman[m]!)).toBeLessThan(1e-9);
        unweighted++;
      } else gaps.push(Math.abs(spearman - evals.spearman[m]!));
    });
  }
  expect(unweighted).toBeGreaterThan(0);
  // Keeping the full sample's ranks is an approximation, stated as such: with only 12 words it is off by hundredths.
  expect(Math.max(...gaps)).toBeGreaterThan(1e-4);
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(0.05);
});
