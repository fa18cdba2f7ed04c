/**
 * Procrustes similarity of two representations of the same words: how well one, turned and scaled, lies upon the other.
 *
 *     value = |X'Y|_nuclear / (|X| |Y|)
 *
 * X and Y with column means 0, |.| the root of the sum of squares, the nuclear norm the sum of the singular values. It is
 * the cosine of the angle that Williams, Kunz, Kornblith & Linderman 2021 ("Generalized shape metrics on neural
 * representations") call the angular Procrustes distance: 0 to 1, 1 for representations that differ by a rotation, a
 * reflection, a scale and a shift.
 */
import type { Features } from './cka.ts';
import { singularValues } from '../numbers/eigen.ts';
import { columnMoments } from '../distances/standardise.ts';

interface Centred {
  readonly n: number;
  readonly d: number;
  readonly data: Float64Array;
  /** Root of the sum of squares. */
  readonly length: number;
}

/** The reference's rows, centred once, against those of candidates. */
export class Procrustes {
  readonly #reference: Centred;

  constructor(reference: Features) {
    this.#reference = centred(reference);
  }

  /** 0 to 1; NaN where all words are alike in one of the two. */
  value(candidate: Features): number {
    return this.against(candidate)(null);
  }

  /**
   * The same for many orders of the reference's words; null for the given order.
   *
   * @throws RangeError for rows of another number of words
   */
  against(candidate: Features): (order: ArrayLike<number> | null) => number {
    const x = this.#reference;
    const y = centred(candidate);
    if (x.n !== y.n) throw new RangeError(`representations of ${x.n} and ${y.n} words cannot be aligned`);
    const norm = x.length * y.length;
    const cross = new Float64Array(x.d * y.d);
    return (order) => {
      if (!(norm > 0)) return NaN;
      crossProduct(x, y, order, cross);
      return Math.min(1, singularValues(cross, x.d, y.d).reduce((sum, value) => sum + value, 0) / norm);
    };
  }
}

/** X'Y with the rows of X in the given order. */
function crossProduct(x: Centred, y: Centred, order: ArrayLike<number> | null, out: Float64Array): void {
  out.fill(0);
  for (let i = 0; i < x.n; i++) {
    const row = (order ? order[i]! : i) * x.d;
    const other = i * y.d;
    for (let a = 0; a < x.d; a++) {
      const value = x.data[row + a]!;
      const start = a * y.d;
      for (let b = 0; b < y.d; b++) out[start + b]! += value * y.data[other + b]!;
    }
  }
}

function centred({ n, d, data }: Features): Centred {
  const out = Float64Array.from(data.subarray(0, n * d));
  let squares = 0;
  for (let column = 0; column < d; column++) {
    const { mean } = columnMoments(out, n, d, column);
    for (let k = column; k < n * d; k += d) {
      out[k]! -= mean;
      squares += out[k]! * out[k]!;
    }
  }
  return { n, d, data: out, length: Math.sqrt(squares) };
}
