/** Pooling: one vector per item from the states of its tokens. */
import { Problem } from '../base/problem.ts';
import { Buffers } from './buffers.ts';
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
 * @param states batch x tokens x d, row-major. A GPUBuffer (of the same device, float32, usage STORAGE, at least that
 *   large) is pooled where it is, without a read-back of the states.
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
  let pooled: Float32Array<ArrayBuffer>;
  if (inMemory && (compute.backendFor('pool', work) === 'cpu' || !compute.gpu)) {
    pooled = poolCpu(states, shape, normalised);
  } else {
    if (!compute.gpu) {
      throw new Problem({
        code: 'gpu-missing', place: 'pooling', what: `the hidden states are on a graphics device that is not there (${compute.description.reason})`,
        fix: 'Run the cell again: the model will run on the CPU',
      });
    }
    pooled = await onGpu(compute.gpu, states, shape, normalised);
  }
  for (let item = 0; item < batch; item++) {
    if (normalised.subarray(item * tokens, (item + 1) * tokens).every((weight) => weight === 0)) pooled.fill(NaN, item * d, (item + 1) * d);
  }
  return pooled;
}

async function onGpu(
  gpu: Gpu, states: Float32Array | GPUBuffer, shape: PoolShape, weights: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { batch, tokens, d } = shape;
  if (batch * d === 0) return new Float32Array(0);
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
