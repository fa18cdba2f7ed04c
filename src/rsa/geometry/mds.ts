/**
 * Classical multidimensional scaling: points whose distances are near the dissimilarities of words (Torgerson 1952,
 * "Multidimensional scaling: I. Theory and method"; Gower 1966).
 */
import type { Watch } from '../../base/progress.ts';
import { leadingEigen } from '../numbers/eigen.ts';

/** n points in few dimensions. */
export interface Configuration {
  /** n x axes, row-major; the centre of the points is 0. */
  readonly coordinates: Float64Array;
  readonly n: number;
  readonly axes: number;
}

export interface ClassicalMds extends Configuration {
  /** All n of B = -1/2 J D^2 J, descending; below 0 where no Euclidean space holds the dissimilarities. */
  readonly eigenvalues: Float64Array;
}

/**
 * Coordinates U sqrt(lambda) of the largest eigenvalues of B = -1/2 J D^2 J, J = I - 11'/n. On each axis the entry that is
 * largest in size is positive. An axis whose eigenvalue is not above 0 is all zeros.
 *
 * @param dissimilarities condensed, n(n-1)/2, complete, at least 0
 * @param axes 1 or more, below n
 */
export async function classicalMds(dissimilarities: Float64Array, n: number, axes: number, watch: Watch = {}): Promise<ClassicalMds> {
  const { values, vectors } = await leadingEigen(doublyCentred(dissimilarities, n), n, axes, watch, 'classical MDS');
  const coordinates = new Float64Array(n * axes);
  vectors.forEach((vector, k) => {
    // Rounding alone makes the last of these as large as this.
    if (!(values[k]! > 1e-14 * values[0]!)) return;
    let largest = 0;
    for (const entry of vector) if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    const scale = Math.sqrt(values[k]!) * Math.sign(largest);
    for (let i = 0; i < n; i++) coordinates[i * axes + k] = vector[i]! * scale;
  });
  return { coordinates, n, axes, eigenvalues: values };
}

/** -1/2 J D^2 J, n x n. */
function doublyCentred(dissimilarities: Float64Array, n: number): Float64Array {
  const square = new Float64Array(n * n);
  const means = new Float64Array(n);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const squared = dissimilarities[pair]! ** 2;
      square[i * n + j] = square[j * n + i] = squared;
      means[i]! += squared / n;
      means[j]! += squared / n;
    }
  }
  let mean = 0;
  for (const own of means) mean += own / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) square[i * n + j] = -(square[i * n + j]! - means[i]! - means[j]! + mean) / 2;
  }
  return square;
}

/** Euclidean distances of the points, condensed; written to `out` where it is given. */
export function pointDistances({ coordinates, n, axes }: Configuration, out: Float64Array = new Float64Array((n * (n - 1)) / 2)): Float64Array {
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      let squares = 0;
      for (let k = 0; k < axes; k++) squares += (coordinates[i * axes + k]! - coordinates[j * axes + k]!) ** 2;
      out[pair] = Math.sqrt(squares);
    }
  }
  return out;
}

/** Sum over pairs of (target - distance)^2. */
export function rawStress(targets: Float64Array, distances: Float64Array): number {
  let sum = 0;
  for (let pair = 0; pair < targets.length; pair++) sum += (targets[pair]! - distances[pair]!) ** 2;
  return sum;
}

/**
 * sqrt(raw stress / sum of squares of `over`); 0 where all of them are 0. Maps of dissimilarities as they are divide by
 * the dissimilarities, non-metric ones by the distances (Kruskal 1964, stress 1).
 */
export function stress1(targets: Float64Array, distances: Float64Array, over: Float64Array): number {
  let squares = 0;
  for (const value of over) squares += value * value;
  return squares > 0 ? Math.sqrt(rawStress(targets, distances) / squares) : 0;
}

/** Share of the positive eigenvalues that the first axes hold, one number an axis; and of the sizes, what is negative. */
export function eigenvalueShares(eigenvalues: Float64Array, axes: number): { shares: number[]; negative: number } {
  let [positive, below] = [0, 0];
  for (const value of eigenvalues) {
    if (value > 0) positive += value;
    else below -= value;
  }
  const total = positive + below;
  return {
    shares: Array.from({ length: axes }, (_, k) => (positive > 0 ? Math.max(0, eigenvalues[k] ?? 0) / positive : 0)),
    negative: total > 0 ? below / total : 0,
  };
}
