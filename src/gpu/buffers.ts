/** GPU buffers of one computation: checked against the device's limits, destroyed together, also on cancel. */
import { Problem } from '../base/problem.ts';
import type { Gpu } from './device.ts';

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;
}

/** Largest storage buffer the device binds, in bytes. */
export function largestBinding(gpu: Gpu): number {
  return Math.min(gpu.device.limits.maxBufferSize, gpu.device.limits.maxStorageBufferBindingSize);
}

/** True for the problem of a device that lacks the memory: the twin on the CPU then does the work. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Problem && error.code === 'gpu-memory';
}

/** Makes buffers and owns them until {@link Buffers.dispose}. */
export class Buffers {
  readonly #gpu: Gpu;
  readonly #owned = new Set<GPUBuffer>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Bytes held now; 0 after {@link Buffers.dispose}. */
  get bytes(): number {
    return [...this.#owned].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /**
   * A storage buffer of zeros.
   *
   * @param label what it holds, for messages: "hidden states"
   * @throws Problem `gpu-memory` naming the size when it is beyond the device's limits or its memory
   */
  storage(label: string, bytes: number): Promise<GPUBuffer> {
    return this.#create(label, bytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  }

  /** A storage buffer with the given contents. */
  async upload(label: string, data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Promise<GPUBuffer> {
    const buffer = await this.storage(label, data.byteLength);
    this.#gpu.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  /** A uniform buffer of `words` 32-bit words. */
  uniform(label: string, words: number): Promise<GPUBuffer> {
    return this.#create(label, words * 4, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  /** A buffer that JavaScript can read once commands have copied something into it; see {@link Buffers.mapped}. */
  staging(label: string, bytes: number): Promise<GPUBuffer> {
    return this.#create(label, bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
  }

  /** The first `bytes` of a staging buffer, after the commands submitted so far that touch it. */
  async mapped(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await this.#gpu.wait(staging.mapAsync(GPUMapMode.READ, 0, Math.ceil(bytes / 4) * 4));
    const copy = staging.getMappedRange(0, Math.ceil(bytes / 4) * 4).slice(0, bytes);
    staging.unmap();
    return copy;
  }

  /** Copies the first `bytes` of a buffer back to JavaScript. */
  async read(buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    if (bytes === 0) return new ArrayBuffer(0);
    const staging = await this.staging(`${buffer.label} read-back`, bytes);
    try {
      await this.#gpu.submit(`read ${buffer.label}`, (encoder) => encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes));
      return await this.mapped(staging, bytes);
    } finally {
      this.#owned.delete(staging);
      staging.destroy();
    }
  }

  /** Destroys every buffer; safe to call twice and after device loss. */
  dispose(): void {
    for (const buffer of this.#owned) buffer.destroy();
    this.#owned.clear();
  }

  async #create(label: string, bytes: number, usage: GPUBufferUsageFlags): Promise<GPUBuffer> {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const { maxBufferSize } = this.#gpu.device.limits;
    const limit = (usage & GPUBufferUsage.STORAGE) === 0 ? maxBufferSize : largestBinding(this.#gpu);
    const fail = (why: string): Problem => new Problem({
      code: 'gpu-memory', place: label, what: `${megabytes(size)} on the graphics device: ${why}`,
      fix: 'Use fewer words or fewer layers',
    });
    if (size > limit) throw fail(`it takes at most ${megabytes(limit)} at once`);
    let created: GPUBuffer | null = null;
    try {
      return await this.#gpu.scoped(() => {
        created = this.#gpu.device.createBuffer({ label, size, usage });
        this.#owned.add(created);
        return created;
      }, fail);
    } catch (error) {
      if (created) this.#owned.delete(created);
      throw error;
    }
  }
}
