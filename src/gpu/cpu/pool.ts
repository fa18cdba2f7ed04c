/** The twin of shaders/pool.wgsl. */
import type { PoolShape } from '../pool.ts';

/**
 * Weights that sum to 1 over each item's tokens. An item without weight gets zeros here and NaN in the result.
 *
 * @param weights batch x tokens, at least 0
 */
export function normaliseWeights(weights: Float32Array, shape: PoolShape): Float32Array<ArrayBuffer> {
  const { batch, tokens } = shape;
  const out = new Float32Array(batch * tokens);
  for (let item = 0; item < batch; item++) {
    let sum = 0;
    for (let t = 0; t < tokens; t++) sum += weights[item * tokens + t]!;
    if (sum > 0) for (let t = 0; t < tokens; t++) out[item * tokens + t] = weights[item * tokens + t]! / sum;
  }
  return out;
}

/**
 * Weighted sum of the token states of each item.
 *
 * @param states batch x tokens x d, row-major
 * @param weights batch x tokens, from {@link normaliseWeights}; a token of weight 0 is not read, whatever it holds
 * @returns batch x d
 */
export function poolCpu(states: Float32Array, shape: PoolShape, weights: Float32Array): Float32Array<ArrayBuffer> {
  const { batch, tokens, d } = shape;
  const out = new Float32Array(batch * d);
  const sums = new Float64Array(d);
  for (let item = 0; item < batch; item++) {
    sums.fill(0);
    for (let t = 0; t < tokens; t++) {
      const weight = weights[item * tokens + t]!;
      if (weight === 0) continue;
      const from = (item * tokens + t) * d;
      for (let k = 0; k < d; k++) sums[k]! += weight * states[from + k]!;
    }
    out.set(sums, item * d);
  }
  return out;
}
