/** The numbers behind an RDM heatmap: look-ups, the scale, the grid of cells to paint, the extreme pairs. Pure. */
import { pairIndex } from '../gpu/condensed.ts';
import { atOnce, type Steps } from './turns.ts';

/** Condensed distances, as an RDM has them. */
type Distances = Float32Array | Float64Array;

/** Pairs between yields: a millisecond or so. */
const pairsPerStep = 50_000;

/** How distances map to shares 0 (near) to 1 (far) of the colour scale. */
export interface Scale {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** Finite distances. */
  readonly defined: number;
  /** Linear between min and max. */
  readonly value: (distance: number) => number;
  /** Share of distances below (ties and bins count half): rank over number of pairs, to 1/4096 of the range. */
  readonly rank: (distance: number) => number;
}

const BINS = 4096;

export function scaleOf(distances: Distances): Scale {
  return atOnce(scaleSteps(distances));
}

/** The same in steps. */
export function* scaleSteps(distances: Distances): Steps<Scale> {
  let [min, max, defined] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let from = 0; from < distances.length; from += pairsPerStep) {
    const to = Math.min(distances.length, from + pairsPerStep);
    for (let at = from; at < to; at += 1) {
      const distance = distances[at]!;
      if (!Number.isFinite(distance)) continue;
      defined += 1;
      if (distance < min) min = distance;
      if (distance > max) max = distance;
    }
    yield;
  }
  if (defined === 0) [min, max] = [Number.NaN, Number.NaN];
  const span = max - min;
  const value = (distance: number) => (span > 0 ? (distance - min) / span : 0.5);
  const bin = (distance: number) => Math.min(BINS - 1, Math.max(0, Math.floor(value(distance) * BINS)));
  const below = new Float64Array(BINS + 1);
  for (let from = 0; from < distances.length; from += pairsPerStep) {
    const to = Math.min(distances.length, from + pairsPerStep);
    for (let at = from; at < to; at += 1) if (Number.isFinite(distances[at]!)) below[bin(distances[at]!) + 1]! += 1;
    yield;
  }
  for (let at = 0; at < BINS; at += 1) below[at + 1]! += below[at]!;
  const rank = (distance: number) => {
    const at = bin(distance);
    return defined > 0 ? (below[at]! + below[at + 1]!) / 2 / defined : 0.5;
  };
  let middle = 0;
  while (middle < BINS && below[middle + 1]! < defined / 2) middle += 1;
  return { min, median: min + ((middle + 0.5) / BINS) * span, max, defined, value, rank };
}

/** An RDM over fewer words (every k-th in drawn order), for thumbnails. Already in drawn order. */
export function thinned(distances: Distances, order: ArrayLike<number>, most: number): { distances: Float32Array; n: number } {
  const n = order.length;
  const step = Math.max(1, Math.ceil(n / most));
  const kept: number[] = [];
  for (let at = 0; at < n; at += step) kept.push(order[at]!);
  const thin = new Float32Array((kept.length * (kept.length - 1)) / 2);
  let out = 0;
  for (let i = 0; i < kept.length; i += 1) {
    for (let j = i + 1; j < kept.length; j += 1) {
      thin[out] = distances[pairIndex(n, kept[i]!, kept[j]!)]!;
      out += 1;
    }
  }
  return { distances: thin, n: kept.length };
}

/** A picture of an RDM: g x g shares of the scale, NaN where there is nothing to show. */
export interface Grid {
  readonly g: number;
  readonly shares: Float32Array;
}

/**
 * Shares of the scale for a g x g picture of an n x n RDM, g = min(n, size), rows in drawn order. Where several pairs
 * fall on one cell their shares are averaged; NaN where no defined pair does (the diagonal).
 */
export function gridOf(distances: Distances, n: number, order: ArrayLike<number> | null, size: number, share: (distance: number) => number): Grid {
  return atOnce(gridSteps(distances, n, order, size, share));
}

/** The same in steps. */
export function* gridSteps(distances: Distances, n: number, order: ArrayLike<number> | null, size: number, share: (distance: number) => number): Steps<Grid> {
  const g = Math.max(1, Math.min(n, Math.floor(size)));
  const sums = new Float32Array(g * g);
  const counts = new Uint16Array(g * g);
  const cell = Uint32Array.from({ length: n }, (_, place) => Math.min(g - 1, Math.floor((place * g) / n)));
  let since = 0;
  for (let a = 0; a < n; a += 1) {
    const i = order ? order[a]! : a;
    const row = cell[a]! * g;
    for (let b = a + 1; b < n; b += 1) {
      const distance = distances[pairIndex(n, i, order ? order[b]! : b)]!;
      if (!Number.isFinite(distance)) continue;
      const at = row + cell[b]!;
      sums[at]! += share(distance);
      counts[at]! += 1;
    }
    since += n - a;
    if (since < pairsPerStep) continue;
    since = 0;
    yield;
  }
  const shares = new Float32Array(g * g).fill(Number.NaN);
  for (let row = 0; row < g; row += 1) {
    for (let column = row; column < g; column += 1) {
      const at = row * g + column;
      if (!counts[at]) continue;
      const mean = sums[at]! / counts[at]!;
      shares[at] = mean;
      shares[column * g + row] = mean;
    }
    if (row % 64 === 0) yield;
  }
  return { g, shares };
}

/** Runs of one category in drawn order. */
export interface Block {
  readonly category: string;
  /** First place and number of words. */
  readonly from: number;
  readonly length: number;
}

export function blocksOf(categories: readonly string[], order: ArrayLike<number>): Block[] {
  const blocks: { category: string; from: number; length: number }[] = [];
  for (let place = 0; place < order.length; place += 1) {
    const category = categories[order[place]!] ?? '';
    const last = blocks.at(-1);
    if (last && last.category === category) last.length += 1;
    else blocks.push({ category, from: place, length: 1 });
  }
  return blocks;
}

export interface Pair {
  readonly i: number;
  readonly j: number;
  readonly distance: number;
}

/** The `most` nearest and farthest pairs, each from the most extreme inwards. */
export function extremePairs(distances: Distances, n: number, most: number): { nearest: Pair[]; farthest: Pair[] } {
  return atOnce(extremePairSteps(distances, n, most));
}

/** The same in steps. */
export function* extremePairSteps(distances: Distances, n: number, most: number): Steps<{ nearest: Pair[]; farthest: Pair[] }> {
  const nearest: Pair[] = [];
  const farthest: Pair[] = [];
  const insert = (list: Pair[], pair: Pair, before: (a: number, b: number) => boolean) => {
    if (list.length === most && !before(pair.distance, list.at(-1)!.distance)) return;
    let at = list.length;
    while (at > 0 && before(pair.distance, list[at - 1]!.distance)) at -= 1;
    list.splice(at, 0, pair);
    if (list.length > most) list.pop();
  };
  let at = 0;
  let since = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      const distance = distances[at]!;
      at += 1;
      if (!Number.isFinite(distance)) continue;
      // Cheap test first: nearly all pairs are neither.
      if (nearest.length < most || distance < nearest.at(-1)!.distance) insert(nearest, { i, j, distance }, (a, b) => a < b);
      if (farthest.length < most || distance > farthest.at(-1)!.distance) insert(farthest, { i, j, distance }, (a, b) => a > b);
    }
    since += n - i;
    if (since < pairsPerStep) continue;
    since = 0;
    yield;
  }
  return { nearest, farthest };
}
