/**
 * A language model's probabilities of tokens: for a masked model of the token that belongs at a place, given all others;
 * for a causal one of the token at a place, given those before it.
 *
 * With the logits x over a vocabulary of V tokens, ln p(i) = x[i] - ln(sum over j of exp(x[j])), the log-softmax.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import type { ModelConfig } from './config.ts';
import type { TokenBatch } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { openGraph, type OpenGraph, type OpenOptions } from './graph.ts';
import { asFloat32 } from './half.ts';
import type { OnnxIndex } from './onnx/index.ts';
import { headProduct, placesInput, withRows } from './onnx/rows.ts';
import type { ModelBackend, Ort, Tensor } from './runtime.ts';

/** What a model was trained to predict: tokens hidden in a text, or the next token. */
export type Objective = 'masked' | 'causal';

/** A place in a batch whose token is predicted. */
export interface TokenPlace {
  /** Row of the batch. */
  readonly text: number;
  /**
   * Position among the text's tokens, special ones included. For a masked model the token there should be the mask. For
   * a causal model from 1 to the text's length: at the length it is the token that would follow the text.
   */
  readonly token: number;
}

/** A place, and the tokens that are asked after. */
export interface TokenTarget extends TokenPlace {
  readonly ids: readonly number[];
}

export interface LanguageModel {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly objective: Objective;
  /** For each place ln p of every token of the vocabulary: V numbers, at most 0, whose exponentials sum to 1. Throws Problem `logits-not-finite`. */
  logProbabilities(batch: TokenBatch, places: readonly TokenPlace[]): Promise<Float32Array[]>;
  /** For each target ln p of its ids, in their order. Throws Problem `logits-not-finite`. */
  logProbabilitiesOf(batch: TokenBatch, targets: readonly TokenTarget[]): Promise<Float32Array[]>;
  /** Frees the runtime's memory. */
  dispose(): Promise<void>;
}

export interface LanguageOptions extends OpenOptions {
  /** For a model whose configuration does not name its class, or another use of it. */
  readonly objective?: Objective;
}

/**
 * Opens a model that was inspected before, with its logits as the only output.
 * @throws Problem `no-logits` when the export has no language-model head, `objective-unknown` when config.json does not
 *   tell what it predicts, and what {@link openGraph} throws.
 */
export async function openLanguageModel(value: ModelValue, files: ModelFiles, options: LanguageOptions, watch: Watch = {}): Promise<LanguageModel> {
  const objective = options.objective ?? objectiveOf(value);
  let selects = false;
  const graph = await openGraph(value, files, options, (index) => {
    const logits = logitsOf(index, value);
    const product = headProduct(index, logits);
    selects = product !== null;
    return product ? { names: [logits], change: (bytes) => withRows(bytes, product) } : { names: [logits] };
  }, watch);
  return new OpenLanguageModel(value, objective, graph, selects);
}

/** What a model predicts, by the class that its configuration names. Throws Problem `objective-unknown`. */
export function objectiveOf({ architecture, id }: Pick<ModelValue, 'architecture' | 'id'>): Objective {
  if (/CausalLM|LMHead|^(gpt|llama|mistral|qwen|gemma|phi)/i.test(architecture)) return 'causal';
  if (/MaskedLM|ForPreTraining|bert|electra/i.test(architecture)) return 'masked';
  throw new Problem({
    code: 'objective-unknown',
    place: `model ${id}, config.json`,
    what: `its class is ${architecture}, which does not tell whether it predicts masked tokens or the next one`,
    fix: 'Use a model whose config.json names a class for masked language modelling (BertForMaskedLM) or text generation (LlamaForCausalLM) under architectures.',
  });
}

/** The output that holds the logits. Throws Problem `no-logits`. */
export function logitsOf(index: OnnxIndex, { id, onnxFile }: ModelValue): string {
  const names = index.outputs.map(({ name }) => name);
  const logits = names.find((name) => name === 'logits') ?? names.find((name) => /logits|prediction_scores/.test(name));
  if (logits) return logits;
  throw new Problem({
    code: 'no-logits',
    place: `model ${id}, ${onnxFile}`,
    what: `it gives ${names.join(', ')} and no logits, so it cannot say how probable a token is`,
    fix: 'Choose an export for masked language modelling (fill-mask) or text generation.',
  });
}

class OpenLanguageModel implements LanguageModel {
  readonly value: ModelValue;
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  readonly objective: Objective;
  readonly #graph: OpenGraph;
  /** Whether the graph gives the logits of the places only. */
  readonly #selects: boolean;

  constructor(value: ModelValue, objective: Objective, graph: OpenGraph, selects: boolean) {
    this.value = value;
    this.objective = objective;
    this.config = graph.config;
    this.backend = graph.backend;
    this.#graph = graph;
    this.#selects = selects;
  }

  async logProbabilities(batch: TokenBatch, places: readonly TokenPlace[]): Promise<Float32Array[]> {
    const rows = await this.#rows(batch, places);
    return rows.map((row) => logSoftmax(row, this.value));
  }

  async logProbabilitiesOf(batch: TokenBatch, targets: readonly TokenTarget[]): Promise<Float32Array[]> {
    const rows = await this.#rows(batch, targets);
    return targets.map(({ ids }, position) => {
      const row = rows[position]!;
      const normaliser = normaliserOf(row, this.value);
      return Float32Array.from(ids, (id) => {
        const logit = row[id];
        if (logit === undefined) throw new RangeError(`token ${id} is not in the vocabulary of ${row.length}`);
        return logit - normaliser;
      });
    });
  }

  async dispose(): Promise<void> {
    await this.#graph.dispose();
  }

  /** The logits that speak of each place: V each. */
  async #rows(batch: TokenBatch, places: readonly TokenPlace[]): Promise<Float32Array[]> {
    if (places.length === 0) return [];
    if (!this.#graph.oneByOne) return this.#together(batch, places);
    const rows: Float32Array[] = [];
    for (const [text, own] of Map.groupBy(places.keys(), (place) => places[place]!.text)) {
      const ids = batch.ids[text] ?? [];
      const found = await this.#together({ ...batch, batch: 1, tokens: ids.length, ids: [ids] }, own.map((place) => ({ text: 0, token: places[place]!.token })));
      own.forEach((place, k) => { rows[place] = found[k]!; });
    }
    return rows;
  }

  /** In one run. */
  async #together(batch: TokenBatch, places: readonly TokenPlace[]): Promise<Float32Array[]> {
    // What a causal model gives at a token speaks of the one after it.
    const shift = this.objective === 'causal' ? 1 : 0;
    const at = places.map(({ text, token }) => {
      const length = batch.ids[text]?.length ?? 0;
      const row = token - shift;
      if (!Number.isInteger(row) || row < 0 || row >= length) throw new RangeError(`text ${text} has ${length} tokens; a ${this.objective} model says nothing about place ${token}`);
      return [text, row] as const;
    });
    const extra = (ort: Ort): Record<string, Tensor> => (this.#selects ? { [placesInput]: new ort.Tensor('int64', BigInt64Array.from(at.flat(), BigInt), [1, at.length, 2]) } : {});
    const [texts, tokens] = this.#selects ? [1, at.length] : [batch.batch, batch.tokens];
    const [rows] = await this.#graph.run(batch, async (tensor, name) => {
      const width = vocabularyOf(tensor, texts, tokens, name, this.value);
      const logits = await asFloat32(tensor);
      return at.map(([text, token], place) => {
        const row = this.#selects ? place : text * tokens + token;
        return logits.slice(row * width, (row + 1) * width);
      });
    }, extra);
    return rows!;
  }
}

/** Tokens in the vocabulary: the width of the logits. Throws Problem `logits-shape`. */
function vocabularyOf(tensor: Tensor, texts: number, tokens: number, name: string, value: ModelValue): number {
  const [b, t, vocabulary = 0] = tensor.dims;
  if (tensor.dims.length === 3 && b === texts && t === tokens && vocabulary > 0) return vocabulary;
  throw new Problem({
    code: 'logits-shape',
    place: `model ${value.id}, ${value.onnxFile}`,
    what: `${name} has the shape ${tensor.dims.join(' x ')}, not ${texts} x ${tokens} x vocabulary`,
    fix: 'Choose an export that gives the logits of every token.',
  });
}

/** ln(sum of exp), without overflow. */
function logSumExp(values: Float32Array): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/**
 * {@link logSumExp} of the logits of a place.
 *
 * A logit of -infinity is a token that the model rules out; others that are not finite, as float16 gives beyond 65,504, say
 * nothing about any token.
 *
 * @throws Problem `logits-not-finite`
 */
function normaliserOf(logits: Float32Array, { id, onnxFile }: Pick<ModelValue, 'id' | 'onnxFile'>): number {
  const normaliser = logSumExp(logits);
  if (Number.isFinite(normaliser)) return normaliser;
  const wrong = logits.find((logit) => Number.isNaN(logit) || logit === Infinity) ?? -Infinity;
  throw new Problem({
    code: 'logits-not-finite',
    place: `model ${id}, ${onnxFile}`,
    what: `its logits are no finite numbers but ${wrong}: the numbers inside have become too large for the file’s precision, or its weights are damaged`,
    fix: 'Choose a file of the model with another dtype, such as fp32, or run it on another device.',
  });
}

/**
 * x[i] - ln(sum over j of exp(x[j])), in a new array: ln p of every token, from the logits of a place.
 *
 * @throws Problem `logits-not-finite`
 */
export function logSoftmax(logits: Float32Array, model: Pick<ModelValue, 'id' | 'onnxFile'>): Float32Array {
  const normaliser = normaliserOf(logits, model);
  return logits.map((logit) => logit - normaliser);
}
