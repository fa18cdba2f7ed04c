/** Asks a language model after tokens of many texts: similar lengths side by side, progress, room for a cancel between batches. */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { batchByLength, gridOf } from '../batches.ts';
import type { LanguageModel, TokenTarget } from '../language.ts';

/** Most tokens per run of a language model, padding included. */
const batchTokens = 512;

/** A text with its targets: what to run, and which numbers to take from it. */
export interface Asked {
  /** Which of the things asked it belongs to. */
  readonly of: number;
  readonly ids: readonly number[];
  readonly targets: readonly Omit<TokenTarget, 'text'>[];
}

/**
 * Runs texts in batches of similar length; hands ln p of each target's ids to `take`, the targets of a text in their order.
 *
 * @param padding id that fills shorter texts up
 * @param label what is asked, for the progress
 */
export async function ask(model: Pick<LanguageModel, 'logProbabilitiesOf'>, asked: readonly Asked[], padding: number, label: string, watch: Watch, take: (of: number, logs: Float32Array) => void): Promise<void> {
  const breather = new Breather();
  let done = 0;
  for (const positions of batchByLength(asked.map(({ ids }) => ids.length), batchTokens)) {
    watch.signal?.throwIfAborted();
    const batch = positions.map((position) => asked[position]!);
    const targets = batch.flatMap(({ targets: own }, text) => own.map((target) => ({ ...target, text })));
    const logs = await model.logProbabilitiesOf(gridOf(batch.map(({ ids }) => ids), padding), targets);
    let at = 0;
    for (const { of, targets: own } of batch) for (let k = 0; k < own.length; k++) take(of, logs[at++]!);
    done += batch.length;
    watch.progress?.({ label, done, total: asked.length });
    if (breather.due()) await pause();
  }
}
