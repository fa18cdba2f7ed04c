/**
 * Average ranks of long arrays (an RDM of 1,570 words has 1.2 million entries).
 *
 * Ranks are kept doubled, so that the average rank of a tie is an integer: 2 x rank, from 2 to 2N, where N is the
 * number of values.
 *
 * Ties. Only equal numbers tie, as in scipy, so that results are the same to the last digits. Rounding can split
 * distances that are equal on paper (two pairs of words with the same ratings: 0 and 1e-16). With the tolerance
 * {@link roundingTies} these tie too; an RSA reports where that would change its value.
 */

/**
 * Float64 distances between rating vectors that are closer than this, relative to the largest one, are equal on paper:
 * a thousand times their rounding, and far below any difference that ratings can make.
 */
export const roundingTies = 1e-12;

/** Values in ascending order, and where each stood. */
interface Sorted<Values> {
  readonly order: Uint32Array;
  readonly values: Values;
}

/** Buckets up to here are sorted by insertion. */
const smallBucket = 24;

/** A permutation of 0..N-1 that sorts the values ascending; stable. NaN is refused with a RangeError. */
export function sortedOrder(values: Float32Array | Float64Array): Uint32Array {
  return sort(values).order;
}

/**
 * Distances spread over their range, so one pass puts nearly every value in its place: as many buckets as values, each
 * holding a stretch of the range. What shares a bucket is sorted by insertion, or by its bits where there is much of it.
 */
function sort<Values extends Float32Array | Float64Array>(values: Values): Sorted<Values> {
  const count = values.length;
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < count; k++) {
    const value = values[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
    refuseNaN(value, k);
  }
  const scale = (count - 1) / (high - low);
  // Infinities, a range beyond float64, and a single value have no scale.
  if (!(scale > 0 && scale < Infinity)) return inOrder(values, radixOrder(values));
  const ends = new Uint32Array(count);
  for (let k = 0; k < count; k++) ends[Math.floor((values[k]! - low) * scale)]!++;
  for (let bucket = 0, start = 0; bucket < count; bucket++) {
    const size = ends[bucket]!;
    ends[bucket] = start;
    start += size;
  }
  const order = new Uint32Array(count);
  const sorted = values.slice() as Values;
  for (let k = 0; k < count; k++) {
    const value = values[k]!;
    const place = ends[Math.floor((value - low) * scale)]!++;
    order[place] = k;
    sorted[place] = value;
  }
  for (let bucket = 0, start = 0; bucket < count; bucket++) {
    const end = ends[bucket]!;
    if (end - start > smallBucket) sortBucket(sorted, order, start, end);
    else if (end - start > 1) insert(sorted, order, start, end);
    start = end;
  }
  return { order, values: sorted };
}

function insert(sorted: Float32Array | Float64Array, order: Uint32Array, start: number, end: number): void {
  for (let k = start + 1; k < end; k++) {
    const value = sorted[k]!;
    const index = order[k]!;
    let at = k;
    for (; at > start && sorted[at - 1]! > value; at--) {
      sorted[at] = sorted[at - 1]!;
      order[at] = order[at - 1]!;
    }
    sorted[at] = value;
    order[at] = index;
  }
}

function sortBucket(sorted: Float32Array | Float64Array, order: Uint32Array, start: number, end: number): void {
  const values = sorted.slice(start, end);
  if (values.every((value) => value === values[0])) return;
  const indices = order.slice(start, end);
  radixOrder(values).forEach((from, to) => {
    sorted[start + to] = values[from]!;
    order[start + to] = indices[from]!;
  });
}

function inOrder<Values extends Float32Array | Float64Array>(values: Values, order: Uint32Array): Sorted<Values> {
  const sorted = values.slice() as Values;
  for (let k = 0; k < order.length; k++) sorted[k] = values[order[k]!]!;
  return { order, values: sorted };
}

/** Sorts by the bits of the floats, eleven at a time, the least significant first. */
function radixOrder(values: Float32Array | Float64Array): Uint32Array {
  const words = values instanceof Float64Array ? float64Keys(values) : [float32Keys(values)];
  let order = new Uint32Array(values.length);
  let spare = new Uint32Array(values.length);
  for (let k = 0; k < order.length; k++) order[k] = k;
  const counts = new Uint32Array(2048);
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
 * @param tolerance relative to the largest magnitude; values this close to the first of their tie share its rank. By
 *   default only equal values tie.
 */
export function doubledRanks(values: Float32Array | Float64Array, tolerance = 0): Uint32Array<ArrayBuffer> {
  return ranksOf(sort(values), tolerance);
}

/** Doubled ranks without and with {@link roundingTies}, from one sort; `tied` is null where both are the same. */
export function bothRanks(values: Float64Array): { exact: Uint32Array<ArrayBuffer>; tied: Uint32Array<ArrayBuffer> | null } {
  const sorted = sort(values);
  const width = tieWidth(sorted.values, roundingTies);
  const exact = ranksOf(sorted, 0);
  for (let k = 1; k < sorted.values.length; k++) {
    const gap = sorted.values[k]! - sorted.values[k - 1]!;
    if (gap > 0 && gap <= width) return { exact, tied: ranksOf(sorted, roundingTies) };
  }
  return { exact, tied: null };
}

/** The values with those that {@link roundingTies} makes tie made equal, to the first of their tie. */
export function withRoundingTied(values: Float64Array): Float64Array<ArrayBuffer> {
  const { order, values: sorted } = sort(values);
  const width = tieWidth(sorted, roundingTies);
  const out = Float64Array.from(values);
  for (let k = 0, start = 0; k < sorted.length; k++) {
    if (sorted[k]! > sorted[start]! + width) start = k;
    out[order[k]!] = sorted[start]!;
  }
  return out;
}

function tieWidth(sorted: Float32Array | Float64Array, tolerance: number): number {
  if (!sorted.length || tolerance === 0) return 0;
  const largest = Math.max(Math.abs(sorted[0]!), Math.abs(sorted[sorted.length - 1]!));
  return Number.isFinite(largest) ? largest * tolerance : 0;
}

function ranksOf({ order, values }: Sorted<Float32Array | Float64Array>, tolerance: number): Uint32Array<ArrayBuffer> {
  const ranks = new Uint32Array(order.length);
  const width = tieWidth(values, tolerance);
  for (let start = 0; start < order.length; ) {
    const last = values[start]! + width;
    let end = start + 1;
    while (end < order.length && values[end]! <= last) end++;
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
