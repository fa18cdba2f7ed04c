/**
 * Spearman's rho of two lists under weights, such as those of a bootstrap draw: equal to repeating each value as
 * often as it weighs and ranking anew, at the cost of one pass, since the order of the values never changes.
 */
import { sortedOrder } from '../comparators/ranks.ts';

interface TieGroups {
  /** Indices in ascending order of their value. */
  readonly order: Uint32Array;
  /** Where each group of equal values ends in `order`. */
  readonly ends: Uint32Array;
}

function tieGroups(values: Float64Array): TieGroups {
  const order = sortedOrder(values);
  const ends: number[] = [];
  for (let k = 0; k < order.length; k++) {
    if (k + 1 === order.length || values[order[k]!] !== values[order[k + 1]!]) ends.push(k + 1);
  }
  return { order, ends: Uint32Array.from(ends) };
}

export class WeightedSpearman {
  readonly #x: TieGroups;
  readonly #y: TieGroups;
  readonly #ranksX: Float64Array;
  readonly #ranksY: Float64Array;

  /** Both of the same length, without NaN. Only equal values tie. */
  constructor(x: Float64Array, y: Float64Array) {
    this.#x = tieGroups(x);
    this.#y = tieGroups(y);
    this.#ranksX = new Float64Array(x.length);
    this.#ranksY = new Float64Array(x.length);
  }

  /** @param weights whole numbers, at least 0; @returns -1 to 1, NaN when either side is constant */
  correlate(weights: ArrayLike<number>): number {
    const x = this.#ranksX;
    const y = this.#ranksY;
    const total = rankWeighted(this.#x, weights, x);
    rankWeighted(this.#y, weights, y);
    const centre = total + 1;
    let xx = 0;
    let yy = 0;
    let xy = 0;
    for (let k = 0; k < x.length; k++) {
      const weight = weights[k]!;
      const a = x[k]! - centre;
      const b = y[k]! - centre;
      xx += weight * a * a;
      yy += weight * b * b;
      xy += weight * a * b;
    }
    return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : NaN;
  }
}

/** Doubled average ranks under weights; returns the sum of the weights. */
function rankWeighted({ order, ends }: TieGroups, weights: ArrayLike<number>, out: Float64Array): number {
  let before = 0;
  let start = 0;
  for (let group = 0; group < ends.length; group++) {
    const end = ends[group]!;
    let weight = 0;
    for (let k = start; k < end; k++) weight += weights[order[k]!]!;
    for (let k = start; k < end; k++) out[order[k]!] = 2 * before + weight + 1;
    before += weight;
    start = end;
  }
  return before;
}
