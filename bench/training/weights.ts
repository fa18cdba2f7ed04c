/** Weights of the ONNX file as float32, for a side that is written by hand. */
import { widened } from '../../src/models/half.ts';
import type { OnnxIndex } from '../../src/models/onnx/index.ts';

export interface Weight {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** By name; the bundled model stores matrices in half precision under the name with ".half". */
export function readWeights({ bytes, initialisers }: OnnxIndex): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const { name, dims, dtype, data } of initialisers.values()) {
    if (!data || (dtype !== 1 && dtype !== 10)) continue;
    const { buffer } = bytes.slice(...data);
    weights.set(name.replace(/\.half$/, ''), { dims, values: dtype === 1 ? new Float32Array(buffer) : widened(new Uint16Array(buffer)) });
  }
  return weights;
}
