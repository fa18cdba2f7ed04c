/** What a layer of hidden states looks like at a glance: size of its vectors, how alike they all are, gaps. */
import type { Layer } from '../data/values.ts';

export interface LayerStats {
  /** Mean Euclidean norm over words. */
  readonly norm: number;
  /**
   * Mean cosine over pairs of different words: near 1 when all words share one direction (Ethayarajh 2019, "anisotropy").
   * From the sum of unit vectors u: (|sum u|^2 - n) / (n (n - 1)).
   */
  readonly cosine: number;
  /** Words with a missing value. */
  readonly missing: number;
}

const known = new WeakMap<Layer['data'], LayerStats>();

/** O(n d), remembered per layer. */
export function layerStats(layer: Layer): LayerStats {
  const before = known.get(layer.data);
  if (before) return before;
  const { data, d } = layer;
  const rows = d > 0 ? Math.floor(data.length / d) : 0;
  const direction = new Float64Array(d);
  let [norms, used, missing] = [0, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    const vector = data.subarray(row * d, row * d + d);
    let square = 0;
    for (const value of vector) square += value * value;
    if (Number.isNaN(square)) {
      missing += 1;
      continue;
    }
    const norm = Math.sqrt(square);
    norms += norm;
    // A zero vector has no direction.
    if (norm === 0) continue;
    used += 1;
    for (let at = 0; at < d; at += 1) direction[at]! += vector[at]! / norm;
  }
  let square = 0;
  for (const value of direction) square += value * value;
  const stats: LayerStats = { norm: rows > missing ? norms / (rows - missing) : Number.NaN, cosine: used > 1 ? (square - used) / (used * (used - 1)) : Number.NaN, missing };
  known.set(data, stats);
  return stats;
}
