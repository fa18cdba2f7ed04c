/**
 * Average ranks of long arrays (an RDM of 1,570 words has 1.2 million entries), by radix sort of the floats' bits.
 *
 * Ranks are kept doubled, so that the average rank of a tie is an integer: 2 x rank, from 2 to 2N, where N is the
 * number of values.
 *
 * Ties. In float32 only equal values tie. In float64, values within 1e-12 of the largest magnitude tie: that is some
 * thousand times the rounding of a distance between rating vectors, so distances that are equal on paper tie whatever
 * the order of the additions, and far below any difference that ratings can make. With 1.2 million pairs it moves
 * Spearman's rho by less than 1e-11.
 */

/** Relative to the largest magnitude; see the head of this file. */
export const tieTolerance = 1e-12;

/** A permutation of 0..N-1 that sorts the values ascending; stable. NaN is refused with a RangeError. */
export function sortedOrder(values: Float32Array | Float64Array): Uint32Array {
  const words = values instanceof Float64Array ? float64Keys(values) : [float32Keys(values)];
  let order = new Uint32Array(values.length);
  let spare = new Uint32Array(values.length);
  for (let k = 0; k < order.length; k++) order[k] = k;
  const counts = new Uint32Array(2048);
  // Least significant word first, eleven bits a pass.
  for (const word of words) {
    for (let shift = 0; shift < 32; shift += 11) {
      counts.fill(0);
      for (let k = 0; k < word.length; k++) counts[(word[k]! >>> shift) & 2047]!++;
      if (counts[(word[0]! >>> shift) & 2047] === word.length) continue;
      for (let bucket = 0, start = 0; bucket < 2048; bucket++) {
        const size = counts[bucket]!;
        counts[bucket] = start;
        start += size;
      }
      for (let k = 0; k < order.length; k++) {
        const index = order[k]!;
        spare[counts[(word[index]! >>> shift) & 2047]!++] = index;
      }
      [order, spare] = [spare, order];
    }
  }
  return order;
}

/** Bits of the floats, arranged so that unsigned order is numeric order; -0 counts as 0. */
function float32Keys(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  for (let k = 0; k < values.length; k++) {
    number[0] = values[k]! + 0;
    refuseNaN(number[0]!, k);
    const word = bits[0]!;
    keys[k] = word & 0x80000000 ? ~word : word | 0x80000000;
  }
  return keys;
}

/** The same for float64: the low words, then the high words. */
function float64Keys(values: Float64Array): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(values.length);
  const high = new Uint32Array(values.length);
  const number = new Float64Array(1);
  const bits = new Uint32Array(number.buffer);
  for (let k = 0; k < values.length; k++) {
    number[0] = values[k]! + 0;
    refuseNaN(number[0]!, k);
    const negative = bits[1]! & 0x80000000;
    low[k] = negative ? ~bits[0]! : bits[0]!;
    high[k] = negative ? ~bits[1]! : bits[1]! | 0x80000000;
  }
  return [low, high];
}

function refuseNaN(value: number, k: number): void {
  if (Number.isNaN(value)) throw new RangeError(`value ${k} is NaN and has no rank`);
}

/**
 * Twice the average rank of each value, 2 to 2N.
 *
 * @param tolerance absolute; values this close to the first of their tie share its rank. By default that of the head
 *   of this file; 0 makes only equal values tie, as scipy does.
 */
export function doubledRanks(values: Float32Array | Float64Array, tolerance?: number): Uint32Array {
  const order = sortedOrder(values);
  const ranks = new Uint32Array(values.length);
  if (!values.length) return ranks;
  const largest = Math.max(Math.abs(values[order[0]!]!), Math.abs(values[order[order.length - 1]!]!));
  const width = tolerance ?? (values instanceof Float64Array && Number.isFinite(largest) ? largest * tieTolerance : 0);
  for (let start = 0; start < order.length; ) {
    const value = values[order[start]!]!;
    const last = value + width;
    let end = start + 1;
    while (end < order.length && values[order[end]!]! <= last) end++;
    // Ranks start + 1 to end; twice their mean is the sum of the two ends.
    for (let k = start; k < end; k++) ranks[order[k]!] = start + 1 + end;
    start = end;
  }
  return ranks;
}

/** Doubled ranks minus their mean N + 1: integers that sum to 0. They fit 16 bits for an RDM of at most 256 words. */
export function centredRanks(ranks: Uint32Array): Int32Array<ArrayBuffer> {
  const centre = ranks.length + 1;
  return Int32Array.from(ranks, (rank) => rank - centre);
}
