/**
 * A causal model's ratings of words: one prompt for every word, dimension and wording, answered as the expected value over
 * the digits' probabilities and as greedy text.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { readings, type Elicited, type Reading } from '../../data/elicited.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import type { LeftOut } from '../activations.ts';
import type { PromptTokenizer } from '../chat.ts';
import { eachAnswer, type Prompt } from '../generate.ts';
import type { CausalModel } from '../prefix.ts';
import { digitTokens, expectedRating, type Scale } from './digits.ts';
import { readRating } from './reading.ts';
import { promptAbout, type Wording } from './wording.ts';

export interface ElicitSettings {
  readonly dimensions: readonly string[];
  readonly wordings: readonly Wording[];
  readonly scale: Scale;
  readonly chat: boolean;
  readonly system: string;
  /** Most tokens of a greedy text; 0 asks for none. */
  readonly greedyTokens: number;
  /** Most tokens per run of the model, padding included. */
  readonly batchTokens: number;
}

/** What has been answered so far, by the number of the prompt. Plain JSON, so that it can be kept. */
export interface AnswerState {
  /** null: not yet. */
  readonly answers: (OneAnswer | null)[];
  /** Sum over prompts of the probability of tokens that are no digits, by token id. */
  readonly instead: Record<string, number>;
}

/** Expected value, mass, greedy text, whether it was cut off. */
export type OneAnswer = readonly [number | null, number, string, boolean];

/** Prompts ready to be asked: wording by wording, in it dimension by dimension, in it word by word. */
export interface AskedPrompts {
  readonly prompts: readonly Prompt[];
  /** The first prompt as it is fed. */
  readonly example: string;
  /** Positions of the words that are asked about. */
  readonly kept: readonly number[];
  readonly dropped: readonly LeftOut[];
}

/** Tokens looked at for what a model would rather say, for each prompt. */
const topTokens = 5;
/** Different tokens that are remembered. */
const mostInstead = 400;

/**
 * Tokenises all prompts.
 * @throws Problem `no-words` where none of the words can be asked about; an AbortError after cancel.
 */
export async function makePrompts(model: Pick<CausalModel, 'config' | 'value'>, tokenizer: PromptTokenizer, words: readonly string[], settings: ElicitSettings, watch: Watch = {}): Promise<AskedPrompts> {
  const { wordings, scale: [low, high], chat, system, greedyTokens } = settings;
  const most = model.config.contextLength - Math.max(0, greedyTokens - 1);
  const digits = [String(low), String(high)];
  const breather = new Breather();
  const reasons = new Map<string, number[]>();
  const perWord: { ids: number[][]; position: number }[] = [];
  let example = '';
  for (const [position, word] of words.entries()) {
    if (breather.due()) {
      watch.signal?.throwIfAborted();
      watch.progress?.({ label: 'making the prompts', done: position, total: words.length });
      await pause();
    }
    const ids: number[][] = [];
    let reason = /[\p{L}\p{N}]/u.test(word) ? '' : 'no letter or digit in it';
    for (const { prompts } of reason ? [] : wordings) {
      for (const prompt of prompts) {
        const text = tokenizer.render(promptAbout(word, prompt), chat, system);
        example ||= text;
        ids.push(tokenizer.beforeAnswer(text, digits, chat));
      }
    }
    if (ids.some(({ length }) => length > most)) reason = `its prompt and answer are longer than the ${model.config.contextLength} tokens the model reads`;
    if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), position]);
    else perWord.push({ ids, position });
  }
  if (perWord.length === 0) {
    const why = [...reasons].map(([reason, list]) => `${list.length} because: ${reason}`).join('; ');
    throw new Problem({ code: 'no-words', place: `model ${model.value.label}`, what: `none of the ${words.length} words can be asked about${why ? ` (${why})` : ''}`, fix: 'Choose other stimuli, shorter prompts, or a model that reads longer texts.' });
  }
  const asked = wordings.reduce((sum, { prompts }) => sum + prompts.length, 0);
  const prompts = Array.from({ length: asked }, (_, group) => perWord.map(({ ids }): Prompt => ({ ids: ids[group]!, group }))).flat();
  return { prompts, example, kept: perWord.map(({ position }) => position), dropped: [...reasons].map(([reason, positions]) => ({ reason, positions })) };
}

/**
 * Asks what has not been answered yet, into `state`.
 * @param after called after each batch, when the state is whole
 */
export async function askPrompts(model: CausalModel, tokenizer: PromptTokenizer, prompts: readonly Prompt[], settings: ElicitSettings, state: AnswerState, watch: Watch = {}, after?: (done: number) => Promise<void>): Promise<void> {
  const digits = digitTokens(tokenizer, settings.scale, `model ${model.value.label}`);
  const isDigit = new Set(digits.ids);
  const open = prompts.flatMap((_, number) => (state.answers[number] ? [] : [number]));
  let done = prompts.length - open.length;
  watch.progress?.({ label: 'answers', done, total: prompts.length });
  const stop = (tokens: readonly number[]): boolean => /\S\s*\n/.test(tokenizer.decode(tokens));
  await eachAnswer(model, prompts, open, (number, { first, tokens, cut }) => {
    const { value, mass } = expectedRating(first, digits);
    const text = tokenizer.decode(tokens);
    state.answers[number] = [Number.isNaN(value) ? null : value, mass, text.replace(/(\S)\s*\n.*$/s, '$1'), cut];
    for (const id of highest(first, topTokens)) if (!isDigit.has(id)) state.instead[id] = (state.instead[id] ?? 0) + Math.exp(first[id]!);
    trim(state.instead);
    done++;
  }, { tokens: settings.greedyTokens, ends: tokenizer.ends, stop, batchTokens: settings.batchTokens }, watch, async () => {
    watch.progress?.({ label: 'answers', done, total: prompts.length });
    await after?.(done);
  });
}

/** Ids of the most probable tokens. */
function highest(logs: Float32Array, n: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < logs.length; id++) {
    if (best.length === n && logs[id]! <= logs[best[n - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && logs[best[at - 1]!]! < logs[id]!) at--;
    best.splice(at, 0, id);
    if (best.length > n) best.pop();
  }
  return best;
}

/** Forgets the rarest tokens when there are many. */
function trim(shares: Record<string, number>): void {
  if (Object.keys(shares).length <= 2 * mostInstead) return;
  for (const [id] of Object.entries(shares).sort(([, a], [, b]) => b - a).slice(mostInstead)) delete shares[id];
}

/** All answers, put together: words by dimensions for each wording. */
export function gathered(state: AnswerState, words: readonly string[], tokenizer: PromptTokenizer, settings: ElicitSettings): Pick<Elicited, 'wordings' | 'counts' | 'examples' | 'instead'> {
  const { dimensions, wordings, scale, greedyTokens } = settings;
  const [n, k] = [words.length, dimensions.length];
  const counts = Object.fromEntries(readings.map((reading) => [reading, 0])) as Record<Reading, number>;
  const examples: Elicited['examples'][number][] = [];
  const made = wordings.map(({ name, prompts }, wording) => {
    const expected = new Float64Array(n * k);
    const mass = new Float64Array(n * k);
    const greedy = new Float64Array(greedyTokens > 0 ? n * k : 0);
    const texts: string[] = [];
    for (let word = 0; word < n; word++) {
      for (let dimension = 0; dimension < k; dimension++) {
        const answer = state.answers[(wording * k + dimension) * n + word];
        if (!answer) throw new Error('a prompt was not answered');
        const [value, share, text, cut] = answer;
        const at = word * k + dimension;
        expected[at] = value ?? Number.NaN;
        mass[at] = share;
        if (greedyTokens === 0) continue;
        const read = readRating(text, cut, scale);
        greedy[at] = read.value;
        texts.push(text);
        counts[read.reading]++;
        if (read.reading !== 'number' && examples.filter(({ reading }) => reading === read.reading).length < 5) {
          examples.push({ reading: read.reading, word: words[word]!, dimension: dimensions[dimension]!, text });
        }
      }
    }
    return { name, prompts, expected, mass, greedy, texts };
  });
  const asked = wordings.length * n * k;
  const instead = Object.entries(state.instead).sort(([a, p], [b, q]) => q - p || Number(a) - Number(b)).slice(0, 8).map(([id, sum]) => ({ text: tokenizer.show(Number(id)), share: sum / asked }));
  return { wordings: made, counts, examples, instead };
}
