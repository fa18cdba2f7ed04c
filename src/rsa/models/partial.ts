/**
 * Multiple regression of one RDM on others, from their correlations alone: partial and semipartial correlations,
 * regression weights, R². Column 0 is the reference, the others are predictors.
 *
 * Sources: Cohen, Cohen, West and Aiken 2003, "Applied Multiple Regression/Correlation Analysis for the Behavioral
 * Sciences", 3rd edition, chapter 3; for distance matrices Legendre, Lapointe and Casgrain 1994, "Modeling brain evolution
 * from behavior: a permutational regression approach".
 */
import { cholesky, inverseCholesky, submatrix } from '../numbers/linear.ts';
import { nonNegative } from '../numbers/nnls.ts';
import type { PairMoments } from './pair-products.ts';

/** What each predictor adds, one entry per predictor. */
interface Regression {
  /** Correlation of the reference with the predictor. */
  readonly simple: Float64Array;
  /** The same with all other predictors taken out of both. */
  readonly partial: Float64Array;
  /** The same with the others taken out of the predictor alone; its square is what R² loses without the predictor. */
  readonly semipartial: Float64Array;
  /** Least-squares weights of standardised columns. */
  readonly beta: Float64Array;
  /** The same, none below zero. */
  readonly weights: Float64Array;
  /** Share of the reference's variance over pairs that all predictors explain together, 0 to 1. */
  readonly r2: number;
}

/**
 * Below this share of its variance left, a predictor has no weight of its own worth a number: 1 - 0.9999², two columns
 * that correlate .9999.
 */
const leastOwnShare = 2e-4;

/** A predictor that others (nearly) add up to, and those others, the weightiest first. Numbers are columns less one. */
interface Collinear {
  readonly predictor: number;
  readonly others: readonly number[];
  /** R² of the predictor on the others, near 1. */
  readonly r2: number;
}

/** Finds the predictor that the others explain best, where that is too much for regression; null where none is. */
export function findCollinear(correlations: Float64Array, size: number): Collinear | null {
  const among = Array.from({ length: size - 1 }, (_, k) => k + 1);
  const factored = cholesky(submatrix(correlations, size, among), among.length, 1e-10);
  // Exactly dependent: told from the columns up to the one that fails, with a trace of noise so that it can be solved.
  const upTo = 'factor' in factored ? among.length : factored.dependent + 1;
  const matrix = submatrix(correlations, size, among.slice(0, upTo));
  if (!('factor' in factored)) for (let k = 0; k < upTo; k++) matrix[k * upTo + k]! += 1e-9;
  const solvable = 'factor' in factored ? factored : cholesky(matrix, upTo);
  if (!('factor' in solvable)) return null;
  const inverse = inverseCholesky(solvable.factor, upTo);
  let worst = 0;
  for (let k = 1; k < upTo; k++) if (inverse[k * upTo + k]! > inverse[worst * upTo + worst]!) worst = k;
  const own = 1 / inverse[worst * upTo + worst]!;
  if (own >= leastOwnShare) return null;
  const weight = (k: number): number => Math.abs(inverse[worst * upTo + k]! * own);
  const others = Array.from({ length: upTo }, (_, k) => k).filter((k) => k !== worst && weight(k) > 0.05).sort((a, b) => weight(b) - weight(a));
  return { predictor: worst, others, r2: 1 - own };
}

/**
 * @param correlations size x size, of the reference and size - 1 predictors
 * @returns null where a predictor is (nearly) a sum of others, or anything is constant
 */
export function regress(correlations: Float64Array, size: number): Regression | null {
  const count = size - 1;
  const among = Array.from({ length: count }, (_, k) => k + 1);
  const matrix = submatrix(correlations, size, among);
  const simple = Float64Array.from(among, (k) => correlations[k]!);
  const factored = cholesky(matrix, count);
  if (!('factor' in factored) || simple.some(Number.isNaN)) return null;
  const inverse = inverseCholesky(factored.factor, count);
  const beta = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += inverse[i * count + k]! * simple[k]!;
    return sum;
  });
  const r2 = Math.max(0, Math.min(1, beta.reduce((sum, value, k) => sum + value * simple[k]!, 0)));
  // 1 / inverse[i, i] is the share of predictor i that the others leave.
  const semipartial = beta.map((value, i) => value / Math.sqrt(inverse[i * count + i]!));
  const partial = semipartial.map((value) => {
    const left = Math.sqrt(value * value + (1 - r2));
    return left > 0 ? Math.max(-1, Math.min(1, value / left)) : NaN;
  });
  return { simple, partial, semipartial, beta, weights: nonNegative(matrix, simple, count), r2 };
}

/** Weights of standardised columns as weights of the columns as they are: times SD of the reference over SD of the predictor. */
export function rawWeights(standardised: Float64Array, { sds }: PairMoments): Float64Array<ArrayBuffer> {
  return Float64Array.from(standardised, (weight, k) => (weight * sds[0]!) / sds[k + 1]!);
}

/** R² of the reference on some of the predictors (columns, from 1); 0 for none, NaN where they depend on each other. */
export function explained(correlations: Float64Array, size: number, columns: readonly number[]): number {
  if (!columns.length) return 0;
  const simple = columns.map((k) => correlations[k]!);
  const factored = cholesky(submatrix(correlations, size, columns), columns.length);
  if (!('factor' in factored)) return NaN;
  const inverse = inverseCholesky(factored.factor, columns.length);
  let sum = 0;
  for (let i = 0; i < columns.length; i++) for (let k = 0; k < columns.length; k++) sum += simple[i]! * inverse[i * columns.length + k]! * simple[k]!;
  return Math.max(0, Math.min(1, sum));
}
