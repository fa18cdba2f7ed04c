import { expect, test } from 'vitest';
import { leadingEigen, singularValues, symmetricEigen } from '../../../src/rsa/numbers/eigen.ts';
import { normals } from '../helpers.ts';

/** A symmetric matrix with these eigenvalues: reflections of a diagonal one. */
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const n = values.length;
  const matrix = new Float64Array(n * n);
  values.forEach((value, i) => { matrix[i * n + i] = value; });
  for (let round = 0; round < 3; round++) {
    reflect(matrix, n, normals(n, seed + round), 'rows');
    reflect(matrix, n, normals(n, seed + round), 'columns');
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[j * n + i] = matrix[i * n + j]!;
  return matrix;
}

function reflect(matrix: Float64Array, columns: number, v: Float64Array, side: 'rows' | 'columns'): void {
  const rows = matrix.length / columns;
  const squares = v.reduce((sum, entry) => sum + entry * entry, 0);
  const [outer, inner] = side === 'rows' ? [columns, rows] : [rows, columns];
  const at = (o: number, i: number): number => (side === 'rows' ? i * columns + o : o * columns + i);
  for (let o = 0; o < outer; o++) {
    let sum = 0;
    for (let i = 0; i < inner; i++) sum += v[i]! * matrix[at(o, i)]!;
    for (let i = 0; i < inner; i++) matrix[at(o, i)]! -= (2 * sum * v[i]!) / squares;
  }
}

/** Largest entry of A V - V diag(values) and of V'V - I. */
function residual(matrix: Float64Array, n: number, values: ArrayLike<number>, columns: readonly ArrayLike<number>[]): number {
  let worst = 0;
  columns.forEach((column, k) => {
    for (let i = 0; i < n; i++) {
      let sum = -values[k]! * column[i]!;
      for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * column[j]!;
      worst = Math.max(worst, Math.abs(sum));
    }
    columns.forEach((other, l) => {
      let sum = k === l ? -1 : 0;
      for (let i = 0; i < n; i++) sum += column[i]! * other[i]!;
      worst = Math.max(worst, Math.abs(sum));
    });
  });
  return worst;
}

const columnsOf = (vectors: Float64Array, n: number): Float64Array[] =>
  Array.from({ length: n }, (_, k) => Float64Array.from({ length: n }, (__, i) => vectors[i * n + k]!));

test('eigenvalues are found to the rounding of the largest, with equal, negative and vanishing ones', () => {
  const wanted = [7, 5, 5, 5, 1, 1e-9, 0, 0, 0, -2, -2, -30];
  const matrix = withEigenvalues(wanted, 1);
  const { values, vectors } = symmetricEigen(matrix, wanted.length);
  values.forEach((value, k) => expect(Math.abs(value - wanted[k]!)).toBeLessThan(30 * 1e-14));
  expect(residual(matrix, wanted.length, values, columnsOf(vectors, wanted.length))).toBeLessThan(30 * 1e-14);
});

test('the second-difference matrix of a path has eigenvalues 2 - 2 cos(k pi / (n + 1)), and vectors that are orthogonal', () => {
  const n = 200;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * n + i] = 2;
    if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
  }
  const { values, vectors } = symmetricEigen(matrix, n);
  values.forEach((value, k) => expect(Math.abs(value - (2 + 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))))).toBeLessThan(1e-13));
  expect(residual(matrix, n, values, columnsOf(vectors, n))).toBeLessThan(1e-13);
});

test('sizes 0, 1 and 2, matrices of zeros and of very large and small numbers', () => {
  expect([...symmetricEigen(new Float64Array(0), 0).values]).toEqual([]);
  expect(symmetricEigen(Float64Array.of(-3), 1)).toEqual({ values: Float64Array.of(-3), vectors: Float64Array.of(1) });
  expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  for (const scale of [1e-120, 1, 1e120]) {
    const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2).map((value) => value * scale), 2);
    expect(values[0]! / scale).toBeCloseTo(3, 13);
    expect(values[1]! / scale).toBeCloseTo(1, 13);
  }
  expect(() => symmetricEigen(Float64Array.of(NaN), 1)).toThrow(RangeError);
});

test('the leading vectors are those of the full decomposition, also where their values are equal', async () => {
  for (const wanted of [[9, 4, 4, 4, 1, 0, -3, -8], Array.from({ length: 150 }, (_, k) => 150 - k)]) {
    const n = wanted.length;
    const matrix = withEigenvalues(wanted, 5);
    const { values, vectors } = await leadingEigen(matrix.slice(), n, 4);
    values.forEach((value, k) => expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-12));
    expect(residual(matrix, n, values, vectors)).toBeLessThan(1e-12);
  }
});

test('small singular values are right to 1e-12 of the largest, where a Gram matrix would lose them', () => {
  const wanted = [100, 3, 1e-4, 1e-7, 1e-9, 0];
  for (const [rows, columns] of [[9, 6], [6, 9]] as const) {
    const matrix = new Float64Array(rows * columns);
    wanted.forEach((value, k) => { matrix[k * columns + k] = value; });
    for (const seed of [1, 2]) {
      reflect(matrix, columns, normals(rows, seed), 'rows');
      reflect(matrix, columns, normals(columns, seed + 10), 'columns');
    }
    const found = singularValues(matrix, rows, columns);
    expect(found).toHaveLength(6);
    found.forEach((value, k) => expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-12));
  }
});

test('the squares of singular values sum to the squares of the entries', () => {
  const matrix = normals(60 * 40, 3);
  const squares = matrix.reduce((sum, value) => sum + value * value, 0);
  expect(singularValues(matrix, 60, 40).reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 12);
  expect([...singularValues(new Float64Array(6), 3, 2)]).toEqual([0, 0]);
});
