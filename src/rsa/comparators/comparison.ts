/**
 * One comparator made ready for many comparisons over the same words: what it reads of an RDM (its ranks, say) is worked
 * out once for each RDM, not once for each pair of RDMs. Complete RDMs and RDMs of drawn words go the same way.
 */
import type { RdmComparator } from '../../data/comparators.ts';
import { prepared, preparedValue } from './compare.ts';
import { cosine, deviations, type Numbers } from './correlate.ts';

export interface Comparison {
  readonly comparator: RdmComparator;
  /** What the comparator reads of an RDM. */
  prepare(x: Float32Array | Float64Array): Numbers;
  /** The comparator's value for two prepared RDMs; NaN where it does not exist. */
  value(x: Numbers, y: Numbers): number;
}

/** Comparisons of complete RDMs, condensed, of n words; see compare.ts for the values. */
export function comparison(comparator: RdmComparator, n: number): Comparison {
  return { comparator, prepare: (x) => prepared(comparator, x), value: (x, y) => preparedValue(comparator, x, y, n) };
}

/**
 * Comparisons of RDMs over drawn words, as {@link resampledRdm} gives them: pairs of a word with its own copy are
 * missing, and repeated pairs count as often as they come. The whitened comparators take copies for words measured
 * apart, and the rows and columns of missing pairs out of the covariance.
 *
 * @param draw the drawn words, in the order in which they stand
 */
export function drawnComparison(comparator: RdmComparator, draw: ArrayLike<number>): Comparison {
  const whitened = (x: Numbers, y: Numbers): number => cosine(x, y, whitenDrawn(x, draw), whitenDrawn(y, draw));
  return {
    comparator,
    prepare: (x) => prepared(comparator, x),
    value: (x, y) => {
      if (comparator === 'whitened-cosine') return whitened(x, y);
      if (comparator === 'whitened-pearson') return whitened(deviations(x), deviations(y));
      return preparedValue(comparator, x, y, draw.length);
    },
  };
}

/**
 * V^-1 y up to a constant, V the covariance of the kept distances between drawn words with equal, independent noise: 4 for
 * a distance with itself, 1 for two that share a word. V = B B' + 2 I, B telling which two words a distance is between,
 * so that V^-1 y = (y - B z) / 2 with (B'B + 2 I) z = B' y. B'B has a 1 for every kept pair of words, and copies of a
 * word have the same distances and so the same z; what is left is a diagonal plus a constant, solved in one step.
 *
 * @param y as {@link resampledRdm} gives them for this draw
 */
export function whitenDrawn(y: Numbers, draw: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const size = draw.length;
  const copies = new Map<number, number>();
  for (let a = 0; a < size; a++) copies.set(draw[a]!, (copies.get(draw[a]!) ?? 0) + 1);
  const sums = new Map<number, number>();
  let pair = 0;
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      if (draw[a] === draw[b]) continue;
      const value = y[pair++]!;
      sums.set(draw[a]!, (sums.get(draw[a]!) ?? 0) + value);
      sums.set(draw[b]!, (sums.get(draw[b]!) ?? 0) + value);
    }
  }
  const solved = solveCopies(copies, sums, size);
  const out = new Float64Array(y.length);
  pair = 0;
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      if (draw[a] === draw[b]) continue;
      out[pair] = y[pair]! - solved.get(draw[a]!)! - solved.get(draw[b]!)!;
      pair++;
    }
  }
  return out;
}

/**
 * With g copies of a word among `size` drawn ones: (size + 2 - 2 g) z + Z = its sum over one copy, Z the sum of all z.
 * At most one word can come so often that its factor is 0; then its equation gives Z.
 */
function solveCopies(copies: ReadonlyMap<number, number>, sums: ReadonlyMap<number, number>, size: number): Map<number, number> {
  const words = [...copies].map(([word, g]) => ({ word, g, factor: size + 2 - 2 * g, sum: (sums.get(word) ?? 0) / g }));
  const free = words.find(({ factor }) => factor === 0);
  const others = words.filter(({ factor }) => factor !== 0);
  const weighted = others.reduce((all, { g, sum, factor }) => all + (g * sum) / factor, 0);
  const share = others.reduce((all, { g, factor }) => all + g / factor, 0);
  const total = free ? free.sum : weighted / (1 + share);
  const solved = new Map(others.map(({ word, sum, factor }) => [word, (sum - total) / factor]));
  if (free) solved.set(free.word, (total - others.reduce((all, { word, g }) => all + g * solved.get(word)!, 0)) / free.g);
  return solved;
}
