/** The learning rate over a run: a linear rise, then a decay. */
import { Problem } from '../base/problem.ts';

export interface Schedule {
  /** After the warm-up: `constant`, a straight line to 0, or half a cosine to 0. */
  readonly decay: 'constant' | 'linear' | 'cosine';
  /** The highest rate, above 0. */
  readonly peak: number;
  /** Steps of the rise, 0 for none. */
  readonly warmUp: number;
  /** Steps of the whole run, warm-up included. */
  readonly steps: number;
}

/** Throws Problem `schedule` naming what does not fit. */
export function checkSchedule({ peak, warmUp, steps }: Schedule): void {
  const fail = (what: string, fix: string): never => {
    throw new Problem({ code: 'schedule', place: '', what, fix });
  };
  if (!(peak > 0 && Number.isFinite(peak))) fail(`the learning rate is ${peak}, not above 0`, 'Adapters are usually trained at 0.0001 to 0.001.');
  if (!Number.isInteger(steps) || steps < 1) fail(`the run has ${steps} steps`, 'Give it a whole number of steps, at least 1.');
  if (!Number.isInteger(warmUp) || warmUp < 0 || warmUp > steps) fail(`the warm-up takes ${warmUp} of ${steps} steps`, 'Give it a whole number of steps, at most those of the run.');
}

/**
 * The rate for the step that comes after `done` steps: that of transformers' get_constant_schedule_with_warmup,
 * get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup. With a warm-up the rate of the first step is 0.
 *
 * @param done steps taken before, from 0; beyond the run's end the rate stays at its last value
 */
export function rateAt({ decay, peak, warmUp, steps }: Schedule, done: number): number {
  if (done < warmUp) return (peak * done) / warmUp;
  const progress = Math.min(1, (done - warmUp) / Math.max(1, steps - warmUp));
  switch (decay) {
    case 'constant': return peak;
    case 'linear': return peak * (1 - progress);
    case 'cosine': return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    default: throw new Error(`unknown decay ${String(decay satisfies never)}`);
  }
}
