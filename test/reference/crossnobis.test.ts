/** Crossnobis distances against rsatoolbox (../shared/reference/crossnobis.json). */
import { expect } from 'vitest';
import { openCompute } from '../../src/gpu/compute.ts';
import { crossnobis, crossnobisOfPairs, type MeasurementPair } from '../../src/rsa/distances/crossnobis.ts';
import { cholesky, inverseCholesky } from '../../src/rsa/numbers/linear.ts';
import { noiseFactor, whitenRows } from '../../src/rsa/distances/noise.ts';
import { ratingsRdm } from '../../src/rsa/distances/rdm.ts';
import { withoutRowMeans } from '../../src/rsa/distances/row-transforms.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Square = readonly (readonly number[])[];
interface Reference {
  readonly n_cond: number;
  readonly d: number;
  readonly data: readonly Square[];
  readonly precisions: readonly Square[];
  readonly rdms: Readonly<Record<'identity' | 'identity_remove_mean' | 'precision' | 'list_of_precisions' | 'plain_euclidean_of_condition_means', readonly number[]>>;
}

const file = 'crossnobis.json';
const compute = () => openCompute({ backend: 'webgpu' });
/** The covariance that a precision belongs to. */
const inverse = (matrix: Square, d: number): Float64Array => {
  const factored = cholesky(Float64Array.from(matrix.flat()), d);
  if (!('factor' in factored)) throw new Error('the reference’s precision has no inverse');
  return inverseCholesky(factored.factor, d);
};

testWithShared('crossnobis is rsatoolbox’s: plain, means removed, whitened by one precision or by one for each measurement', async () => {
  const { n_cond: n, d, data, precisions, rdms } = await sharedJson<Reference>(`reference/${file}`);
  const folds = data.map((fold) => Float64Array.from(fold.flat()));
  // rsatoolbox divides by the number of channels, our perChannel.
  const perChannel = (distances: Float32Array | Float64Array): number[] => Array.from(distances, (value) => value / d);

  const plain = perChannel(await crossnobis(folds, n, d, compute));
  await agree(file, 'crossnobis: identity, per channel', plain, rdms.identity, { within: 1e-9 });
  await agree(file, 'crossnobis: identity, remove mean', perChannel(await crossnobis(folds.map((fold) => withoutRowMeans(fold, n, d)), n, d, compute)), rdms.identity_remove_mean, { within: 1e-9 });

  const covariances = precisions.map((precision) => inverse(precision, d));
  const factor = noiseFactor(covariances[0]!, d, 'full', '');
  const whitened = await Promise.all(folds.map((fold) => whitenRows(factor, fold, n, d)));
  await agree(file, 'crossnobis: one precision', perChannel(await crossnobis(whitened, n, d, compute)), rdms.precision, { within: 1e-9 });

  const pairs = async function* (): AsyncGenerator<MeasurementPair> {
    for (let f = 0; f < folds.length; f++) {
      for (let g = f + 1; g < folds.length; g++) {
        const both = noiseFactor(covariances[f]!.map((value, k) => (value + covariances[g]![k]!) / 2), d, 'full', '');
        yield { a: await whitenRows(both, folds[f]!, n, d), b: await whitenRows(both, folds[g]!, n, d) };
      }
    }
  };
  await agree(file, 'crossnobis: a precision of each measurement', perChannel(await crossnobisOfPairs(pairs(), 6, n, d, compute)), rdms.list_of_precisions, { within: 1e-9 });

  const means = Float64Array.from(folds[0]!, (_, k) => folds.reduce((sum, fold) => sum + fold[k]!, 0) / folds.length);
  await agree(file, 'sqeuclidean: of the means of measurements, per channel', perChannel(await ratingsRdm({ n, d, data: means, constant: [] }, 'sqeuclidean', {})), rdms.plain_euclidean_of_condition_means, { within: 1e-9 });
  expect(plain.every((value, k) => value < rdms.plain_euclidean_of_condition_means[k]!), 'cross-validation takes the noise off').toBe(true);

  const single = await crossnobis(folds.map((fold) => Float32Array.from(fold)), n, d, compute);
  expect(single).toBeInstanceOf(Float32Array);
  await agree(file, 'crossnobis: identity, float32 kernel', perChannel(single), rdms.identity, { within: 2e-5, because: 'float32 kernel' });
});
