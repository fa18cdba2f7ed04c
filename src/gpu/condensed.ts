/** Condensed symmetric matrices: the upper triangle row by row, without the diagonal (scipy order). */

/** Entries of a condensed n x n matrix: n(n-1)/2. */
export function pairCount(n: number): number {
  return (n * (n - 1)) / 2;
}

/** Where the pair of i and j stands, i != j, both below n. Keep in sync with shaders/shared/triangle.wgsl, which needs i < j. */
export function pairIndex(n: number, i: number, j: number): number {
  const low = Math.min(i, j);
  return low * n - (low * (low + 1)) / 2 + (Math.max(i, j) - low - 1);
}

/** The full n x n matrix, row-major, symmetric, with zeros on the diagonal. */
export function squareForm(condensed: ArrayLike<number>, n: number): Float32Array<ArrayBuffer> {
  const square = new Float32Array(n * n);
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const value = condensed[pair++]!;
      square[i * n + j] = value;
      square[j * n + i] = value;
    }
  }
  return square;
}
