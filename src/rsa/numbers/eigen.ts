/**
 * Eigenvalues and eigenvectors of symmetric matrices and singular values of any, in float64.
 *
 * Householder reflections make the matrix tridiagonal (tridiagonal.ts) or bidiagonal; implicit QR steps with Wilkinson's
 * shift do the rest (Golub and Van Loan, "Matrix Computations", 8.3 and 8.6). Errors are some units of rounding of the
 * largest value: never formed as a Gram matrix, whose roots would lose half the digits.
 */
import type { Watch } from '../../base/progress.ts';
import { Tridiagonal } from './tridiagonal.ts';

/** An entry beside the diagonal this small, against its neighbours, is zero. */
const epsilon = 2 ** -52;
/** Steps per eigenvalue before we give up; two or three are usual. */
const mostSteps = 60;

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** size x size, row-major: the vector of value k is column k, entries [i * size + k]; of length 1, orthogonal. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix; O(size^3), about a second at 500. The sign of a vector is
 * arbitrary.
 *
 * @param matrix size x size, row-major, finite; only the lower triangle is read, nothing is changed
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  checkFinite(matrix.subarray(0, size * size), size * size);
  const form = Tridiagonal.now(matrix.slice(), size);
  const diagonal = form.diagonal.slice();
  // Row k of `rows` becomes the vector of value k: rotating two rows is quick, two columns are not.
  const rows = new Float64Array(size * size);
  for (let k = 0; k < size; k++) rows[k * size + k] = 1;
  diagonalise(diagonal, form.beside.slice(), (k, c, s) => rotateRows(rows, size, k, c, s));
  const order = descending(diagonal);
  const values = Float64Array.from(order, (k) => diagonal[k]!);
  const vectors = new Float64Array(size * size);
  order.forEach((from, k) => {
    const vector = form.rotateBack(rows.subarray(from * size, (from + 1) * size));
    for (let i = 0; i < size; i++) vectors[i * size + k] = vector[i]!;
  });
  return { values, vectors };
}

export interface LeadingEigen {
  /** All of them, descending. */
  readonly values: Float64Array;
  /** Those of the largest values, each of length 1; orthogonal also where values are equal. */
  readonly vectors: readonly Float64Array[];
}

/**
 * All eigenvalues but only the vectors of the largest ones, by inverse iteration: for matrices of up to some thousand
 * rows, where all vectors would cost several times as much.
 *
 * @param matrix size x size, row-major, finite; only the lower triangle is read, and it is overwritten
 * @param count how many vectors, at most size
 * @param label progress is told under this name
 */
export async function leadingEigen(matrix: Float64Array, size: number, count: number, watch: Watch = {}, label = ''): Promise<LeadingEigen> {
  checkFinite(matrix, size * size);
  const form = await Tridiagonal.of(matrix, size, watch, label);
  const values = form.diagonal.slice();
  diagonalise(values, form.beside.slice());
  values.sort().reverse();
  const vectors: Float64Array[] = [];
  for (let k = 0; k < Math.min(count, size); k++) vectors.push(inverseIteration(form, values[k]!, vectors));
  return { values, vectors: vectors.map((vector) => form.rotateBack(vector)) };
}

/**
 * Singular values of a matrix, descending, as many as its smaller side. Small ones are right to some units of rounding
 * of the largest.
 *
 * @param matrix rows x columns, row-major, finite; nothing is changed
 */
export function singularValues(matrix: Float64Array, rows: number, columns: number): Float64Array {
  checkFinite(matrix.subarray(0, rows * columns), rows * columns);
  const tall = rows >= columns ? matrix.slice(0, rows * columns) : transposed(matrix, rows, columns);
  const few = Math.min(rows, columns);
  const { diagonal, beside } = bidiagonal(tall, Math.max(rows, columns), few);
  // [0 B; B' 0], its rows interleaved, is tridiagonal with a diagonal of zeros; its eigenvalues are plus and minus the
  // singular values (Golub and Kahan 1965).
  const coupling = new Float64Array(Math.max(0, 2 * few - 1));
  for (let k = 0; k < few; k++) {
    coupling[2 * k] = diagonal[k]!;
    if (k + 1 < few) coupling[2 * k + 1] = beside[k]!;
  }
  const values = new Float64Array(2 * few);
  diagonalise(values, coupling);
  return values.sort().reverse().slice(0, few).map((value) => Math.max(0, value));
}

/** Eigenvalues of the tridiagonal matrix, left in `d` in no order; `e`, beside the diagonal, becomes zero. */
function diagonalise(d: Float64Array, e: Float64Array, rotate?: (k: number, c: number, s: number) => void): void {
  const norm = largest(d, largest(e));
  if (norm === 0) return;
  // Scaled to 1, squares neither overflow nor vanish.
  for (let k = 0; k < d.length; k++) d[k]! /= norm;
  for (let k = 0; k < e.length; k++) e[k]! /= norm;
  // Far below the rounding of the largest value: lets blocks that are all but zero end, too.
  const floor = epsilon / 1024;
  const split = (k: number): boolean => Math.abs(e[k]!) <= Math.max(floor, epsilon * (Math.abs(d[k]!) + Math.abs(d[k + 1]!)));
  let steps = 0;
  for (let high = d.length - 1; high > 0; ) {
    if (split(high - 1)) {
      e[--high] = 0;
      steps = 0;
      continue;
    }
    let low = high - 1;
    while (low > 0 && !split(low - 1)) low--;
    if (++steps > mostSteps) throw new RangeError('the eigenvalues of this matrix were not found');
    step(d, e, low, high, rotate);
  }
  for (let k = 0; k < d.length; k++) d[k]! *= norm;
}

/** One implicit QR step on rows low..high, shifted by the eigenvalue of the last 2 x 2 block nearest to its last entry. */
function step(d: Float64Array, e: Float64Array, low: number, high: number, rotate?: (k: number, c: number, s: number) => void): void {
  const half = (d[high - 1]! - d[high]!) / 2;
  const last = e[high - 1]!;
  const away = Math.sqrt(half * half + last * last);
  const shift = d[high]! - (last * last) / (half + (half < 0 ? -away : away));
  let keep = d[low]! - shift;
  let chase = e[low]!;
  for (let k = low; k < high; k++) {
    const length = Math.sqrt(keep * keep + chase * chase);
    const c = length > 0 ? keep / length : 1;
    const s = length > 0 ? chase / length : 0;
    if (k > low) e[k - 1] = length;
    const [a, b, z] = [d[k]!, e[k]!, d[k + 1]!];
    d[k] = c * c * a + 2 * c * s * b + s * s * z;
    d[k + 1] = s * s * a - 2 * c * s * b + c * c * z;
    e[k] = c * s * (z - a) + (c - s) * (c + s) * b;
    rotate?.(k, c, s);
    if (k + 1 >= high) break;
    keep = e[k]!;
    chase = s * e[k + 1]!;
    e[k + 1]! *= c;
  }
}

function rotateRows(rows: Float64Array, size: number, k: number, c: number, s: number): void {
  const one = k * size;
  const other = one + size;
  for (let i = 0; i < size; i++) {
    const x = rows[one + i]!;
    const y = rows[other + i]!;
    rows[one + i] = c * x + s * y;
    rows[other + i] = c * y - s * x;
  }
}

/** The vector of a known eigenvalue of T, orthogonal to `before`; three rounds from a fixed start suffice. */
function inverseIteration(form: Tridiagonal, value: number, before: readonly Float64Array[]): Float64Array {
  const { size, diagonal, beside } = form;
  const norm = Math.max(largest(diagonal, largest(beside)), Number.MIN_VALUE);
  // Any start that no vector is likely to be orthogonal to; one of its own for each, for equal values.
  let x: Float64Array = Float64Array.from({ length: size }, (_, i) => 1 + Math.sin((i + 1) * (before.length + 1.37)));
  for (let round = 0; round < 4; round++) {
    makeOrthogonal(x, before);
    x = solveShifted(diagonal, beside, value, x, norm * epsilon);
  }
  makeOrthogonal(x, before);
  return x;
}

/** Gram-Schmidt, twice, then length 1. */
function makeOrthogonal(x: Float64Array, before: readonly Float64Array[]): void {
  const scale = largest(x);
  for (let i = 0; i < x.length; i++) x[i]! /= scale;
  for (const other of [...before, ...before]) {
    let inner = 0;
    for (let i = 0; i < x.length; i++) inner += x[i]! * other[i]!;
    for (let i = 0; i < x.length; i++) x[i]! -= inner * other[i]!;
  }
  let squares = 0;
  for (const entry of x) squares += entry * entry;
  const length = Math.sqrt(squares);
  for (let i = 0; i < x.length; i++) x[i]! /= length;
}

/** (T - shift I)^-1 x by elimination with row exchanges; a pivot of zero, as at an eigenvalue, counts as `tiny`. */
function solveShifted(diagonal: Float64Array, beside: Float64Array, shift: number, x: Float64Array, tiny: number): Float64Array {
  const size = diagonal.length;
  // Row k after elimination: pivot, first and second entry to its right.
  const pivot = new Float64Array(size);
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  const out = x.slice();
  let [here, right] = [size > 0 ? diagonal[0]! - shift : 0, beside[0] ?? 0];
  for (let k = 0; k + 1 < size; k++) {
    const below = beside[k]!;
    const own = diagonal[k + 1]! - shift;
    const next = beside[k + 1] ?? 0;
    if (Math.abs(below) > Math.abs(here)) {
      const factor = here / below;
      [pivot[k], first[k], second[k]] = [below, own, next];
      [out[k], out[k + 1]] = [out[k + 1]!, out[k]! - factor * out[k + 1]!];
      [here, right] = [right - factor * own, -factor * next];
    } else {
      pivot[k] = Math.abs(here) > tiny ? here : tiny;
      first[k] = right;
      const factor = below / pivot[k]!;
      out[k + 1]! -= factor * out[k]!;
      [here, right] = [own - factor * right, next];
    }
  }
  if (size > 0) pivot[size - 1] = Math.abs(here) > tiny ? here : tiny;
  for (let k = size - 1; k >= 0; k--) {
    out[k] = (out[k]! - first[k]! * (out[k + 1] ?? 0) - second[k]! * (out[k + 2] ?? 0)) / pivot[k]!;
  }
  return out;
}

/** Upper bidiagonal form of a matrix with at least as many rows as columns, by reflections from both sides; `a` is overwritten. */
function bidiagonal(a: Float64Array, rows: number, columns: number): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(columns);
  const beside = new Float64Array(Math.max(0, columns - 1));
  const inner = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    const v = new Float64Array(rows - k);
    for (let i = k; i < rows; i++) v[i - k] = a[i * columns + k]!;
    diagonal[k] = reflection(v);
    if (k + 1 >= columns) break;
    inner.fill(0);
    for (let i = k; i < rows; i++) for (let j = k + 1; j < columns; j++) inner[j]! += v[i - k]! * a[i * columns + j]!;
    for (let i = k; i < rows; i++) for (let j = k + 1; j < columns; j++) a[i * columns + j]! -= 2 * v[i - k]! * inner[j]!;
    const w = a.slice(k * columns + k + 1, (k + 1) * columns);
    beside[k] = reflection(w);
    for (let i = k + 1; i < rows; i++) {
      const row = i * columns + k + 1;
      let sum = 0;
      for (let j = 0; j < w.length; j++) sum += w[j]! * a[row + j]!;
      for (let j = 0; j < w.length; j++) a[row + j]! -= 2 * sum * w[j]!;
    }
  }
  return { diagonal, beside };
}

/** Turns x into the unit vector whose reflection maps x to (alpha, 0, ..., 0); returns alpha. */
function reflection(x: Float64Array): number {
  const scale = largest(x);
  if (scale === 0) return 0;
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += (x[i]! /= scale) ** 2;
  const length = Math.sqrt(squares);
  const alpha = x[0]! > 0 ? -length : length;
  const first = x[0]! - alpha;
  const unit = Math.sqrt(2 * length * Math.abs(first));
  x[0] = first;
  for (let i = 0; i < x.length; i++) x[i]! /= unit;
  return alpha * scale;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j]!;
  return out;
}

function descending(values: Float64Array): number[] {
  return [...values.keys()].sort((a, b) => values[b]! - values[a]!);
}

/** The largest absolute value, at least `least`. */
function largest(values: Float64Array, least = 0): number {
  let most = least;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

function checkFinite(values: Float64Array, count: number): void {
  if (values.length < count) throw new RangeError(`a matrix of ${count} entries has only ${values.length}`);
  for (const value of values) if (!Number.isFinite(value)) throw new RangeError(`a matrix to decompose holds ${value}`);
}
