/**
 * What models answer: ratings and choices that a trained head reads off pooled states, the digit or letter that follows a
 * prompt, and which option of a question a language model finds most probable.
 */
import type { Watch } from '../base/progress.ts';
import type { TunedHead } from '../data/tuned.ts';
import { pause } from '../gpu/pause.ts';
import type { LanguageModel } from '../models/language.ts';
import { ask, type Asked } from '../models/score/ask.ts';
import type { HiddenStateSession } from '../models/session.ts';
import { wordPlace, type TokenisedWord, type Untokenisable } from '../models/tokens.ts';
import type { ChoiceBatch, Tokeniser } from './tasks/batch.ts';

/** Answers of a head for pooled states (n x width): n x answers, before any scaling. */
function headAnswers(states: ArrayLike<number>, { weight, bias }: TunedHead): Float64Array {
  const answers = bias.length;
  const width = weight.length / answers;
  const n = states.length / width;
  const out = new Float64Array(n * answers);
  for (let i = 0; i < n; i++) {
    for (let answer = 0; answer < answers; answer++) {
      let sum = bias[answer]!;
      for (let k = 0; k < width; k++) sum += states[i * width + k]! * weight[k * answers + answer]!;
      out[i * answers + answer] = sum;
    }
  }
  return out;
}

/**
 * Ratings that a rating head predicts, n x dimensions in the order of its scales, on the scale of the ratings it learnt
 * and not clipped to it.
 *
 * @param states n x width: the last layer, pooled as in training. Means over templates give the mean of the predictions.
 */
export function headRatings(states: ArrayLike<number>, head: TunedHead): Float64Array {
  const { scales } = head;
  return headAnswers(states, head).map((answer, at) => scales[at % scales.length]!.offset + scales[at % scales.length]!.factor * answer);
}

/**
 * Scores that a choice head gives the options, the highest being its choice; one list of four for each question, by the
 * question's row.
 *
 * @param batches as `choiceTask` makes them, with the form and pooling of the training
 */
export async function headChoices(session: HiddenStateSession, batches: readonly ChoiceBatch[], head: TunedHead, watch: Watch = {}): Promise<Map<number, readonly number[]>> {
  const scores = new Map<number, readonly number[]>();
  for (const { tokens, weights, source } of batches) {
    watch.signal?.throwIfAborted();
    const states = (await session.pooled(tokens, weights)).at(-1)!;
    const answers = headAnswers(states, head);
    const options = answers.length / source.length;
    source.forEach((row, at) => scores.set(row, [...answers.subarray(at * options, (at + 1) * options)]));
    await pause();
  }
  return scores;
}

/** What follows a text, as a template. Braces in the text are not a place for a word. */
function templateAfter(text: string): string {
  return `${text.replaceAll(wordPlace, 'word')} ${wordPlace}`;
}

/** Whether there is something before it from which it can be told. */
function canFollow(text: TokenisedWord | Untokenisable): text is TokenisedWord {
  return !('reason' in text) && text.word[0] > 0;
}

function masked(ids: readonly number[], place: number, { mask }: Tokeniser): readonly number[] {
  if (mask === null) throw new RangeError('a masked model is asked with a tokenizer that has no mask token');
  return ids.with(place, mask);
}

/**
 * ln p of each answer as the one token that follows a prompt, among the whole vocabulary; one list for each prompt, in
 * the order of the answers. A masked model is asked for the token at the answer's place, with what the tokenizer puts
 * behind a text after it.
 *
 * @returns null for a prompt that is too long, or after which an answer is not one token
 */
export async function promptedAnswers(model: LanguageModel, tokeniser: Tokeniser, prompts: readonly string[], answers: readonly string[], watch: Watch = {}): Promise<(readonly number[] | null)[]> {
  const found: (readonly number[] | null)[] = prompts.map(() => null);
  const asked = prompts.flatMap((prompt, of): Asked[] => {
    const texts = answers.map((answer) => tokeniser.tokenise(answer, templateAfter(prompt), model.config.contextLength)).filter(canFollow);
    const first = texts[0];
    if (!first || texts.length < answers.length) return [];
    const [start] = first.word;
    const alike = texts.every(({ ids, word }) => word[0] === start && word[1] === start + 1 && first.ids.slice(0, start).every((id, k) => id === ids[k]));
    if (!alike) return [];
    const fed = model.objective === 'causal' ? first.ids.slice(0, start) : masked(first.ids, start, tokeniser);
    return [{ of, ids: fed, targets: [{ token: start, ids: texts.map(({ ids }) => ids[start]!) }] }];
  });
  await ask(model, asked, tokeniser.padding, 'answers to prompts', watch, (of, logs) => { found[of] = [...logs]; });
  return found;
}

/** The rating from 0 to the highest digit that is expected under the probabilities of the digits among themselves. */
export function expectedDigit(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  const shares = logs.map((log) => Math.exp(log - largest));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.reduce((total, share, digit) => total + (digit * share) / sum, 0);
}

/** A question and its options, in one language. */
export interface Options {
  readonly question: string;
  readonly options: readonly string[];
}

/**
 * How probable a language model finds each option after its question, without having been trained to answer: the sum of
 * ln p of the option's tokens. A causal model gives each token given those before it; a masked one given all others,
 * masked one at a time (pseudo-log-likelihood; Salazar et al. 2020, arXiv:1910.14659).
 *
 * @param how 'mean' divides by the number of tokens, since a sum favours short options
 * @returns one list for each question, in the order of its options; null where one of them cannot be fed
 */
export async function optionLikelihoods(model: LanguageModel, tokeniser: Tokeniser, questions: readonly Options[], how: 'sum' | 'mean', watch: Watch = {}): Promise<(readonly number[] | null)[]> {
  const scores: (number[] | null)[] = questions.map(() => null);
  const asked: Asked[] = [];
  // Of each asked text: question, option and the number of the option's tokens.
  const owners: { readonly question: number; readonly option: number; readonly tokens: number }[] = [];
  questions.forEach(({ question, options }, at) => {
    const texts = options.map((option) => tokeniser.tokenise(option, templateAfter(question), model.config.contextLength)).filter(canFollow);
    if (texts.length < options.length) return;
    scores[at] = texts.map(() => 0);
    texts.forEach(({ ids, word: [start, end] }, option) => {
      const targets = Array.from({ length: end - start }, (_, k) => ({ token: start + k, ids: [ids[start + k]!] }));
      const fed = model.objective === 'causal'
        ? [{ ids: ids.slice(0, end), targets }]
        : targets.map((target) => ({ ids: masked(ids, target.token, tokeniser), targets: [target] }));
      for (const text of fed) {
        asked.push({ of: owners.length, ...text });
        owners.push({ question: at, option, tokens: targets.length });
      }
    });
  });
  await ask(model, asked, tokeniser.padding, 'options of questions', watch, (of, logs) => {
    const { question, option, tokens } = owners[of]!;
    scores[question]![option]! += logs[0]! / (how === 'mean' ? tokens : 1);
  });
  return scores;
}
