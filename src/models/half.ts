/** A tensor's numbers as float32, whatever their precision and wherever they are. */
import { halfToNumber } from '../base/half.ts';
import type { Tensor } from './runtime.ts';

/** The numbers of a tensor, read back from the GPU where they are there. May be the tensor's own memory. */
export async function asFloat32(tensor: Tensor): Promise<Float32Array> {
  return widened(await tensor.getData());
}

/** Numbers of float32, or of float16 as newer browsers (Float16Array) or older ones (its bits) hold them. */
export function widened(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return Float32Array.from(data, halfToNumber);
  return Float32Array.from(data as ArrayLike<number>);
}
