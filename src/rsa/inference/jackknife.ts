/**
 * Values without one word, for each word: the leave-one-out jackknife of correlations and cosines of RDMs. Every moment is
 * a sum over pairs, so one pass adds each pair to its two words, and a word's own sums are taken off the whole.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { type About, fromMoments, type PairValues } from './bootstrap.ts';

export interface JackknifeInput {
  /** Words, at least 3. */
  readonly n: number;
  /** Condensed, as the bootstrap takes them. */
  readonly reference: PairValues;
  readonly candidates: readonly PairValues[];
  /** Default means: correlations. */
  readonly about?: About;
}

/** Sums of each word's pairs: x, x² and for one candidate y, y², xy. */
interface RowSums {
  readonly first: Float64Array;
  readonly squares: Float64Array;
  readonly products: Float64Array;
}

/** @returns per candidate its value without word 0, without word 1, ...; NaN where there is none */
export async function jackknifeValues({ n, reference, candidates, about = 'means' }: JackknifeInput, watch: Watch = {}): Promise<Float64Array[]> {
  const x = rowSums(n, reference, reference);
  const [sumX, squaresX] = [half(x.first), half(x.squares)];
  const pairs = reference.length - (n - 1);
  const breather = new Breather();
  const out: Float64Array[] = [];
  for (const candidate of candidates) {
    const y = rowSums(n, candidate, reference);
    const [sumY, squaresY, products] = [half(y.first), half(y.squares), half(y.products)];
    out.push(Float64Array.from({ length: n }, (_, i) => fromMoments({
      w: pairs, x: sumX - x.first[i]!, xx: squaresX - x.squares[i]!,
      y: sumY - y.first[i]!, yy: squaresY - y.squares[i]!, xy: products - y.products[i]!,
    }, about)));
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}

function rowSums(n: number, values: PairValues, others: PairValues): RowSums {
  const [first, squares, products] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = 0, pair = 0; i < n; i++) {
    let [a, b, c] = [0, 0, 0];
    for (let j = i + 1; j < n; j++, pair++) {
      const value = values[pair]!;
      const square = value * value;
      const product = value * others[pair]!;
      a += value;
      b += square;
      c += product;
      first[j]! += value;
      squares[j]! += square;
      products[j]! += product;
    }
    first[i]! += a;
    squares[i]! += b;
    products[i]! += c;
  }
  return { first, squares, products };
}

/** Every pair stands in the sums of two words. */
const half = (sums: Float64Array): number => sums.reduce((total, sum) => total + sum, 0) / 2;
