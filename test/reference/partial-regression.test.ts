/** Regression of an RDM on others against numpy, scipy and mne-rsa (../shared/reference/partial_regression.json). */
import { expect } from 'vitest';
import { doubledRanks } from '../../src/rsa/comparators/ranks.ts';
import { nonNegative } from '../../src/rsa/numbers/nnls.ts';
import { pairMoments } from '../../src/rsa/models/pair-products.ts';
import { rawWeights, regress } from '../../src/rsa/models/partial.ts';
import { partition } from '../../src/rsa/models/partition.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

interface Reference {
  readonly y: readonly number[];
  readonly models: readonly (readonly number[])[];
  readonly partial_pearson: readonly number[];
  readonly partial_spearman: readonly number[];
  readonly semipartial_pearson: readonly number[];
  readonly semipartial_spearman: readonly number[];
  readonly regression_beta_raw: readonly number[];
  readonly zscored_beta: readonly number[];
  readonly rank_zscored_beta: readonly number[];
  readonly nnls_models_then_intercept: readonly number[];
  readonly r2_subsets: Readonly<Record<string, number>>;
  readonly unique_variance: readonly number[];
}

testWithShared('partial and semipartial correlations, betas, non-negative weights and R² of every subset are those of Python', async () => {
  const file = 'partial_regression.json';
  const wanted = await sharedJson<Reference>(`reference/${file}`);
  const columns = [wanted.y, ...wanted.models].map((values) => Float64Array.from(values));
  const values = await pairMoments(columns);
  const ranks = await pairMoments(columns.map((column) => doubledRanks(column)));
  const [plain, ranked] = [regress(values.correlations, 4)!, regress(ranks.correlations, 4)!];

  await agree(file, 'partial-rsa: values', plain.partial, wanted.partial_pearson, { within: 1e-9 });
  await agree(file, 'partial-rsa: ranks', ranked.partial, wanted.partial_spearman, { within: 1e-9 });
  await agree(file, 'semipartial-rsa: values', plain.semipartial, wanted.semipartial_pearson, { within: 1e-9 });
  await agree(file, 'semipartial-rsa: ranks', ranked.semipartial, wanted.semipartial_spearman, { within: 1e-9 });
  await agree(file, 'regression: betas', rawWeights(plain.beta, values), wanted.regression_beta_raw, { within: 1e-9 });
  await agree(file, 'regression: standardised betas', plain.beta, wanted.zscored_beta, { within: 1e-9 });
  await agree(file, 'regression: standardised betas of ranks', ranked.beta, wanted.rank_zscored_beta, { within: 1e-9 });

  const split = partition(values.correlations, 4, [[1], [2], [3]]);
  const keys = Object.keys(wanted.r2_subsets);
  expect(keys).toHaveLength(7);
  await agree(file, 'variance-partitioning: R² of subsets', keys.map((key) => split.subsets.find(({ groups }) => groups.join(',') === key)!.r2), keys.map((key) => wanted.r2_subsets[key]!), { within: 1e-9 });
  await agree(file, 'variance-partitioning: unique variance', split.unique, wanted.unique_variance, { within: 1e-9 });

  // scipy's intercept may not fall below zero either; here it is above, so it is the free one that cells have.
  const raw = rawWeights(plain.weights, values);
  const intercept = values.means[0]! - raw.reduce((sum, weight, k) => sum + weight * values.means[k + 1]!, 0);
  await agree(file, 'weighted-rsa: non-negative least squares', [...raw, intercept], wanted.nnls_models_then_intercept, { within: 1e-9 });
  const withOnes = [...columns.slice(1), new Float64Array(columns[0]!.length).fill(1)];
  const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const direct = nonNegative(Float64Array.from(withOnes.flatMap((x) => withOnes.map((y) => dot(x, y)))), withOnes.map((x) => dot(x, columns[0]!)), 4);
  await agree(file, 'weighted-rsa: non-negative least squares with a column of ones', direct, wanted.nnls_models_then_intercept, { within: 1e-9 });
});
