/** Ridge predictions against scikit-learn (../shared/reference): more words than features, and fewer. */
import { expect } from 'vitest';
import { pearson } from '../../src/rsa/correlate.ts';
import { heldOutPredictions } from '../../src/rsa/probe.ts';
import { sharedJson, testWithShared } from '../shared.ts';

interface RidgeCase {
  readonly n: number;
  readonly d: number;
  readonly n_targets: number;
  readonly X: readonly (readonly number[])[];
  readonly Y: readonly (readonly number[])[];
  readonly folds_test_index: readonly (readonly number[])[];
  readonly alphas: Readonly<Record<string, { readonly pearson_r_pooled_per_target: readonly number[]; readonly cv_predictions_first5: readonly (readonly number[])[] }>>;
}

testWithShared('held-out predictions of every penalty are scikit-learn’s to 1e-9', async () => {
  const { cases } = await sharedJson<{ cases: readonly RidgeCase[] }>('reference/ridge_cv.json');
  for (const { n, d, n_targets: count, X, Y, folds_test_index: tests, alphas } of cases) {
    const folds = new Uint8Array(n);
    tests.forEach((words, fold) => { for (const word of words) folds[word] = fold; });
    const targets = Array.from({ length: count }, (_, t) => Float64Array.from(Y, (row) => row[t]!));
    const trained = n - tests[0]!.length;
    for (const [alpha, expected] of Object.entries(alphas)) {
      const input = { n, d, features: Float64Array.from(X.flat()), targets, folds };
      const predictions = await heldOutPredictions(input, {}, { penalties: [Number(alpha) / trained], scale: false });
      predictions.forEach((values, t) => {
        expect(Math.abs(pearson(values, targets[t]!) - expected.pearson_r_pooled_per_target[t]!)).toBeLessThan(1e-9);
        expected.cv_predictions_first5.forEach((row, i) => expect(Math.abs(values[i]! - row[t]!)).toBeLessThan(1e-9));
      });
    }
  }
  expect(cases.map(({ n, d }) => n > d)).toEqual([true, false]);
});
