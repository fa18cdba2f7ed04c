/**
 * Bias-corrected and accelerated intervals (Efron 1987, "Better bootstrap confidence intervals"): percentiles of the
 * bootstrap draws, moved for the draws' bias and for how the spread changes with the value.
 */
import { quantile } from '../comparators/correlate.ts';
import { normalCdf, normalQuantile } from '../numbers/normal.ts';

/**
 * @param value the estimate on all words
 * @param draws the estimate in each bootstrap draw; NaN are left out
 * @param without the estimate without each word, for the acceleration
 * @param level for example 0.95
 * @returns null where there are no draws, or where the value without a word does not exist
 */
export function bcaInterval(value: number, draws: Float64Array, without: Float64Array, level: number): readonly [number, number] | null {
  const sorted = draws.filter((draw) => Number.isFinite(draw)).sort();
  const acceleration = accelerationOf(without);
  if (sorted.length < 2 || !Number.isFinite(acceleration)) return null;
  let below = 0;
  for (const draw of sorted) below += draw < value ? 1 : draw === value ? 0.5 : 0;
  // A value beyond all draws has no finite bias; it is taken to lie half a draw beyond.
  const share = Math.min(1 - 0.5 / sorted.length, Math.max(0.5 / sorted.length, below / sorted.length));
  const bias = normalQuantile(share);
  const end = (tail: number): number => {
    const z = bias + normalQuantile(tail);
    return quantile(sorted, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return [end((1 - level) / 2), end((1 + level) / 2)];
}

/** The skewness of the jackknife's influences, divided by 6 sqrt(n); 0 where the value never changes. */
function accelerationOf(without: Float64Array): number {
  let sum = 0;
  for (const one of without) sum += one;
  const centre = sum / without.length;
  let [squares, cubes] = [0, 0];
  for (const one of without) {
    squares += (centre - one) ** 2;
    cubes += (centre - one) ** 3;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : squares === 0 ? 0 : NaN;
}
