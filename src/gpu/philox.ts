/**
 * Philox4x32-10: counter-based random numbers. The same seed and counter give the same bits in JavaScript and in WGSL
 * (shaders/shared/philox.wgsl, keep in sync), on every device and in any order of calls.
 *
 * Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11. Checked against the vectors of
 * Random123.
 */

/** Four 32-bit words, each 0 to 2^32 - 1. */
export type Words = [number, number, number, number];

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function mulhi(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Each partial sum is at most (2^16 - 1) * 2^16, so it never leaves 32 bits.
  const low = Math.imul(aLow, bLow) >>> 0;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (low >>> 16);
  const cross = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return ((Math.imul(aHigh, bHigh) >>> 0) + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/** Ten rounds over the counter c under the key k, written to `out[0..3]`: the form for inner loops. */
export function philoxInto(
  out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = mulhi(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = mulhi(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const scratch = new Uint32Array(4);

/** Philox4x32-10 of a counter under a key; all words are unsigned 32-bit integers. */
export function philox4x32(
  counter: readonly [number, number, number, number], key: readonly [number, number],
): Words {
  philoxInto(scratch, counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
  return [scratch[0]!, scratch[1]!, scratch[2]!, scratch[3]!];
}

/**
 * The key of a seed: its low and its high 32 bits.
 *
 * @param seed an integer, 0 to 2^53 - 1; what the reader types
 */
export function seedKey(seed: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed is ${seed}, not an integer from 0 to 2^53 - 1`);
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/**
 * A stream of random numbers. Streams of one seed with different ids never overlap, nor do they overlap with the
 * permutations of that seed (permutation.ts): the last counter word is 1 here and 0 there.
 */
export class PhiloxStream {
  readonly #key: [number, number];
  readonly #stream: number;
  readonly #words = new Uint32Array(4);
  #block = 0;
  #used = 4;

  /**
   * @param seed integer, 0 to 2^53 - 1
   * @param stream which of the seed's streams, integer 0 to 2^32 - 1: one per purpose or per resample
   */
  constructor(seed: number, stream = 0) {
    this.#key = seedKey(seed);
    this.#stream = stream >>> 0;
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    if (this.#used === 4) {
      const high = Math.floor(this.#block / 2 ** 32);
      philoxInto(this.#words, this.#block, this.#stream, high, 1, this.#key[0], this.#key[1]);
      this.#block += 1;
      this.#used = 0;
    }
    return this.#words[this.#used++]!;
  }

  /** An integer from 0 to n - 1, by multiply-high; the bias is at most n / 2^32. */
  below(n: number): number {
    return mulhi(this.uint32(), n);
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
}
