/** A tensor's numbers as float32, whatever their precision and wherever they are. */
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

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
