/**
 * Bootstrap over words. Drawing n words with replacement gives each word a weight, how often it was drawn; a pair of
 * words then counts with the product of its weights, and pairs of a word with its own copy, whose distance is 0 by
 * construction, never enter. Every moment is a sum over pairs of w_i w_j times something fixed, so the RDM is never
 * rebuilt. This equals explicit resampling with same-word pairs left out.
 *
 * For Pearson it is exact. For Spearman the ranks stay those of the full sample: re-ranking 1.2 million pairs in each
 * resample would cost a thousand sorts, and is stated wherever intervals are explained.
 *
 * All candidates see the same resamples, so differences between them are paired.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { PhiloxStream } from '../../gpu/philox.ts';

/** RDM entries, condensed: full-sample ranks or values, standardised or not. */
export type PairValues = Float32Array | Float64Array;

/** Pearson's r subtracts means, the cosine does not. */
export type About = 'means' | 'zero';

export interface BootstrapInput {
  readonly n: number;
  readonly reference: PairValues;
  readonly candidates: readonly PairValues[];
  readonly draws: number;
  readonly seed: number;
  /** Default means: correlations. */
  readonly about?: About;
}

/**
 * The correlation of each candidate with the reference in each resample.
 *
 * @returns one array of `draws` values per candidate; NaN where a resample has no correlation (too few different words)
 */
export async function bootstrapCorrelations(input: BootstrapInput, watch: Watch = {}): Promise<Float64Array[]> {
  const { n, reference, candidates, draws, seed, about = 'means' } = input;
  const values = candidates.map(() => new Float64Array(draws));
  const weigher = new WeightedCorrelation(n, reference, candidates, about);
  const weights = new Uint32Array(n);
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    weigher.correlate(drawWeights(seed, draw, weights)).forEach((value, c) => { values[c]![draw] = value; });
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return values;
}

/** Weighted sums over pairs: of the weights, of x and x², of y, y² and xy. */
export interface Moments {
  readonly w: number;
  readonly x: number;
  readonly xx: number;
  readonly y: number;
  readonly yy: number;
  readonly xy: number;
}

/** The correlation, or the cosine, that the sums make; NaN where one side is constant, or zero. */
export function fromMoments({ w, x, xx, y, yy, xy }: Moments, about: About): number {
  if (about === 'zero') return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : NaN;
  const varianceX = xx - (x * x) / w;
  const varianceY = yy - (y * y) / w;
  // Sums of squares lose what is below their rounding; a constant resample must not look like a correlation.
  if (!(varianceX > 1e-12 * xx && varianceY > 1e-12 * yy)) return NaN;
  return Math.max(-1, Math.min(1, (xy - (x * y) / w) / Math.sqrt(varianceX * varianceY)));
}

/** How often each of n words is drawn in resample number `draw` of `seed`; the weights sum to n. */
export function drawWeights(seed: number, draw: number, out: Uint32Array): Uint32Array {
  const stream = new PhiloxStream(seed, draw);
  out.fill(0);
  for (let k = 0; k < out.length; k++) out[stream.below(out.length)]!++;
  return out;
}

/** Correlations, or cosines, of RDMs under weights of the words. */
export class WeightedCorrelation {
  readonly #n: number;
  readonly #reference: PairValues;
  readonly #candidates: readonly PairValues[];
  readonly #about: About;
  // The words that were drawn, and per row the weights and weighted reference entries, packed: the inner loop runs
  // over 63 % of the words.
  readonly #drawn: Uint32Array;
  readonly #weights: Float64Array;
  readonly #weighted: Float64Array;

  constructor(n: number, reference: PairValues, candidates: readonly PairValues[], about: About = 'means') {
    this.#n = n;
    this.#about = about;
    this.#reference = reference;
    this.#candidates = candidates;
    this.#drawn = new Uint32Array(n);
    this.#weights = new Float64Array(n);
    this.#weighted = new Float64Array(n);
  }

  /**
   * Pearson's r, or the cosine, of each candidate with the reference over pairs of different words, each pair weighing w_i w_j.
   *
   * @param weights n numbers, at least 0
   */
  correlate(weights: ArrayLike<number>): number[] {
    const drawn = this.#drawn;
    let count = 0;
    for (let i = 0; i < this.#n; i++) if (weights[i]! > 0) drawn[count++] = i;
    const moments = this.#candidates.map(() => new Float64Array(3));
    const total = new Float64Array(3);
    for (let a = 0; a + 1 < count; a++) {
      const i = drawn[a]!;
      const weight = weights[i]!;
      // Adding a word's number j to `row` gives the place of the pair (i, j).
      const row = i * this.#n - (i * (i + 1)) / 2 - i - 1;
      const width = this.#packReference(weights, weight, row, a + 1, count, total);
      let c = 0;
      for (; c + 1 < moments.length; c += 2) this.#addRows(this.#candidates[c]!, this.#candidates[c + 1]!, row, a + 1, width, moments[c]!, moments[c + 1]!);
      if (c < moments.length) this.#addRow(this.#candidates[c]!, row, a + 1, width, moments[c]!);
    }
    const [w, x, xx] = total as unknown as [number, number, number];
    return moments.map((candidate) => {
      const [y, yy, xy] = candidate as unknown as [number, number, number];
      return fromMoments({ w, x, xx, y, yy, xy }, this.#about);
    });
  }

  /** Packs w_i w_j and w_i w_j x_ij for this row's drawn words and adds them up; returns how many. */
  #packReference(weights: ArrayLike<number>, weight: number, row: number, from: number, count: number, total: Float64Array): number {
    const reference = this.#reference;
    const drawn = this.#drawn;
    const packed = this.#weights;
    const weighted = this.#weighted;
    let w = 0;
    let x = 0;
    let xx = 0;
    for (let b = from, k = 0; b < count; b++, k++) {
      const j = drawn[b]!;
      const pairWeight = weight * weights[j]!;
      const value = reference[row + j]!;
      const product = pairWeight * value;
      packed[k] = pairWeight;
      weighted[k] = product;
      w += pairWeight;
      x += product;
      xx += product * value;
    }
    total[0]! += w;
    total[1]! += x;
    total[2]! += xx;
    return count - from;
  }

  #addRow(candidate: PairValues, row: number, from: number, width: number, moments: Float64Array): void {
    const drawn = this.#drawn;
    const packed = this.#weights;
    const weighted = this.#weighted;
    let y = 0;
    let yy = 0;
    let xy = 0;
    for (let k = 0; k < width; k++) {
      const value = candidate[row + drawn[from + k]!]!;
      const product = packed[k]! * value;
      y += product;
      yy += product * value;
      xy += weighted[k]! * value;
    }
    moments[0]! += y;
    moments[1]! += yy;
    moments[2]! += xy;
  }

  /** The same for two candidates in one pass: places and weights are read once, which nearly halves the time. */
  #addRows(
    first: PairValues, second: PairValues, row: number, from: number, width: number, firstMoments: Float64Array, secondMoments: Float64Array,
  ): void {
    const drawn = this.#drawn;
    const packed = this.#weights;
    const weighted = this.#weighted;
    let y = 0;
    let yy = 0;
    let xy = 0;
    let z = 0;
    let zz = 0;
    let xz = 0;
    for (let k = 0; k < width; k++) {
      const pair = row + drawn[from + k]!;
      const weight = packed[k]!;
      const reference = weighted[k]!;
      const one = first[pair]!;
      const other = second[pair]!;
      const oneProduct = weight * one;
      const otherProduct = weight * other;
      y += oneProduct;
      yy += oneProduct * one;
      xy += reference * one;
      z += otherProduct;
      zz += otherProduct * other;
      xz += reference * other;
    }
    firstMoments[0]! += y;
    firstMoments[1]! += yy;
    firstMoments[2]! += xy;
    secondMoments[0]! += z;
    secondMoments[1]! += zz;
    secondMoments[2]! += xz;
  }
}
