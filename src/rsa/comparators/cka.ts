/**
 * Linear centred kernel alignment of two representations of the same words: 1 where one is the other but for rotation,
 * scale and a shift, 0 where they share nothing (Kornblith, Norouzi, Lee and Hinton 2019, "Similarity of neural network
 * representations revisited").
 *
 * With few words and many features the plain estimate is far above 0 even for unrelated representations. The debiased one
 * replaces each HSIC by its unbiased estimate (Song, Smola, Gretton, Bedo and Borgwardt 2012, eq. 5; for CKA: Nguyen, Raghu
 * and Kornblith 2021); it can be below 0, never above 1 (Cauchy and Schwarz: each is an inner product of U-centred kernels).
 *
 * Both come from the same three matrices of products. For a linear kernel |X'Y|^2 = tr(XX'YY'), so they are made of
 * features (d x d) or of words (n x n), whichever is smaller.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { columnMoments } from '../distances/standardise.ts';

/** n words by d features, row-major, no missing values. */
export interface Features {
  readonly n: number;
  readonly d: number;
  readonly data: Float32Array | Float64Array;
}

export interface Cka {
  /** Kornblith et al. 2019, 0 to 1; NaN where all words are alike in one of the two. */
  readonly biased: number;
  /** With unbiased HSIC, -1 to 1; NaN below four words, or where U-centring leaves nothing of one of the two: its words are all alike, or all equally far apart. */
  readonly debiased: number;
}

/** Fewest words for the unbiased estimate, which divides by n - 3. */
const fewestWords = 4;
/** Columns of each side that are multiplied while they are at hand. */
const tile = 24;

/**
 * Linear CKA of two representations of the same words.
 *
 * @param x n x d1
 * @param y n x d2, the same words in the same order
 */
export async function linearCka(x: Features, y: Features, watch: Watch = {}): Promise<Cka> {
  if (x.n !== y.n) throw new RangeError(`representations of ${x.n} and ${y.n} words cannot be aligned`);
  const [a, b] = [centred(x), centred(y)];
  const xx = await alignment(a, a, watch);
  const yy = await alignment(b, b, watch);
  const xy = await alignment(a, b, watch);
  const [hx, hy, hxy] = [unbiased(xx), unbiased(yy), unbiased(xy)];
  return {
    biased: xx.squares > 0 && yy.squares > 0 ? Math.min(1, xy.squares / Math.sqrt(xx.squares * yy.squares)) : NaN,
    debiased: hx > 0 && hy > 0 ? Math.max(-1, Math.min(1, hxy / Math.sqrt(hx * hy))) : NaN,
  };
}

/** Unbiased HSIC of linear kernels (Song et al. 2012, eq. 5). NaN below four words. */
export async function unbiasedHsic(x: Features, y: Features, watch: Watch = {}): Promise<number> {
  return unbiased(await alignment(centred(x), centred(y), watch));
}

/** Columns with mean 0, in float64: shifts change neither estimate, and large means would cost digits. */
function centred({ n, d, data }: Features): Features {
  const out = Float64Array.from(data.subarray(0, n * d));
  for (let column = 0; column < d; column++) {
    const { mean } = columnMoments(out, n, d, column);
    for (let k = column; k < n * d; k += d) out[k] = out[k]! - mean;
  }
  return { n, d, data: out };
}

/** What both estimates need of the kernels K = XX' and L = YY' of centred features. */
interface Alignment {
  readonly n: number;
  /** tr(KL) = |X'Y|^2. */
  readonly squares: number;
  /** Sum of k_ii l_ii. */
  readonly diagonal: number;
  /** tr K and tr L. */
  readonly traces: readonly [number, number];
}

async function alignment(x: Features, y: Features, watch: Watch): Promise<Alignment> {
  const { n } = x;
  const [k, l] = [squaredNorms(x), squaredNorms(y)];
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += k[i]! * l[i]!;
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const squares = n < Math.min(x.d, y.d) ? await kernelProduct(x, y, watch) : await featureProduct(x, y, watch);
  return { n, squares, diagonal, traces: [sum(k), sum(l)] };
}

function squaredNorms({ n, d, data }: Features): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => dot(data, i * d, data, i * d, d));
}

/**
 * With zeros on the diagonals of K and L: tr(KL) + 1'K1 1'L1 / ((n-1)(n-2)) - 2 1'KL1 / (n-2), over n (n-3). Centred
 * features have row sums of 0, so that without its diagonal row i of K sums to -k_ii.
 */
function unbiased({ n, squares, diagonal, traces }: Alignment): number {
  if (n < fewestWords) return NaN;
  const sum = squares - diagonal + (traces[0] * traces[1]) / ((n - 1) * (n - 2)) - (2 * diagonal) / (n - 2);
  return sum / (n * (n - 3));
}

/** |X'Y|^2 by features: dot products of columns, which transposing makes contiguous. */
async function featureProduct(x: Features, y: Features, watch: Watch): Promise<number> {
  const [a, b] = [transposed(x), x === y ? null : transposed(y)];
  return sumOfSquares({ rows: a, other: b ?? a, length: x.n, counts: [x.d, y.d], symmetric: b === null }, watch);
}

/** tr(KL) by words, for fewer words than features; both kernels are symmetric. */
async function kernelProduct(x: Features, y: Features, watch: Watch): Promise<number> {
  const { n } = x;
  const breather = new Breather();
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const k = dot(x.data, i * x.d, x.data, j * x.d, x.d);
      const l = x === y ? k : dot(y.data, i * y.d, y.data, j * y.d, y.d);
      sum += (i === j ? 1 : 2) * k * l;
    }
    if (breather.due()) await breath(watch);
  }
  return sum;
}

interface Products {
  readonly rows: Features['data'];
  readonly other: Features['data'];
  /** Length of each row. */
  readonly length: number;
  readonly counts: readonly [number, number];
  /** Rows and others are the same: each pair is taken once. */
  readonly symmetric: boolean;
}

/** In tiles of rows that stay in the processor's cache. */
async function sumOfSquares({ rows, other, length, counts, symmetric }: Products, watch: Watch): Promise<number> {
  const breather = new Breather();
  const out = new Float64Array(tile);
  let sum = 0;
  for (let top = 0; top < counts[0]; top += tile) {
    const bottom = Math.min(counts[0], top + tile);
    for (let left = 0; left < (symmetric ? bottom : counts[1]); left += tile) {
      for (let i = top; i < bottom; i++) {
        const end = Math.min(left + tile, symmetric ? i + 1 : counts[1]);
        dots(rows, i, other, left, end, length, out);
        for (let j = left; j < end; j++) sum += (symmetric && i !== j ? 2 : 1) * out[j - left]! * out[j - left]!;
      }
      if (breather.due()) await breath(watch);
    }
  }
  return sum;
}

/** Dot products of row i with the others from `start` to `end`, four at a time. */
function dots(rows: Features['data'], i: number, other: Features['data'], start: number, end: number, length: number, out: Float64Array): void {
  const a = i * length;
  let j = start;
  for (; j + 3 < end; j += 4) {
    const b0 = j * length;
    const b1 = b0 + length;
    const b2 = b1 + length;
    const b3 = b2 + length;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < length; k++) {
      const value = rows[a + k]!;
      s0 += value * other[b0 + k]!;
      s1 += value * other[b1 + k]!;
      s2 += value * other[b2 + k]!;
      s3 += value * other[b3 + k]!;
    }
    const at = j - start;
    out[at] = s0;
    out[at + 1] = s1;
    out[at + 2] = s2;
    out[at + 3] = s3;
  }
  for (; j < end; j++) out[j - start] = dot(rows, a, other, j * length, length);
}

async function breath(watch: Watch): Promise<void> {
  await pause();
  watch.signal?.throwIfAborted();
}

function transposed({ n, d, data }: Features): Float64Array {
  const out = new Float64Array(n * d);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) out[k * n + i] = data[i * d + k]!;
  return out;
}

/** Four sums side by side, which lets the processor overlap them. */
function dot(a: Features['data'], from: number, b: Features['data'], start: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[from + k]! * b[start + k]!;
    s1 += a[from + k + 1]! * b[start + k + 1]!;
    s2 += a[from + k + 2]! * b[start + k + 2]!;
    s3 += a[from + k + 3]! * b[start + k + 3]!;
  }
  for (; k < length; k++) s0 += a[from + k]! * b[start + k]!;
  return s0 + s1 + s2 + s3;
}
