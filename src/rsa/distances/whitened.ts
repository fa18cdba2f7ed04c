/** The noise of a layer's rows as a treatment asks for it, and crossnobis distances whitened by it. */
import type { Watch } from '../../base/progress.ts';
import type { Compute } from '../../gpu/compute.ts';
import { crossnobis, crossnobisOfPairs, type MeasurementPair } from './crossnobis.ts';
import { covariance, noiseFactor, whitenRows } from './noise.ts';
import type { Rows } from './rdm.ts';
import { residualsOfMeasurements, residualsOfOne, residualsOfWords } from './residuals.ts';
import { withoutRowMeans } from './row-transforms.ts';
import type { Treatment } from './treatment.ts';

/**
 * The Cholesky factor of the noise covariance between columns; null where nothing is whitened. Estimated before words'
 * means are removed, which would leave one direction without variance.
 */
export async function noiseOf({ n, d, data, measurements = [], label = '' }: Rows, { noise: { shrinkage } }: Treatment, watch: Watch): Promise<Float64Array | null> {
  if (shrinkage === 'none') return null;
  const residuals = measurements.length > 1 ? residualsOfMeasurements(measurements, n, d) : residualsOfWords(data, n, d);
  return noiseFactor(await covariance(residuals, shrinkage, watch), d, shrinkage, label);
}

/** Crossnobis distances of rows with several measurements: one noise for all, or one for each pair of measurements. */
export async function crossnobisOf(rows: Rows, treatment: Treatment, compute: () => Promise<Compute>, watch: Watch): Promise<Float32Array | Float64Array> {
  const { n, d, measurements = [] } = rows;
  const { noise, removeMean } = treatment;
  const own = removeMean ? measurements.map((data) => like(data, withoutRowMeans(data, n, d))) : measurements;
  if (noise.perMeasurement && noise.shrinkage !== 'none') {
    return crossnobisOfPairs(pairs(rows, own, treatment, watch), (own.length * (own.length - 1)) / 2, n, d, compute, watch);
  }
  const factor = await noiseOf(rows, treatment, watch);
  const whitened: (Float32Array | Float64Array)[] = [];
  for (const data of own) whitened.push(factor ? like(data, await whitenRows(factor, data, n, d, watch)) : data);
  return crossnobis(whitened, n, d, compute, watch);
}

/** Every two measurements, whitened by the mean of their covariances. */
async function* pairs({ n, d, measurements = [], label = '' }: Rows, own: readonly (Float32Array | Float64Array)[], { noise: { shrinkage } }: Treatment, watch: Watch): AsyncGenerator<MeasurementPair> {
  if (shrinkage === 'none') return;
  const covariances: Float64Array[] = [];
  for (const at of measurements.keys()) covariances.push(await covariance(residualsOfOne(measurements, at, n, d), shrinkage, watch));
  for (let f = 0; f < own.length; f++) {
    for (let g = f + 1; g < own.length; g++) {
      const both = covariances[f]!.map((value, k) => (value + covariances[g]![k]!) / 2);
      const factor = noiseFactor(both, d, shrinkage, label);
      const [a, b] = [own[f]!, own[g]!];
      yield { a: like(a, await whitenRows(factor, a, n, d, watch)), b: like(b, await whitenRows(factor, b, n, d, watch)) };
    }
  }
}

/** Numbers in the precision of the rows they came from. */
function like(rows: Float32Array | Float64Array, data: Float64Array<ArrayBuffer>): Float32Array | Float64Array {
  return rows instanceof Float32Array ? Float32Array.from(data) : data;
}
