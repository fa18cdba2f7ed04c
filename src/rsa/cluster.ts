/**
 * The order in which words are drawn in a heatmap: by average-linkage clustering, so that alike words lie together, or
 * by category.
 */
import type { Watch } from '../base/progress.ts';
import { squareForm } from '../gpu/condensed.ts';
import { Breather, pause } from '../gpu/pause.ts';

/** One merge of two clusters: 0..n-1 are words, n + k is the k-th merge. */
export interface Merge {
  readonly a: number;
  readonly b: number;
  /** Average distance between the members of both. */
  readonly height: number;
}

/**
 * Average linkage (UPGMA) by the nearest-neighbour chain, O(n^2) in time and memory (Murtagh 1983). Undefined
 * distances (NaN) count as the largest one.
 *
 * @param distances condensed, n(n-1)/2
 * @returns n - 1 merges in order of height, numbered and sorted as scipy's `linkage` does
 */
export async function averageLinkage(distances: Float32Array | Float64Array, n: number, watch: Watch = {}): Promise<Merge[]> {
  const square = completeSquare(distances, n);
  const size = new Uint32Array(n).fill(1);
  const chain: number[] = [];
  const raw: { a: number; b: number; height: number }[] = [];
  const breather = new Breather();
  while (raw.length < n - 1) {
    if (!chain.length) chain.push(size.findIndex((members) => members > 0));
    const top = chain[chain.length - 1]!;
    const before = chain[chain.length - 2];
    // The one before is preferred among equals, or the chain would never end.
    let nearest = before ?? -1;
    let least = before === undefined ? Infinity : square[top * n + before]!;
    for (let other = 0; other < n; other++) {
      if (other === top || !size[other] || !(square[top * n + other]! < least)) continue;
      least = square[top * n + other]!;
      nearest = other;
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    raw.push({ a: top, b: nearest, height: least });
    mergeInto(square, size, n, top, nearest);
    if (!breather.due()) continue;
    watch.progress?.({ label: 'clustering words', done: raw.length, total: n - 1 });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return numberMerges(raw, n);
}

function completeSquare(distances: Float32Array | Float64Array, n: number): Float32Array {
  let largest = 0;
  for (let k = 0; k < distances.length; k++) if (distances[k]! > largest) largest = distances[k]!;
  return squareForm(distances, n).map((value) => (Number.isNaN(value) ? largest : value));
}

/** Cluster `gone` joins `kept`, whose distances become the averages over all members. */
function mergeInto(square: Float32Array, size: Uint32Array, n: number, gone: number, kept: number): void {
  const a = size[gone]!;
  const b = size[kept]!;
  size[gone] = 0;
  size[kept] = a + b;
  for (let other = 0; other < n; other++) {
    if (!size[other] || other === kept) continue;
    const average = (a * square[gone * n + other]! + b * square[kept * n + other]!) / (a + b);
    square[kept * n + other] = average;
    square[other * n + kept] = average;
  }
}

/** The chain finds merges out of order and names clusters by a member: sorts them and gives scipy's numbers. */
function numberMerges(raw: readonly { a: number; b: number; height: number }[], n: number): Merge[] {
  const parent = new Int32Array(2 * n).fill(-1);
  const root = (node: number): number => {
    let at = node;
    while (parent[at]! >= 0) at = parent[at]!;
    // Path compression keeps long chains from costing n^2.
    for (let walk = node; parent[walk]! >= 0 && parent[walk] !== at; ) {
      const next = parent[walk]!;
      parent[walk] = at;
      walk = next;
    }
    return at;
  };
  return [...raw].sort((one, other) => one.height - other.height).map(({ a, b, height }, k) => {
    const left = root(a);
    const right = root(b);
    parent[left] = n + k;
    parent[right] = n + k;
    return { a: Math.min(left, right), b: Math.max(left, right), height };
  });
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
