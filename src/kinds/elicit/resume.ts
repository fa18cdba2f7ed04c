/** How a long list of prompts outlasts its tab: answers are kept now and then, and when the run is suspended. */
import * as v from 'valibot';
import { isSuspension, Problem, problemRecord } from '../../base/problem.ts';
import type { AnswerState } from '../../models/elicit/elicit.ts';
import type { RunContext } from '../kind.ts';

/** Milliseconds between two savings, at least: what a crash may cost. */
const shortest = 2000;
/** And at least so many times as long as the last one took. */
const timesCost = 50;
/** Milliseconds until one that found no room is tried again. */
const retry = 60_000;

const name = 'answers';

const schema = v.object({
  made: v.string(),
  answers: v.array(v.nullable(v.tuple([v.nullable(v.number()), v.number(), v.string(), v.boolean()]))),
  instead: v.record(v.string(), v.number()),
});

export interface AnswerKeeper {
  readonly state: AnswerState;
  /** Runs `work`, which calls the function it is given whenever a batch is done. A suspended run is kept once more. */
  whileRunning(work: (after: (done: number) => Promise<void>) => Promise<void>): Promise<void>;
}

/**
 * What an earlier run has kept of the same prompts, or a beginning.
 * @param made tells these prompts apart from others
 */
export async function keepAnswers(made: string, prompts: number, { kept, signal, warn, resumedAt }: RunContext): Promise<AnswerKeeper> {
  const state: AnswerState = await earlier() ?? { answers: Array.from({ length: prompts }, () => null), instead: {} };
  let answered = state.answers.filter(Boolean).length;
  let next = performance.now() + shortest;

  async function earlier(): Promise<AnswerState | null> {
    const bytes = await kept.load(name);
    if (!bytes) return null;
    let data: unknown = null;
    try {
      data = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      // Told below, like all that is not what this run would have kept.
    }
    const parsed = v.safeParse(schema, data);
    if (!parsed.success || parsed.output.made !== made || parsed.output.answers.length !== prompts) {
      warn('the answers that an unfinished run had kept are not of these prompts; all are asked anew');
      return null;
    }
    resumedAt(`answer ${parsed.output.answers.filter(Boolean).length} of ${prompts}`);
    return parsed.output;
  }

  async function save(): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify({ made, ...state }));
    await kept.save(name, bytes, { label: `answer ${answered} of ${prompts}`, done: answered, total: prompts });
  }

  return {
    state,
    whileRunning: async (work) => {
      try {
        await work(async (done) => {
          answered = done;
          const started = performance.now();
          if (started < next || done === prompts) return;
          try {
            await save();
            const ended = performance.now();
            next = ended + Math.max(shortest, timesCost * (ended - started));
          } catch (error) {
            next = performance.now() + retry;
            warn(`for a time the answers could not be kept on the way, so that they would have been lost with the tab: ${problemRecord(error).what}`);
          }
        });
      } catch (error) {
        if (!isSuspension(signal.reason)) throw error;
        // A pause that kept nothing must not pass for one.
        await save().catch((failed: unknown) => {
          const record = problemRecord(failed);
          throw new Problem({ ...record, what: `the last answers are not kept: ${record.what}` });
        });
        throw error;
      }
    },
  };
}
