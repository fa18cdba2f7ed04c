/** Orders of the words: all of a few, or random ones. */
import { permutation } from '../../gpu/permutation.ts';

/** n!, or Infinity beyond what anyone enumerates. */
export function orderCount(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) {
    product *= k;
    if (product > 1e12) return Infinity;
  }
  return product;
}

/**
 * Every order of 0 to n - 1, each once, the given order first; each differs from the last by one exchange (Heap 1963,
 * "Permutations by interchanges"). The array that is given out is changed afterwards.
 */
export function* allOrders(n: number): Generator<Uint32Array, void, undefined> {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const counts = new Uint32Array(n);
  yield order;
  for (let k = 1; k < n; ) {
    if (counts[k]! < k) {
      const other = k % 2 === 0 ? 0 : counts[k]!;
      [order[other], order[k]] = [order[k]!, order[other]!];
      counts[k]!++;
      k = 1;
      yield order;
    } else counts[k++] = 0;
  }
}

/** Random orders of 0 to n - 1 from the seed, the given order first. The array that is given out is changed afterwards. */
export function* randomOrders(n: number, permutations: number, seed: number): Generator<Uint32Array, void, undefined> {
  const order = new Uint32Array(n);
  for (let k = 0; k < permutations; k++) yield permutation(n, k, seed, order);
}
