/** Word by word: how close a model's ratings of a word come to the reference's, and whether models agree on that. */
import { pairIndex } from '../../gpu/condensed.ts';
import { mean, pearson } from '../comparators/correlate.ts';
import { standardiseColumns } from '../distances/standardise.ts';

/**
 * 1 / (1 + Euclidean distance) between each word's rating vectors, 0 to 1: the study's measure (arXiv:2603.03313). It
 * rewards using the scale alike as much as ordering words alike.
 *
 * @param a n x k, row-major
 * @param b n x k, row-major
 */
export function wordSimilarities(a: Float64Array, b: Float64Array, n: number, k: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let column = i * k; column < (i + 1) * k; column++) {
      const difference = a[column]! - b[column]!;
      squares += difference * difference;
    }
    out[i] = 1 / (1 + Math.sqrt(squares));
  }
  return out;
}

/** The same with each side's ratings z-scored per dimension over the words, which takes scale use out. */
export function zscoredSimilarities(a: Float64Array, b: Float64Array, n: number, k: number): Float64Array<ArrayBuffer> {
  return wordSimilarities(standardiseColumns(a, n, k, 'zscore').data, standardiseColumns(b, n, k, 'zscore').data, n, k);
}

/**
 * Each word's row of an RDM as ranks among its n - 1 distances (doubled average ranks, ties as in the RDM's own).
 *
 * @param ranks doubled ranks of the whole RDM, condensed
 * @returns n x (n-1), row-major; row i leaves out the word itself
 */
export function rowRanks(ranks: Uint32Array, n: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(n * (n - 1));
  const keys = new Float64Array(n - 1);
  // Rank and place in one number: native sorting of float64 is far faster than sorting with a comparison.
  const places = 2 ** Math.ceil(Math.log2(Math.max(2, n)));
  for (let i = 0; i < n; i++) {
    for (let j = 0, k = 0; j < n; j++) {
      if (j === i) continue;
      keys[k] = ranks[pairIndex(n, i, j)]! * places + k;
      k++;
    }
    keys.sort();
    const row = i * (n - 1);
    for (let start = 0; start < keys.length; ) {
      const rank = Math.floor(keys[start]! / places);
      let end = start + 1;
      while (end < keys.length && Math.floor(keys[end]! / places) === rank) end++;
      for (let k = start; k < end; k++) out[row + (keys[k]! - rank * places)] = start + 1 + end;
      start = end;
    }
  }
  return out;
}

/** Per-word RSA: for each word, Spearman's rho of its rows in two RDMs. NaN where a row is constant. */
export function rowCorrelations(a: Float32Array, b: Float32Array, n: number): Float64Array<ArrayBuffer> {
  const width = n - 1;
  return Float64Array.from({ length: n }, (_, i) =>
    pearson(a.subarray(i * width, (i + 1) * width), b.subarray(i * width, (i + 1) * width)));
}

/** Paired t of a minus b over words: mean difference over its standard error (SD with n - 1). NaN below two words. */
export function pairedT(a: Float64Array, b: Float64Array): number {
  const differences = a.map((value, i) => value - b[i]!);
  const centre = mean(differences);
  let squares = 0;
  for (const difference of differences) squares += (difference - centre) * (difference - centre);
  const n = differences.length;
  return centre / Math.sqrt(squares / (n - 1) / n);
}
