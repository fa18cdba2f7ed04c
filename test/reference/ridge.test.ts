/** Ridge predictions against scikit-learn (../shared/reference/ridge_cv.json): more words than features, and fewer. */
import { expect } from 'vitest';
import { pearson } from '../../src/rsa/comparators/correlate.ts';
import { heldOutPredictions, heldOutR2 } from '../../src/rsa/dimensions/probe.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Rows = readonly (readonly number[])[];
interface Found {
  readonly r2_per_fold_per_target: Rows;
  readonly r2_mean_over_folds_per_target: readonly number[];
  readonly r2_pooled_predictions_per_target: readonly number[];
  readonly r2_pooled_uniform_average: number;
  readonly r2_pooled_variance_weighted: number;
  readonly pearson_r_pooled_per_target: readonly number[];
  readonly cv_predictions_first5: Rows;
  readonly full_fit_intercept: readonly number[];
  readonly full_fit_coef_first3: Rows;
  readonly r2_train: number;
  readonly loo_mse_per_target: readonly number[];
  readonly loo_r2_per_target: readonly number[];
}
interface RidgeCase {
  readonly n: number; readonly d: number; readonly n_targets: number; readonly X: Rows; readonly Y: Rows;
  readonly folds_test_index: Rows; readonly alphas: Readonly<Record<string, Found>>;
}

const file = 'ridge_cv.json';
const within = { within: 1e-9 };
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: Float64Array): number => mean(values.map((value) => (value - mean(values)) ** 2));

/** The cases with a predictor; the file counts a penalty as it is, we per training word. */
async function cases() {
  const { cases: all } = await sharedJson<{ cases: readonly RidgeCase[] }>(`reference/${file}`);
  expect(all.map(({ n, d }) => n > d)).toEqual([true, false]);
  return all.map((one) => ({
    ...one,
    targets: Array.from({ length: one.n_targets }, (_, t) => Float64Array.from(one.Y, (row) => row[t]!)),
    predict: (rows: Rows, targets: readonly Float64Array[], folds: Uint8Array, penalty: number) =>
      heldOutPredictions({ n: rows.length, d: one.d, features: Float64Array.from(rows.flat()), targets, folds }, {}, { penalties: [penalty], scale: false }),
  }));
}

testWithShared('held-out predictions, correlations and R² of every penalty are scikit-learn’s', async () => {
  for (const { n, d, X, targets, folds_test_index: tests, alphas, predict } of await cases()) {
    const folds = new Uint8Array(n);
    tests.forEach((words, fold) => { for (const word of words) folds[word] = fold; });
    for (const [alpha, theirs] of Object.entries(alphas)) {
      const predictions = await predict(X, targets, folds, Number(alpha) / (n - tests[0]!.length));
      const name = `ridge-probe: ${d} features, penalty ${alpha}`;
      await agree(file, `${name}, predictions`, theirs.cv_predictions_first5.map((_, i) => predictions.map((values) => values[i]!)), theirs.cv_predictions_first5, within);
      await agree(file, `${name}, r`, predictions.map((values, t) => pearson(values, targets[t]!)), theirs.pearson_r_pooled_per_target, within);
      const r2 = predictions.map((values, t) => heldOutR2(targets[t]!, values));
      await agree(file, `${name}, R²`, r2, theirs.r2_pooled_predictions_per_target, within);
      const spread = targets.map(variance);
      await agree(file, `${name}, R² over dimensions`, [mean(r2), r2.reduce((sum, value, t) => sum + value * spread[t]!, 0) / (mean(spread) * r2.length)], [theirs.r2_pooled_uniform_average, theirs.r2_pooled_variance_weighted], within);
      const perFold = tests.map((words) => targets.map((target, t) => heldOutR2(Float64Array.from(words, (word) => target[word]!), Float64Array.from(words, (word) => predictions[t]![word]!))));
      await agree(file, `${name}, R² per fold`, perFold, theirs.r2_per_fold_per_target, within);
      await agree(file, `${name}, mean R² of folds`, targets.map((_, t) => mean(perFold.map((row) => row[t]!))), theirs.r2_mean_over_folds_per_target, within);
    }
  }
});

testWithShared('leaving out one word at a time gives scikit-learn’s errors', async () => {
  for (const { n, d, X, targets, alphas, predict } of await cases()) {
    for (const [alpha, theirs] of Object.entries(alphas)) {
      const predictions = await predict(X, targets, Uint8Array.from({ length: n }, (_, i) => i), Number(alpha) / (n - 1));
      const name = `ridge-probe: ${d} features, penalty ${alpha}, one word at a time`;
      await agree(file, `${name}, mean squared error`, predictions.map((values, t) => mean(values.map((value, i) => (value - targets[t]![i]!) ** 2))), theirs.loo_mse_per_target, within);
      await agree(file, `${name}, R²`, predictions.map((values, t) => heldOutR2(targets[t]!, values)), theirs.loo_r2_per_target, within);
    }
  }
});

testWithShared('intercept, weights and training R² of a fit to all words are scikit-learn’s', async () => {
  for (const { n, d, X, targets, alphas, predict } of await cases()) {
    // The words once more, the zero word and three unit words, all in a fold of their own: predicted from all the words.
    const units = [-1, 0, 1, 2].map((at) => Array.from({ length: d }, (_, k) => Number(k === at)));
    const rows = [...X, ...X, ...units];
    const folds = Uint8Array.from(rows, (_, i) => Number(i >= n));
    for (const [alpha, theirs] of Object.entries(alphas)) {
      const predictions = await predict(rows, targets.map((target) => Float64Array.from(rows, (_, i) => target[i % n]!)), folds, Number(alpha) / n);
      const name = `ridge-probe: ${d} features, penalty ${alpha}, all words`;
      await agree(file, `${name}, intercept`, predictions.map((values) => values[2 * n]!), theirs.full_fit_intercept, within);
      await agree(file, `${name}, weights`, predictions.map((values) => [1, 2, 3].map((k) => values[2 * n + k]! - values[2 * n]!)), theirs.full_fit_coef_first3, within);
      await agree(file, `${name}, training R²`, mean(predictions.map((values, t) => heldOutR2(targets[t]!, values.subarray(n, 2 * n)))), theirs.r2_train, within);
    }
  }
});
