/**
 * Bootstrap over words of a regression of RDMs: the same resamples as everywhere (bootstrap.ts), the regression anew in
 * each. Ranks stay those of the full sample. R² and unique variance cannot fall below zero in a resample, so their
 * intervals do not reach it, whatever is true.
 */
import type { Watch } from '../base/progress.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { drawWeights } from './bootstrap.ts';
import { type Numbers, standardised } from './correlate.ts';
import { WeightedMoments } from './pair-products.ts';
import { explained, regress } from './partial.ts';

/** Values per draw; NaN in draws where a predictor depends on the others or is constant. */
export interface RegressionDraws {
  /** One array per predictor. */
  readonly simple: readonly Float64Array[];
  readonly partial: readonly Float64Array[];
  readonly semipartial: readonly Float64Array[];
  /** One array per group: what R² loses without it. */
  readonly unique: readonly Float64Array[];
  readonly r2: Float64Array;
}

export interface RegressionBootstrap {
  readonly n: number;
  /** Condensed: the reference, then the predictors. */
  readonly columns: readonly Numbers[];
  /** Columns (from 1) of each group. */
  readonly groups: readonly (readonly number[])[];
  readonly draws: number;
  readonly seed: number;
}

/** @throws the signal's reason when cancelled */
export async function bootstrapRegression({ n, columns, groups, draws, seed }: RegressionBootstrap, watch: Watch = {}): Promise<RegressionDraws> {
  const size = columns.length;
  const room = (count: number): Float64Array[] => Array.from({ length: count }, () => new Float64Array(draws).fill(NaN));
  const out = { simple: room(size - 1), partial: room(size - 1), semipartial: room(size - 1), unique: room(groups.length), r2: new Float64Array(draws).fill(NaN) };
  const weigher = new WeightedMoments(n, columns.map(standardised));
  const without = groups.map((_, group) => groups.flatMap((own, other) => (other === group ? [] : own)));
  const weights = new Uint32Array(n);
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    const { correlations } = weigher.moments(drawWeights(seed, draw, weights));
    const found = regress(correlations, size);
    if (found) {
      for (const name of ['simple', 'partial', 'semipartial'] as const) out[name].forEach((values, k) => { values[draw] = found[name][k]!; });
      out.unique.forEach((values, group) => { values[draw] = found.r2 - explained(correlations, size, without[group]!); });
      out.r2[draw] = found.r2;
    }
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}
