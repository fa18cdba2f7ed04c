/**
 * An ONNX session whose outputs are the hidden states: token ids in, the states of every layer out.
 *
 * A text's states never depend on the texts beside it. Where the graph would make them (OpenGraph.oneByOne), the texts of a
 * batch are run one after the other.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { normaliseWeights, poolCpu } from '../gpu/cpu/pool.ts';
import { poolTokens, type PoolShape } from '../gpu/pool.ts';
import type { ModelConfig } from './config.ts';
import type { TokenBatch } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { openGraph, type OpenGraph, type OpenOptions } from './graph.ts';
import { asFloat32 } from './half.ts';
import type { ModelBackend, Tensor } from './runtime.ts';

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
 * @throws Problem as {@link openGraph} does.
 */
export async function openSession(value: ModelValue, files: ModelFiles, options: OpenOptions, watch: Watch = {}): Promise<HiddenStateSession> {
  return new OpenSession(value, await openGraph(value, files, options, () => ({ names: value.hiddenStates }), watch), options.compute ?? null);
}

class OpenSession implements HiddenStateSession {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly #graph: OpenGraph;
  readonly #compute: Compute | null;

  constructor(value: ModelValue, graph: OpenGraph, compute: Compute | null) {
    this.value = value;
    this.config = graph.config;
    this.backend = graph.backend;
    this.#graph = graph;
    this.#compute = compute;
  }

  pooled(batch: TokenBatch, weights: Float32Array): Promise<Float32Array[]> {
    if (!this.#graph.oneByOne) return this.#pooled(batch, weights);
    return this.#oneByOne(batch, this.value.hiddenSize, (text, number) => this.#pooled(text, weights.slice(number * batch.tokens, number * batch.tokens + text.tokens)));
  }

  states(batch: TokenBatch): Promise<Float32Array[]> {
    if (!this.#graph.oneByOne) return this.#states(batch);
    return this.#oneByOne(batch, batch.tokens * this.value.hiddenSize, (text) => this.#states(text));
  }

  async dispose(): Promise<void> {
    await this.#graph.dispose();
  }

  /** Every text by itself; of each layer `size` numbers per text, 0 where padding would be. */
  async #oneByOne(batch: TokenBatch, size: number, run: (text: TokenBatch, number: number) => Promise<Float32Array[]>): Promise<Float32Array[]> {
    const layers = this.value.hiddenStates.map(() => new Float32Array(batch.batch * size));
    for (const [number, ids] of batch.ids.entries()) {
      const own = await run({ ...batch, batch: 1, tokens: ids.length, ids: [ids] }, number);
      layers.forEach((layer, k) => layer.set(own[k]!, number * size));
    }
    return layers;
  }

  #pooled(batch: TokenBatch, weights: Float32Array): Promise<Float32Array[]> {
    const compute = this.#compute;
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

  #states(batch: TokenBatch): Promise<Float32Array[]> {
    // The runtime's memory is freed after the run: the states are copied.
    return this.#forward(batch, async (tensor) => (await asFloat32(tensor)).slice());
  }

  /** One run; `use` sees each hidden state while it lives. */
  #forward(batch: TokenBatch, use: (tensor: Tensor) => Promise<Float32Array>): Promise<Float32Array[]> {
    return this.#graph.run(batch, async (tensor, name) => {
      checkShape(tensor, batch, name, this.value);
      return use(tensor);
    });
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
