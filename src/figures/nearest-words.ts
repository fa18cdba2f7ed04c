/** The nearest words of a few: whether rows and words belong together shows at a glance. */
import type { Layer } from '../data/values.ts';

export interface Neighbours {
  readonly word: string;
  /** Nearest first. */
  readonly nearest: readonly { readonly word: string; readonly cosine: number }[];
}

const known = new WeakMap<Layer['data'], readonly Neighbours[]>();

/**
 * Neighbours by the cosine of centred vectors, for words at even distances through the list; remembered per layer.
 *
 * @param few how many words are looked at; O(few n d)
 */
export function nearestWords({ data, d }: Layer, words: readonly string[], few = 8, near = 3): readonly Neighbours[] {
  const before = known.get(data);
  if (before) return before;
  const n = words.length;
  const usable = [...words.keys()].filter((at) => !data.subarray(at * d, (at + 1) * d).includes(Number.NaN));
  const mean = new Float64Array(d);
  for (const at of usable) for (let k = 0; k < d; k++) mean[k]! += data[at * d + k]! / usable.length;
  const norms = new Float64Array(n);
  for (const at of usable) {
    let square = 0;
    for (let k = 0; k < d; k++) square += (data[at * d + k]! - mean[k]!) ** 2;
    norms[at] = Math.sqrt(square);
  }
  const directed = usable.filter((at) => norms[at]! > 0);
  const chosen = Array.from({ length: Math.min(few, directed.length) }, (_, k) => directed[Math.floor((k + 0.5) * (directed.length / Math.min(few, directed.length)))]!);
  const found = chosen.map((at): Neighbours => {
    const nearest: { word: string; cosine: number }[] = [];
    for (const other of directed) {
      if (other === at) continue;
      let product = 0;
      for (let k = 0; k < d; k++) product += (data[at * d + k]! - mean[k]!) * (data[other * d + k]! - mean[k]!);
      const cosine = product / (norms[at]! * norms[other]!);
      if (nearest.length === near && cosine <= nearest[near - 1]!.cosine) continue;
      nearest.push({ word: words[other]!, cosine });
      nearest.sort((a, b) => b.cosine - a.cosine);
      nearest.length = Math.min(near, nearest.length);
    }
    return { word: words[at]!, nearest };
  });
  known.set(data, found);
  return found;
}
