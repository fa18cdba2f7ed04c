/**
 * Ridge regression of several targets on the same features: min |y - c - Xw|² + penalty |w|², the intercept c unpenalised
 * (Hoerl and Kennard 1970, Technometrics 12), for many penalties at little more than the cost of one.
 *
 * One Householder tridiagonalisation replaces a factorisation per penalty: for every penalty the system is then
 * tridiagonal, and its solution, its error and its degrees of freedom cost O(size).
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { columnMoments } from '../distances/standardise.ts';
import { solveTridiagonal, traceOfInverse, Tridiagonal } from '../numbers/tridiagonal.ts';

/** A target as the system sees it. */
export interface RidgeTarget {
  readonly mean: number;
  /** Less its mean, length m. */
  readonly y: Float64Array;
  /** The right-hand side, rotated into the tridiagonal form. */
  readonly rotated: Float64Array;
}

export class Ridge {
  /** Training words. */
  readonly m: number;
  /** Features. */
  readonly d: number;
  readonly #x: Float64Array;
  readonly #means: Float64Array;
  readonly #factors: Float64Array;
  /** The smaller of the two Gram matrices: d x d of the features, or m x m of the words. */
  readonly #dual: boolean;
  readonly #system: Tridiagonal;

  private constructor(x: Float64Array, m: number, moments: { means: Float64Array; factors: Float64Array }, system: Tridiagonal) {
    this.m = m;
    this.d = x.length / m;
    this.#x = x;
    this.#means = moments.means;
    this.#factors = moments.factors;
    this.#dual = m < this.d;
    this.#system = system;
  }

  /**
   * @param x m x d features of the training words, row-major, no missing values; overwritten
   * @param scale whether features get SD 1 over the training words; they are centred in any case
   */
  static async of(x: Float64Array, m: number, d: number, scale: boolean, watch: Watch = {}): Promise<Ridge> {
    const means = new Float64Array(d);
    const factors = new Float64Array(d);
    for (let column = 0; column < d; column++) {
      const { mean, sd } = columnMoments(x, m, d, column);
      means[column] = mean;
      // A feature that is constant in training teaches nothing: zero, also for the test words.
      factors[column] = sd === 0 ? 0 : scale ? 1 / sd : 1;
    }
    standardiseRows(x, means, factors);
    const gram = await gramMatrix(x, m, d, m < d, watch);
    return new Ridge(x, m, { means, factors }, await Tridiagonal.of(gram, Math.min(m, d), watch));
  }

  /** Prepares a target, one number per training word. */
  target(values: Float64Array): RidgeTarget {
    const mean = values.reduce((sum, value) => sum + value, 0) / this.m;
    const y = values.map((value) => value - mean);
    return { mean, y, rotated: this.#system.rotate(this.#dual ? y : transposeTimes(this.#x, y, this.m, this.d)) };
  }

  /**
   * Generalised cross-validation (Golub, Heath and Wahba 1979): residual squares / (m - 1 - degrees of freedom)²; the
   * intercept takes the 1.
   *
   * @returns NaN where fewer than 1e-6 of the words' degrees of freedom are left: there it is 0 / 0 and says nothing
   */
  gcv({ y, rotated }: RidgeTarget, penalty: number): number {
    const solution = solveTridiagonal(this.#system, penalty, rotated);
    let residual = 0;
    if (this.#dual) {
      for (const value of solution) residual += (penalty * value) ** 2;
    } else {
      // |y - Xw|² = y'y - 2 w'X'y + w'X'Xw, and X'Xw = X'y - penalty w.
      for (const value of y) residual += value * value;
      solution.forEach((value, k) => { residual -= value * (rotated[k]! + penalty * value); });
    }
    const freedom = this.#system.size - penalty * traceOfInverse(this.#system, penalty);
    const left = this.m - 1 - freedom;
    return left < 1e-6 * this.m ? NaN : residual / left ** 2;
  }

  /** Features of other words as those of the training words: centred (and scaled) by the training words alone. In place. */
  standardise(x: Float64Array): Float64Array {
    standardiseRows(x, this.#means, this.#factors);
    return x;
  }

  /** Predictions for words whose features went through {@link standardise}, on the target's own scale. */
  predict({ mean, rotated }: RidgeTarget, penalty: number, x: Float64Array): Float64Array {
    const { d } = this;
    const solution = this.#system.rotateBack(solveTridiagonal(this.#system, penalty, rotated));
    const weights = this.#dual ? transposeTimes(this.#x, solution, this.m, d) : solution;
    return Float64Array.from({ length: x.length / d }, (_, row) => {
      let sum = mean;
      for (let k = 0; k < d; k++) sum += x[row * d + k]! * weights[k]!;
      return sum;
    });
  }
}

function standardiseRows(x: Float64Array, means: Float64Array, factors: Float64Array): void {
  const d = means.length;
  for (let at = 0; at < x.length; at += d) for (let k = 0; k < d; k++) x[at + k] = (x[at + k]! - means[k]!) * factors[k]!;
}

/** Some words' rows of features, in float64. */
export function rowsOf(features: Float32Array | Float64Array, d: number, words: Uint32Array): Float64Array {
  const out = new Float64Array(words.length * d);
  words.forEach((word, row) => { for (let k = 0; k < d; k++) out[row * d + k] = features[word * d + k]!; });
  return out;
}

/** X'X (d x d) or, dual, XX' (m x m); only the lower triangle is filled. */
async function gramMatrix(x: Float64Array, m: number, d: number, dual: boolean, watch: Watch): Promise<Float64Array> {
  // Both are dot products of contiguous rows: of X, or of its transpose.
  const rows = dual ? x : transpose(x, m, d);
  const size = dual ? m : d;
  const length = dual ? d : m;
  const gram = new Float64Array(size * size);
  const breather = new Breather();
  for (let i = 0; i < size; i++) {
    dotRows(rows, i, length, size, gram);
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return gram;
}

/** Row i of the lower triangle of the Gram matrix, four columns at a time. */
function dotRows(rows: Float64Array, i: number, length: number, size: number, gram: Float64Array): void {
  const a = i * length;
  let j = 0;
  for (; j + 3 <= i; j += 4) {
    const b0 = j * length;
    const b1 = b0 + length;
    const b2 = b1 + length;
    const b3 = b2 + length;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < length; k++) {
      const value = rows[a + k]!;
      s0 += value * rows[b0 + k]!;
      s1 += value * rows[b1 + k]!;
      s2 += value * rows[b2 + k]!;
      s3 += value * rows[b3 + k]!;
    }
    gram[i * size + j] = s0;
    gram[i * size + j + 1] = s1;
    gram[i * size + j + 2] = s2;
    gram[i * size + j + 3] = s3;
  }
  for (; j <= i; j++) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += rows[a + k]! * rows[j * length + k]!;
    gram[i * size + j] = sum;
  }
}

function transpose(x: Float64Array, m: number, d: number): Float64Array {
  const out = new Float64Array(m * d);
  for (let i = 0; i < m; i++) for (let k = 0; k < d; k++) out[k * m + i] = x[i * d + k]!;
  return out;
}

/** X'v for an m x d matrix X. */
function transposeTimes(x: Float64Array, v: Float64Array, m: number, d: number): Float64Array {
  const out = new Float64Array(d);
  for (let i = 0; i < m; i++) for (let k = 0; k < d; k++) out[k]! += x[i * d + k]! * v[i]!;
  return out;
}
