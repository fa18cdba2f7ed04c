/** Early stopping: when a score on the validation words has not improved for a while, the best weights are kept. */
import { Problem } from '../base/problem.ts';
import type { Tensors } from './optimiser.ts';

export interface StoppingSettings {
  /** Evaluations without improvement after which training stops; null never stops (the best weights are kept all the same). */
  readonly patience: number | null;
  /** By how much a loss must fall to count as better, at least 0. */
  readonly improvement: number;
  /**
   * Steps before which evaluations neither stop the run nor choose the weights: where the last phase of a curriculum
   * begins. 0 by default.
   */
  readonly from?: number;
}

/** Plain data. Losses: lower is better. */
export interface StoppingState {
  /** The lowest validation loss; null before the first evaluation. */
  readonly best: number | null;
  /** Steps taken when it was seen. */
  readonly bestStep: number;
  /** Evaluations since. */
  readonly waited: number;
  /** The weights of then, copied; null before the first evaluation. */
  readonly weights: Tensors | null;
}

export const startStopping: StoppingState = { best: null, bestStep: 0, waited: 0, weights: null };

/** The state after an evaluation. Throws Problem `validation-not-finite`. */
export function afterEvaluation(settings: StoppingSettings, state: StoppingState, step: number, loss: number, parameters: Tensors): StoppingState {
  if (!Number.isFinite(loss)) {
    throw new Problem({ code: 'validation-not-finite', place: `step ${step}`, what: `the loss on the validation words is ${loss}, so training cannot go on`, fix: 'Lower the learning rate; the last checkpoint is from before.' });
  }
  if (step < (settings.from ?? 0)) return state;
  if (state.best === null || loss < state.best - settings.improvement) {
    return { best: loss, bestStep: step, waited: 0, weights: Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()])) };
  }
  return { ...state, waited: state.waited + 1 };
}

/** Whether training stops here. */
export function shouldStop({ patience }: Pick<StoppingSettings, 'patience'>, { waited }: Pick<StoppingState, 'waited'>): boolean {
  return patience !== null && waited >= patience;
}
