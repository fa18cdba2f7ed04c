/**
 * @jax-js/onnx as it is on npm, differentiated by @jax-js/jax; Adam is written with jax arrays and compiled by jit. In
 * variant `jit` the whole step is compiled, in `eager` only the optimiser.
 */
import { blockUntilReady, defaultDevice, init, jit, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { ONNXModel } from '@jax-js/onnx';
import { normaliseWeights } from '../../src/gpu/cpu/pool.ts';
import { compose, forwardModel, type TrainedInput } from '../../src/tuning/gradient/training.ts';
import { gridsOf, rank, rate, scale, type RatingBatch, type TrainingProblem } from './problem.ts';
import { maskInput, stagesOf } from './prepare.ts';
import { threadsOf, type Side, type SideOptions } from './side.ts';

type Arrays = Record<string, np.Array>;

export async function openSide(problem: TrainingProblem, { device, variant }: SideOptions): Promise<Side> {
  await start(device);
  const { first } = problem;
  const { bytes, trained, loss } = withLoss(problem);
  const model = new ONNXModel(stagesOf(bytes).at(-1)!.bytes);
  const wanted = new Set(model.model.graph!.input.map(({ name }) => name));
  /** The loss at parameters `p`, fed the batch. Both are consumed. */
  const lossOf = (p: Arrays, batch: Arrays): np.Array => {
    const named = Object.fromEntries(Object.entries(p).map(([name, array]) => [trained.get(name)!.input, array]));
    const { [loss]: result, ...rest } = model.run({ ...named, ...batch });
    tree.dispose(rest);
    return result!;
  };
  const differentiate = valueAndGrad(lossOf) as unknown as (p: Arrays, batch: Arrays) => [np.Array, Arrays];
  const whole = jit(((p: Arrays, m: Arrays, v: Arrays, t: np.Array, batch: Arrays) => {
    const [value_, gradients] = differentiate(tree.ref(p), batch);
    return [value_, ...adam(p, gradients, m, v, t)];
  }) as never) as unknown as (p: Arrays, m: Arrays, v: Arrays, t: np.Array, batch: Arrays) => [np.Array, Arrays, Arrays, Arrays];
  const update = jit(adam as never) as unknown as typeof adam;
  const compiled = jit(differentiate as never) as unknown as typeof differentiate;

  let parameters: Arrays = Object.fromEntries(Object.entries(first).map(([name, values]) => [name, arrayOf(values, trained.get(name))]));
  const zeros = (): Arrays => tree.map((array: np.Array) => np.zerosLike(array.ref), parameters) as Arrays;
  let [m, v] = [zeros(), zeros()];
  let steps = 0;
  const feed = (batch: RatingBatch): Arrays => Object.fromEntries(Object.entries(feedsOf(batch)).filter(([name]) => wanted.has(name)).map(([name, make]) => [name, make()]));
  return {
    about: device === 'webgpu' ? 'webgpu' : threadsOf(globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1),
    gradients: async (batch) => {
      const [value_, found] = (variant === 'jit' ? compiled : differentiate)(tree.ref(parameters) as Arrays, feed(batch));
      const gradients: Record<string, Float32Array> = {};
      for (const [name, array] of Object.entries(found)) gradients[name] = Float32Array.from((await array.data()) as Float32Array);
      return { loss: (await value_.data())[0]!, gradients };
    },
    step: async (batch) => {
      const t = np.array(new Float32Array([++steps]), { shape: [] });
      let value_: np.Array;
      if (variant === 'jit') [value_, parameters, m, v] = whole(parameters, m, v, t, feed(batch));
      else {
        const [found, gradients] = differentiate(tree.ref(parameters) as Arrays, feed(batch));
        value_ = found;
        [parameters, m, v] = update(parameters, gradients, m, v, t);
      }
      await blockUntilReady(parameters);
      return (await value_.data())[0]!;
    },
  };
}

/** How far each stage of the file gets in one forward pass: '' or the package's own words. */
export async function attempts(problem: TrainingProblem, device: SideOptions['device']): Promise<{ readonly change: string; readonly error: string }[]> {
  await start(device);
  const { bytes, trained } = withLoss(problem);
  const found: { change: string; error: string }[] = [];
  const attempt = async (change: string, file: Uint8Array<ArrayBuffer>): Promise<void> => {
    try {
      const model = new ONNXModel(file);
      const parameters = Object.fromEntries(Object.entries(problem.first).map(([name, values]) => [trained.get(name)?.input ?? name, (): np.Array => arrayOf(values, trained.get(name))]));
      const feeds = { ...parameters, ...feedsOf(problem.batches[0]!) };
      const results = model.run(Object.fromEntries(model.model.graph!.input.map(({ name }) => [name, feedOf(feeds, name)])));
      for (const array of Object.values(results)) await array.data();
      found.push({ change, error: '' });
    } catch (error) {
      found.push({ change, error: error instanceof Error ? error.message : String(error) });
    }
  };
  await attempt('the bundled file itself, nothing added', problem.index.bytes as Uint8Array<ArrayBuffer>);
  for (const stage of stagesOf(bytes)) await attempt(stage.change, stage.bytes);
  return found;
}

async function start(device: SideOptions['device']): Promise<void> {
  const devices = await init(device);
  if (!devices.includes(device)) throw new Error(`jax-js has no backend ${device} here`);
  defaultDevice(device);
}

/** The forward graph with adapters and loss, as Sensorium writes it; no gradients in it. */
function withLoss({ index, sites, value, dimensions }: TrainingProblem): { bytes: Uint8Array<ArrayBuffer>; trained: ReadonlyMap<string, TrainedInput>; loss: string } {
  const computation = compose(index, sites, { rank, scale, dropout: false }, { type: 'ratings', dimensions, state: value.hiddenStates.at(-1)!, size: value.hiddenSize });
  return { bytes: forwardModel(computation), loss: computation.goal.loss, trained: new Map(computation.trained.map((input) => [input.name, input])) };
}

function arrayOf(values: Float32Array, input: TrainedInput | undefined): np.Array {
  if (!input) throw new Error('the graph does not train what there are values for');
  return np.array(values.slice() as Float32Array<ArrayBuffer>, { shape: [...input.dims] });
}

function feedOf(feeds: Record<string, () => np.Array>, name: string): np.Array {
  const make = feeds[name];
  if (!make) throw new Error(`nothing is fed as ${name}; there is ${Object.keys(feeds).join(', ')}`);
  return make();
}

function feedsOf(batch: RatingBatch): Record<string, () => np.Array> {
  const { batch: texts, tokens } = batch.tokens;
  const grids = gridsOf(batch);
  const dimensions = batch.targets.length / texts;
  const grid = (values: Int32Array) => (): np.Array => np.array(values.slice() as Int32Array<ArrayBuffer>, { shape: [texts, tokens], dtype: np.int32 });
  const floats = (values: Float32Array, shape: number[]) => (): np.Array => np.array(values as Float32Array<ArrayBuffer>, { shape });
  return {
    input_ids: grid(grids.ids),
    attention_mask: grid(grids.mask),
    token_type_ids: grid(new Int32Array(texts * tokens)),
    [maskInput]: floats(Float32Array.from(grids.mask, (there) => (there ? 0 : -1e9)), [texts, 1, 1, tokens]),
    'sensorium.shares': floats(normaliseWeights(batch.weights, { batch: texts, tokens, d: 1 }), [texts, tokens]),
    'sensorium.targets': floats(batch.targets.slice(), [texts, dimensions]),
    'sensorium.counts': floats(new Float32Array(batch.targets.length).fill(1 / batch.targets.length), [texts, dimensions]),
  };
}

/** One step of Adam on all parameters; consumes what it is given. */
function adam(p: Arrays, gradients: Arrays, m: Arrays, v: Arrays, t: np.Array): [Arrays, Arrays, Arrays] {
  const mean = tree.map((old: np.Array, g: np.Array) => old.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradients)) as Arrays;
  const square = tree.map((old: np.Array, g: np.Array) => old.mul(0.999).add(np.square(g).mul(0.001)), v, gradients) as Arrays;
  const share1 = np.subtract(1, np.power(0.9, t.ref));
  const share2 = np.subtract(1, np.power(0.999, t));
  const next = tree.map((value: np.Array, a: np.Array, b: np.Array) => value.sub(a.div(share1.ref).div(np.sqrt(b.div(share2.ref)).add(1e-8)).mul(rate)), p, tree.ref(mean), tree.ref(square)) as Arrays;
  share1.dispose();
  share2.dispose();
  return [next, mean, square];
}
