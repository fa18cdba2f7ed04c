/**
 * Monotone regression: the numbers in ascending order that are nearest to given ones (pool adjacent violators; Barlow,
 * Bartholomew, Bremner and Brunk 1972, "Statistical inference under order restrictions"), and what non-metric scaling
 * makes of it (Kruskal 1964, "Nonmetric multidimensional scaling: a numerical method").
 */
import type { Ties } from '../../data/geometry.ts';
import { sortedOrder } from '../comparators/ranks.ts';

export type { Ties } from '../../data/geometry.ts';

/**
 * The ascending list with the least weighted sum of squared differences from `values`; O(length).
 *
 * @param weights positive, as many; all 1 when left out
 */
export function isotonic(values: Float64Array, weights?: Float64Array): Float64Array {
  const level = new Float64Array(values.length);
  const weight = new Float64Array(values.length);
  const size = new Uint32Array(values.length);
  let blocks = 0;
  for (let k = 0; k < values.length; k++) {
    let own = values[k]!;
    let heavy = weights ? weights[k]! : 1;
    let count = 1;
    // A block that is not above the one before joins it, with the mean of both.
    while (blocks > 0 && level[blocks - 1]! >= own) {
      blocks--;
      const both = weight[blocks]! + heavy;
      own = (level[blocks]! * weight[blocks]! + own * heavy) / both;
      heavy = both;
      count += size[blocks]!;
    }
    level[blocks] = own;
    weight[blocks] = heavy;
    size[blocks++] = count;
  }
  const out = new Float64Array(values.length);
  for (let block = 0, at = 0; block < blocks; block++) {
    out.fill(level[block]!, at, at + size[block]!);
    at += size[block]!;
  }
  return out;
}

/** Finds disparities: distances bent until their order is that of the dissimilarities. Sorts once, for many calls. */
export class Disparities {
  readonly #order: Uint32Array;
  /** First and behind-last place of every stretch of equal dissimilarities. */
  readonly #blocks: Uint32Array;
  /** Pairs in stretches of more than one, and where each one's stretch begins. */
  readonly #tied: Uint32Array;
  readonly #startOfTied: Uint32Array;
  readonly #ties: Ties;

  /** @param dissimilarities complete; any monotone transformation of them gives the same */
  constructor(dissimilarities: Float64Array, ties: Ties) {
    this.#order = sortedOrder(dissimilarities);
    this.#ties = ties;
    const starts: number[] = [];
    for (let k = 0; k < this.#order.length; k++) {
      if (k === 0 || dissimilarities[this.#order[k]!] !== dissimilarities[this.#order[k - 1]!]) starts.push(k);
    }
    starts.push(this.#order.length);
    this.#blocks = Uint32Array.from(starts);
const [tied, startOfTied]: [number[], number[]] = [[], []];
    for (let block = 0; block + 1 < starts.length; block++) {
      const [start, end] = [starts[block]!, starts[block + 1]!];
      if (end - start < 2) continue;
      for (let k = start; k < end; k++) {
        tied.push(this.#order[k]!);
        startOfTied.push(start);
      }
    }
    this.#tied = Uint32Array.from(tied);
    this.#startOfTied = Uint32Array.from(startOfTied);
  }

  /** The disparity of every pair: ascending with the dissimilarities, and as near to the distances as that allows. */
  of(distances: Float64Array): Float64Array {
    return this.#ties === 'primary' ? this.#primary(distances) : this.#secondary(distances);
  }

  #primary(distances: Float64Array): Float64Array {
    const order = this.#tied.length ? this.#byDistance(distances) : this.#order;
    const sorted = new Float64Array(order.length);
    for (let k = 0; k < order.length; k++) sorted[k] = distances[order[k]!]!;
    const fitted = isotonic(sorted);
    const out = new Float64Array(order.length);
    for (let k = 0; k < order.length; k++) out[order[k]!] = fitted[k]!;
    return out;
  }

  /** The order by dissimilarity, equal ones by distance: all tied pairs are sorted at once, then dealt out to their stretches. */
  #byDistance(distances: Float64Array): Uint32Array {
    const order = this.#order.slice();
    const lengths = new Float64Array(this.#tied.length);
    for (let k = 0; k < lengths.length; k++) lengths[k] = distances[this.#tied[k]!]!;
    const next = new Uint32Array(order.length);
    for (const k of sortedOrder(lengths)) {
      const start = this.#startOfTied[k]!;
      order[start + next[start]!++] = this.#tied[k]!;
    }
    return order;
  }

  #secondary(distances: Float64Array): Float64Array {
    const count = this.#blocks.length - 1;
    const means = new Float64Array(count);
    const sizes = new Float64Array(count);
    for (let block = 0; block < count; block++) {
      const [start, end] = [this.#blocks[block]!, this.#blocks[block + 1]!];
      sizes[block] = end - start;
      for (let k = start; k < end; k++) means[block]! += distances[this.#order[k]!]! / (end - start);
    }
    const fitted = isotonic(means, sizes);
    const out = new Float64Array(distances.length);
    for (let block = 0; block < count; block++) {
      for (let k = this.#blocks[block]!; k < this.#blocks[block + 1]!; k++) out[this.#order[k]!] = fitted[block]!;
    }
    return out;
  }
}
