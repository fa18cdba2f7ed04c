/**
 * TensorFlow.js: the model written by hand with its operators, gradients by variableGrads, its own Adam.
 *
 * Variant `plain` is what one would write. In `lean` products with frozen weights have a gradient of their own, which
 * reads a copy of the weight that was transposed ahead: tfjs's wasm backend multiplies by XNNPACK only where nothing is
 * transposed, and its own gradient of a product transposes.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import threadedSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../../src/tuning/optimiser.ts';
import { heads } from '../../src/tuning/gradient/losses.ts';
import { normaliseWeights } from '../../src/gpu/cpu/pool.ts';
import { gridsOf, rank, rate, scale, type RatingBatch, type TrainingProblem } from './problem.ts';
import { threadsOf, type Side, type SideOptions } from './side.ts';
import { readWeights } from './weights.ts';

export async function openSide(problem: TrainingProblem, { device, variant }: SideOptions): Promise<Side> {
  setWasmPaths({ 'tfjs-backend-wasm.wasm': plain, 'tfjs-backend-wasm-simd.wasm': simd, 'tfjs-backend-wasm-threaded-simd.wasm': threadedSimd });
  if (!(await tf.setBackend(device))) throw new Error(`tfjs has no backend ${device} here`);
  await tf.ready();
  const variables = variablesOf(problem);
  const model = new Bert(problem, variables, variant === 'lean');
  const list = Object.values(variables);
  const optimiser = tf.train.adam(rate, 0.9, 0.999, 1e-8);
  const threaded = device === 'wasm' && (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  return {
    about: device === 'webgpu' ? 'webgpu' : threadsOf(threaded ? getThreadsCount() : 1),
    gradients: async (batch) => {
      const { value, grads } = tf.variableGrads(() => model.loss(batch), list);
      const gradients: Record<string, Float32Array> = {};
      for (const [name, gradient] of Object.entries(grads)) gradients[name] = (await gradient.data()) as Float32Array;
      const loss = (await value.data())[0]!;
      tf.dispose([value, grads]);
      return { loss, gradients: gradients as Tensors };
    },
    step: async (batch) => {
      const cost = optimiser.minimize(() => model.loss(batch), true, list)!;
      // The read is queued behind all that the step asked for.
      const [loss] = await cost.data();
      cost.dispose();
      return loss!;
    },
  };
}

function variablesOf({ first, sites, value, dimensions }: TrainingProblem): Record<string, tf.Variable> {
  const dims = new Map<string, number[]>([[heads.rating.weight, [value.hiddenSize, dimensions]], [heads.rating.bias, [dimensions]]]);
  for (const { site } of sites) {
    dims.set(`${site.module}.a`, [site.inputs, rank]);
    dims.set(`${site.module}.b`, [rank, site.outputs]);
  }
  return Object.fromEntries(Object.entries(first).map(([name, values]) => [name, tf.variable(tf.tensor(values.slice(), dims.get(name)!), true, name)]));
}

/** A frozen layer y = x W + b. */
interface Dense {
  readonly weight: tf.Tensor2D;
  /** The weight on its side, for the gradient; null where tfjs takes its own. */
  readonly transposed: tf.Tensor2D | null;
  readonly bias: tf.Tensor;
}

class Bert {
  readonly #layers: number;
  readonly #heads: number;
  readonly #size: number;
  readonly #lean: boolean;
  readonly #weight: (name: string) => tf.Tensor;
  readonly #dense = new Map<string, Dense>();
  readonly #variables: Readonly<Record<string, tf.Variable>>;

  constructor({ index, value }: TrainingProblem, variables: Readonly<Record<string, tf.Variable>>, lean: boolean) {
    const weights = readWeights(index);
    const tensors = new Map<string, tf.Tensor>();
    this.#variables = variables;
    this.#lean = lean;
    this.#layers = value.hiddenStates.length - 1;
    this.#heads = 4;
    this.#size = value.hiddenSize;
    this.#weight = (name) => {
      const known = tensors.get(name);
      if (known) return known;
      const weight = weights.get(name);
      if (!weight) throw new Error(`the model has no weight ${name}`);
      // Kept for good: a tidy around the forward pass would take it away.
      const made = tf.keep(tf.tensor(weight.values, [...weight.dims]));
      tensors.set(name, made);
      return made;
    };
  }

  /** Mean squared error of the batch, one number. */
  loss(batch: RatingBatch): tf.Scalar {
    const { batch: texts, tokens } = batch.tokens;
    const grids = gridsOf(batch);
    const ids = tf.tensor1d(grids.ids, 'int32');
    const hidden = Array.from({ length: grids.mask.length }, (_, at) => (grids.mask[at] ? 0 : -1e9));
    const mask = tf.tensor4d(hidden, [texts, 1, 1, tokens]);
    let x = this.#embed(ids, texts, tokens);
    for (let layer = 0; layer < this.#layers; layer++) x = this.#block(`bert.encoder.layer.${layer}`, x, mask, texts, tokens);
    const shares = tf.tensor3d(normaliseWeights(batch.weights, { batch: texts, tokens, d: 1 }), [texts, 1, tokens]);
    const pooled = tf.reshape(tf.matMul(shares, tf.reshape(x, [texts, tokens, this.#size]) as tf.Tensor3D), [texts, this.#size]);
    const predictions = tf.add(tf.matMul(pooled as tf.Tensor2D, this.#variables[heads.rating.weight] as tf.Tensor2D), this.#variables[heads.rating.bias]!);
    const targets = tf.tensor(batch.targets, [texts, batch.targets.length / texts]);
    return tf.mean(tf.square(tf.sub(predictions, targets)));
  }

  /** Token states, texts * tokens x size. */
  #embed(ids: tf.Tensor1D, texts: number, tokens: number): tf.Tensor2D {
    const part = 'bert.embeddings';
    const words = tf.gather(this.#weight(`${part}.word_embeddings.weight`), ids);
    const types = tf.slice(this.#weight(`${part}.token_type_embeddings.weight`), [0, 0], [1, this.#size]);
    const places = tf.slice(this.#weight(`${part}.position_embeddings.weight`), [0, 0], [tokens, this.#size]);
    const sum = tf.add(tf.reshape(words, [texts, tokens, this.#size]), tf.add(types, places));
    return this.#norm(`${part}.LayerNorm`, tf.reshape(sum, [texts * tokens, this.#size]) as tf.Tensor2D);
  }

  #block(name: string, x: tf.Tensor2D, mask: tf.Tensor4D, texts: number, tokens: number): tf.Tensor2D {
    const width = this.#size / this.#heads;
    const heads = (y: tf.Tensor2D): tf.Tensor4D => tf.transpose(tf.reshape(y, [texts, tokens, this.#heads, width]), [0, 2, 1, 3]) as tf.Tensor4D;
    const self = `${name}.attention.self`;
    const query = heads(this.#adapted(`${self}.query`, x));
    const key = heads(this.#product(`${self}.key`, x));
    const value = heads(this.#adapted(`${self}.value`, x));
    const scores = tf.add(tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width)), mask);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores) as tf.Tensor4D, value), [0, 2, 1, 3]);
    const attended = this.#product(`${name}.attention.output.dense`, tf.reshape(mixed, [texts * tokens, this.#size]) as tf.Tensor2D);
    const middle = this.#norm(`${name}.attention.output.LayerNorm`, tf.add(attended, x));
    const wide = this.#product(`${name}.intermediate.dense`, middle);
    const active = tf.mul(tf.mul(wide, tf.add(tf.erf(tf.mul(wide, Math.SQRT1_2)), 1)), 0.5) as tf.Tensor2D;
    return this.#norm(`${name}.output.LayerNorm`, tf.add(this.#product(`${name}.output.dense`, active), middle));
  }

  #product(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const { weight, transposed, bias } = this.#denseOf(name);
    if (!transposed) return tf.add(tf.matMul(x, weight), bias);
    const multiply = tf.customGrad((input) => ({ value: tf.matMul(input as tf.Tensor2D, weight), gradFunc: (dy) => tf.matMul(dy as tf.Tensor2D, transposed) }));
    return tf.add(multiply(x), bias);
  }

  /** x W + b + scale (x A) B. */
  #adapted(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const [a, b] = [this.#variables[`${name}.a`] as tf.Tensor2D, this.#variables[`${name}.b`] as tf.Tensor2D];
    return tf.add(this.#product(name, x), tf.mul(tf.matMul(tf.matMul(x, a), b), scale));
  }

  #denseOf(name: string): Dense {
    const known = this.#dense.get(name);
    if (known) return known;
    const weight = this.#weight(`${name}.weight.transposed`) as tf.Tensor2D;
    const made = { weight, bias: this.#weight(`${name}.bias`), transposed: this.#lean ? (tf.keep(tf.transpose(weight)) as tf.Tensor2D) : null };
    this.#dense.set(name, made);
    return made;
  }

  #norm(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const spread = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-12));
    return tf.add(tf.mul(tf.mul(centred, spread), this.#weight(`${name}.weight`)), this.#weight(`${name}.bias`));
  }
}
