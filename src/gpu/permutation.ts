/** Seeded permutations, bit for bit those of shaders/permute.wgsl (keep in sync). */
import { mulhi, philoxInto, seedKey } from './philox.ts';

const words = new Uint32Array(4);

/**
 * Permutation number `index` of `seed`: Fisher-Yates from the last place down, one Philox word per step
 * (counter = (step / 4, index, 0, 0), key = seed), bounded by multiply-high.
 *
 * @param n number of words that are permuted
 * @param index 0 is the identity, so that the observed statistic is one of the permutations
 * @param seed integer, 0 to 2^53 - 1
 * @param out where to write, length n; a new array by default
 * @returns out, holding 0 to n - 1
 */
export function permutation(n: number, index: number, seed: number, out: Uint32Array = new Uint32Array(n)): Uint32Array {
  for (let i = 0; i < n; i++) out[i] = i;
  if (index === 0) return out;
  const [low, high] = seedKey(seed);
  let step = 0;
  for (let i = n - 1; i > 0; i--) {
    if ((step & 3) === 0) philoxInto(words, step >>> 2, index, 0, 0, low, high);
    const j = mulhi(words[step & 3]!, i + 1);
    step++;
    const held = out[i]!;
    out[i] = out[j]!;
    out[j] = held;
  }
  return out;
}
