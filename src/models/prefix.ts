/**
 * Probabilities of tokens in many texts that begin alike: prompts of one question about many words, options of one
 * question. Texts of a group share their common leading tokens, which are read once where the model keeps a cache and
 * where that saves work; all others are read whole, in batches of similar length. A model whose numbers would depend on what
 * shares a run (CausalModel.oneByOne) reads every text whole and by itself.
 */
import type { Watch } from '../base/progress.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { batchByLength } from './batches.ts';
import type { CausalModel, Context } from './prefix-model.ts';

export { openCausalModel, requireCausal, type CausalModel, type CausalOptions } from './prefix-model.ts';

/** A text to read, and at which of its places the next token is asked for. */
export interface AskedText {
  readonly ids: readonly number[];
  /**
   * Ascending, each from 1 to the number of ids: place p is the token at position p given those before it, so that the
   * number of ids asks for what would follow the text.
   */
  readonly places: readonly number[];
  /** Texts of one group are looked at for a common beginning. */
  readonly group: number;
}

export interface BatchOptions {
  /** Most tokens per run of the model, padding included; 512 by default. */
  readonly batchTokens?: number;
  /** Most bytes that the caches of one run may take, 256 MB by default. */
  readonly cacheBytes?: number;
  /** Most bytes that the logits asked for in one run may take, 128 MB by default: a vocabulary has up to 262,144 tokens. */
  readonly logitBytes?: number;
  /** What is being done, for the reader. */
  readonly label?: string;
}

/** Texts that are read in one run: numbers of the texts, the context they go on from, and what is left of each to read. */
export interface SharedBatch {
  readonly texts: readonly number[];
  /** Of one text; to be picked from, not disposed. Null where the texts are read from the beginning. */
  readonly shared: Context | null;
  /** Tokens that the context holds. */
  readonly from: number;
  readonly ids: readonly (readonly number[])[];
}

const defaultBatchTokens = 512;
const defaultCacheBytes = 2 ** 28;
const defaultLogitBytes = 2 ** 27;
/** A run for the beginning alone must spare at least so many tokens. */
const leastSpared = 64;

/**
 * Hands ln p of the whole vocabulary at each place to `take`: V numbers, not to be kept without a copy when V is large.
 *
 * @throws RangeError for a place outside its text; an AbortError after cancel.
 */
export async function eachPlace(model: CausalModel, texts: readonly AskedText[], take: (text: number, place: number, logs: Float32Array) => void, options: BatchOptions = {}, watch: Watch = {}): Promise<void> {
  for (const [number, { ids, places }] of texts.entries()) {
    if (places.some((place) => place < 1 || place > ids.length)) throw new RangeError(`text ${number} has ${ids.length} tokens; places are ${places.join(', ')}`);
  }
  const asked = texts.map(({ places }, number) => (places.length > 0 ? number : -1)).filter((number) => number >= 0);
  let done = 0;
  await eachBatch(model, texts, asked, { ...options, alike: false }, async ({ texts: numbers, shared, from, ids }) => {
    const places = numbers.flatMap((number, text) => texts[number]!.places.map((place) => ({ text, number, place, at: place - 1 - from })));
    const context = shared?.pick(numbers.map(() => 0)) ?? null;
    try {
      const { logs } = await model.read(context, ids, places);
      places.forEach(({ number, place }, k) => take(number, place, logs[k]!));
    } finally {
      context?.dispose();
    }
    done += numbers.length;
    watch.progress?.({ label: options.label ?? 'probabilities', done, total: asked.length });
  }, watch);
}

/**
 * Goes through texts in batches, group by group; within a group the shortest first.
 *
 * @param numbers of the texts to read
 * @param options `alike`: whether batches of a cached model must be of one length, because it goes on from them
 */
export async function eachBatch(
  model: CausalModel, texts: readonly AskedText[], numbers: readonly number[], options: BatchOptions & { readonly alike: boolean }, run: (batch: SharedBatch) => Promise<void>, watch: Watch = {},
): Promise<void> {
  const breather = new Breather();
  // No second text ever fits into one token.
  const most = model.oneByOne ? 1 : options.batchTokens ?? defaultBatchTokens;
  const runAll = async (members: readonly number[], shared: Context | null, from: number): Promise<void> => {
    const alike = byLength(members, (number) => texts[number]!.ids.length - from, options.alike && model.cached, most);
    const places = (options.logitBytes ?? defaultLogitBytes) / (4 * Math.max(1, model.config.vocabularySize));
    for (const texts_ of alike.flatMap((numbers) => split(numbers, rowsIn(shared, options), (number) => texts[number]!.places.length, places))) {
      watch.signal?.throwIfAborted();
      await run({ texts: texts_, shared, from, ids: texts_.map((number) => texts[number]!.ids.slice(from)) });
      if (breather.due()) await pause();
    }
  };
  const whole: number[] = [];
  for (const members of Map.groupBy(numbers, (number) => texts[number]!.group).values()) {
    const from = model.cached && !model.oneByOne ? commonBeginning(members.map((number) => texts[number]!)) : 0;
    if (from * (members.length - 1) < leastSpared) {
      whole.push(...members);
      continue;
    }
    watch.signal?.throwIfAborted();
    const beginning = texts[members[0]!]!.ids.slice(0, from);
    const { context } = await model.read(null, [beginning], [{ text: 0, at: from - 1 }], true);
    try {
      await runAll(members, context, from);
    } finally {
      context?.dispose();
    }
  }
  await runAll(whole, null, 0);
  watch.signal?.throwIfAborted();
}

/** Leading tokens that all texts share; the token before the first place asked for is left to each of them. */
export function commonBeginning(texts: readonly AskedText[]): number {
  const first = texts[0]!.ids;
  let length = Math.min(...texts.map(({ places }) => places[0]! - 1));
  for (const { ids } of texts) {
    let shared = 0;
    while (shared < length && ids[shared] === first[shared]) shared++;
    length = shared;
  }
  return length;
}

/** How many texts may go on from a context in one run: their caches are there twice, before and after it. */
function rowsIn(context: Context | null, { cacheBytes = defaultCacheBytes }: BatchOptions): number {
  return context && context.rowBytes > 0 ? Math.max(1, Math.floor(cacheBytes / (2 * context.rowBytes))) : Number.MAX_SAFE_INTEGER;
}

/** Batches of similar length, or of one length. */
function byLength(members: readonly number[], lengthOf: (number: number) => number, alike: boolean, tokens: number): number[][] {
  const groups = alike ? [...Map.groupBy(members, lengthOf)].sort(([a], [b]) => a - b).map(([, group]) => group) : [members];
  return groups.flatMap((group) => batchByLength(group.map(lengthOf), tokens).map((positions) => positions.map((position) => group[position]!)));
}

/** A batch in parts of so many texts and places at most; a text with more places makes a part of its own. */
function split(numbers: readonly number[], texts: number, placesOf: (number: number) => number, places: number): number[][] {
  const parts: number[][] = [];
  let asked = 0;
  for (const number of numbers) {
    const own = placesOf(number);
    const part = parts.at(-1);
    if (!part || part.length >= texts || asked + own > places) {
      parts.push([number]);
      asked = own;
    } else {
      part.push(number);
      asked += own;
    }
  }
  return parts;
}
