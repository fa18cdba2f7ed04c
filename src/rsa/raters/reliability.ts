/**
 * What raters' true means may have been, where norms publish means, SDs and numbers of raters only: draws of the truth
 * given the published means, and of the means that other raters would give.
 *
 * The model: word i has true ratings t_i, normal over words with mean m and covariance T; its published means are
 * t_i + e_i, with independent errors of variance SE^2 = SD^2 / N. T is the covariance of the published means less the
 * mean error variances, so that the truth varies less than what was published (Spearman 1904, "The proof and measurement
 * of association between two things", in the form of classical test theory). Given the published means, t_i is normal
 * around them, drawn towards m the more the less sure they are (empirical Bayes: Efron & Morris 1975, "Data analysis
 * using Stein's estimator and its generalizations").
 */
import type { DimensionReliability } from '../../data/ceiling.ts';
import { PhiloxStream } from '../../gpu/philox.ts';
import { normalQuantile } from '../numbers/distributions.ts';
import { symmetricEigen } from '../numbers/eigen.ts';
import { cholesky, solveCholesky } from '../numbers/linear.ts';

/** Published ratings of n words on d dimensions, row-major, complete. */
export interface PublishedRatings {
  readonly n: number;
  readonly d: number;
  readonly means: Float64Array;
  /** Standard error of each mean: SD / sqrt(N). */
  readonly errors: Float64Array;
}

/** A true profile and the means of two groups of raters, as many as were published, each n x d. */
export interface SimulatedRatings {
  readonly truth: Float64Array;
  readonly observed: Float64Array;
  readonly replication: Float64Array;
}

/**
 * Reliability of each dimension's means over words: (variance of the means - mean SE^2) / variance of the means, held to
 * 0 to 1; 0 where all means are equal.
 *
 * @param raters number of raters of each rating, n x d
 */
export function reliabilities({ n, d, means, errors }: PublishedRatings, raters: Float64Array, names: readonly string[]): DimensionReliability[] {
  return names.map((dimension, j) => {
    const column = (from: Float64Array): Float64Array => Float64Array.from({ length: n }, (_, i) => from[i * d + j]!);
    const values = column(means);
    const mean = average(values);
    const variance = average(values.map((value) => (value - mean) ** 2));
    const noise = average(column(errors).map((error) => error ** 2));
    const sorted = column(raters).sort();
    return {
      dimension, reliability: variance > 0 ? Math.max(0, 1 - noise / variance) : 0,
      se: Math.sqrt(noise), sd: Math.sqrt(variance), raters: sorted[Math.floor(n / 2)]!,
      unanimous: average(column(errors).map((error) => (error === 0 ? 1 : 0))),
    };
  });
}

/** Streams of the seed, one for each simulation. */
const simulationStreams = 0xa000_0000;

/** Draws truths and observations; what all simulations share is worked out once. */
export class RatingSimulator {
  readonly #published: PublishedRatings;
  readonly #centre: Float64Array;
  /** d x d; times d normal numbers it gives a draw with covariance T. */
  readonly #root: Float64Array;
  /** d x d for each word: how far its truth follows what was observed, T (T + SE^2)^-1. */
  readonly #gains: Float64Array;

  constructor(published: PublishedRatings) {
    this.#published = published;
    const { n, d, means } = published;
    this.#centre = Float64Array.from({ length: d }, (_, j) => average(Float64Array.from({ length: n }, (_unused, i) => means[i * d + j]!)));
    const { values, vectors } = symmetricEigen(this.#signalCovariance(), d);
    this.#root = new Float64Array(d * d);
    // What error there is may be more than what varies: no variance is below 0.
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) this.#root[j * d + k] = vectors[j * d + k]! * Math.sqrt(Math.max(0, values[k]!));
    this.#gains = this.#gainsOf();
  }

  /** Simulation number `index` of a seed. */
  draw(seed: number, index: number): SimulatedRatings {
    const { n, d, means, errors } = this.#published;
    const stream = new PhiloxStream(seed, simulationStreams + index);
    const normal = (): number => normalQuantile((stream.uint32() + 0.5) / 2 ** 32);
    const [truth, observed, replication] = [new Float64Array(n * d), new Float64Array(n * d), new Float64Array(n * d)];
    const [z, prior, gap] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < d; k++) z[k] = normal();
      // Matheron's rule: a draw of truth and means together, moved by what the published means say.
      for (let j = 0; j < d; j++) {
        let own = this.#centre[j]!;
        for (let k = 0; k < d; k++) own += this.#root[j * d + k]! * z[k]!;
        prior[j] = own;
        gap[j] = means[i * d + j]! - own - errors[i * d + j]! * normal();
      }
      for (let j = 0; j < d; j++) {
        const cell = i * d + j;
        let value = prior[j]!;
        for (let k = 0; k < d; k++) value += this.#gains[i * d * d + j * d + k]! * gap[k]!;
        // Without error the truth is what was published, to the last digit.
        truth[cell] = errors[cell] === 0 ? means[cell]! : value;
        observed[cell] = truth[cell]! + errors[cell]! * normal();
        replication[cell] = truth[cell]! + errors[cell]! * normal();
      }
    }
    return { truth, observed, replication };
  }

  /** Covariance of the means over words, less the mean SE^2 on the diagonal. */
  #signalCovariance(): Float64Array {
    const { n, d, means, errors } = this.#published;
    const out = new Float64Array(d * d);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) {
        for (let k = 0; k <= j; k++) out[j * d + k]! += ((means[i * d + j]! - this.#centre[j]!) * (means[i * d + k]! - this.#centre[k]!)) / n;
        out[j * d + j]! -= errors[i * d + j]! ** 2 / n;
      }
    }
    for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) out[k * d + j] = out[j * d + k]!;
    return out;
  }

  #gainsOf(): Float64Array {
    const { n, d, errors } = this.#published;
    const signal = new Float64Array(d * d);
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) for (let m = 0; m < d; m++) signal[j * d + k]! += this.#root[j * d + m]! * this.#root[k * d + m]!;
    let trace = 0;
    for (let j = 0; j < d; j++) trace += signal[j * d + j]!;
    // A dimension without error whose truth others give would leave nothing to invert.
    const ridge = (trace / d || 1) * 1e-9;
    const out = new Float64Array(n * d * d);
    const total = new Float64Array(d * d);
    for (let i = 0; i < n; i++) {
      total.set(signal);
      for (let j = 0; j < d; j++) total[j * d + j]! += errors[i * d + j]! ** 2 + ridge;
      const found = cholesky(total, d, 0);
      if (!('factor' in found)) throw new RangeError(`word ${i}: the covariance of means and errors is not positive definite`);
      // Row j of T (T + SE^2)^-1 solves (T + SE^2) x = row j of T, both being symmetric.
      for (let j = 0; j < d; j++) out.set(solveCholesky(found.factor, d, signal.subarray(j * d, (j + 1) * d)), i * d * d + j * d);
    }
    return out;
  }
}

function average(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
