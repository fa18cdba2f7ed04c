/**
 * Concordant minus discordant pairs, in N log N steps (Knight 1966): sorted by x, the discordant pairs are the exchanges
 * that a merge sort by y makes.
 */
import { sortedOrder } from './ranks.ts';

export interface TauCounts {
  /** Concordant minus discordant pairs of entries. */
  readonly balance: number;
  /** N(N-1)/2. */
  readonly pairs: number;
  /** Pairs of entries that tie in x, in y. */
  readonly tiedX: number;
  readonly tiedY: number;
}

/** Only equal numbers tie. Counts are exact up to 2^53, that is for RDMs of some 16,000 words. NaN is refused with a RangeError. */
export function tauCounts(x: Float32Array | Float64Array, y: Float32Array | Float64Array): TauCounts {
  const count = x.length;
  // By x, and by y where x ties: a stable sort of what is already in the order of y.
  const byY = sortedOrder(y);
  const byX = sortedOrder(Float64Array.from(byY, (k) => x[k]!));
  const order = Uint32Array.from(byX, (k) => byY[k]!);
  let [tiedX, tiedBoth] = [0, 0];
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && x[order[end]!] === x[order[start]!]) end++;
    tiedX += pairsOf(end - start);
    for (let low = start; low < end; ) {
      let high = low + 1;
      while (high < end && y[order[high]!] === y[order[low]!]) high++;
      tiedBoth += pairsOf(high - low);
      low = high;
    }
    start = end;
  }
  let tiedY = 0;
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && y[byY[end]!] === y[byY[start]!]) end++;
    tiedY += pairsOf(end - start);
    start = end;
  }
  const discordant = exchanges(Float64Array.from(order, (k) => y[k]!));
  const pairs = pairsOf(count);
  return { balance: pairs - tiedX - tiedY + tiedBoth - 2 * discordant, pairs, tiedX, tiedY };
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** Inversions of the values, which are sorted on the way. */
function exchanges(values: Float64Array<ArrayBuffer>): number {
  let from = values;
  let to = new Float64Array(values.length);
  let count = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let [left, right] = [start, middle];
      for (let k = start; k < end; k++) {
        if (left < middle && (right >= end || from[left]! <= from[right]!)) to[k] = from[left++]!;
        else {
          count += middle - left;
          to[k] = from[right++]!;
        }
      }
    }
    [from, to] = [to, from];
  }
  return count;
}
