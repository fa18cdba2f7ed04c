/** Loops over words drawn or permuted that may take very long: told, and refused, from what the first steps took. */
import { Problem } from '../../base/problem.ts';
import type { Comparator } from '../comparators/comparators.ts';

/** Milliseconds after which the rest is estimated. */
const trial = 2000;
/** Seconds from which the reader is told, and from which it is refused. */
const slow = 600;
const tooSlow = 6 * 3600;

export interface Loop {
  /** What is counted: "permutations". */
  readonly steps: string;
  /** What makes a step slow; absent where every comparator is as fast. */
  readonly comparator?: Comparator;
  readonly place?: string;
  readonly warn?: (message: string) => void;
}

export class Patience {
  readonly #loop: Loop;
  readonly #started = performance.now();
  #checked = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  /**
   * Estimates once, some seconds into the loop.
   *
   * @throws Problem `too-long` for more than six hours
   */
  check(done: number, total: number): void {
    const elapsed = performance.now() - this.#started;
    if (this.#checked || elapsed < trial || done === 0) return;
    this.#checked = true;
    const { steps, comparator, place = '', warn } = this.#loop;
    const under = comparator ? ` under ${comparator}` : '';
    const seconds = (elapsed / done / 1000) * total;
    if (seconds > tooSlow) {
      throw new Problem({
        code: 'too-long', place,
        what: `${total} ${steps}${under} would take about ${Math.round(seconds / 3600)} hours`,
        fix: `Ask for at most ${Math.floor((total * slow) / seconds)} ${steps}, or take ${comparator ? 'a comparator that need not be computed anew in each: rho-a in place of tau-a, spearman in place of tau-b, cka in place of procrustes' : 'fewer words'}.`,
      });
    }
    if (seconds > slow) warn?.(`${total} ${steps}${under} take about ${Math.round(seconds / 60)} minutes on this machine.`);
  }
}
