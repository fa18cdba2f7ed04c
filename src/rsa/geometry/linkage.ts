/**
 * Agglomerative clustering of words by their distances, O(n^2) in time and memory: the nearest-neighbour chain (Murtagh
 * 1983, "A survey of recent advances in hierarchical clustering algorithms") with distances of merged clusters updated
 * after Lance and Williams (1967, "A general theory of classificatory sorting strategies").
 */
import type { Watch } from '../../base/progress.ts';
import type { Linkage, Merge } from '../../data/geometry.ts';
import { Breather, pause } from '../../gpu/pause.ts';

export type { Linkage, Merge } from '../../data/geometry.ts';

/**
 * The tree of n words. Undefined distances (NaN) count as the largest one.
 *
 * @param distances condensed, n(n-1)/2; in its own precision throughout
 * @returns n - 1 merges in order of height, numbered and sorted as scipy's `linkage` does
 */
export async function cluster(linkage: Linkage, distances: Float32Array | Float64Array, n: number, watch: Watch = {}): Promise<Merge[]> {
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
    mergeInto(linkage, square, size, n, top, nearest);
    if (!breather.due()) continue;
    watch.progress?.({ label: 'clustering', done: raw.length, total: n - 1 });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return numberMerges(raw, n);
}

function completeSquare(distances: Float32Array | Float64Array, n: number): Float32Array | Float64Array {
  let largest = 0;
  for (let k = 0; k < distances.length; k++) if (distances[k]! > largest) largest = distances[k]!;
  const square = distances instanceof Float64Array ? new Float64Array(n * n) : new Float32Array(n * n);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const value = distances[pair]!;
      square[i * n + j] = square[j * n + i] = Number.isNaN(value) ? largest : value;
    }
  }
  return square;
}

/** Cluster `gone` joins `kept`, whose distances become those of the union. */
function mergeInto(linkage: Linkage, square: Float32Array | Float64Array, size: Uint32Array, n: number, gone: number, kept: number): void {
  const a = size[gone]!;
  const b = size[kept]!;
  const between = square[gone * n + kept]!;
  size[gone] = 0;
  size[kept] = a + b;
  for (let other = 0; other < n; other++) {
    if (!size[other] || other === kept) continue;
    const distance = united(linkage, square[gone * n + other]!, square[kept * n + other]!, between, a, b, size[other]!);
    square[kept * n + other] = distance;
    square[other * n + kept] = distance;
  }
}

/** Distance of c to the union of a and b, from those of its parts (x = a to c, y = b to c) and of a to b. */
function united(linkage: Linkage, x: number, y: number, between: number, a: number, b: number, c: number): number {
  switch (linkage) {
    case 'single':
      return Math.min(x, y);
    case 'complete':
      return Math.max(x, y);
    case 'average':
      return (a * x + b * y) / (a + b);
    case 'ward':
      return Math.sqrt(Math.max(0, ((a + c) * x * x + (b + c) * y * y - c * between * between) / (a + b + c)));
    default:
      return linkage satisfies never;
  }
}

/** The chain finds merges out of order and names clusters by a member: sorts them and gives scipy's numbers. */
function numberMerges(raw: readonly { a: number; b: number; height: number }[], n: number): Merge[] {
  const parent = new Int32Array(2 * n).fill(-1);
  const sizes = new Uint32Array(2 * n).fill(1);
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
    sizes[n + k] = sizes[left]! + sizes[right]!;
    return { a: Math.min(left, right), b: Math.max(left, right), height, size: sizes[n + k]! };
  });
}

/**
 * The height at which each pair of words first shares a cluster (Sokal and Rohlf 1962, "The comparison of dendrograms by
 * objective methods"): its correlation with the distances tells how much of them the tree keeps.
 *
 * @returns condensed, n(n-1)/2
 */
export function copheneticDistances(merges: readonly Merge[], n: number): Float64Array {
  const out = new Float64Array((n * (n - 1)) / 2);
  const members: number[][] = Array.from({ length: n }, (_, word) => [word]);
  for (const { a, b, height } of merges) {
    const [left, right] = [members[a]!, members[b]!];
    for (const i of left) {
      for (const j of right) {
        const low = Math.min(i, j);
        out[low * n - (low * (low + 1)) / 2 + Math.max(i, j) - low - 1] = height;
      }
    }
    members.push([...left, ...right]);
    // Clusters that were merged are not asked for again.
    members[a] = members[b] = [];
  }
  return out;
}
