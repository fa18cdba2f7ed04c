/**
 * Hidden states of every layer for words: tokenised in each template, pooled over tokens, averaged over templates.
 *
 * With n words, T templates and L + 1 hidden states, each layer comes out as n x d: the mean over the templates of the
 * pooled token states; on request the states of each template are kept apart as well.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { requireStates } from '../data/states-size.ts';
import type { Layer, ModelValue } from '../data/values.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { batchByLength } from './batches.ts';
import type { ModelFiles } from './files.ts';
import type { OpenOptions } from './graph.ts';
import { warmRuntime, type ModelBackend } from './runtime.ts';
import { openSession, type HiddenStateSession } from './session.ts';
import { loadTokenizer, splitTemplate, type TokenisedWord, type WordTokenizer } from './tokens.ts';

/**
 * Which tokens stand for a word: the mean, the first or the last of its own, or the mean of all tokens of the text,
 * the template's included and special tokens left out.
 */
export type Pooling = 'mean' | 'first' | 'last' | 'all';

export interface HiddenStateOptions {
  /** Contexts, each with {word} once; states are averaged over them. */
  readonly templates: readonly string[];
  readonly pooling: Pooling;
  /** Keeps the states of every template by itself, too, as Layer.measurements; off by default, and without effect for one template. */
  readonly keepTemplates?: boolean;
  /** Most tokens per run of the model, padding included; by default 96 in WebAssembly and 512 on a GPU. */
  readonly batchTokens?: number;
}

export interface HiddenStates {
  /** The words that have states, in the order given. */
  readonly words: readonly string[];
  /** Their positions in the list given. */
  readonly kept: readonly number[];
  /** Each words.length x d. */
  readonly layers: readonly Layer[];
  readonly dropped: readonly LeftOut[];
}

/** Words that cannot be fed, and why. */
export interface LeftOut {
  readonly reason: string;
  /** Positions in the list given: what is fed may be spelt otherwise than what the reader knows. */
  readonly positions: readonly number[];
}

export interface OpenModel {
  readonly value: ModelValue;
  readonly backend: ModelBackend;
  readonly session: HiddenStateSession;
  readonly tokenizer: WordTokenizer;
  /**
   * Hidden states of words. Words that the tokenizer cannot feed are left out with the reason.
   * @throws Problem `template-without-word`, `no-words`, `too-many-words`, `hidden-state-shape`, `hidden-states-not-finite`; an AbortError after cancel.
   */
  hiddenStates(words: readonly string[], options: HiddenStateOptions, watch?: Watch): Promise<HiddenStates>;
  /** Frees the runtime's memory. */
  dispose(): Promise<void>;
}

export { requireStates } from '../data/states-size.ts';

/**
 * A processor is fastest where the states of a batch stay in its cache: 96 tokens take two thirds of the time of 512 with
 * 22 million parameters (`npm run bench -- sessions`). A GPU wants more at once; the bound lets a cancel be heard within
 * about a second on a slow machine.
 */
const defaultBatchTokens: Readonly<Record<ModelBackend, number>> = { wasm: 96, webgpu: 512 };

/**
 * Opens a model that was inspected before: its tokenizer and a session with the hidden states as outputs.
 * @throws Problem as {@link openSession} and {@link loadTokenizer} do.
 */
export async function openModel(value: ModelValue, files: ModelFiles, options: OpenOptions, watch: Watch = {}): Promise<OpenModel> {
  // The runtime's own 27 MB load and compile while the model's files come.
  void warmRuntime();
  const opening = openSession(value, files, options, watch);
  // It may fail while the tokenizer is still coming; it is awaited below.
  opening.catch(() => undefined);
  const tokenizer = await loadTokenizer(files, watch).catch((error: unknown) => {
    void opening.then((session) => session.dispose(), () => undefined);
    throw error;
  });
  const session = await opening;
  return {
    value,
    backend: session.backend,
    session,
    tokenizer,
    hiddenStates: (words, chosen, runWatch) => hiddenStates(session, tokenizer, words, chosen, runWatch),
    dispose: () => session.dispose(),
  };
}

/** A text to run, and the row of the word and the template it belongs to. */
interface Item extends TokenisedWord {
  readonly row: number;
  /** Which of the templates it is the text of. */
  readonly template: number;
}

async function hiddenStates(
  session: HiddenStateSession, tokenizer: WordTokenizer, words: readonly string[], options: HiddenStateOptions, watch: Watch = {},
): Promise<HiddenStates> {
  const { items, kept, dropped } = await tokeniseAll(session, tokenizer, words, options.templates, watch);
  const { hiddenSize: d, hiddenStates: names } = session.value;
  requireStates({ words: kept.length, layers: names.length, d, apart: options.keepTemplates ? options.templates.length : 0 }, `model ${session.value.id}`);
  const sums = names.map(() => new Float32Array(kept.length * d));
  const share = 1 / options.templates.length;
  const apart = options.keepTemplates && options.templates.length > 1
    ? names.map(() => options.templates.map(() => new Float32Array(kept.length * d)))
    : null;
  const breather = new Breather();
  let done = 0;
  const report = (): void => watch.progress?.({ label: 'hidden states', done, total: items.length });
  report();
  for (const positions of batchByLength(items.map(({ ids }) => ids.length), options.batchTokens ?? defaultBatchTokens[session.backend])) {
    watch.signal?.throwIfAborted();
    const batch = positions.map((position) => items[position]!);
    const tokens = Math.max(...batch.map(({ ids }) => ids.length));
    const pooled = await session.pooled(
      { batch: batch.length, tokens, ids: batch.map(({ ids }) => ids), padding: tokenizer.padding },
      poolingWeights(batch, tokens, options.pooling),
    );
    pooled.forEach((states, layer) => {
      requireFinite(states, d, `${nameOf(layer, names.length, session.config.layers).name} of model ${session.value.id}`, ({ row }) => words[kept[row]!]!, batch);
      const sum = sums[layer]!;
      batch.forEach(({ row, template }, item) => {
        for (let k = 0; k < d; k++) sum[row * d + k]! += share * states[item * d + k]!;
        apart?.[layer]![template]!.set(states.subarray(item * d, (item + 1) * d), row * d);
      });
    });
    done += batch.length;
    report();
    if (breather.due()) await pause();
  }
  watch.signal?.throwIfAborted();
  const layers = sums.map((data, position): Layer => ({
    ...nameOf(position, names.length, session.config.layers), d, data, ...(apart ? { measurements: apart[position]! } : {}),
  }));
  return { words: kept.map((position) => words[position]!), kept, layers, dropped };
}

/** Float16 ends at 65,504, and some models' states go beyond: what is not finite there must not pass for a missing value. */
function requireFinite(states: Float32Array, d: number, place: string, wordOf: (item: Item) => string, batch: readonly Item[]): void {
  const at = states.findIndex((state) => !Number.isFinite(state));
  if (at < 0) return;
  throw new Problem({
    code: 'hidden-states-not-finite',
    place,
    what: `the hidden state of ${JSON.stringify(wordOf(batch[Math.floor(at / d)]!))} is no finite number but ${states[at]!}: the numbers inside have become too large for the file’s precision, or its weights are damaged`,
    fix: 'Choose a file of the model with another dtype, such as fp32, or run it on another device.',
  });
}

/** Where the layers are in doubt there is one hidden state, the last: its number is the count of blocks, if that is known. */
function nameOf(position: number, states: number, blocks: number | null): Pick<Layer, 'name' | 'index'> {
  // 1 is the least it can be: 0 would say that it is the embeddings.
  if (states === 1 && blocks === null) return { name: 'last layer', index: 1 };
  const index = states === 1 ? blocks! : position;
  return { name: index === 0 ? 'embeddings' : `layer ${index}`, index };
}

async function tokeniseAll(
  session: HiddenStateSession, tokenizer: WordTokenizer, words: readonly string[], templates: readonly string[], watch: Watch,
): Promise<{ items: Item[]; kept: number[]; dropped: LeftOut[] }> {
  if (templates.length === 0) throw new Problem({ code: 'no-templates', place: 'templates', what: 'there is no template', fix: 'Write at least "{word}".' });
  for (const template of templates) splitTemplate(template);
  const items: Item[] = [];
  const kept: number[] = [];
  const reasons = new Map<string, number[]>();
  const breather = new Breather();
  for (const [position, word] of words.entries()) {
    if (breather.due()) {
      await pause();
      watch.signal?.throwIfAborted();
    }
    const texts: TokenisedWord[] = [];
    for (const template of templates) {
      const text = tokenizer.tokenise(word, template, session.config.contextLength);
      if ('reason' in text) {
        reasons.set(text.reason, [...(reasons.get(text.reason) ?? []), position]);
        break;
      }
      texts.push(text);
    }
    if (texts.length < templates.length) continue;
    for (const [template, text] of texts.entries()) items.push({ ...text, row: kept.length, template });
    kept.push(position);
  }
  if (kept.length === 0) {
    const why = [...reasons].map(([reason, list]) => `${list.length} because: ${reason}`).join('; ');
    throw new Problem({
      code: 'no-words',
      place: `model ${session.value.id}`,
      what: `none of the ${words.length} words can be fed to it${why ? ` (${why})` : ''}`,
      fix: 'Choose stimuli in a language and script that the model knows.',
    });
  }
  return { items, kept, dropped: [...reasons].map(([reason, positions]) => ({ reason, positions })) };
}

/** 1 at the tokens that count, batch x tokens. */
function poolingWeights(batch: readonly TokenisedWord[], tokens: number, pooling: Pooling): Float32Array {
  const weights = new Float32Array(batch.length * tokens);
  batch.forEach(({ word, text }, item) => {
    const [start, end] = ownTokens(word, text, pooling);
    weights.fill(1, item * tokens + start, item * tokens + end);
  });
  return weights;
}

function ownTokens(word: readonly [number, number], text: readonly [number, number], pooling: Pooling): readonly [number, number] {
  switch (pooling) {
    case 'mean': return word;
    case 'first': return [word[0], word[0] + 1];
    case 'last': return [word[1] - 1, word[1]];
    case 'all': return text;
    default: throw new Error(`unknown pooling ${String(pooling satisfies never)}`);
  }
}
