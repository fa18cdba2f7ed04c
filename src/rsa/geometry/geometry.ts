/** A map and a tree of points from their dissimilarities: what a `geometry` cell shows of each RDM. */
import type { Watch } from '../../base/progress.ts';
import type { GeometryMap, MapMethod, Shepard } from '../../data/geometry.ts';
import { leafOrder, optimalLeafOrder } from './cluster.ts';
import { pearson } from '../comparators/correlate.ts';
import type { Ties } from './isotonic.ts';
import { cluster, copheneticDistances, type Linkage } from './linkage.ts';
import { classicalMds, eigenvalueShares, pointDistances, stress1 } from './mds.ts';
import { sortedOrder } from '../comparators/ranks.ts';
import { smacof } from './smacof.ts';

/** Most points that are mapped: their eigenvalues take some ten seconds. */
export const mostPoints = 2000;
/** Pairs kept for a Shepard plot. */
export const shepardPairs = 5000;
/** Nearest points named with each point. */
const neighbours = 5;
/** Up to here branches are turned for near neighbours. */
const optimalUpTo = 400;
/** A step that lowers the stress by less than this share of it is the last. */
const tolerance = 1e-7;

export interface MapSettings {
  readonly method: MapMethod;
  readonly axes: number;
  readonly ties: Ties;
  readonly linkage: Linkage;
  /** Most steps of majorisation. */
  readonly steps: number;
}

/** What of a {@link GeometryMap} comes from the dissimilarities alone; points still without labels. */
export interface MapNumbers extends Omit<GeometryMap, 'of' | 'layer' | 'layerIndex' | 'metric' | 'origins' | 'n' | 'pairs' | 'points'> {
  /** points x axes, row-major. */
  readonly coordinates: Float64Array;
  readonly nearest: readonly (readonly number[])[];
}

/**
 * @param dissimilarities condensed, of `points` points, complete, at least 0
 * @param points 3 to {@link mostPoints}, more than axes
 */
export async function mapOf(dissimilarities: Float64Array, points: number, settings: MapSettings, watch: Watch = {}): Promise<MapNumbers> {
  const start = await classicalMds(dissimilarities, points, settings.axes, watch);
  const found = settings.method === 'classical'
    ? { ...start, distances: pointDistances(start), disparities: dissimilarities, steps: 0, converged: true }
    : await smacof(dissimilarities, start, { ties: settings.method === 'non-metric' ? settings.ties : null, tolerance, steps: settings.steps }, watch);
  const { distances, disparities } = found;
  const merges = await cluster(settings.linkage, dissimilarities, points, watch);
  return {
    coordinates: found.coordinates,
    stress1: stress1(disparities, distances, settings.method === 'non-metric' ? distances : disparities),
    steps: found.steps,
    converged: found.converged,
    eigenvalues: start.eigenvalues,
    ...eigenvalueShares(start.eigenvalues, settings.axes),
    shepard: shepardOf(dissimilarities, distances, disparities, points),
    merges,
    leafOrder: points <= optimalUpTo ? optimalLeafOrder(merges, dissimilarities, points) : leafOrder(merges, points),
    cophenetic: pearson(copheneticDistances(merges, points), dissimilarities),
    nearest: nearestOf(dissimilarities, points),
  };
}

/** At most {@link shepardPairs} pairs, evenly by rank of dissimilarity, the nearest and the farthest always among them. */
function shepardOf(dissimilarity: Float64Array, distance: Float64Array, disparity: Float64Array, points: number): Shepard {
  const order = sortedOrder(dissimilarity);
  const count = Math.min(order.length, shepardPairs);
  const chosen = Uint32Array.from({ length: count }, (_, k) => order[count > 1 ? Math.round((k * (order.length - 1)) / (count - 1)) : 0]!);
  const rowStart = (i: number): number => i * points - (i * (i + 1)) / 2;
  const a = Uint32Array.from(chosen, (pair) => {
    // The last row that begins at or before the pair.
    let [low, high] = [0, points - 2];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (rowStart(middle) <= pair) low = middle;
      else high = middle - 1;
    }
    return low;
  });
  return {
    a,
    b: chosen.map((pair, k) => pair - rowStart(a[k]!) + a[k]! + 1),
    dissimilarity: Float64Array.from(chosen, (pair) => dissimilarity[pair]!),
    distance: Float64Array.from(chosen, (pair) => distance[pair]!),
    disparity: Float64Array.from(chosen, (pair) => disparity[pair]!),
    of: order.length,
  };
}

/** For each point the places of its nearest ones, nearest first; of equal ones the first. */
function nearestOf(dissimilarities: Float64Array, points: number): number[][] {
  const nearest: number[][] = Array.from({ length: points }, () => []);
  const lengths: number[][] = Array.from({ length: points }, () => []);
  const offer = (i: number, j: number, length: number): void => {
    const [own, held] = [nearest[i]!, lengths[i]!];
    if (held.length === neighbours && length >= held[neighbours - 1]!) return;
    let at = held.length;
    while (at > 0 && held[at - 1]! > length) at--;
    own.splice(at, 0, j);
    held.splice(at, 0, length);
    own.length = held.length = Math.min(neighbours, held.length);
  };
  for (let i = 0, pair = 0; i < points; i++) {
    for (let j = i + 1; j < points; j++, pair++) {
      offer(i, j, dissimilarities[pair]!);
      offer(j, i, dissimilarities[pair]!);
    }
  }
  return nearest;
}
