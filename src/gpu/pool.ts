/** Pooling: one vector per item from the states of its tokens. */
import { Problem } from '../base/problem.ts';
import { Buffers, isOutOfMemory, largestBinding } from './buffers.ts';
import type { Trial } from './choose.ts';
import type { Compute } from './compute.ts';
import { normaliseWeights, poolCpu } from './cpu/pool.ts';
import type { Gpu } from './device.ts';
import { dispatch, kernelOf } from './kernel.ts';
import { runChunks } from './scheduler.ts';

export interface PoolShape {
  /** Items: words, or word-in-template. */
  readonly batch: number;
  readonly tokens: number;
  /** Hidden size. */
  readonly d: number;
}

/**
 * Weighted mean over the tokens of each item: ones over a word's own tokens give their mean, a single one gives the
 * first or the last token.
 *
 * Where the device lacks the memory for it, the twin on the CPU does the work, on states that are read back if need be.
 *
 * @param states batch x tokens x d, row-major. A GPUBuffer (of the same device, float32, usage STORAGE and COPY_SRC, at
 *   least that large) is pooled where it is, without a read-back of the states.
 * @param weights batch x tokens, at least 0
 * @returns batch x d; NaN for an item without weight
 * @throws Problem `gpu-missing` for a GPUBuffer without a device
 */
export async function poolTokens(
  compute: Compute, states: Float32Array | GPUBuffer, shape: PoolShape, weights: Float32Array,
): Promise<Float32Array<ArrayBuffer>> {
  const { batch, tokens, d } = shape;
  if (weights.length !== batch * tokens) throw new RangeError(`${weights.length} weights, not ${batch} x ${tokens}`);
  const inMemory = states instanceof Float32Array;
  if (inMemory && states.length !== batch * tokens * d) throw new RangeError(`${states.length} states, not ${batch} x ${tokens} x ${d}`);
  const work = batch * tokens * d;
  const normalised = normaliseWeights(weights, shape);
  if (inMemory && work > 5e6) await compute.measure('pool', poolTrial);
  const pooled = await poolWhereItFits(compute, states, shape, normalised);
  for (let item = 0; item < batch; item++) {
    if (normalised.subarray(item * tokens, (item + 1) * tokens).every((weight) => weight === 0)) pooled.fill(NaN, item * d, (item + 1) * d);
  }
  return pooled;
}

/** @param weights that sum to 1, or to 0 for an item without weight */
async function poolWhereItFits(
  compute: Compute, states: Float32Array | GPUBuffer, shape: PoolShape, weights: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { gpu } = compute;
  const work = shape.batch * shape.tokens * shape.d;
  if (states instanceof Float32Array) {
    if (compute.backendFor('pool', work) === 'cpu' || !gpu) return poolCpu(states, shape, weights);
  } else if (!gpu) {
    throw new Problem({
      code: 'gpu-missing', place: 'pooling', what: `the hidden states are on a graphics device that is not there (${compute.description.reason})`,
      fix: 'Run the cell again; after a second loss the CPU is used',
    });
  }
  try {
    return await onGpu(gpu, states, shape, weights);
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    // Asked again, so that the run card says where it ran.
    compute.backendFor('pool', work, false);
    return poolCpu(states instanceof Float32Array ? states : await readInPieces(gpu, states, work), shape, weights);
  }
}

/** Small, because it is for a device that is short of memory. */
const pieceBytes = 4 * 2 ** 20;

/** The first `length` numbers of a buffer, copied over a read-back buffer of at most 4 MB. */
async function readInPieces(gpu: Gpu, source: GPUBuffer, length: number): Promise<Float32Array<ArrayBuffer>> {
  const whole = new Float32Array(length);
  const bytes = whole.byteLength;
  const piece = Math.min(bytes, pieceBytes, Math.floor(gpu.device.limits.maxBufferSize / 4) * 4);
  const buffers = new Buffers(gpu);
  try {
    const staging = await buffers.staging('hidden states read-back', piece);
    for (let from = 0; from < bytes; from += piece) {
      const size = Math.min(piece, bytes - from);
      await gpu.submit('read hidden states', (encoder) => encoder.copyBufferToBuffer(source, from, staging, 0, size));
      whole.set(new Float32Array(await buffers.mapped(staging, size)), from / 4);
    }
  } finally {
    buffers.dispose();
  }
  return whole;
}

async function onGpu(
  gpu: Gpu, states: Float32Array | GPUBuffer, shape: PoolShape, weights: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { batch, tokens, d } = shape;
  if (batch * d === 0) return new Float32Array(0);
  if (batch * tokens * d * 4 > largestBinding(gpu)) {
    throw new Problem({ code: 'gpu-memory', place: 'pooling', what: `${batch} x ${tokens} x ${d} hidden states are more than the graphics device reads at once`, fix: 'Use fewer words' });
  }
  const kernel = await kernelOf(gpu, { file: 'pool.wgsl', entryPoint: 'pool', bindings: ['uniform', 'read', 'read', 'write'] });
  const buffers = new Buffers(gpu);
  try {
    const chunk = await buffers.uniform('chunk', 4);
    const source = states instanceof Float32Array ? await buffers.upload('hidden states', states as Float32Array<ArrayBuffer>) : states;
    const weightBuffer = await buffers.upload('token weights', weights);
    const pooled = await buffers.storage('pooled states', batch * d * 4);
    // ORT's buffers are larger than their tensors; only the tensor must fit a binding.
    const group = await gpu.scoped(
      () => kernel.bind([chunk, { buffer: source, size: Math.max(16, batch * tokens * d * 4) }, weightBuffer, pooled]),
      (message) => new Problem({
        code: 'gpu-error', place: 'pooling', what: `the graphics device cannot read the hidden states: ${message}`,
        fix: 'Run the cell again with fewer words; if it stays, report this with the run card',
      }),
    );
    await runChunks(gpu, {
      label: 'pooling',
      total: batch,
      first: Math.ceil(2e6 / (tokens * d)),
      largest: gpu.device.limits.maxComputeWorkgroupsPerDimension,
      submit: (from, count) => {
        gpu.device.queue.writeBuffer(chunk, 0, new Uint32Array([tokens, d, from, 0]));
        return gpu.submit('pooling', (encoder) => dispatch(encoder, kernel, group, Math.ceil(d / 64), count));
      },
    });
    return new Float32Array(await buffers.read(pooled, batch * d * 4));
  } finally {
    buffers.dispose();
  }
}

/** What measures the kernel: 8 tokens of 256 columns, as many items as make up the work; the upload counts. */
function poolTrial(gpu: Gpu): Trial {
  const inputFor = (work: number) => {
    const shape: PoolShape = { batch: Math.ceil(work / 2048), tokens: 8, d: 256 };
    return {
      shape, states: new Float32Array(shape.batch * 2048).fill(0.5), weights: new Float32Array(shape.batch * 8).fill(0.125),
    };
  };
  return {
    software: gpu.facts.isFallback,
    cpu: { name: 'cpu', run: async (work) => {
      const { states, shape, weights } = inputFor(work);
      poolCpu(states, shape, weights);
    } },
    webgpu: [{ name: 'pool', run: async (work) => {
      const { states, shape, weights } = inputFor(work);
      await onGpu(gpu, states, shape, weights);
    } }],
  };
}
