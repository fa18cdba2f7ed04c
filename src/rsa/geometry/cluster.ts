/**
 * The order in which words are drawn: by the leaves of their tree, so that alike words lie together, or by category.
 */
import type { Watch } from '../../base/progress.ts';
import { cluster, type Merge } from './linkage.ts';

/** The tree that heatmaps are ordered by: {@link cluster} with average linkage. */
export function averageLinkage(distances: Float32Array | Float64Array, n: number, watch: Watch = {}): Promise<Merge[]> {
  return cluster('average', distances, n, watch);
}

/** The leaves of the tree from left to right: a permutation of 0..n-1. */
export function leafOrder(merges: readonly Merge[], n: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(n);
  if (n === 0) return order;
  let filled = 0;
  const stack = [n === 1 ? 0 : 2 * n - 2];
  while (stack.length) {
    const node = stack.pop()!;
    if (node < n) {
      order[filled++] = node;
      continue;
    }
    const merge = merges[node - n]!;
    stack.push(merge.b, merge.a);
  }
  return order;
}

/**
 * The tree with its branches turned so that neighbouring leaves are as near as they can be: the least sum of distances
 * from leaf to leaf (Bar-Joseph, Gifford and Jaakkola 2001, "Fast optimal leaf ordering for hierarchical clustering").
 * O(n^3) in time at worst and O(n^2) in memory: for some hundred words. The reverse of an order is as good.
 *
 * @param distances condensed, complete
 * @returns a permutation of 0..n-1 that {@link leafOrder} could give, were a and b of some merges exchanged
 */
export function optimalLeafOrder(merges: readonly Merge[], distances: Float32Array | Float64Array, n: number): Uint32Array<ArrayBuffer> {
  if (n < 3) return leafOrder(merges, n);
  const distance = (i: number, j: number): number => distances[Math.min(i, j) * n - (Math.min(i, j) * (Math.min(i, j) + 1)) / 2 + Math.abs(i - j) - 1]!;
  // best[i * n + j]: least length of an order of the smallest cluster that holds i and j, with these two at its ends.
  const best = new Float64Array(n * n);
  // The leaf that ends the part of i where it meets the part of j.
  const ends = new Uint32Array(n * n);
  const leaves: number[][] = Array.from({ length: n }, (_, word) => [word]);
  // The ends that the other side of i can have inside its own cluster: i alone, or all leaves of the other branch.
  const opposite: (readonly number[])[] = Array.from({ length: n }, (_, word) => [word]);
  for (const { a, b } of merges) {
    const [left, right] = [leaves[a]!, leaves[b]!];
    const [leftEnds, rightEnds] = [left.map((i) => opposite[i]!), right.map((j) => opposite[j]!)];
    left.forEach((i, at) => {
      // Least way from i through its cluster and over to each leaf of the other one.
      const over = right.map((l) => {
        let [least, through] = [Infinity, i];
        for (const k of leftEnds[at]!) {
          const length = best[i * n + k]! + distance(k, l);
          if (length < least) [least, through] = [length, k];
        }
        return { least, through };
      });
      const place = new Map(right.map((l, index) => [l, index]));
      right.forEach((j, to) => {
        let [least, from, entry] = [Infinity, i, j];
        for (const l of rightEnds[to]!) {
          const way = over[place.get(l)!]!;
          const length = way.least + best[l * n + j]!;
          if (length < least) [least, from, entry] = [length, way.through, l];
        }
        best[i * n + j] = best[j * n + i] = least;
        ends[i * n + j] = from;
        ends[j * n + i] = entry;
      });
    });
    for (const i of left) opposite[i] = right;
    for (const j of right) opposite[j] = left;
    leaves.push([...left, ...right]);
  }
  return Uint32Array.from(unfold(merges, leaves, best, ends, n));
}

/** Reads the order off the table, from the two best ends of the whole tree inwards. */
function unfold(merges: readonly Merge[], leaves: readonly (readonly number[])[], best: Float64Array, ends: Uint32Array, n: number): number[] {
  const root = merges[merges.length - 1]!;
  let [first, last, least] = [0, 0, Infinity];
  for (const i of leaves[root.a]!) {
    for (const j of leaves[root.b]!) if (best[i * n + j]! < least) [first, last, least] = [i, j, best[i * n + j]!];
  }
  const order: number[] = [];
  // Stretches still to be laid out, the next one last: one leaf, or the two ends of a cluster.
  const stack: (readonly [number, number])[] = [[first, last]];
  while (stack.length) {
    const [i, j] = stack.pop()!;
    if (i === j) order.push(i);
    else stack.push([ends[j * n + i]!, j], [i, ends[i * n + j]!]);
  }
  return order;
}

/** Words of a category together, categories in the order of their first word, words in the order of the source. */
export function categoryOrder(categories: readonly string[]): Uint32Array<ArrayBuffer> {
  const places = new Map<string, number[]>();
  categories.forEach((category, i) => {
    const members = places.get(category);
    if (members) members.push(i);
    else places.set(category, [i]);
  });
  return Uint32Array.from([...places.values()].flat());
}
