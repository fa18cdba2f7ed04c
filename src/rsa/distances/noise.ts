/**
 * The covariance of noise between columns, and rows whitened by it. Mahalanobis and crossnobis distances weigh directions
 * by it: what varies between measurements of the same word counts less.
 *
 * Shrinkage keeps the covariance invertible where there are more columns than residuals: Ledoit and Wolf 2004, "A
 * well-conditioned estimator for large-dimensional covariance matrices" (towards a multiple of the identity); Schäfer and
 * Strimmer 2005, "A shrinkage approach to large-scale covariance matrix estimation and implications for functional
 * genomics" (towards the diagonal). The numbers are those of rsatoolbox (rsatoolbox.data.noise).
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import type { Shrinkage } from '../../data/treatment.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { cholesky, inverseCholesky, solveLower } from '../numbers/linear.ts';
import type { Residuals } from './residuals.ts';

type Matrix = Float32Array | Float64Array;

/**
 * The estimated covariance, d x d. With S = X'X / dof:
 * full S; diagonal its diagonal; ledoit-wolf a weighted mean of S and the mean variance times the identity;
 * schaefer-strimmer S with what is beside the diagonal times 1 - lambda.
 */
export async function covariance(residuals: Residuals, shrinkage: Exclude<Shrinkage, 'none'>, watch: Watch = {}): Promise<Float64Array> {
  const { d, dof, count } = residuals;
  if (shrinkage === 'diagonal') return diagonal(residuals);
  const out = await sumsOfProducts(residuals, watch);
  for (let k = 0; k < d * d; k++) out[k]! /= dof;
  switch (shrinkage) {
    case 'full':
      return out;
    case 'ledoit-wolf': {
      const { weight, level } = ledoitWolf(residuals, out);
      // Estimated with 1 / count, as in the paper, then scaled to dof.
      for (let k = 0; k < d * d; k++) out[k]! *= 1 - weight;
      for (let k = 0; k < d; k++) out[k * d + k]! += (weight * level * count) / dof;
      return out;
    }
    case 'schaefer-strimmer': {
      const kept = 1 - schaeferStrimmer(residuals, out);
      for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) if (i !== j) out[i * d + j]! *= kept;
      return out;
    }
    default:
      return shrinkage satisfies never;
  }
}

function diagonal({ count, d, columns, dof }: Residuals): Float64Array {
  const out = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    let sum = 0;
    for (let i = k * count; i < (k + 1) * count; i++) sum += columns[i]! ** 2;
    out[k * d + k] = sum / dof;
  }
  return out;
}

/** Rows that are multiplied while they are at hand. */
const slab = 1024;

/** X'X, d x d. */
async function sumsOfProducts({ count, d, columns }: Residuals, watch: Watch): Promise<Float64Array> {
  const out = new Float64Array(d * d);
  const breather = new Breather();
  for (let first = 0; first < count; first += slab) {
    const rows = Math.min(slab, count - first);
    for (let j = 0; j < d; j++) {
      const a = j * count + first;
      let k = j;
      // Four columns at a time: four independent sums hide the latency of the addition.
      for (; k + 3 < d; k += 4) {
        const b = k * count + first;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let i = 0; i < rows; i++) {
          const x = columns[a + i]!;
          s0 += x * columns[b + i]!;
          s1 += x * columns[b + count + i]!;
          s2 += x * columns[b + 2 * count + i]!;
          s3 += x * columns[b + 3 * count + i]!;
        }
        out[j * d + k]! += s0;
        out[j * d + k + 1]! += s1;
        out[j * d + k + 2]! += s2;
        out[j * d + k + 3]! += s3;
      }
      for (; k < d; k++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += columns[a + i]! * columns[k * count + first + i]!;
        out[j * d + k]! += sum;
      }
      if (!breather.due()) continue;
      watch.progress?.({ label: 'noise covariance', done: first + (rows * j) / d, total: count });
      await pause();
      watch.signal?.throwIfAborted();
    }
  }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) out[j * d + k] = out[k * d + j]!;
  return out;
}

/**
 * Weight of the identity, and its level m, the mean variance, both with 1 / count. The mean over residuals of
 * |x x' - S|^2 is that of |x|^4 less |S|^2, so no matrix of fourth moments is needed.
 */
function ledoitWolf({ count, d, columns, dof }: Residuals, cov: Float64Array): { weight: number; level: number } {
  const toCount = dof / count;
  let level = 0;
  let size = 0;
  for (let k = 0; k < d; k++) level += (cov[k * d + k]! * toCount) / d;
  for (const value of cov) size += (value * toCount) ** 2;
  const spread = size - d * level * level;
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    let length = 0;
    for (let k = 0; k < d; k++) length += columns[k * count + i]! ** 2;
    fourth += length * length;
  }
  const noise = (fourth / count - size) / count;
  return { weight: spread > 0 ? Math.min(spread, noise) / spread : 1, level };
}

/** Lambda, 0 to 1: the variance of the estimated correlations over their squares, summed beside the diagonal. */
function schaeferStrimmer({ count, d, columns, dof }: Residuals, cov: Float64Array): number {
  const variances = Float64Array.from({ length: d }, (_, k) => cov[k * d + k]!);
  let squares = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) if (i !== j) squares += cov[i * d + j]! ** 2 / (variances[i]! * variances[j]!);
  }
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    let [length, own] = [0, 0];
    for (let k = 0; k < d; k++) {
      const square = columns[k * count + i]! ** 2 / variances[k]!;
      length += square;
      own += square * square;
    }
    fourth += length * length - own;
  }
  // Uncorrelated residuals, or one column: nothing to shrink from.
  if (!(squares > 0)) return 1;
  const lambda = ((count / dof ** 2) * (fourth / dof - squares)) / squares;
  return Math.max(0, Math.min(1, lambda));
}

/**
 * The lower triangular L with L L' = covariance: distances between L^-1 x are Mahalanobis distances.
 *
 * @param label whose covariance it is, for the message
 * @throws Problem `singular-noise` where there is none
 */
export function noiseFactor(cov: Float64Array, d: number, shrinkage: Shrinkage, label: string): Float64Array {
  const factored = cholesky(cov, d);
  if ('factor' in factored) return factored.factor;
  const column = factored.dependent;
  const still = !(cov[column * d + column]! > 0);
  throw new Problem({
    code: 'singular-noise', place: label,
    what: still
      ? `column ${column + 1} of ${d} does not vary, so noise cannot be divided out`
      : `the ${shrinkage} noise covariance of ${d} columns has no inverse: column ${column + 1} is given by the others`,
    fix: still ? 'Choose shrinkage: ledoit-wolf or none, or leave that column or layer out.' : 'Choose shrinkage: schaefer-strimmer, which always has one where every column varies.',
  });
}

/** The inverse of a covariance, d x d. */
export function precisionOf(cov: Float64Array, d: number, shrinkage: Shrinkage, label = ''): Float64Array {
  return inverseCholesky(noiseFactor(cov, d, shrinkage, label), d);
}

/** L^-1 x for each row x. */
export async function whitenRows(factor: Float64Array, data: Matrix, n: number, d: number, watch: Watch = {}): Promise<Float64Array<ArrayBuffer>> {
  const out = new Float64Array(n * d);
  const breather = new Breather();
  for (let i = 0; i < n; i++) {
    out.set(solveLower(factor, d, data.subarray(i * d, (i + 1) * d)), i * d);
    if (!breather.due()) continue;
    watch.progress?.({ label: 'whitening', done: i + 1, total: n });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}
