/**
 * RDMs over drawn words. Drawn with replacement a word can stand beside its own copy: that pair's distance is 0 by
 * construction and says nothing, so it is dropped, while pairs of two different words that come several times are kept
 * as often as they come. The bootstrap by weights (bootstrap.ts) does the same without building anything.
 */
import { pairCount, pairIndex } from '../../gpu/condensed.ts';

export { subRdm } from '../geometry/sub-rdm.ts';

export interface ResampledRdm {
  /** Distances of the kept pairs, in the condensed order of the drawn words. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Where each kept pair stands in the condensed order of all drawn words. */
  readonly kept: Uint32Array<ArrayBuffer>;
  /** Drawn words, copies counted. */
  readonly size: number;
}

/**
 * The RDM of the drawn words, without the pairs of a word with its own copy.
 *
 * @param x condensed, n(n-1)/2 values
 * @param n words
 * @param draw which words, 0 to n - 1, repeated as often as they were drawn, in the order in which they shall stand
 * @throws RangeError for a word that is not there
 */
export function resampledRdm(x: Float32Array | Float64Array, n: number, draw: ArrayLike<number>): ResampledRdm {
  const size = draw.length;
  for (let a = 0; a < size; a++) if (!(draw[a]! >= 0 && draw[a]! < n)) throw new RangeError(`word ${draw[a]} of ${n} was drawn`);
  const values = new Float64Array(pairCount(size));
  const kept = new Uint32Array(values.length);
  let count = 0;
  for (let a = 0, pair = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++, pair++) {
      if (draw[a] === draw[b]) continue;
      values[count] = x[pairIndex(n, draw[a]!, draw[b]!)]!;
      kept[count++] = pair;
    }
  }
  return { values: values.slice(0, count), kept: kept.slice(0, count), size };
}
