/** Where the branches of a tree go: leaves in rows, or the clusters below the top of a tree that has too many leaves. */

export interface TreeMerge { readonly a: number; readonly b: number; readonly height: number }

export interface TreeRow {
  /** Leaves in this row, in the tree's order: one, or all of a cluster that was cut off. */
  readonly members: readonly number[];
  /** Height below which a cluster was cut off; 0 for a leaf. */
  readonly height: number;
}

export interface TreeJoin {
  /** Rows between which it lies, and the heights at which its two branches begin. */
  readonly from: readonly [row: number, height: number];
  readonly to: readonly [row: number, height: number];
  readonly height: number;
  readonly members: readonly number[];
}

export interface TreeLayout {
  readonly rows: readonly TreeRow[];
  /** By ascending height. */
  readonly joins: readonly TreeJoin[];
}

/**
 * @param merges of n leaves, by ascending height; the k-th one is node n + k
 * @param order the leaves from the first row to the last
 * @param most rows; of a larger tree the lowest merges are cut off
 */
export function layTree(merges: readonly TreeMerge[], order: ArrayLike<number>, most: number): TreeLayout {
  const n = order.length;
  const place = new Map(Array.from(order, (leaf, at) => [leaf, at]));
  const cut = Math.max(0, n - Math.max(1, most));
  const members: number[][] = Array.from({ length: n }, (_, leaf) => [leaf]);
  const middle: number[] = [];
  const heights: number[] = Array.from({ length: n }, () => 0);
  for (const { a, b, height } of merges) {
    // The branch that comes first in the order first.
    const [one, other] = place.get(members[a]![0]!)! < place.get(members[b]![0]!)! ? [a, b] : [b, a];
    members.push([...members[one]!, ...members[other]!]);
    heights.push(height);
  }
  // Nodes that stand in a row: those that the kept merges join and that no kept merge made.
  const kept = merges.slice(cut);
  const nodes = (kept.length ? kept.flatMap(({ a, b }) => [a, b]).filter((node) => node < n + cut) : [merges.length ? n + merges.length - 1 : 0]).filter((node) => node < members.length);
  nodes.sort((x, y) => place.get(members[x]![0]!)! - place.get(members[y]![0]!)!);
  nodes.forEach((node, row) => { middle[node] = row; });
  const joins = kept.map(({ a, b, height }, k): TreeJoin => {
    const [one, other] = middle[a]! < middle[b]! ? [a, b] : [b, a];
    middle[n + cut + k] = (middle[one]! + middle[other]!) / 2;
    return { from: [middle[one]!, heights[one]!], to: [middle[other]!, heights[other]!], height, members: members[n + cut + k]! };
  });
  return { rows: nodes.map((node) => ({ members: members[node]!, height: heights[node]! })), joins };
}
