/** The bootstrap over words against rsatoolbox's own resamples (../shared/reference). */
import { expect } from 'vitest';
import { WeightedCorrelation } from '../../src/rsa/inference/bootstrap.ts';
import { doubledRanks } from '../../src/rsa/comparators/ranks.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

interface Resample { readonly rdm_idx: readonly number[]; readonly pattern_idx: readonly number[]; readonly evals: Readonly<Record<'corr' | 'spearman' | 'cosine', readonly number[]>> }
interface Data { readonly n_cond: number; readonly subject_rdms: readonly (readonly number[])[]; readonly model_rdms: readonly (readonly number[])[] }

/** Mean over the resampled subjects, as rsatoolbox evaluates a model. */
function evaluate(n: number, weights: Uint32Array, model: Float64Array, subjects: readonly Float64Array[], indices: readonly number[], about: 'means' | 'zero'): number {
  const values = new WeightedCorrelation(n, model, subjects, about).correlate(weights);
  return indices.reduce((sum, subject) => sum + values[subject]!, 0) / indices.length;
}

testWithShared('correlations and cosines under weights of the words are rsatoolbox’s; Spearman’s too while all words are drawn once', async () => {
  const { resamples } = await sharedJson<{ resamples: readonly Resample[] }>('reference/bootstrap_deterministic.json');
  const { n_cond: n, subject_rdms, model_rdms } = await sharedJson<Data>('reference/noise_ceiling.json');
  const [subjects, models] = [subject_rdms, model_rdms].map((rdms) => rdms.map((rdm) => Float64Array.from(rdm))) as [Float64Array[], Float64Array[]];
  const ranked = (rdms: readonly Float64Array[]): Float64Array[] => rdms.map((rdm) => Float64Array.from(doubledRanks(rdm)));
  const ours: Record<'corr' | 'cosine' | 'spearman', number[]> = { corr: [], cosine: [], spearman: [] };
  const theirs: typeof ours = { corr: [], cosine: [], spearman: [] };
  const gaps: number[] = [];
  for (const { rdm_idx, pattern_idx, evals } of resamples) {
    const weights = new Uint32Array(n);
    for (const word of pattern_idx) weights[word]!++;
    models.forEach((model, m) => {
      ours.corr.push(evaluate(n, weights, model, subjects, rdm_idx, 'means'));
      ours.cosine.push(evaluate(n, weights, model, subjects, rdm_idx, 'zero'));
      theirs.corr.push(evals.corr[m]!);
      theirs.cosine.push(evals.cosine[m]!);
      const spearman = evaluate(n, weights, ranked([model])[0]!, ranked(subjects), rdm_idx, 'means');
      if (weights.every((weight) => weight === 1)) {
        ours.spearman.push(spearman);
        theirs.spearman.push(evals.spearman[m]!);
      } else gaps.push(Math.abs(spearman - evals.spearman[m]!));
    });
  }
  await agree('bootstrap_deterministic.json', 'bootstrap-words: pearson', ours.corr, theirs.corr, { within: 1e-9 });
  await agree('bootstrap_deterministic.json', 'bootstrap-words: cosine', ours.cosine, theirs.cosine, { within: 1e-9 });
  await agree('bootstrap_deterministic.json', 'bootstrap-words: spearman, each word once', ours.spearman, theirs.spearman, { within: 1e-9 });
  // Keeping the full sample's ranks is an approximation, stated as such: with only 12 words it is off by hundredths.
  expect(Math.max(...gaps)).toBeGreaterThan(1e-4);
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(0.05);
});
