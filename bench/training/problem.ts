/**
 * What every side of the training benchmark computes: one model, the same batches, adapters and first values. The model
 * is the bundled encoder (BERT, 4 layers of 128); ratings of the demo words are regressed from the mean last hidden state.
 */
import Papa from 'papaparse';
import type { ModelValue } from '../../src/data/values.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { bundledFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel, readOnnx } from '../../src/models/inspect.ts';
import type { OnnxIndex } from '../../src/models/onnx/index.ts';
import { loadTokenizer, type WordTokenizer } from '../../src/models/tokens.ts';
import type { StepBatch } from '../../src/tuning/step.ts';
import { heads } from '../../src/tuning/gradient/losses.ts';
import { findSites, isUsualSite, type FoundSite } from '../../src/tuning/gradient/sites.ts';
import type { Tensors } from '../../src/tuning/optimiser.ts';

export const rank = 8;
/** PEFT's lora_alpha / rank. */
export const scale = 2;
/** Learning rate of Adam, beta1 0.9, beta2 0.999, epsilon 1e-8, without decay. */
export const rate = 1e-3;
/** Batches that are met in turn, all of one shape. */
const batches = 4;

export type RatingBatch = Extract<StepBatch, { type: 'ratings' }>;

/** `words`: one word a text. `sentences`: words one after the other until the text has `tokens` tokens. */
export interface Setting {
  readonly kind: 'words' | 'sentences';
  readonly texts: number;
  /** Longest text of sentences, special tokens included; words are as long as they are. */
  readonly tokens: number;
}

export interface TrainingProblem {
  readonly value: ModelValue;
  readonly files: ModelFiles;
  readonly index: OnnxIndex;
  /** Queries and values of all layers. */
  readonly sites: readonly FoundSite[];
  readonly dimensions: number;
  readonly batches: readonly RatingBatch[];
  /** First values of A, B and the head by name, row-major; B is not zero, so that all gradients count. */
  readonly first: Tensors;
}

interface Rated {
  readonly word: string;
  readonly ratings: readonly number[];
}

/** Reads the model and makes the batches; the same on every call. */
export async function makeProblem(setting: Setting): Promise<TrainingProblem> {
  const files = bundledFiles(new URL('./', location.href).href, 'sensorium-mini', null);
  const value = await inspectModel(files, { dtype: 'fp32' });
  const [{ index }, tokenizer, rated] = await Promise.all([readOnnx(files, value.onnxFile), loadTokenizer(files), readRated()]);
  const sites = findSites(index, value.hiddenStates, value.hiddenStates.at(-1)!).sites.filter(({ site }) => isUsualSite(site));
  const dimensions = rated[0]!.ratings.length;
  const texts = Array.from({ length: batches * setting.texts }, (_, at) => textOf(setting, tokenizer, rated, at));
  const tokens = Math.max(...texts.map(({ ids }) => ids.length));
  return {
    value, files, index, sites, dimensions,
    batches: Array.from({ length: batches }, (_, at) => batchOf(texts.slice(at * setting.texts, (at + 1) * setting.texts), tokens, tokenizer.padding)),
    first: firstValues(sites, value.hiddenSize, dimensions),
  };
}

async function readRated(): Promise<Rated[]> {
  const response = await fetch('demo/concepts.csv');
  const { data } = Papa.parse<string[]>((await response.text()).trim());
  // word, translation, category, then the ratings; 0 to 5.
  return data.slice(1).map((row) => ({ word: row[0]!, ratings: row.slice(3).map((cell) => (Number(cell) - 2.5) / 1.5) }));
}

interface Text {
  readonly ids: readonly number[];
  readonly ratings: readonly number[];
}

function textOf({ kind, tokens }: Setting, tokenizer: WordTokenizer, rated: readonly Rated[], at: number): Text {
  const of = (place: number): Rated => rated[place % rated.length]!;
  const { ratings } = of(at);
  if (kind === 'words') return { ids: tokenizer.encode(of(at).word), ratings };
  // Texts of a batch differ in length by up to a quarter, as sentences do.
  const length = tokens - (at % (tokens / 4 + 1));
  let text = of(at).word;
  for (let next = 1; tokenizer.encode(text).length < length; next++) text += ` ${of(at + 7 * next).word}`;
  const ids = tokenizer.encode(text);
  return { ids: [...ids.slice(0, length - 1), ids.at(-1)!], ratings };
}

function batchOf(texts: readonly Text[], tokens: number, padding: number): RatingBatch {
  const weights = new Float32Array(texts.length * tokens);
  // The special tokens at both ends do not count.
  texts.forEach(({ ids }, text) => weights.fill(1, text * tokens + 1, text * tokens + ids.length - 1));
  return {
    type: 'ratings',
    tokens: { batch: texts.length, tokens, ids: texts.map(({ ids }) => ids), padding },
    weights,
    targets: Float32Array.from(texts.flatMap(({ ratings }) => ratings)),
  };
}

function firstValues(sites: readonly FoundSite[], size: number, dimensions: number): Tensors {
  let stream = 0;
  const uniform = (length: number, bound: number): Float32Array => {
    const draws = new PhiloxStream(1, ++stream);
    return Float32Array.from({ length }, () => (2 * draws.uniform() - 1) * bound);
  };
  const values: Record<string, Float32Array> = {};
  for (const { site } of sites) {
    values[`${site.module}.a`] = uniform(site.inputs * rank, 1 / Math.sqrt(site.inputs));
    values[`${site.module}.b`] = uniform(rank * site.outputs, 0.05);
  }
  return { ...values, [heads.rating.weight]: uniform(size * dimensions, 1 / Math.sqrt(size)), [heads.rating.bias]: new Float32Array(dimensions) };
}

/** Row-major batch x tokens: ids with padding, and 1 for tokens that are there. */
export function gridsOf({ tokens: { batch, tokens, ids, padding } }: RatingBatch): { readonly ids: Int32Array; readonly mask: Int32Array } {
  const at = <T>(value: (text: number, token: number) => T) => (_: unknown, place: number): T => value(Math.floor(place / tokens), place % tokens);
  const length = batch * tokens;
  return {
    ids: Int32Array.from({ length }, at((text, token) => ids[text]![token] ?? padding)),
    mask: Int32Array.from({ length }, at((text, token) => (token < ids[text]!.length ? 1 : 0))),
  };
}
