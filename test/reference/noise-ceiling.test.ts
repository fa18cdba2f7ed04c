/** Noise ceilings and tests over raters against rsatoolbox and scipy (../shared/reference/noise_ceiling.json). */
import { expect } from 'vitest';
import type { RdmComparator } from '../../src/data/comparators.ts';
import { comparison } from '../../src/rsa/comparators/comparison.ts';
import { crossValidatedCeiling, raterCeiling } from '../../src/rsa/raters/rater-ceiling.ts';
import { raterValues } from '../../src/rsa/raters/rater-bootstrap.ts';
import { poolable, poolRdms } from '../../src/rsa/raters/rater-pool.ts';
import { greaterP, raterMean, twoSidedP, wilcoxonP } from '../../src/rsa/raters/rater-tests.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

interface Bounds { readonly lower: number; readonly upper: number }
export interface CeilingFile {
  readonly n_cond: number;
  readonly subject_rdms: readonly (readonly number[])[];
  readonly model_rdms: readonly (readonly number[])[];
  readonly pooled: Readonly<Record<string, readonly number[]>>;
  readonly noise_ceiling: Readonly<Record<string, Bounds & { readonly cv_k_rdm2_k_pattern2: Bounds; readonly cv_leave_one_rdm_out: Bounds }>>;
  readonly cv_folds: readonly { readonly test_pattern_idx: readonly number[]; readonly test_rdm_index: readonly number[] }[];
  readonly eval_fixed: Readonly<Record<string, EvalFixed>>;
}
interface EvalFixed {
  readonly evaluations_model_by_subject: readonly (readonly number[])[];
  readonly means: readonly number[];
  readonly sem: readonly number[];
  readonly dof: number;
  readonly ci95: readonly [readonly number[], readonly number[]];
  readonly t_p_pairwise: readonly (readonly number[])[];
  readonly t_p_zero_one_sided: readonly number[];
  readonly t_p_noise_lower_two_sided: readonly number[];
  readonly wilcoxon_p_pairwise: readonly (readonly number[])[];
  readonly wilcoxon_p_zero: readonly number[];
  readonly wilcoxon_p_noise: readonly number[];
}

const names: Readonly<Record<RdmComparator, string>> = {
  pearson: 'corr', spearman: 'spearman', 'rho-a': 'rho-a', 'tau-a': 'tau-a', 'tau-b': 'kendall', cosine: 'cosine',
  'whitened-cosine': 'cosine_cov', 'whitened-pearson': 'corr_cov',
};
const file = 'noise_ceiling.json';
const load = async () => {
  const data = await sharedJson<CeilingFile>(`reference/${file}`);
  return { data, subjects: data.subject_rdms.map((rdm) => Float64Array.from(rdm)), models: data.model_rdms.map((rdm) => Float64Array.from(rdm)) };
};
const bounds = ({ lower, upper }: Bounds): number[] => [lower, upper];

testWithShared('pooled RDMs and noise ceilings of all comparators are rsatoolbox’s, over folds too', async () => {
  const { data, subjects } = await load();
  for (const [comparator, theirs] of Object.entries(names) as [RdmComparator, string][]) {
    await agree(file, `rater-ceiling: pooled RDM, ${comparator}`, poolRdms(comparator, subjects.map((rdm) => poolable(comparator, rdm))), data.pooled[theirs]!, { within: 1e-9 });
    const expected = data.noise_ceiling[theirs]!;
    const ours = bounds(await raterCeiling(comparison(comparator, data.n_cond), subjects));
    await agree(file, `rater-ceiling: ${comparator}`, [ours, ours], [bounds(expected), bounds(expected.cv_leave_one_rdm_out)], { within: 1e-9 });
    const folds = data.cv_folds.map(({ test_pattern_idx, test_rdm_index }) => ({ words: Uint32Array.from(test_pattern_idx), raters: test_rdm_index }));
    await agree(file, `rater-ceiling: cross-validated, ${comparator}`, bounds(await crossValidatedCeiling(comparator, subjects, data.n_cond, folds)), bounds(expected.cv_k_rdm2_k_pattern2), { within: 1e-9 });
    expect(ours[0]).toBeLessThan(ours[1]!);
  }
});

testWithShared('means over raters, t and Wilcoxon tests are rsatoolbox’s and scipy’s', async () => {
  const { data, subjects, models } = await load();
  for (const [comparator, theirs] of Object.entries(names) as [RdmComparator, string][]) {
    const expected = data.eval_fixed[theirs]!;
    const values = await raterValues(comparison(comparator, data.n_cond), subjects, models);
    await agree(file, `raters: values, ${comparator}`, values, expected.evaluations_model_by_subject, { within: 1e-9 });
    const { lower } = data.noise_ceiling[theirs]!;
    const means = values.map((own) => raterMean(own, 0.95));
    const df = subjects.length - 1;
    expect(expected.dof).toBe(df);
    await agree(file, 'raters: mean, se, interval', [means.map(({ value }) => value), means.map(({ se }) => se), [0, 1].map((side) => means.map(({ interval }) => interval![side]!))], [expected.means, expected.sem, expected.ci95], { within: 1e-9 });
    await agree(file, 'raters: t tests', [
      means.map(({ value, se }) => greaterP(value, se, df)),
      means.map(({ value, se }) => twoSidedP(value - lower, se, df)),
      values.map((a) => values.map((b) => {
        const { value, se } = raterMean(a.map((one, s) => one - b[s]!), 0.95);
        return twoSidedP(value, se, df);
      })),
    ], [expected.t_p_zero_one_sided, expected.t_p_noise_lower_two_sided, expected.t_p_pairwise], { within: 1e-9 });
    await agree(file, 'raters: Wilcoxon', [
      values.map((own) => wilcoxonP(own)), values.map((own) => wilcoxonP(own, lower)),
      values.map((a, i) => values.map((b, j) => (i === j ? 1 : wilcoxonP(a.map((one, s) => one - b[s]!))))),
    ], [expected.wilcoxon_p_zero, expected.wilcoxon_p_noise, expected.wilcoxon_p_pairwise], { within: 1e-9 });
  }
});
