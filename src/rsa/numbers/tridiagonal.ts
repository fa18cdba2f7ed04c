/**
 * A symmetric matrix as Q T Q' with T tridiagonal, by Householder reflections (Golub and Van Loan, "Matrix
 * Computations", 8.3.1), and what ridge regression asks of (T + penalty I). Q is kept as its reflections.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';

export class Tridiagonal {
  readonly size: number;
  readonly diagonal: Float64Array;
  /** Entry k couples k and k + 1; length size - 1. */
  readonly beside: Float64Array;
  /** Reflection k acts on entries k + 1..size - 1: I - 2vv' with v of length 1. */
  readonly #reflections: readonly Float64Array[];

  private constructor(diagonal: Float64Array, beside: Float64Array, reflections: readonly Float64Array[]) {
    this.size = diagonal.length;
    this.diagonal = diagonal;
    this.beside = beside;
    this.#reflections = reflections;
  }

  /**
   * @param matrix size x size, row-major; only the lower triangle is read, and it is overwritten
   * @param label progress is told under this name; without one it is left to the caller
   */
  static async of(matrix: Float64Array, size: number, watch: Watch = {}, label = ''): Promise<Tridiagonal> {
    const breather = new Breather();
    const steps = Tridiagonal.#reduce(matrix, size);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      if (!breather.due()) continue;
      await pause();
      watch.signal?.throwIfAborted();
      if (label) watch.progress?.({ label, done: size ** 3 - (size - value) ** 3, total: size ** 3 });
    }
  }

  /** The same without a turn for the event loop: for matrices of some hundred rows at most, or from a loop that breathes. */
  static now(matrix: Float64Array, size: number): Tridiagonal {
    const steps = Tridiagonal.#reduce(matrix, size);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** One reflection a step; yields how many columns are done. */
  static *#reduce(matrix: Float64Array, size: number): Generator<number, Tridiagonal, undefined> {
    const diagonal = new Float64Array(size);
    const beside = new Float64Array(Math.max(0, size - 1));
    const reflections: Float64Array[] = [];
    for (let k = 0; k < size; k++) {
      diagonal[k] = matrix[k * size + k]!;
      if (k + 1 >= size) break;
      const v = new Float64Array(size - k - 1);
      for (let i = k + 1; i < size; i++) v[i - k - 1] = matrix[i * size + k]!;
      beside[k] = reflector(v);
      reflections.push(v);
      reflectBoth(matrix, size, k + 1, v);
      yield k + 1;
    }
    return new Tridiagonal(diagonal, beside, reflections);
  }

  /** Q'x. */
  rotate(x: Float64Array): Float64Array {
    const out = x.slice();
    this.#reflections.forEach((v, k) => reflectVector(out, k + 1, v));
    return out;
  }

  /** Qx. */
  rotateBack(x: Float64Array): Float64Array {
    const out = x.slice();
    for (let k = this.#reflections.length - 1; k >= 0; k--) reflectVector(out, k + 1, this.#reflections[k]!);
    return out;
  }
}

/** Turns x into the unit vector v whose reflection maps x to (alpha, 0, ..., 0); returns alpha. Zero stays zero. */
function reflector(x: Float64Array): number {
  let squares = 0;
  for (const value of x) squares += value * value;
  if (squares === 0) return 0;
  const first = x[0]!;
  // The sign away from x avoids cancellation.
  const alpha = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  x[0] = first - alpha;
  const length = Math.sqrt(squares - first * first + x[0]! * x[0]!);
  for (let k = 0; k < x.length; k++) x[k]! /= length;
  return alpha;
}

function reflectVector(x: Float64Array, from: number, v: Float64Array): void {
  let sum = 0;
  for (let k = 0; k < v.length; k++) sum += v[k]! * x[from + k]!;
  for (let k = 0; k < v.length; k++) x[from + k]! -= 2 * sum * v[k]!;
}

/** A := (I - 2vv') A (I - 2vv') on the lower triangle of the trailing block: A - v w' - w v', w = 2(p - (v'p) v), p = Av. */
function reflectBoth(matrix: Float64Array, size: number, from: number, v: Float64Array): void {
  const length = v.length;
  const p = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const row = (from + i) * size + from;
    const vi = v[i]!;
    let sum = 0;
    for (let j = 0; j < i; j++) {
      const value = matrix[row + j]!;
      sum += value * v[j]!;
      p[j]! += value * vi;
    }
    p[i]! += sum + matrix[row + i]! * vi;
  }
  let inner = 0;
  for (let i = 0; i < length; i++) inner += v[i]! * p[i]!;
  for (let i = 0; i < length; i++) p[i] = 2 * (p[i]! - inner * v[i]!);
  for (let i = 0; i < length; i++) {
    const row = (from + i) * size + from;
    const vi = v[i]!;
    const wi = p[i]!;
    for (let j = 0; j <= i; j++) matrix[row + j]! -= vi * p[j]! + wi * v[j]!;
  }
}

/** (T + shift I)^-1 x for a positive semi-definite T and a shift above 0, by LDL'. */
export function solveTridiagonal(system: Tridiagonal, shift: number, x: Float64Array): Float64Array {
  const { size, diagonal, beside } = system;
  const pivots = new Float64Array(size);
  const out = x.slice();
  for (let k = 0; k < size; k++) {
    pivots[k] = diagonal[k]! + shift;
    if (k === 0) continue;
    const factor = beside[k - 1]! / pivots[k - 1]!;
    pivots[k]! -= factor * beside[k - 1]!;
    out[k]! -= factor * out[k - 1]!;
  }
  for (let k = size - 1; k >= 0; k--) {
    const carried = k + 1 < size ? beside[k]! * out[k + 1]! : 0;
    out[k] = (out[k]! - carried) / pivots[k]!;
  }
  return out;
}

/** Trace of (T + shift I)^-1, from the pivots down (p) and up (q): entry k of the inverse's diagonal is 1 / (p_k + q_k - t_k). */
export function traceOfInverse(system: Tridiagonal, shift: number): number {
  const { size, diagonal, beside } = system;
  const down = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    down[k] = diagonal[k]! + shift - (k === 0 ? 0 : beside[k - 1]! ** 2 / down[k - 1]!);
  }
  let trace = 0;
  let up = 0;
  for (let k = size - 1; k >= 0; k--) {
    const own = diagonal[k]! + shift;
    up = own - (k + 1 < size ? beside[k]! ** 2 / up : 0);
    trace += 1 / (down[k]! + up - own);
  }
  return trace;
}
