/**
 * Multidimensional scaling by majorisation (SMACOF; de Leeuw 1977; de Leeuw and Mair 2009, "Multidimensional scaling using
 * majorization"): each Guttman transform lowers the stress, until it hardly falls. Metric: distances should equal the
 * dissimilarities. Non-metric (Kruskal 1964): they should have their order, and are compared with disparities.
 *
 * It starts from given points (classical MDS), so that nothing is left to chance; what it finds is the minimum nearest to
 * there, not always the least of all.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { Disparities, type Ties } from './isotonic.ts';
import { type Configuration, pointDistances, rawStress, stress1 } from './mds.ts';

export interface SmacofSettings {
  /** Null for the metric form. */
  readonly ties: Ties | null;
  /** Stops when a step lowers the stress by less than this share of it. */
  readonly tolerance: number;
  /** Stops after this many steps in any case. */
  readonly steps: number;
}

export interface Smacof extends Configuration {
  /** Of the points, condensed. */
  readonly distances: Float64Array;
  /** What the distances should be: the dissimilarities, or a monotone function of them. */
  readonly disparities: Float64Array;
  /** Sum over pairs of (disparity - distance)^2. */
  readonly raw: number;
  readonly stress1: number;
  readonly steps: number;
  /** False where it was stopped by the number of steps. */
  readonly converged: boolean;
}

/**
 * @param dissimilarities condensed, complete, at least 0
 * @param start the points to begin with
 */
export async function smacof(dissimilarities: Float64Array, start: Configuration, settings: SmacofSettings, watch: Watch = {}): Promise<Smacof> {
  const { n, axes } = start;
  const monotone = settings.ties === null ? null : new Disparities(dissimilarities, settings.ties);
  const coordinates = start.coordinates.slice();
  const distances = pointDistances(start);
  let targets: Float64Array = monotone ? monotone.of(distances) : dissimilarities;
  let stress = stressOf(targets, distances, monotone !== null);
  let steps = 0;
  let converged = stress === 0;
  const breather = new Breather();
  while (!converged && steps < settings.steps) {
    guttman(coordinates, n, axes, monotone ? scaled(targets) : targets, distances);
    pointDistances({ coordinates, n, axes }, distances);
    if (monotone) targets = monotone.of(distances);
    const next = stressOf(targets, distances, monotone !== null);
    steps++;
    converged = stress - next <= settings.tolerance * stress;
    stress = next;
    if (!breather.due()) continue;
    watch.progress?.({ label: `stress ${stress.toFixed(4)}`, done: steps, total: settings.steps });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return { coordinates, n, axes, distances, disparities: targets, raw: rawStress(targets, distances), stress1: stress, steps, converged };
}

function stressOf(targets: Float64Array, distances: Float64Array, monotone: boolean): number {
  return stress1(targets, distances, monotone ? distances : targets);
}

/** Disparities of mean square 1: without a fixed size all points could shrink into one. */
function scaled(disparities: Float64Array): Float64Array {
  let squares = 0;
  for (const value of disparities) squares += value * value;
  const factor = squares > 0 ? Math.sqrt(disparities.length / squares) : 1;
  const out = new Float64Array(disparities.length);
  for (let pair = 0; pair < out.length; pair++) out[pair] = disparities[pair]! * factor;
  return out;
}

/** X := B(X) X / n, where row i of B(X) X is the sum over j of target / distance (x_i - x_j); points that coincide do not part. */
function guttman(coordinates: Float64Array, n: number, axes: number, targets: Float64Array, distances: Float64Array): void {
  const moved = new Float64Array(coordinates.length);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const distance = distances[pair]!;
      if (distance === 0) continue;
      const ratio = targets[pair]! / distance;
      for (let k = 0; k < axes; k++) {
        const pull = ratio * (coordinates[i * axes + k]! - coordinates[j * axes + k]!);
        moved[i * axes + k]! += pull;
        moved[j * axes + k]! -= pull;
      }
    }
  }
  for (let k = 0; k < moved.length; k++) coordinates[k] = moved[k]! / n;
}
