/**
 * Sums over the pairs of words that regressions of RDMs are made of: means, SDs and correlations of a reference and its
 * predictors. One pass over the pairs; everything that follows needs the small matrix alone.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import type { Numbers } from '../comparators/correlate.ts';

/** Means, SDs and correlations of some columns over the pairs. */
export interface PairMoments {
  /** Columns. */
  readonly size: number;
  readonly means: Float64Array;
  /** Population SDs; 0 for a constant column. */
  readonly sds: Float64Array;
  /** size x size, row-major; NaN in the row and column of a constant. */
  readonly correlations: Float64Array;
}

/** Pairs a stretch: short enough to cancel, long enough that columns stay in the cache. */
const stretch = 2048;

/**
 * Moments of condensed columns of equal length, in float64, with the means taken off before products.
 *
 * @throws the signal's reason when cancelled
 */
export async function pairMoments(columns: readonly Numbers[], watch: Watch = {}): Promise<PairMoments> {
  const size = columns.length;
  const pairs = columns[0]?.length ?? 0;
  const means = Float64Array.from(columns, (column) => {
    let sum = 0;
    for (let k = 0; k < pairs; k++) sum += column[k]!;
    return sum / pairs;
  });
  const products = new Float64Array(size * size);
  const centred = columns.map(() => new Float64Array(stretch));
  const breather = new Breather();
  for (let from = 0; from < pairs; from += stretch) {
    const count = Math.min(stretch, pairs - from);
    columns.forEach((column, a) => {
      const own = centred[a]!;
      for (let k = 0; k < count; k++) own[k] = column[from + k]! - means[a]!;
    });
    addProducts(products, centred, centred, count);
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  // The mean of equal values can miss them by a rounding: a constant column is told by its values.
  const constant = columns.map((column) => column.every((value) => value === column[0]));
  return momentsOf(means, products, pairs, constant);
}

/**
 * Adds a' b over the first `count` entries for every pair of columns, on and above the diagonal. Four columns at once: one
 * sum alone would wait for itself.
 */
function addProducts(products: Float64Array, left: readonly Float64Array[], right: readonly Float64Array[], count: number): void {
  const size = left.length;
  for (let a = 0; a < size; a++) {
    const x = left[a]!;
    let b = a;
    for (; b + 3 < size; b += 4) {
      const y = right[b]!;
      const z = right[b + 1]!;
      const u = right[b + 2]!;
      const v = right[b + 3]!;
      let sumY = 0;
      let sumZ = 0;
      let sumU = 0;
      let sumV = 0;
      for (let k = 0; k < count; k++) {
        const value = x[k]!;
        sumY += value * y[k]!;
        sumZ += value * z[k]!;
        sumU += value * u[k]!;
        sumV += value * v[k]!;
      }
      products[a * size + b]! += sumY;
      products[a * size + b + 1]! += sumZ;
      products[a * size + b + 2]! += sumU;
      products[a * size + b + 3]! += sumV;
    }
    for (; b < size; b++) {
      const y = right[b]!;
      let sum = 0;
      for (let k = 0; k < count; k++) sum += x[k]! * y[k]!;
      products[a * size + b]! += sum;
    }
  }
}

/** From sums of products about the means. */
function momentsOf(means: Float64Array, products: Float64Array, weight: number, constant: readonly boolean[]): PairMoments {
  const size = means.length;
  const sds = Float64Array.from({ length: size }, (_, a) => (constant[a] ? 0 : Math.sqrt(Math.max(0, products[a * size + a]! / weight))));
  const correlations = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = a; b < size; b++) {
      const scale = Math.sqrt(products[a * size + a]! * products[b * size + b]!);
      const value = constant[a] || constant[b] || !(scale > 0) ? NaN : Math.max(-1, Math.min(1, products[a * size + b]! / scale));
      correlations[a * size + b] = correlations[b * size + a] = a === b && value > 0 ? 1 : value;
    }
  }
  return { size, means, sds, correlations };
}

/**
 * The same under weights of the words (bootstrap): a pair counts w_i w_j, pairs of a word with its own copy do not exist.
 * Columns are held in float32, standardised (see `standardised`), so that their sums do not cancel; the means and SDs that
 * come out are on that scale.
 */
export class WeightedMoments {
  readonly #n: number;
  readonly #columns: readonly Float32Array[];
  readonly #drawn: Uint32Array;
  readonly #values: readonly Float64Array[];
  readonly #weighted: readonly Float64Array[];
  readonly #weights: Float64Array;

  /** @param columns condensed, n(n-1)/2 long, mean 0 and SD 1 */
  constructor(n: number, columns: readonly Float32Array[]) {
    this.#n = n;
    this.#columns = columns;
    this.#drawn = new Uint32Array(n);
    this.#values = columns.map(() => new Float64Array(n));
    this.#weighted = columns.map(() => new Float64Array(n));
    this.#weights = new Float64Array(n);
  }

  /** @param weights n numbers, at least 0 */
  moments(weights: ArrayLike<number>): PairMoments {
    const size = this.#columns.length;
    const [drawn, packed] = [this.#drawn, this.#weights];
    let words = 0;
    for (let i = 0; i < this.#n; i++) if (weights[i]! > 0) drawn[words++] = i;
    const sums = new Float64Array(size);
    const products = new Float64Array(size * size);
    let total = 0;
    for (let a = 0; a + 1 < words; a++) {
      const i = drawn[a]!;
      // Adding a word's number j to `row` gives the place of the pair (i, j).
      const row = i * this.#n - (i * (i + 1)) / 2 - i - 1;
      const width = words - a - 1;
      for (let k = 0; k < width; k++) {
        packed[k] = weights[i]! * weights[drawn[a + 1 + k]!]!;
        total += packed[k]!;
      }
      this.#columns.forEach((column, c) => {
        const [values, weighted] = [this.#values[c]!, this.#weighted[c]!];
        let sum = 0;
        for (let k = 0; k < width; k++) {
          const value = column[row + drawn[a + 1 + k]!]!;
          values[k] = value;
          weighted[k] = packed[k]! * value;
          sum += weighted[k]!;
        }
        sums[c]! += sum;
      });
      addProducts(products, this.#weighted, this.#values, width);
    }
    const raw = Float64Array.from({ length: size }, (_, a) => products[a * size + a]!);
    for (let a = 0; a < size; a++) for (let b = a; b < size; b++) products[a * size + b]! -= (sums[a]! * sums[b]!) / total;
    // What is left below the rounding of the sums is no variance.
    const constant = Array.from(raw, (square, a) => !(products[a * size + a]! > 1e-12 * square));
    return momentsOf(sums.map((sum) => sum / total), products, total, constant);
  }
}

/**
 * The moments without each one word (jackknife): the whole sums less those of the word's pairs, from one pass.
 *
 * @param columns condensed, mean 0 and SD 1, as for {@link WeightedMoments}
 * @returns a function of the word, 0 to n - 1
 * @throws the signal's reason when cancelled
 */
export async function momentsWithout(n: number, columns: readonly Float32Array[], watch: Watch = {}): Promise<(word: number) => PairMoments> {
  const size = columns.length;
  const sums = columns.map(() => new Float64Array(n));
  const products = Array.from({ length: size * size }, () => new Float64Array(n));
  const breather = new Breather();
  for (let i = 0, row = 0; i + 1 < n; row += n - i - 1, i++) {
    for (let a = 0; a < size; a++) {
      const x = columns[a]!.subarray(row, row + n - i - 1);
      addToWords(sums[a]!, x, null, i);
      for (let b = a; b < size; b++) addToWords(products[a * size + b]!, x, columns[b]!.subarray(row, row + n - i - 1), i);
    }
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  // Each pair is in the sums of two words.
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / 2;
  const [allSums, allProducts] = [sums.map(total), products.map(total)];
  const pairs = ((n - 1) * (n - 2)) / 2;
  return (word) => {
    const own = Float64Array.from(sums, (values, a) => allSums[a]! - values[word]!);
    const raw = Float64Array.from(products, (values, at) => allProducts[at]! - values[word]!);
    const about = raw.map((value, at) => value - (own[Math.floor(at / size)]! * own[at % size]!) / pairs);
    const constant = columns.map((_, a) => !(about[a * size + a]! > 1e-12 * raw[a * size + a]!));
    return momentsOf(own.map((sum) => sum / pairs), about, pairs, constant);
  };
}

/** Adds the pairs of word i with those after it, values or products of two, to both words of each. */
function addToWords(words: Float64Array, x: Float32Array, y: Float32Array | null, i: number): void {
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    const value = y ? x[k]! * y[k]! : x[k]!;
    sum += value;
    words[i + 1 + k]! += value;
  }
  words[i]! += sum;
}
