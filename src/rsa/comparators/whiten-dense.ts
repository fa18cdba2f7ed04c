/**
 * Whitened comparison where whiten.ts has no short way: pairs are missing, or the words' noise is not equal and
 * independent. The covariance of the distances is built and solved, so this is for small RDMs only.
 */
import { cosine, type Numbers } from './correlate.ts';
import { cholesky, solveLower } from '../numbers/linear.ts';

/** Most pairs that are solved: 2,000 take some seconds and 32 MB. */
const mostDensePairs = 2000;

export interface DenseWhitening {
  /** Words. */
  readonly n: number;
  /** Which pairs of the condensed order x and y hold, ascending; all by default. */
  readonly kept?: ArrayLike<number>;
  /** Covariance of the words' noise, n x n, row-major; the identity by default. */
  readonly sigma?: Float64Array;
}

/**
 * x' V^-1 y / sqrt(x' V^-1 x  y' V^-1 y), V = (C S C') squared entry by entry, C the pairwise contrasts of the kept
 * pairs, S the words' noise covariance (Diedrichsen et al. 2021, "Comparing representational geometries using whitened
 * unbiased-distance-matrix similarity").
 *
 * @returns -1 to 1; NaN where one of the two is all zeros
 * @throws RangeError for more pairs than {@link mostDensePairs}, or where V is not positive definite
 */
export function denseWhitenedCosine(x: Numbers, y: Numbers, whitening: DenseWhitening): number {
  const pairs = keptPairs(whitening);
  const count = pairs.length;
  if (x.length !== count || y.length !== count) throw new RangeError(`lists of ${x.length} and ${y.length} distances for ${count} pairs`);
  if (count > mostDensePairs) throw new RangeError(`whitening ${count} pairs of which some are missing: at most ${mostDensePairs}`);
  const found = cholesky(covariance(pairs, whitening), count);
  if (!('factor' in found)) throw new RangeError('the covariance of the distances is not positive definite');
  // With V = L L', x' V^-1 y is the product of L^-1 x and L^-1 y.
  const [a, b] = [solveLower(found.factor, count, x), solveLower(found.factor, count, y)];
  return Math.max(-1, Math.min(1, cosine(a, b)));
}

type Pair = readonly [number, number];

function keptPairs({ n, kept }: DenseWhitening): Pair[] {
  const all: Pair[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) all.push([i, j]);
  return kept ? Array.from(kept, (pair) => all[pair]!) : all;
}

function covariance(pairs: readonly Pair[], { n, sigma }: DenseWhitening): Float64Array {
  const noise = (i: number, j: number): number => (sigma ? sigma[i * n + j]! : i === j ? 1 : 0);
  const count = pairs.length;
  const out = new Float64Array(count * count);
  pairs.forEach(([i, j], p) => {
    for (let q = 0; q <= p; q++) {
      const [k, l] = pairs[q]!;
      const shared = noise(i, k) - noise(i, l) - noise(j, k) + noise(j, l);
      out[p * count + q] = out[q * count + p] = shared * shared;
    }
  });
  return out;
}
