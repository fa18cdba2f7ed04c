/**
 * The inverse covariance of distances, where all words are measured with the same independent noise (Diedrichsen et al.
 * 2021, "Comparing representational geometries using whitened unbiased-distance-matrix similarity"). Distances that share
 * a word covary; V = (C C') squared entry by entry, C the pairwise contrasts. V is never built: x' V^-1 y is, up to a
 * constant that cosines do not see, the inner product of the double-centred squares -1/2 J D J.
 */
import { type Numbers } from './correlate.ts';

/**
 * V^-1 y, up to a positive constant: the entries above the diagonal of J Y J, J = I - 1/n.
 *
 * @param y condensed, n(n-1)/2 values
 * @param n words, at least 3
 */
export function whiten(y: Numbers, n: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(n);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      sums[i]! += y[pair]!;
      sums[j]! += y[pair]!;
    }
  }
  let all = 0;
  for (const sum of sums) all += sum;
  const grand = all / (n * n);
  const out = new Float64Array(y.length);
  for (let i = 0, pair = 0; i < n; i++) for (let j = i + 1; j < n; j++, pair++) out[pair] = y[pair]! - sums[i]! / n - sums[j]! / n + grand;
  return out;
}
