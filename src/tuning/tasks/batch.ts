/** Batches for the training step (step.ts), whatever the task: how data are prepared, dealt and told apart. */
import { Problem } from '../../base/problem.ts';
import type { Pooling } from '../../models/activations.ts';
import type { TokenisedWord, Untokenisable, WordTokenizer } from '../../models/tokens.ts';
import type { StepBatch } from '../gradient/feeds.ts';
import { batchesPerEpoch, dealer } from './draws.ts';

/** Which rows of the data a batch was made of: one number per text, or per question where several texts make one. */
interface Sourced {
  readonly source: readonly number[];
}

/** Ratings of pooled texts; targets are scaled, NaN where missing. */
export type RatingBatch = Extract<StepBatch, { type: 'ratings' }> & Sourced;
/** Questions whose options follow each other, A to D. */
export type ChoiceBatch = Extract<StepBatch, { type: 'choice' }> & Sourced;
/** Questions whose options are scored by how probable their tokens are. */
export type OptionsBatch = Extract<StepBatch, { type: 'options' }> & Sourced;
/** Tokens to be predicted. */
export type LanguageBatch = Extract<StepBatch, { type: 'language' }> & Sourced;

export type Batch = RatingBatch | ChoiceBatch | OptionsBatch | LanguageBatch;

/**
 * A stream of batches. Batch k is the same whenever it is asked for, so a run that was interrupted goes on with the
 * batch after the last one it took.
 */
export interface Task<B extends Batch = Batch> {
  /** Unique within a run; it also keys the order of the data. */
  readonly name: string;
  /** Batches in which all training rows are seen once. */
  readonly perEpoch: number;
  /** @param index batches of this task taken before, from 0 */
  batch(index: number): B;
  /** Rows of the data, in their order and without chance, for validation and testing; those that cannot be fed are left out. */
  evaluation(rows: readonly number[]): readonly B[];
  /** Training rows that cannot be used, and why. */
  readonly leftOut: readonly LeftOutRows[];
}

/** What every task needs to be told. */
export interface TaskSettings {
  readonly name: string;
  /** Integer, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Most words, questions, prompts or sentences of a batch. */
  readonly batchSize: number;
  /** Longest input of the model, in tokens. */
  readonly contextLength: number;
}

/** What is asked of a tokenizer; see models/tokens.ts. */
export type Tokeniser = Pick<WordTokenizer, 'tokenise' | 'padding' | 'mask'>;

/** Rows that cannot be fed, and why; as in Dropped, but by position. */
export interface LeftOutRows {
  readonly reason: string;
  readonly rows: readonly number[];
}

/** What each token counts in the mean of its text: 1 for those that stand for the word, 0 for the others; texts x tokens. */
export function weightsOf(texts: readonly TokenisedWord[], tokens: number, pooling: Pooling): Float32Array {
  const weights = new Float32Array(texts.length * tokens);
  texts.forEach(({ word, text }, row) => {
    const [start, end] = pooling === 'all' ? text : pooling === 'first' ? [word[0], word[0] + 1] : pooling === 'last' ? [word[1] - 1, word[1]] : word;
    weights.fill(1, row * tokens + start, row * tokens + end);
  });
  return weights;
}

/** Consecutive pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Rows of data that can be fed, prepared once each. */
export class Prepared<T extends object> {
  readonly #items = new Map<number, T | Untokenisable>();
  readonly #prepare: (row: number) => T | Untokenisable;

  constructor(prepare: (row: number) => T | Untokenisable) {
    this.#prepare = prepare;
  }

  /** The row's data; only for rows that {@link usable} gave. */
  get(row: number): T {
    const item = this.#of(row);
    if (isLeftOut(item)) throw new Error(`row ${row} cannot be used: ${item.reason}`);
    return item;
  }

  usable(rows: readonly number[]): { kept: readonly number[]; leftOut: readonly LeftOutRows[] } {
    const kept: number[] = [];
    const reasons = new Map<string, number[]>();
    for (const row of rows) {
      const item = this.#of(row);
      if (!isLeftOut(item)) kept.push(row);
      else if (reasons.get(item.reason)?.push(row) === undefined) reasons.set(item.reason, [row]);
    }
    return { kept, leftOut: [...reasons].map(([reason, list]) => ({ reason, rows: list })) };
  }

  #of(row: number): T | Untokenisable {
    let item = this.#items.get(row);
    if (!item) this.#items.set(row, (item = this.#prepare(row)));
    return item;
  }
}

function isLeftOut(item: object): item is Untokenisable {
  return 'reason' in item;
}

/**
 * A task from its parts: what can be used of the training rows is dealt into batches, epoch by epoch.
 *
 * @param what plural, for messages: "words"
 * @param build a batch of rows; `epoch` is null outside training
 * @throws Problem `nothing-to-train` where no row is left
 */
export function taskOf<T extends object, B extends Batch>(
  settings: TaskSettings, what: string, train: readonly number[], prepared: Prepared<T>, build: (rows: readonly number[], epoch: number | null) => B,
): Task<B> {
  const { name, seed, batchSize: size } = settings;
  const { kept, leftOut } = prepared.usable(train);
  if (kept.length === 0) {
    const why = leftOut.map(({ reason, rows }) => `${rows.length} because: ${reason}`).join('; ');
    throw new Problem({ code: 'nothing-to-train', place: `task ${name}`, what: `none of the ${train.length} ${what} can be used${why ? ` (${why})` : ''}`, fix: 'Choose data in a language and script that the model knows, with answers to learn from.' });
  }
  const deal = { seed, task: name, rows: kept.length, size };
  const dealt = dealer(deal);
  return {
    name,
    leftOut,
    perEpoch: batchesPerEpoch(deal),
    batch: (index) => {
      const { epoch, rows } = dealt(index);
      return build(rows.map((at) => kept[at]!), epoch);
    },
    evaluation: (rows) => chunks(prepared.usable(rows).kept, size).map((chunk) => build(chunk, null)),
  };
}
