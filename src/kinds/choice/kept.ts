/** How scoring outlasts its tab: what is known is kept now and then, and the next run goes on behind it. */
import { isSuspension, Problem, problemRecord } from '../../base/problem.ts';
import type { RunContext } from '../kind.ts';

/** Milliseconds between two times of keeping, at least: what a crash may cost. */
const shortest = 1000;

const name = 'likelihoods';

/** Numbers that an earlier run has kept, in the order of the texts; empty where there are none or they end in the middle of a part. */
export async function keptNumbers(ends: ReadonlySet<number>, { kept, warn }: Pick<RunContext, 'kept' | 'warn'>): Promise<Float64Array> {
  const bytes = await kept.load(name);
  if (!bytes) return new Float64Array(0);
  const numbers = bytes.length % 8 === 0 ? new Float64Array(bytes.slice().buffer) : null;
  if (numbers && ends.has(numbers.length)) return numbers;
  warn('scoring began anew: what an unfinished run had kept does not fit the questions');
  return new Float64Array(0);
}

/** Keeps numbers when it is time, or at once when the run is suspended. */
export class Keeper {
  readonly #context: RunContext;
  #next = performance.now() + shortest;
  #told = false;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /**
   * @param done questions that the numbers speak of, of all
   * @throws Problem where a suspended run cannot be kept: it must not pass for one that can go on
   */
  async keep(numbers: Float64Array, done: number, total: number, now = false): Promise<void> {
    if (!now && performance.now() < this.#next) return;
    const { kept, signal, warn } = this.#context;
    try {
      await kept.save(name, new Uint8Array(numbers.slice().buffer), { label: placeOf(done, total), done, total });
    } catch (error) {
      const record = problemRecord(error);
      if (isSuspension(signal.reason)) throw new Problem({ ...record, what: `the scores so far are not kept: ${record.what}` });
      if (!this.#told) warn(`for a time the scores could not be kept on the way, and would have been lost with the tab: ${record.what}`);
      this.#told = true;
    }
    this.#next = performance.now() + shortest;
  }
}

/** "question 320 of 1838". */
export const placeOf = (done: number, total: number): string => `question ${done} of ${total}`;
