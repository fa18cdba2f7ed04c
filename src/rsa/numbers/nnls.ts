/**
 * Non-negative least squares: the b >= 0 that brings X b nearest to y. Lawson and Hanson 1974, "Solving Least Squares
 * Problems", chapter 23, on the normal equations: a set of columns may be above zero; the column that would help most
 * joins it, and those that the new solution would push below zero leave it.
 */
import { leastSquares, submatrix } from './linear.ts';

/**
 * @param gram X'X, size x size, row-major
 * @param right X'y
 * @returns size weights, each at least 0. Of columns that are sums of others some solution of the least distance.
 */
export function nonNegative(gram: Float64Array, right: ArrayLike<number>, size: number): Float64Array<ArrayBuffer> {
  let weights = new Float64Array(size);
  let free: number[] = [];
  const refused = new Set<number>();
  // A gain below this share of the column's own square is rounding.
  const least = Float64Array.from({ length: size }, (_, k) => 1e-13 * Math.sqrt(gram[k * size + k]!) * largestOf(gram, right, size));
  for (let round = 0; round < 30 * size; round++) {
    const gain = gradient(gram, right, weights);
    let best = -1;
    for (let k = 0; k < size; k++) {
      if (free.includes(k) || refused.has(k) || !(gain[k]! > least[k]!)) continue;
      if (best < 0 || gain[k]! / Math.sqrt(gram[k * size + k]!) > gain[best]! / Math.sqrt(gram[best * size + best]!)) best = k;
    }
    if (best < 0) break;
    const found = solveWithin(gram, right, size, weights, [...free, best], best);
    // A column that is a sum of those inside adds nothing, and one that leaves at once was only rounding above zero.
    if (!found) {
      refused.add(best);
      continue;
    }
    refused.clear();
    ({ weights, free } = found);
  }
  return weights;
}

/** Moves from the present weights towards the least squares of the free columns, dropping those that reach zero first. */
function solveWithin(
  gram: Float64Array, right: ArrayLike<number>, size: number, from: Float64Array, joined: readonly number[], entering: number,
): { weights: Float64Array<ArrayBuffer>; free: number[] } | null {
  let free = [...joined];
  const weights = Float64Array.from(from);
  for (;;) {
    const solved = leastSquares(submatrix(gram, size, free), free.map((k) => right[k]!), free.length);
    if (!solved) return null;
    if (solved[free.indexOf(entering)]! <= 0 && weights[entering] === 0) return null;
    if (solved.every((value) => value > 0)) {
      weights.fill(0);
      free.forEach((k, at) => { weights[k] = solved[at]!; });
      return { weights, free };
    }
    let share = 1;
    free.forEach((k, at) => {
      if (solved[at]! <= 0) share = Math.min(share, weights[k]! / (weights[k]! - solved[at]!));
    });
    const left = free.filter((k, at) => {
      const old = weights[k]!;
      weights[k] = old + share * (solved[at]! - old);
      const leaves = solved[at]! <= 0 && old / (old - solved[at]!) <= share;
      if (leaves) weights[k] = 0;
      return !leaves;
    });
    free = left;
  }
}

/** X'(y - X b). */
function gradient(gram: Float64Array, right: ArrayLike<number>, weights: Float64Array): Float64Array {
  const size = weights.length;
  return Float64Array.from({ length: size }, (_, k) => {
    let sum = right[k]!;
    for (let j = 0; j < size; j++) sum -= gram[k * size + j]! * weights[j]!;
    return sum;
  });
}

/** A scale for the length of y: the most any column shares with it. */
function largestOf(gram: Float64Array, right: ArrayLike<number>, size: number): number {
  let largest = 0;
  for (let k = 0; k < size; k++) {
    const square = gram[k * size + k]!;
    if (square > 0) largest = Math.max(largest, Math.abs(right[k]!) / Math.sqrt(square));
  }
  return largest;
}
