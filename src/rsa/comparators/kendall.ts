/**
 * Concordant minus discordant pairs, in N log N steps (Knight 1966, "A computer method for calculating Kendall's tau with
 * ungrouped data"): sorted by y, the discordant pairs are the exchanges that a merge sort by x makes.
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

/** tau-a divides by all pairs, tau-b by those without ties; NaN where there are none. */
export function tauOf(comparator: 'tau-a' | 'tau-b', { balance, pairs, tiedX, tiedY }: TauCounts): number {
  const scale = comparator === 'tau-a' ? pairs : Math.sqrt(pairs - tiedX) * Math.sqrt(pairs - tiedY);
  return scale > 0 ? Math.max(-1, Math.min(1, balance / scale)) : NaN;
}

/** Only equal numbers tie. Counts are exact up to 2^53, that is for RDMs of some 16,000 words. NaN is refused with a RangeError. */
export function tauCounts(x: Float32Array | Float64Array, y: Float32Array | Float64Array): TauCounts {
  return new TauAgainst(y).counts(denseRanks(x));
}

/** 0 for the smallest value, 1 for the next larger one, and so on; equal values share theirs. */
export function denseRanks(values: Float32Array | Float64Array): Uint32Array<ArrayBuffer> {
  const order = sortedOrder(values);
  const ranks = new Uint32Array(values.length);
  for (let k = 1, rank = 0; k < order.length; k++) {
    if (values[order[k]!] !== values[order[k - 1]!]) rank++;
    ranks[order[k]!] = rank;
  }
  return ranks;
}

/** One list, sorted once, against many others or many orders of another. */
export class TauAgainst {
  /** Indices by ascending y. */
  readonly #order: Uint32Array;
  /** Start and end of each run of equal y, where it is longer than one. */
  readonly #runs: readonly (readonly [number, number])[];
  readonly #tiedY: number;
  readonly #pairs: number;
  #from: Uint32Array;
  #to: Uint32Array;

  constructor(y: Float32Array | Float64Array) {
    const order = sortedOrder(y);
    const runs: (readonly [number, number])[] = [];
    let tied = 0;
    for (let start = 0; start < order.length; ) {
      let end = start + 1;
      while (end < order.length && y[order[end]!] === y[order[start]!]) end++;
      if (end - start > 1) runs.push([start, end]);
      tied += pairsOf(end - start);
      start = end;
    }
    this.#order = order;
    this.#runs = runs;
    this.#tiedY = tied;
    this.#pairs = pairsOf(y.length);
    this.#from = new Uint32Array(y.length);
    this.#to = new Uint32Array(y.length);
  }

  /** @param x {@link denseRanks} of the other list, as long as y */
  counts(x: Uint32Array): TauCounts {
    const values = this.#from;
    const order = this.#order;
    for (let k = 0; k < order.length; k++) values[k] = x[order[k]!]!;
    // In the order of x where y ties: such pairs are neither concordant nor discordant.
    let tiedBoth = 0;
    for (const [start, end] of this.#runs) tiedBoth += tiesOf(values.subarray(start, end).sort());
    const discordant = this.#exchanges();
    const tiedX = tiesOf(this.#from);
    return { balance: this.#pairs - tiedX - this.#tiedY + tiedBoth - 2 * discordant, pairs: this.#pairs, tiedX, tiedY: this.#tiedY };
  }

  /** Inversions of the values, which are sorted on the way. */
  #exchanges(): number {
    const { length } = this.#from;
    let count = 0;
    for (let width = 1; width < length; width *= 2) {
      const [from, to] = [this.#from, this.#to];
      for (let start = 0; start < length; start += 2 * width) {
        const middle = Math.min(start + width, length);
        const end = Math.min(start + 2 * width, length);
        let left = start;
        let right = middle;
        let k = start;
        while (left < middle && right < end) {
          if (from[left]! <= from[right]!) to[k++] = from[left++]!;
          else {
            count += middle - left;
            to[k++] = from[right++]!;
          }
        }
        while (left < middle) to[k++] = from[left++]!;
        while (right < end) to[k++] = from[right++]!;
      }
      this.#from = to;
      this.#to = from;
    }
    return count;
  }
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** Pairs of equal entries of a sorted list. */
function tiesOf(sorted: Uint32Array): number {
  let tied = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    tied += pairsOf(end - start);
    start = end;
  }
  return tied;
}
