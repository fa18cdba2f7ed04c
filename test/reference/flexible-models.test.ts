/** Weighted, selected and interpolated models against rsatoolbox (../shared/reference/flexible_models.json). */
import { expect } from 'vitest';
import { compare } from '../../src/rsa/comparators/compare.ts';
import { mean } from '../../src/rsa/comparators/correlate.ts';
import { subRdm } from '../../src/rsa/inference/resample.ts';
import { type FittedComparator, freeWeights, mixtureOfTwo, mostSimilar, productsOf, weightedSum, weightsAboveZero } from '../../src/rsa/models/weighted.ts';
import { runFold } from '../../src/rsa/models/weighted-folds.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Values = readonly (number | null)[];
interface Results {
  readonly fit_regress: Values;
  readonly fit_regress_nn: Values;
  readonly fit_select: number;
  readonly fit_interpolate: Values;
  readonly fit_regress_exact: Values;
  readonly fit_regress_nn_exact_scipy_nnls: Values;
  readonly crossval_models: readonly string[];
  readonly crossval_evaluations_model_by_fold: readonly Values[];
  readonly crossval_means: Values;
}
interface Subjects {
  readonly n_cond: number;
  readonly subject_rdms: readonly (readonly number[])[];
  readonly model_rdms: readonly (readonly number[])[];
  readonly cv_folds: readonly { train_pattern_idx: readonly number[]; test_pattern_idx: readonly number[]; test_rdm_index: readonly number[] }[];
}

const comparators: Readonly<Record<string, FittedComparator>> = { cosine: 'cosine', corr: 'pearson', cosine_cov: 'whitened-cosine', corr_cov: 'whitened-pearson' };
const neighbours = [[0, 1], [1, 2]] as const;

/** The mean of subjects' RDMs, each of length 1 under the comparator: the RDM whose best model is best for all of them on average. */
function pool(comparator: FittedComparator, rdms: readonly Float64Array[], n: number): Float64Array {
  const centring = comparator === 'pearson' || comparator === 'whitened-pearson';
  const scaled = rdms.map((rdm) => {
    const own = centring ? rdm.map((value) => value - mean(rdm)) : rdm;
    const length = Math.sqrt(productsOf(comparator, [own], own, n).gram[0]!);
    return own.map((value) => value / length);
  });
  return Float64Array.from(rdms[0]!, (_, k) => scaled.reduce((sum, own) => sum + own[k]!, 0) / scaled.length);
}

testWithShared('weights fitted to all subjects are rsatoolbox’s, and the best model and the best mixture too', async () => {
  const file = 'flexible_models.json';
  const { results } = await sharedJson<{ results: Readonly<Record<string, Results>> }>(`reference/${file}`);
  const subjects = await sharedJson<Subjects>('reference/noise_ceiling.json');
  const n = subjects.n_cond;
  const models = subjects.model_rdms.map((values) => Float64Array.from(values));
  const data = subjects.subject_rdms.map((values) => Float64Array.from(values));
  expect(Object.keys(results)).toEqual(Object.keys(comparators));
  for (const [name, comparator] of Object.entries(comparators)) {
    const wanted = results[name]!;
    const products = productsOf(comparator, models, pool(comparator, data, n), n);
    await agree(file, `weighted-rsa: ${comparator}, free weights`, freeWeights(products)!, wanted.fit_regress, { within: 1e-9 });
    await agree(file, `weighted-rsa: ${comparator}, free weights, exact`, freeWeights(products)!, wanted.fit_regress_exact, { within: 1e-9 });
    if (!wanted.fit_regress_nn.includes(null)) await agree(file, `weighted-rsa: ${comparator}`, weightsAboveZero(products), wanted.fit_regress_nn, { within: 1e-9 });
    await agree(file, `weighted-rsa: ${comparator}, exact`, weightsAboveZero(products), wanted.fit_regress_nn_exact_scipy_nnls, { within: 1e-9 });
    await agree(file, `model-selection: ${comparator}, chosen`, mostSimilar(products), wanted.fit_select, { within: 0 });
    await agree(file, `model-selection: ${comparator}, mixture of two`, mixtureOfTwo(products, neighbours)!, wanted.fit_interpolate, { within: 1e-5, because: 'rsatoolbox searches the mixture and stops at about 1e-5' });
    const similarity = (weights: ArrayLike<number>): number => mean(Float64Array.from(data, (rdm) => compare(comparator, weightedSum(models, weights), rdm, n)));
    expect(similarity(mixtureOfTwo(products, neighbours)!)).toBeGreaterThanOrEqual(similarity(wanted.fit_interpolate as number[]) - 1e-12);
  }
});

testWithShared('weights fitted on some subjects and words do on the others as well as rsatoolbox’s', async () => {
  const file = 'flexible_models.json';
  const { results } = await sharedJson<{ results: Readonly<Record<string, Results>> }>(`reference/${file}`);
  const subjects = await sharedJson<Subjects>('reference/noise_ceiling.json');
  const n = subjects.n_cond;
  const predictors = subjects.model_rdms.map((values) => Float64Array.from(values));
  const data = subjects.subject_rdms.map((values) => Float64Array.from(values));
  for (const [name, comparator] of Object.entries(comparators)) {
    const wanted = results[name]!;
    const found: number[][] = wanted.crossval_models.map(() => []);
    for (const fold of subjects.cv_folds) {
      const [train, test] = [Uint32Array.from(fold.train_pattern_idx), Uint32Array.from(fold.test_pattern_idx)];
      const trained = data.filter((_, subject) => !fold.test_rdm_index.includes(subject));
      // Pooled over the training words alone, then put back where they stand.
      const pooled = pool(comparator, trained.map((rdm) => subRdm(rdm, n, train)), train.length);
      const reference = spread(pooled, n, train);
      const tried = await Promise.all(fold.test_rdm_index.map((subject) => runFold({ comparator, reference, predictors, n, neighbours }, { train, test }, data[subject]!)));
      const over = (value: (one: (typeof tried)[number]) => number): number => mean(Float64Array.from(tried, value));
      const row = [over(({ schemes }) => schemes.weighted), over(({ schemes }) => schemes.selected), over(({ schemes }) => schemes.interpolated), ...[0, 1, 2].map((m) => over(({ single }) => single[m]!))];
      row.forEach((value, model) => found[model]!.push(value));
    }
    for (const [at, model] of wanted.crossval_models.entries()) {
      const statistic = model === 'weighted_nn' ? 'weighted-rsa' : 'model-selection';
      const bound = model === 'interpolate' ? { within: 1e-5, because: 'rsatoolbox searches the mixture and stops at about 1e-5' } : { within: 1e-9 };
      const theirs = wanted.crossval_evaluations_model_by_fold[at]!;
      // null: rsatoolbox did not come to an end.
      const ended = theirs.flatMap((value, fold) => (value === null ? [] : [fold]));
      await agree(file, `${statistic}: ${comparator}, ${model}, held out`, ended.map((fold) => found[at]![fold]!), ended.map((fold) => theirs[fold]!), bound);
      if (ended.length === theirs.length) await agree(file, `${statistic}: ${comparator}, ${model}, held out, mean`, mean(Float64Array.from(found[at]!)), wanted.crossval_means[at]!, bound);
    }
  }
});

/** An RDM over all words that has the distances of some; the others are zero and not read. */
function spread(rdm: Float64Array, n: number, words: Uint32Array): Float64Array {
  const out = new Float64Array((n * (n - 1)) / 2);
  const at = new Map([...words].map((word, place) => [word, place]));
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const [a, b] = [at.get(i), at.get(j)];
      if (a !== undefined && b !== undefined) out[pair] = rdm[a * words.length - (a * (a + 1)) / 2 + b - a - 1]!;
    }
  }
  return out;
}
