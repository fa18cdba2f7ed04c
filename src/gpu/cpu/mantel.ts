/**
 * The twin of shaders/mantel.wgsl: sums over pairs of a permuted reference RDM times candidate RDMs. Products are
 * added in float64, so that sums of centred doubled ranks are exact.
 */
import { squareForm } from '../condensed.ts';
import { permutation } from '../permutation.ts';

/** Candidates side by side, and the reference as a square, ready for {@link mantelSumsOf}. */
export interface PreparedMantel {
  readonly n: number;
  /** n x n; float32 holds ranks to 2^24 exactly. */
  readonly reference: Float32Array<ArrayBuffer>;
  /** Condensed, four candidates a block (the last one filled up with zeros): block, then pair, then candidate. */
  readonly blocks: readonly Float32Array<ArrayBuffer>[];
  readonly candidates: number;
}

/** Lays out a reference and its candidates, all condensed, n(n-1)/2 long. */
export function prepareMantel(
  n: number, reference: ArrayLike<number>, candidates: readonly ArrayLike<number>[],
): PreparedMantel {
  const pairs = reference.length;
  const blocks: Float32Array<ArrayBuffer>[] = [];
  for (let first = 0; first < candidates.length; first += 4) {
    const block = new Float32Array(pairs * 4);
    candidates.slice(first, first + 4).forEach((candidate, place) => {
      for (let pair = 0; pair < pairs; pair++) block[pair * 4 + place] = candidate[pair]!;
    });
    blocks.push(block);
  }
  return { n, reference: squareForm(reference, n), blocks, candidates: candidates.length };
}

/** The sums of permutation `index`, one per candidate, into `out[candidate][index]`. One gather serves all candidates. */
export function mantelSumsOf(
  prepared: PreparedMantel, index: number, seed: number, out: readonly Float64Array[], order: Uint32Array, gathered: Float32Array,
): void {
  const { n, reference, blocks } = prepared;
  permutation(n, index, seed, order);
  let pair = 0;
  for (let i = 0; i + 1 < n; i++) {
    const row = order[i]! * n;
    for (let j = i + 1; j < n; j++) gathered[pair++] = reference[row + order[j]!]!;
  }
  for (let b = 0; b < blocks.length; b++) {
    const block = blocks[b]!;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0, q = 0; p < pair; p++, q += 4) {
      const a = gathered[p]!;
      s0 += a * block[q]!;
      s1 += a * block[q + 1]!;
      s2 += a * block[q + 2]!;
      s3 += a * block[q + 3]!;
    }
    const sums = [s0, s1, s2, s3];
    for (let place = 0; place < 4 && b * 4 + place < prepared.candidates; place++) out[b * 4 + place]![index] = sums[place]!;
  }
}
