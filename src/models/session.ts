/** An ONNX session whose outputs are the hidden states: token ids in, the states of every layer out. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { normaliseWeights, poolCpu } from '../gpu/cpu/pool.ts';
import { poolTokens, type PoolShape } from '../gpu/pool.ts';
import { readConfig, type ModelConfig } from './config.ts';
import { checkInputs, makeFeeds, type TokenBatch } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { hashOf, readOnnx } from './inspect.ts';
import type { OnnxIndex } from './onnx/index.ts';
import { withOutputs } from './onnx/patch.ts';
import { chooseBackend, createSession, loadRuntime, type InferenceSession, type ModelBackend, type ModelDevice, type Ort, type Tensor } from './runtime.ts';

export interface OpenOptions {
  readonly device: ModelDevice;
  /** The shared device; without one the model runs on the CPU. */
  readonly compute?: Compute | null;
}

export interface HiddenStateSession {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  /**
   * For every hidden state the weighted mean over each text's tokens: batch x d. On the GPU without a read-back of the
   * states.
   * @param weights batch x tokens, at least 0; texts without weight come out as NaN.
   */
  pooled(batch: TokenBatch, weights: Float32Array): Promise<Float32Array[]>;
  /** For every hidden state batch x tokens x d; rows of padding mean nothing. */
  states(batch: TokenBatch): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/**
 * Opens a model that was inspected before, with the hidden states as its only outputs.
 * @throws Problem `model-changed` when the files are not those that were inspected, `model-not-runnable` with the
 *   runtime's own words, `input-unknown`.
 */
export async function openSession(value: ModelValue, files: ModelFiles, options: OpenOptions, watch: Watch = {}): Promise<HiddenStateSession> {
  const gpu = options.compute?.gpu?.device ?? null;
  const backend = chooseBackend(options.device, gpu);
  const [config, onnx] = await Promise.all([readConfig(files, watch), readOnnx(files, value.onnxFile, watch)]);
  const revision = files.commit ? await files.commit(watch) : await hashOf([onnx.index.bytes, ...onnx.external.map(({ data }) => data)]);
  if (revision !== value.revision) {
    throw new Problem({
      code: 'model-changed',
      place: `model ${value.id}`,
      what: `its files are of revision ${revision.slice(0, 12)}, not ${value.revision.slice(0, 12)}`,
      fix: 'Run the model cell again.',
    });
  }
  checkInputs(onnx.index);
  watch.signal?.throwIfAborted();
  // Half-precision states must be widened, which happens on the CPU.
  const outputs = backend === 'webgpu' && !value.dtype.endsWith('f16') && value.dtype !== 'fp16' ? 'gpu-buffer' : 'cpu';
  const session = await createSession(withOutputs(onnx.index, value.hiddenStates), { backend, gpu, external: onnx.external, outputs, file: onnx.index.file });
  const ort = await loadRuntime();
  // The weights are in the runtime now; the index stays for its inputs only.
  return new OpenSession({ value, config, backend, index: { ...onnx.index, bytes: new Uint8Array(0) }, session, ort, compute: options.compute ?? null });
}

interface Parts {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly index: OnnxIndex;
  readonly session: InferenceSession;
  readonly ort: Ort;
  readonly compute: Compute | null;
}

class OpenSession implements HiddenStateSession {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.value = parts.value;
    this.config = parts.config;
    this.backend = parts.backend;
  }

  pooled(batch: TokenBatch, weights: Float32Array): Promise<Float32Array[]> {
    const { compute } = this.#parts;
    const shape: PoolShape = { batch: batch.batch, tokens: batch.tokens, d: this.value.hiddenSize };
    const normalised = normaliseWeights(weights, shape);
    const weightless = [...batch.ids.keys()].filter((text) => normalised.subarray(text * shape.tokens, (text + 1) * shape.tokens).every((weight) => weight === 0));
    return this.#forward(batch, async (tensor) => {
      if (tensor.location === 'gpu-buffer' && tensor.type === 'float32' && compute) {
        return poolTokens(compute, tensor.gpuBuffer as GPUBuffer, shape, weights);
      }
      const pooled = poolCpu(await asFloat32(tensor), shape, normalised);
      for (const text of weightless) pooled.fill(NaN, text * shape.d, (text + 1) * shape.d);
      return pooled;
    });
  }

  states(batch: TokenBatch): Promise<Float32Array[]> {
    // The runtime's memory is freed after the run: the states are copied.
    return this.#forward(batch, async (tensor) => (await asFloat32(tensor)).slice());
  }

  async dispose(): Promise<void> {
    await this.#parts.session.release();
  }

  /** One run; `use` sees each hidden state while it lives. */
  async #forward(batch: TokenBatch, use: (tensor: Tensor) => Promise<Float32Array>): Promise<Float32Array[]> {
    const { ort, session, index, config, value } = this.#parts;
    const feeds = makeFeeds(ort, index, config, batch);
    const outputs = await session.run(feeds, [...value.hiddenStates]);
    const results: Float32Array[] = [];
    try {
      for (const name of value.hiddenStates) {
        const tensor = outputs[name]!;
        checkShape(tensor, batch, name, value);
        results.push(await use(tensor));
      }
    } finally {
      for (const tensor of [...Object.values(outputs), ...Object.values(feeds)]) tensor.dispose();
    }
    return results;
  }
}

function checkShape(tensor: Tensor, { batch, tokens }: TokenBatch, name: string, value: ModelValue): void {
  const [b, t, d] = tensor.dims;
  if (tensor.dims.length === 3 && b === batch && t === tokens && d === value.hiddenSize) return;
  throw new Problem({
    code: 'hidden-state-shape',
    place: `model ${value.id}, ${value.onnxFile}`,
    what: `the tensor ${name} has the shape ${tensor.dims.join(' x ')}, not ${batch} x ${tokens} x ${value.hiddenSize} as a hidden state`,
    fix: 'The layers of this export were not recognised; choose another export of the model and report this one.',
  });
}

async function asFloat32(tensor: Tensor): Promise<Float32Array> {
  const data = await tensor.getData();
  if (data instanceof Float32Array) return data;
  // Half precision: newer browsers give a Float16Array, older ones its bits.
  if (data instanceof Uint16Array) return Float32Array.from(data, halfToNumber);
  return Float32Array.from(data as unknown as ArrayLike<number>);
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
