/** Parts of an RDM: some of its words, or those without an undefined distance. */
import { pairIndex } from '../../gpu/condensed.ts';

type Distances = Float32Array | Float64Array;

/**
 * The RDM of some of n words, in the order of `rows`.
 *
 * @param distances condensed, of n words
 * @returns condensed, of rows.length words, in the precision of `distances`
 */
export function subRdm<D extends Distances>(distances: D, n: number, rows: ArrayLike<number>): D {
  const count = (rows.length * (rows.length - 1)) / 2;
  const out = distances instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  for (let a = 0, pair = 0; a < rows.length; a++) {
    const i = rows[a]!;
    // Adding a later word's number j to `row` gives the place of the pair (i, j); most rows ascend.
    const row = i * n - (i * (i + 1)) / 2 - i - 1;
    for (let b = a + 1; b < rows.length; b++) {
      const j = rows[b]!;
      out[pair++] = distances[j > i ? row + j : pairIndex(n, i, j)]!;
    }
  }
  return out as D;
}

/**
 * Words between all of which every distance of every RDM exists: the word with most undefined pairs is left out, again and
 * again, the last one among equals. A word whose vector has no direction goes first that way, and takes no other with it.
 *
 * @param rdms condensed, all of the same n words
 * @returns rows that stay and rows that go, ascending
 */
export function completeRows(rdms: readonly Distances[], n: number): { kept: Uint32Array; lost: Uint32Array } {
  const undefinedPairs = new Uint32Array(n);
  const gaps: (readonly [number, number])[] = [];
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      if (!rdms.some((distances) => Number.isNaN(distances[pair]!))) continue;
      gaps.push([i, j]);
      undefinedPairs[i]!++;
      undefinedPairs[j]!++;
    }
  }
  const gone = new Set<number>();
  for (;;) {
    let worst = -1;
    for (let i = 0; i < n; i++) if (undefinedPairs[i]! > 0 && (worst < 0 || undefinedPairs[i]! >= undefinedPairs[worst]!)) worst = i;
    if (worst < 0) break;
    gone.add(worst);
    for (const [i, j] of gaps) {
      if ((i !== worst && j !== worst) || gone.has(i === worst ? j : i)) continue;
      undefinedPairs[i]!--;
      undefinedPairs[j]!--;
    }
  }
  const all = Uint32Array.from({ length: n }, (_, i) => i);
  return { kept: all.filter((i) => !gone.has(i)), lost: all.filter((i) => gone.has(i)) };
}
