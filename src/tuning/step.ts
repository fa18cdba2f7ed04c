/**
 * One step of fine-tuning: a batch in, the loss and its gradients out. Low-rank adapters and a head are trained over the
 * bytes that inference uses; ONNX Runtime computes forwards and backwards (see gradient/), on the CPU or the GPU.
 */
import { isSuspension, Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import { PhiloxStream } from '../gpu/philox.ts';
import { makeFeeds } from '../models/feeds.ts';
import type { ModelFiles } from '../models/files.ts';
import { readModel, type OpenOptions } from '../models/graph.ts';
import { logitsOf, objectiveOf, type Objective } from '../models/language.ts';
import type { OnnxIndex } from '../models/onnx/index.ts';
import { chooseBackend, createSession, loadRuntime, runSession, type InferenceSession, type ModelBackend, type Tensor } from '../models/runtime.ts';
import type { Adapter, AdapterSite } from './adapter.ts';
import { aimFeeds, dropoutFeeds, targetsKnown, type StepBatch } from './gradient/feeds.ts';
import { heads, type Aim, type Goal } from './gradient/losses.ts';
import { findSites, isUsualSite, type FoundSite } from './gradient/sites.ts';
import { compose, forwardModel, trainingModel, type AdapterShape, type TrainedInput } from './gradient/training.ts';
import type { Tensors } from './optimiser.ts';

export type { StepBatch } from './gradient/feeds.ts';

/** What to train for. `layer` is the hidden state that is pooled, from 0; the last one by default. */
export type TrainingAim =
  | { readonly type: 'ratings'; readonly dimensions: number; readonly layer?: number }
  | { readonly type: 'language'; readonly objective?: Objective }
  | { readonly type: 'choice'; readonly options: number; readonly layer?: number }
  | { readonly type: 'options'; readonly options: number; readonly objective?: Objective };

export interface TrainingOptions extends OpenOptions {
  readonly aim: TrainingAim;
  /** Numbers per token between A and B, at least 1. */
  readonly rank: number;
  /** PEFT's lora_alpha / rank. */
  readonly scale: number;
  /** Which sites get an adapter; by default those that make queries and values. */
  readonly choose?: (site: AdapterSite) => boolean;
  /** Probability that a number which an adapter reads is dropped, 0 up to but not 1; 0 by default. */
  readonly dropout?: number;
  /** For the first values of A and of the head: an integer, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Arrays to train in place of new ones, by name: those of another step that trains the same adapters for another aim. */
  readonly parameters?: Tensors;
}

/** Something trained. */
export interface TrainedParameter {
  /** "<module>.a", "<module>.b", "rating.weight", "rating.bias", "choice.weight". */
  readonly name: string;
  readonly dims: readonly number[];
  /** Row-major. What it holds when a step runs is what the step computes with. */
  readonly values: Float32Array;
}

export interface StepResult {
  readonly loss: number;
  /** d loss / d parameter, by the parameter's name. */
  readonly gradients: Tensors;
}

export interface Prediction {
  /** NaN where nothing of the batch has a known target. */
  readonly loss: number;
  /** ratings: texts x dimensions. language: ln p of each target. choice, options: ln p, questions x options. */
  readonly predictions: Float32Array;
}

export interface TrainingStep {
  readonly backend: ModelBackend;
  /** Sites that are trained. */
  readonly sites: readonly AdapterSite[];
  /** What was unsure about the sites, for the reader. */
  readonly notes: readonly string[];
  readonly parameters: readonly TrainedParameter[];
  /** The parameters' values by name, the same arrays. */
  readonly tensors: Tensors;
  /**
   * Forwards and backwards.
   * @param stream draws what is dropped; needed where there is dropout.
   * @throws RangeError when the batch does not fit, or when nothing can be learnt from it.
   */
  run(batch: StepBatch, stream?: PhiloxStream): Promise<StepResult>;
  /** Forwards only, without dropout. The first call opens a second session, which holds the weights once more. */
  predict(batch: StepBatch): Promise<Prediction>;
  /** The adapters as they are now; their arrays are the parameters'. */
  adapters(): readonly Adapter[];
  /** Frees the runtime's memory. */
  dispose(): Promise<void>;
}

/**
 * Opens a model that was inspected before for training.
 * @throws Problem `no-sites` when no product is chosen, `no-gradient` naming the node that cannot be differentiated,
 *   `no-logits`, `opset-too-old`, `not-trainable`, `training-setting`, and what opening a graph throws.
 */
export async function openTrainingStep(value: ModelValue, files: ModelFiles, options: TrainingOptions, watch: Watch = {}): Promise<TrainingStep> {
  const { rank, scale, dropout = 0, choose = isUsualSite } = options;
  checkSettings(rank, scale, dropout);
  const gpu = options.compute?.gpu?.device ?? null;
  const backend = chooseBackend(options.device, gpu);
  const { config, onnx } = await readModel(value, files, watch);
  const { index } = onnx;
  const aim = aimOf(options.aim, value, index);
  const objective = options.aim.type === 'language' || options.aim.type === 'options' ? (options.aim.objective ?? objectiveOf(value)) : null;
  const { sites: all, notes } = findSites(index, value.hiddenStates, 'logits' in aim ? aim.logits : aim.state);
  const sites = all.filter(({ site }) => choose(site));
  if (sites.length === 0) throw noSites(index, all);
  const shape: AdapterShape = { rank, scale, dropout: dropout > 0 };
  const computation = compose(index, sites, shape, aim);
  const ort = await loadRuntime();
  const session = (bytes: Uint8Array<ArrayBuffer>, where: ModelBackend, optimise: boolean): Promise<InferenceSession> => {
    watch.signal?.throwIfAborted();
    return createSession(bytes, { backend: where, gpu, external: onnx.external, outputs: 'cpu', file: index.file, optimise });
  };
  const inputsOnly = { ...index, bytes: new Uint8Array(0) };
  const feeds = (batch: StepBatch, trained: Tensors, stream: PhiloxStream | null, names: readonly string[]): Record<string, Tensor> => {
    const given: Record<string, Tensor> = { ...makeFeeds(ort, inputsOnly, config, batch.tokens), ...aimFeeds(ort, aim, objective, batch) };
    for (const { name, input, dims } of computation.trained) given[input] = new ort.Tensor('float32', trained[name]!, dims);
    if (dropout > 0) Object.assign(given, dropoutFeeds(ort, sites, dropout, batch.tokens, stream));
    return Object.fromEntries(names.map((name) => [name, given[name]!]));
  };
  const parameters = computation.trained.map((trained): TrainedParameter => ({
    name: trained.name, dims: trained.dims, values: options.parameters?.[trained.name] ?? firstValues(trained, options.seed),
  }));
  checkSizes(parameters);
  const tensors: Tensors = Object.fromEntries(parameters.map(({ name, values }) => [name, values]));
  const lookUpBatches = [2, 3].map((count) => sampleBatch(aim, count)) as [StepBatch, StepBatch];
  const { bytes, gradients } = await trainingModel(computation, (model) => session(model, 'wasm', false), (run, names) => feeds(lookUpBatches[run], tensors, null, names));
  const training = await session(bytes, backend, true);
  const { goal } = computation;
  let forward: Promise<{ readonly session: InferenceSession; readonly goal: Goal }> | null = null;
  /** The file is read again: it is not kept in memory for a forward session that may never be wanted. */
  const openForward = async (): Promise<{ session: InferenceSession; goal: Goal }> => {
    const again = await readModel(value, files, { ...watch, signal: cancelOf(watch.signal) });
    const plain = compose(again.onnx.index, sites, { ...shape, dropout: false }, aim);
    return { goal: plain.goal, session: await createSession(forwardModel(plain), { backend, gpu, external: again.onnx.external, outputs: 'cpu', file: index.file }) };
  };
  return {
    backend, notes, parameters, tensors,
    sites: sites.map(({ site }) => site),
    run: async (batch, stream) => {
      if (targetsKnown(batch) === 0) throw new RangeError('nothing of the batch has a known target');
      if (dropout > 0 && !stream) throw new RangeError('dropout needs a stream of random numbers');
      const fed = feeds(batch, tensors, stream ?? null, training.inputNames);
      return runOnce(training, fed, (results) => ({
        loss: numbersOf(results, goal.loss)[0]!,
        gradients: Object.fromEntries(parameters.map(({ name }, at) => [name, numbersOf(results, gradients[at]!)])),
      }));
    },
    predict: async (batch) => {
      forward ??= openForward().catch((error: unknown) => {
        forward = null;
        throw error;
      });
      const open = await forward;
      return runOnce(open.session, feeds(batch, tensors, null, open.session.inputNames), (results) => ({
        loss: targetsKnown(batch) > 0 ? numbersOf(results, open.goal.loss)[0]! : NaN,
        predictions: numbersOf(results, open.goal.predictions),
      }));
    },
    adapters: () => sites.map(({ site }) => ({ site, rank, scale, a: tensors[`${site.module}.a`]!, b: tensors[`${site.module}.b`]! })),
    dispose: async () => {
      await training.release();
      await (await forward)?.session.release();
    },
  };
}

/** Aborted by a cancel alone: a suspension waits for the evaluation that first asks for the forward session. */
function cancelOf(signal: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const follow = (): void => {
    if (signal && !isSuspension(signal.reason)) controller.abort(signal.reason);
  };
  if (signal?.aborted) follow();
  else signal?.addEventListener('abort', follow, { once: true });
  return controller.signal;
}

/** One run; all tensors are let go of, whatever happens. */
async function runOnce<T>(session: InferenceSession, feeds: Record<string, Tensor>, read: (results: Record<string, Tensor>) => T): Promise<T> {
  let results: Record<string, Tensor> = {};
  try {
    results = await runSession(session, feeds);
    return read(results);
  } finally {
    for (const tensor of [...Object.values(results), ...Object.values(feeds)]) tensor.dispose();
  }
}

/** A copy: the tensor's own memory is let go of. */
function numbersOf(results: Record<string, Tensor>, name: string): Float32Array {
  return (results[name]!.data as Float32Array).slice();
}

function aimOf(aim: TrainingAim, value: ModelValue, index: OnnxIndex): Aim {
  if (aim.type === 'language') return { type: 'language', logits: logitsOf(index, value) };
  if (aim.type === 'options') return { type: 'options', options: aim.options, logits: logitsOf(index, value) };
  const layer = aim.layer ?? value.hiddenStates.length - 1;
  const state = value.hiddenStates[layer];
  if (state === undefined) throw settingProblem(`the layer to pool is ${aim.layer}`, `Choose one of 1 to ${value.hiddenStates.length - 1}.`);
  return { ...aim, state, size: value.hiddenSize };
}

function checkSettings(rank: number, scale: number, dropout: number): void {
  if (!Number.isInteger(rank) || rank < 1) throw settingProblem(`the rank is ${rank}`, 'Choose an integer from 1 on; 8 is usual.');
  if (!Number.isFinite(scale) || scale === 0) throw settingProblem(`the scale of the adapters is ${scale}`, 'Choose a number other than 0; 2 is usual.');
  if (!(dropout >= 0 && dropout < 1)) throw settingProblem(`the dropout is ${dropout}`, 'Choose a number from 0 up to but not 1.');
}

/** Arrays that were handed in may be those of another model. */
function checkSizes(parameters: readonly TrainedParameter[]): void {
  for (const { name, dims, values } of parameters) {
    if (values.length !== dims.reduce((product, dim) => product * dim, 1)) throw new RangeError(`${name} has ${values.length} numbers, not ${dims.join(' x ')}`);
  }
}

/**
 * A is uniform within 1 / sqrt(inputs) of 0, as in PEFT (Kaiming's rule with a = sqrt 5), and so is the head's weight, as
 * in torch.nn.Linear; B and biases are 0, so that an untrained adapter changes nothing.
 */
function firstValues({ name, dims }: TrainedInput, seed: number): Float32Array {
  const values = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  if (!name.endsWith('.a') && !headWeights.has(name)) return values;
  const bound = 1 / Math.sqrt(dims[0]!);
  const stream = new PhiloxStream(seed, streamOf(name));
  return values.map(() => (2 * stream.uniform() - 1) * bound);
}

const headWeights: ReadonlySet<string> = new Set([heads.rating.weight, heads.choice.weight]);

/** A stream of its own for each name (FNV-1a), so that another choice of sites leaves the values of the others as they are. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/** A small batch for looking up sizes: `count` texts, places or questions. */
function sampleBatch(aim: Aim, count: number): StepBatch {
  const texts = 'options' in aim ? count * aim.options : count;
  const length = 2 * count - 1;
  const tokens = { batch: texts, tokens: length, ids: Array.from({ length: texts }, () => Array.from({ length }, () => 0)), padding: 0 };
  const weights = new Float32Array(texts * length).fill(1);
  const targets = tokens.ids.map((_, text) => ({ text, token: 1, id: 0 }));
  const right = Array.from({ length: count }, () => 0);
  switch (aim.type) {
    case 'ratings': return { type: 'ratings', tokens, weights, targets: new Float32Array(texts * aim.dimensions) };
    case 'language': return { type: 'language', tokens, targets };
    case 'choice': return { type: 'choice', tokens, weights, right };
    case 'options': return { type: 'options', tokens, targets, shares: new Float32Array(texts * texts).fill(1), right };
    default: throw new Error(`unknown aim ${String(aim satisfies never)}`);
  }
}

function settingProblem(what: string, fix: string): Problem {
  return new Problem({ code: 'training-setting', place: 'fine-tuning', what, fix });
}

function noSites(index: OnnxIndex, found: readonly FoundSite[]): Problem {
  const modules = found.map(({ site }) => site.module);
  const shown = modules.slice(0, 12).join(', ') + (modules.length > 12 ? ', ...' : '');
  return new Problem({
    code: 'no-sites',
    place: index.file,
    what: 'none of its matrix products is chosen to carry an adapter',
    fix: shown ? `Choose some of ${shown}.` : 'Choose an fp32 export of the model: only products with plain weights can carry adapters.',
  });
}
