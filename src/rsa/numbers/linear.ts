/**
 * Small dense systems in float64: the Cholesky factor of a symmetric positive definite matrix, what is solved with it, and
 * least squares by the normal equations. Matrices are row-major, size x size.
 *
 * Source: Golub and Van Loan, "Matrix Computations", 4.2 and 5.3.
 */

/**
 * What is left of a column once the earlier ones have explained what they can, as a share of its own square, below which
 * it counts as their sum: some thousand roundings of float64.
 */
export const rankTolerance = 1e-12;

/** A factor, or the first column that the earlier ones (nearly) give. */
export type Factored = { readonly factor: Float64Array<ArrayBuffer> } | { readonly dependent: number };

/**
 * Lower triangular L with L L' = matrix; the upper triangle is zeros. Only the lower triangle of the matrix is read.
 *
 * @param tolerance smallest pivot, as a share of the diagonal entry it came from (for a Gram matrix: 1 - R² of the column
 *   given the earlier ones)
 */
export function cholesky(matrix: Float64Array, size: number, tolerance = rankTolerance): Factored {
  const factor = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      if (i > j) factor[i * size + j] = sum / factor[j * size + j]!;
      // NaN fails as well.
      else if (sum > tolerance * matrix[j * size + j]!) factor[j * size + j] = Math.sqrt(sum);
      else return { dependent: j };
    }
  }
  return { factor };
}

/** L^-1 right, by substitution forwards. */
export function solveLower(factor: Float64Array, size: number, right: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    let sum = out[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * out[k]!;
    out[i] = sum / factor[i * size + i]!;
  }
  return out;
}

/** (L L')^-1 right, with L from {@link cholesky}. */
export function solveCholesky(factor: Float64Array, size: number, right: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const out = solveLower(factor, size, right);
  for (let i = size - 1; i >= 0; i--) {
    let sum = out[i]!;
    for (let k = i + 1; k < size; k++) sum -= factor[k * size + i]! * out[k]!;
    out[i] = sum / factor[i * size + i]!;
  }
  return out;
}

/** (L L')^-1, symmetric to the last bit. */
export function inverseCholesky(factor: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = solveCholesky(factor, size, unit);
    for (let i = j; i < size; i++) out[i * size + j] = out[j * size + i] = column[i]!;
  }
  return out;
}

/**
 * The b that brings X b nearest to y, from X'X and X'y. Squares the condition of X, so it is for a few columns that are
 * centred or scaled alike; where a column is the sum of others there is no one b.
 *
 * @param gram X'X, size x size
 * @param right X'y
 * @returns null where a column is (nearly) a sum of earlier ones
 */
export function leastSquares(gram: Float64Array, right: ArrayLike<number>, size: number): Float64Array<ArrayBuffer> | null {
  const factored = cholesky(gram, size);
  return 'factor' in factored ? solveCholesky(factored.factor, size, right) : null;
}

/** The rows and columns of a matrix that are named, in that order. */
export function submatrix(matrix: Float64Array, size: number, at: readonly number[]): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: at.length ** 2 }, (_, k) => matrix[at[Math.floor(k / at.length)]! * size + at[k % at.length]!]!);
}
