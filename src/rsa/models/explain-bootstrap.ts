/**
 * Bootstrap over words of a regression of RDMs: the same resamples as everywhere (bootstrap.ts), the regression anew in
 * each, and without each one word, which corrected intervals and BCa ask for (word-samples.ts). Ranks stay those of the full
 * sample. R² and unique variance cannot fall below zero in a resample.
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { drawWeights } from '../inference/bootstrap.ts';
import { type Numbers, standardised } from '../comparators/correlate.ts';
import { momentsWithout, WeightedMoments } from './pair-products.ts';
import { explained, regress } from './partial.ts';
import type { WordSample } from '../inference/word-samples.ts';

/** What {@link WordSample} holds of a bootstrap; NaN where a predictor depends on the others or is constant. */
type Bootstrapped = Extract<WordSample, { kind: 'bootstrap' }>;

export interface RegressionSamples {
  /** One per predictor. */
  readonly simple: readonly Bootstrapped[];
  readonly partial: readonly Bootstrapped[];
  readonly semipartial: readonly Bootstrapped[];
  /** Roots, which are less skewed and have better intervals. One per group: of what R² loses without it. */
  readonly unique: readonly Bootstrapped[];
  readonly r2: Bootstrapped;
}

interface RegressionBootstrap {
  readonly n: number;
  /** Condensed: the reference, then the predictors. */
  readonly columns: readonly Numbers[];
  /** Columns (from 1) of each group. */
  readonly groups: readonly (readonly number[])[];
  readonly draws: number;
  readonly seed: number;
}

/** @throws the signal's reason when cancelled */
export async function bootstrapRegression({ n, columns, groups, draws, seed }: RegressionBootstrap, watch: Watch = {}): Promise<RegressionSamples> {
  const size = columns.length;
  const one = (): Bootstrapped => ({ kind: 'bootstrap', n, draws: new Float64Array(draws).fill(NaN), without: new Float64Array(n).fill(NaN) });
  const room = (count: number): Bootstrapped[] => Array.from({ length: count }, one);
  const out = { simple: room(size - 1), partial: room(size - 1), semipartial: room(size - 1), unique: room(groups.length), r2: one() };
  const others = groups.map((_, group) => groups.flatMap((own, other) => (other === group ? [] : own)));
  const keep = (side: 'draws' | 'without', at: number, correlations: Float64Array): void => {
    const found = regress(correlations, size);
    if (!found) return;
    for (const name of ['simple', 'partial', 'semipartial'] as const) out[name].forEach((own, k) => { own[side][at] = found[name][k]!; });
    out.unique.forEach((own, group) => { own[side][at] = Math.sqrt(Math.max(0, found.r2 - explained(correlations, size, others[group]!))); });
    out.r2[side][at] = Math.sqrt(found.r2);
  };
  const scaled = columns.map(standardised);
  const weigher = new WeightedMoments(n, scaled);
  const weights = new Uint32Array(n);
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    keep('draws', draw, weigher.moments(drawWeights(seed, draw, weights)).correlations);
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  const without = await momentsWithout(n, scaled, watch);
  for (let word = 0; word < n; word++) {
    keep('without', word, without(word).correlations);
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}
