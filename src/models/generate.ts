/** What a causal model answers to many prompts: the probabilities of the first token, and the text that it finds most probable token by token. */
import type { Watch } from '../base/progress.ts';
import { eachBatch, type AskedText, type BatchOptions, type CausalModel } from './prefix.ts';

export interface Prompt {
  readonly ids: readonly number[];
  /** See AskedText.group. */
  readonly group: number;
}

export interface GenerateOptions extends BatchOptions {
  /** Most tokens of an answer; 0 asks for the first token's probabilities only. */
  readonly tokens: number;
  /** Tokens that end an answer and are no part of it. */
  readonly ends: ReadonlySet<number>;
  /** Whether an answer ends with its last token. */
  readonly stop: (tokens: readonly number[]) => boolean;
}

export interface Answer {
  /** ln p of every token of the vocabulary as the first of the answer; not to be kept. */
  readonly first: Float32Array;
  /** The most probable token, given those before it, time after time; of equally probable ones that with the lowest id. */
  readonly tokens: readonly number[];
  /** Whether it was cut off at the most tokens. */
  readonly cut: boolean;
}

/** The number of the highest value, the lowest of equals. */
export function mostProbable(logs: ArrayLike<number>): number {
  let best = 0;
  for (let id = 1; id < logs.length; id++) if (logs[id]! > logs[best]!) best = id;
  return best;
}

/**
 * Hands each prompt's answer to `take`, in batches that share beginnings where the model keeps a cache.
 *
 * @param numbers which of the prompts to answer
 * @param after called when a batch is done
 */
export async function eachAnswer(
  model: CausalModel, prompts: readonly Prompt[], numbers: readonly number[], take: (prompt: number, answer: Answer) => void, options: GenerateOptions, watch: Watch = {}, after?: () => Promise<void>,
): Promise<void> {
  const texts = prompts.map(({ ids, group }): AskedText => ({ ids, group, places: [ids.length] }));
  await eachBatch(model, texts, numbers, { ...options, alike: options.tokens > 1 }, async ({ texts: batch, shared, ids }) => {
    let context = shared?.pick(batch.map(() => 0)) ?? null;
    try {
      const begun = await model.read(context, ids, ids.map((own, text) => ({ text, at: own.length - 1 })), options.tokens > 1);
      context?.dispose();
      ({ context } = begun);
      const answers = begun.logs.map((): number[] => []);
      const cut = new Set<number>();
      // Positions in the batch of the answers that go on; the context's texts are these.
      let open = batch.map((_, position) => position);
      let logs = begun.logs;
      for (let turn = 0; turn < options.tokens; turn++) {
        const going = open.map((position, text) => {
          const token = mostProbable(logs[text]!);
          if (options.ends.has(token)) return false;
          answers[position]!.push(token);
          return !options.stop(answers[position]!);
        });
        const texts_ = open.map((_, text) => text).filter((text) => going[text]);
        open = texts_.map((text) => open[text]!);
        if (open.length === 0) break;
        if (turn === options.tokens - 1) {
          for (const position of open) cut.add(position);
          break;
        }
        watch.signal?.throwIfAborted();
        if (texts_.length < going.length) {
          const fewer: typeof context = context!.pick(texts_);
          context!.dispose();
          context = fewer;
        }
        const next = await model.read(context, open.map((position) => [answers[position]!.at(-1)!]), open.map((_, text) => ({ text, at: 0 })), turn < options.tokens - 2);
        context!.dispose();
        ({ context } = next);
        logs = next.logs;
      }
      batch.forEach((prompt, position) => take(prompt, { first: begun.logs[position]!, tokens: answers[position]!, cut: cut.has(position) }));
    } finally {
      context?.dispose();
    }
    await after?.();
  }, watch);
}
