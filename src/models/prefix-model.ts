/**
 * A causal model that can go on from what it has read: where its export takes the keys and values of earlier tokens
 * (past_key_values in, present out), a prompt's beginning is computed once and shared by all that follows it.
 *
 * Exports without such a cache read each text whole; the numbers are the same, since a causal model's state at a token
 * depends on the tokens before it only. For the same reason what stands to the right of a token, padding included, never
 * changes what it predicts.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import type { ModelConfig } from './config.ts';
import { makeFeeds } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { readModel, type OpenOptions } from './graph.ts';
import { asFloat32 } from './half.ts';
import { logitsOf, logSoftmax, objectiveOf } from './language.ts';
import { quantisesByRun } from './onnx/dynamic.ts';
import type { OnnxIndex, OnnxValue } from './onnx/index.ts';
import { withOutputs } from './onnx/patch.ts';
import { headProduct, placesInput, withRows } from './onnx/rows.ts';
import { TokenCache } from './prefix-cache.ts';
import { chooseBackend, createSession, loadRuntime, runSession, type InferenceSession, type ModelBackend, type Ort, type Tensor } from './runtime.ts';

/** What a model has read: some texts, and their cache where the export has one. */
export interface Context {
  /** Token ids read so far, one list per text; of one length where there is a cache. */
  readonly rows: readonly (readonly number[])[];
  /** Bytes that the cache of one text takes; 0 without one. */
  readonly rowBytes: number;
  /** The same for some of the texts, in this order; a text may be taken more than once. */
  pick(texts: readonly number[]): Context;
  dispose(): void;
}

/** A token just read, whose successor is asked for. */
export interface ReadPlace {
  /** Which of the texts. */
  readonly text: number;
  /** Which of the tokens read in this turn, from 0. */
  readonly at: number;
}

export interface CausalModel {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  /** Whether what was read is kept as a cache, so that going on costs only the new tokens. */
  readonly cached: boolean;
  /** Whether texts must be read one by one and without a beginning read for several: see {@link quantisesByRun}. */
  readonly oneByOne: boolean;
  /**
   * Reads tokens behind a context (null: from the beginning).
   * @param ids one list per text of the context, a single one where the model reads one by one; lists may differ in length unless `keep` is set and the model is cached.
   * @param places at least one.
   * @param keep whether a context is wanted in which these tokens have been read; it must be disposed.
   * @returns for each place ln p of every token of the vocabulary as the next one.
   * @throws Problem `logits-not-finite`.
   */
  read(context: Context | null, ids: readonly (readonly number[])[], places: readonly ReadPlace[], keep?: boolean): Promise<{ readonly logs: Float32Array[]; readonly context: Context | null }>;
  /** Frees the runtime's memory. */
  dispose(): Promise<void>;
}

export interface CausalOptions extends OpenOptions {
  /** False reads every text whole although the export has a cache. True by default. */
  readonly cache?: boolean;
}

/** Ties a cache's input to the output that holds it with the new tokens. */
interface CachePair {
  readonly input: OnnxValue;
  readonly output: string;
}

/**
 * Opens a causal model that was inspected before.
 * @throws Problem `not-causal` for a masked model, `no-logits`, and what opening a graph throws.
 */
export async function openCausalModel(value: ModelValue, files: ModelFiles, options: CausalOptions, watch: Watch = {}): Promise<CausalModel> {
  requireCausal(value);
  const gpu = options.compute?.gpu?.device ?? null;
  const backend = chooseBackend(options.device, gpu);
  const { config, onnx } = await readModel(value, files, watch);
  const { index } = onnx;
  const logits = logitsOf(index, value);
  const pairs = options.cache === false ? [] : cachePairs(index);
  const product = headProduct(index, logits);
  watch.signal?.throwIfAborted();
  const names = [logits, ...pairs.map(({ output }) => output)];
  const bytes = withOutputs(index, names);
  const session = await createSession(product ? withRows(bytes, product) : bytes, {
    backend, gpu, external: onnx.external, file: index.file,
    // Rows of logits are read here; the cache stays where it is used.
    outputs: backend === 'webgpu' ? Object.fromEntries(names.map((name) => [name, name === logits ? 'cpu' : 'gpu-buffer'])) : 'cpu',
  });
  const ort = await loadRuntime();
  return new OpenCausalModel({
    value, config, backend, session, ort, logits, pairs, selects: product !== null,
    device: backend === 'webgpu' ? gpu : null,
    oneByOne: quantisesByRun(index, names),
    stepwise: index.nodes.some(({ op }) => op === 'GroupQueryAttention'),
    // The weights are in the runtime now.
    index: { ...index, bytes: new Uint8Array(0) },
  });
}

/** Throws Problem `not-causal` for a masked model, and `objective-unknown` where config.json does not tell. */
export function requireCausal(value: Pick<ModelValue, 'architecture' | 'id' | 'label'>): void {
  if (objectiveOf(value) === 'causal') return;
  throw new Problem({
    code: 'not-causal',
    place: `model ${value.label}`,
    what: `${value.architecture} fills in masked tokens and does not continue a text, so it cannot answer`,
    fix: 'Choose a causal model (text generation), such as the bundled sensorium-mini-causal or a hub model like onnx-community/Qwen3-0.6B-ONNX.',
  });
}

/** Inputs that can be filled behind a cache, besides the cache. */
const filled: ReadonlySet<string> = new Set(['input_ids', 'attention_mask', 'position_ids', 'token_type_ids', 'num_logits_to_keep', 'logits_to_keep']);

/**
 * The cache's inputs with their outputs. None where one of them has no partner or another shape than keys and values, or
 * where the graph asks for more, such as a counter or a flag that chooses a branch.
 */
function cachePairs(index: OnnxIndex): readonly CachePair[] {
  const outputs = new Set(index.outputs.map(({ name }) => name));
  const pairs = index.inputs.filter(({ name }) => name.startsWith('past_key_values.')).map((input): CachePair => ({ input, output: input.name.replace('past_key_values.', 'present.') }));
  const whole = pairs.every(({ input, output }) => outputs.has(output) && input.dims?.length === 4 && (input.dtype === 1 || input.dtype === 10));
  const paired = new Set(pairs.map(({ input }) => input.name));
  const known = index.inputs.every(({ name, dims }) => paired.has(name) || (filled.has(name) && (dims?.length ?? 2) <= 2));
  return whole && known ? pairs : [];
}

interface Parts {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly session: InferenceSession;
  readonly ort: Ort;
  readonly index: OnnxIndex;
  readonly logits: string;
  readonly pairs: readonly CachePair[];
  /** Whether the graph gives the logits of the places only. */
  readonly selects: boolean;
  readonly device: GPUDevice | null;
  readonly oneByOne: boolean;
  /** Whether its attention takes one token at a time behind a cache, unless there is but one text. */
  readonly stepwise: boolean;
}

/** What was read, with its cache; without one there are only the ids. */
class ReadContext implements Context {
  readonly rows: readonly (readonly number[])[];
  readonly cache: TokenCache | null;

  constructor(rows: readonly (readonly number[])[], cache: TokenCache | null) {
    this.rows = rows;
    this.cache = cache;
  }

  get rowBytes(): number {
    return this.cache?.rowBytes ?? 0;
  }

  pick(texts: readonly number[]): Context {
    return new ReadContext(texts.map((text) => this.rows[text]!), this.cache?.pick(texts) ?? null);
  }

  dispose(): void {
    this.cache?.dispose();
  }
}

class OpenCausalModel implements CausalModel {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly cached: boolean;
  readonly oneByOne: boolean;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.value = parts.value;
    this.config = parts.config;
    this.backend = parts.backend;
    this.cached = parts.pairs.length > 0;
    this.oneByOne = parts.oneByOne;
    this.#parts = parts;
  }

  async read(context: Context | null, ids: readonly (readonly number[])[], places: readonly ReadPlace[], keep = false): Promise<{ logs: Float32Array[]; context: Context | null }> {
    if (context && context.rows.length !== ids.length) throw new RangeError(`${ids.length} texts behind a context of ${context.rows.length}`);
    if (this.oneByOne && ids.length > 1) throw new RangeError(`${ids.length} texts at once for a model that reads them one by one`);
    for (const { text, at } of places) if (!(at >= 0 && at < (ids[text]?.length ?? 0))) throw new RangeError(`text ${text} has ${ids[text]?.length ?? 0} new tokens; nothing follows token ${at} of them`);
    const rows = context ? ids.map((own, text) => [...context.rows[text]!, ...own]) : ids;
    if (!this.cached) {
      const before = (text: number): number => context?.rows[text]!.length ?? 0;
      const { logs } = await this.#run(rows, null, places.map(({ text, at }) => ({ text, at: before(text) + at })), false);
      return { logs, context: keep ? new ReadContext(rows, null) : null };
    }
    if (keep && ids.some(({ length }) => length !== ids[0]!.length)) throw new RangeError('a cache holds texts of one length');
    const past = context instanceof ReadContext ? context.cache : null;
    const { logs, cache } = this.#parts.stepwise && past && ids.length > 1 ? await this.#steps(ids, past, places, keep) : await this.#run(ids, past, places, keep);
    return { logs, context: cache ? new ReadContext(rows, cache) : null };
  }

  async dispose(): Promise<void> {
    await this.#parts.session.release();
  }

  /** One column of tokens after the other; texts that have ended repeat their last token, which nothing asks after. */
  async #steps(ids: readonly (readonly number[])[], past: TokenCache, places: readonly ReadPlace[], keep: boolean): Promise<{ logs: Float32Array[]; cache: TokenCache | null }> {
    const logs: Float32Array[] = places.map(() => new Float32Array(0));
    const columns = Math.max(...ids.map(({ length }) => length));
    let cache: TokenCache = past;
    const release = (): void => { if (cache !== past) cache.dispose(); };
    try {
      for (let column = 0; column < columns; column++) {
        const here = places.flatMap(({ text, at }, place) => (at === column ? [{ text, at: 0, place }] : []));
        const last = column === columns - 1;
        const step = await this.#run(ids.map((own) => [own[column] ?? own.at(-1)!]), cache, here.length > 0 ? here : [{ text: 0, at: 0 }], keep || !last);
        here.forEach(({ place }, k) => { logs[place] = step.logs[k]!; });
        release();
        if (!step.cache) return { logs, cache: null };
        cache = step.cache;
      }
      return { logs, cache };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** One run of the graph. */
  async #run(ids: readonly (readonly number[])[], past: TokenCache | null, places: readonly ReadPlace[], keep: boolean): Promise<{ logs: Float32Array[]; cache: TokenCache | null }> {
    const { session, ort, logits, pairs, selects, device, value } = this.#parts;
    const tokens = Math.max(...ids.map(({ length }) => length));
    const feeds = this.#feeds(ids, tokens, past);
    if (selects) feeds[placesInput] = new ort.Tensor('int64', BigInt64Array.from(places.flatMap(({ text, at }) => [text, at]), BigInt), [1, places.length, 2]);
    const outputs = await runSession(session, feeds, [logits, ...(keep ? pairs.map(({ output }) => output) : [])]);
    try {
      const tensor = outputs[logits]!;
      const [texts, width] = selects ? [1, places.length] : [ids.length, tokens];
      const vocabulary = tensor.dims[2] ?? 0;
      if (tensor.dims.length !== 3 || tensor.dims[0] !== texts || tensor.dims[1] !== width || vocabulary === 0) throw wrongShape(value, logits, tensor, `${texts} x ${width} x vocabulary`);
      const all = await asFloat32(tensor);
      const logs = places.map(({ text, at }, place) => {
        const row = selects ? place : text * width + at;
        return logSoftmax(all.subarray(row * vocabulary, (row + 1) * vocabulary), value);
      });
      if (!keep) return { logs, cache: null };
      const length = (past?.length ?? 0) + tokens;
      for (const { output } of pairs) {
        const { dims } = outputs[output]!;
        if (dims[0] !== ids.length || dims[2] !== length) throw wrongShape(value, output, outputs[output]!, `${ids.length} x heads x ${length} x size`);
      }
      const kept = new Map(pairs.map(({ input, output }) => [input.name, outputs[output]!]));
      for (const { output } of pairs) delete outputs[output];
      return { logs, cache: new TokenCache(ort, device, ids.length, length, kept) };
    } finally {
      for (const tensor of Object.values(outputs)) tensor.dispose();
    }
  }

  #feeds(ids: readonly (readonly number[])[], tokens: number, past: TokenCache | null): Record<string, Tensor> {
    const { ort, index, config } = this.#parts;
    const batch = ids.length;
    if (!past) return makeFeeds(ort, index, config, { batch, tokens, ids, padding: 0 });
    const named = (wanted: (name: string) => boolean): OnnxIndex => ({ ...index, inputs: index.inputs.filter(({ name }) => wanted(name)) });
    const apart = (name: string): boolean => name.startsWith('past_') || name === 'attention_mask' || name === 'position_ids';
    const length = past.length + tokens;
    // Padding counts as text here: it stands to the right of all that is asked after.
    const mask = makeFeeds(ort, named((name) => name === 'attention_mask'), config, { batch, tokens: length, ids: ids.map(() => Array.from({ length }, () => 0)), padding: 0 });
    const feeds = { ...makeFeeds(ort, named((name) => !apart(name)), config, { batch, tokens, ids, padding: 0 }), ...mask, ...past.feeds() };
    const positions = index.inputs.find(({ name }) => name === 'position_ids');
    if (positions) {
      const at = Array.from({ length: batch * tokens }, (_, place) => past.length + (place % tokens));
      feeds[positions.name] = positions.dtype === 6 ? new ort.Tensor('int32', Int32Array.from(at), [batch, tokens]) : new ort.Tensor('int64', BigInt64Array.from(at, BigInt), [batch, tokens]);
    }
    return feeds;
  }
}

function wrongShape({ id, onnxFile }: ModelValue, name: string, { dims }: Tensor, expected: string): Problem {
  return new Problem({
    code: 'logits-shape',
    place: `model ${id}, ${onnxFile}`,
    what: `${name} has the shape ${dims.join(' x ')}, not ${expected}`,
    fix: 'Choose another export of the model for text generation.',
  });
}
