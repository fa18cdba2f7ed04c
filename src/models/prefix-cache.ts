/** Keys and values of tokens that a model has read, on the CPU or the GPU: taken apart and repeated by text. */
import type { Ort, Tensor } from './runtime.ts';

/** Bytes of one number. */
const widths: Readonly<Record<string, number>> = { float32: 4, float16: 2 };

export class TokenCache {
  /** Tokens read, the same for every text. */
  readonly length: number;
  readonly #ort: Ort;
  readonly #device: GPUDevice | null;
  readonly #texts: number;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  /** Buffers of our own; those of the runtime go with their tensors. */
  readonly #buffers: readonly GPUBuffer[];

  /** @param tensors by the name of the input they are fed to, each [texts, heads, tokens, size]; they belong to the cache now. */
  constructor(ort: Ort, device: GPUDevice | null, texts: number, length: number, tensors: ReadonlyMap<string, Tensor>, buffers: readonly GPUBuffer[] = []) {
    this.length = length;
    this.#ort = ort;
    this.#device = device;
    this.#texts = texts;
    this.#tensors = tensors;
    this.#buffers = buffers;
  }

  /** Bytes of one text. */
  get rowBytes(): number {
    return [...this.#tensors.values()].reduce((sum, { type, dims }) => sum + sizeOf(dims) * (widths[type] ?? 4), 0) / this.#texts;
  }

  /** What to feed; the tensors stay the cache's. */
  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#tensors);
  }

  /** A cache of its own with these texts of this one, in this order. */
  pick(texts: readonly number[]): TokenCache {
    const buffers: GPUBuffer[] = [];
    const encoder = this.#device?.createCommandEncoder() ?? null;
    const picked = new Map([...this.#tensors].map(([name, tensor]): [string, Tensor] => {
      const dims = [texts.length, ...tensor.dims.slice(1)];
      const size = sizeOf(tensor.dims.slice(1));
      if (tensor.location !== 'gpu-buffer' || !this.#device || !encoder) return [name, this.#onCpu(tensor, texts, size, dims)];
      const bytes = size * (widths[tensor.type] ?? 4);
      const buffer = this.#device.createBuffer({ size: Math.ceil((bytes * texts.length) / 16) * 16, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
      texts.forEach((text, to) => encoder.copyBufferToBuffer(tensor.gpuBuffer as GPUBuffer, text * bytes, buffer, to * bytes, bytes));
      buffers.push(buffer);
      return [name, this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: tensor.type as 'float32' | 'float16', dims })];
    }));
    if (encoder) this.#device!.queue.submit([encoder.finish()]);
    return new TokenCache(this.#ort, this.#device, texts.length, this.length, picked, buffers);
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #onCpu(tensor: Tensor, texts: readonly number[], size: number, dims: readonly number[]): Tensor {
    const { data } = tensor;
    // Half numbers are Float16Array in newer browsers and Uint16Array in older ones.
    if (!ArrayBuffer.isView(data) || data instanceof DataView) throw new TypeError(`a cache of ${tensor.type} cannot be repeated`);
    const from = data as Float32Array;
    const all = new (from.constructor as Float32ArrayConstructor)(size * texts.length);
    texts.forEach((text, to) => all.set(from.subarray(text * size, (text + 1) * size), to * size));
    return new this.#ort.Tensor(tensor.type as 'float32', all, dims);
  }
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
