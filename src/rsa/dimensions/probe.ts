/**
 * Ridge probe: how well a linear readout of hidden states predicts ratings of words it has not seen. Words are split
 * into folds; in each, features are standardised and the penalty is chosen on the training words only, per dimension: by
 * generalised cross-validation, or by cross-validation among the training words (nested.ts).
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { nestedErrors } from './nested.ts';
import { Ridge, type RidgeTarget, rowsOf } from './ridge.ts';

export { shuffledFolds } from './folds.ts';

/** Penalties tried, per training word: from nearly none to nearly everything, half a decade apart. */
export const penaltyGrid: readonly number[] = Array.from({ length: 17 }, (_, k) => 10 ** (-5 + k / 2));

export interface ProbeInput {
  readonly n: number;
  readonly d: number;
  /** n x d features, row-major, no missing values. */
  readonly features: Float32Array | Float64Array;
  /** One array of n ratings per dimension, no missing values. */
  readonly targets: readonly Float64Array[];
  /** Fold of each word, 0 to folds - 1. */
  readonly folds: Uint8Array;
}

/** How a penalty is chosen; `nested` names the number of inner folds and the seed that makes them. */
export type PenaltyChoice = 'gcv' | { readonly nested: number; readonly seed: number; readonly folding: number };

export interface ProbeOptions {
  /** Penalties per training word to choose from, ascending; one leaves no choice. */
  readonly penalties?: readonly number[];
  /** Whether features are scaled to SD 1 on the training words; they are centred in any case. */
  readonly scale?: boolean;
  readonly choice?: PenaltyChoice;
}

export interface Probed {
  /** One array of n predictions per dimension, on the ratings' own scale. */
  readonly predictions: Float64Array[];
  /** Per dimension and fold, which of the penalties was chosen. */
  readonly chosen: number[][];
}

/** Predictions for every word from a readout trained without its fold; see {@link probe}. */
export async function heldOutPredictions(input: ProbeInput, watch: Watch = {}, options: ProbeOptions = {}): Promise<Float64Array[]> {
  return (await probe(input, watch, options)).predictions;
}

/** Predicts every word from a readout trained without its fold. */
export async function probe(input: ProbeInput, watch: Watch = {}, options: ProbeOptions = {}): Promise<Probed> {
  const probed: Probed = { predictions: input.targets.map(() => new Float64Array(input.n)), chosen: input.targets.map(() => []) };
  const count = input.folds.reduce((most, fold) => Math.max(most, fold + 1), 0);
  for (let fold = 0; fold < count; fold++) {
    watch.signal?.throwIfAborted();
    await pause();
    await probeFold(input, fold, probed, watch, options);
  }
  return probed;
}

async function probeFold(input: ProbeInput, fold: number, { predictions, chosen }: Probed, watch: Watch, options: ProbeOptions): Promise<void> {
  const { d, targets, folds, features } = input;
  const train = indices(folds, (value) => value !== fold);
  const test = indices(folds, (value) => value === fold);
  const trained = targets.map((target) => Float64Array.from(train, (word) => target[word]!));
  const found = await readOut({ d, x: rowsOf(features, d, train), targets: trained, others: rowsOf(features, d, test), fold }, watch, options);
  found.predictions.forEach((values, t) => {
    chosen[t]!.push(found.chosen[t]!);
    values.forEach((value, row) => { predictions[t]![test[row]!] = value; });
  });
}

/** Words to train on, and others to predict. */
export interface ReadOutInput {
  readonly d: number;
  /** m x d features of the training words, no missing values; overwritten. */
  readonly x: Float64Array;
  /** One array of m ratings per dimension, no missing values. */
  readonly targets: readonly Float64Array[];
  /** Features of the other words, d each; overwritten. */
  readonly others: Float64Array;
  /** Which of the seed's inner folds a nested choice takes. */
  readonly fold: number;
}

/** Trains a readout per dimension on some words and predicts others; which of the penalties was chosen. */
export async function readOut({ d, x, targets, others, fold }: ReadOutInput, watch: Watch = {}, options: ProbeOptions = {}): Promise<{ predictions: Float64Array[]; chosen: number[] }> {
  const { penalties = penaltyGrid, scale = true, choice = 'gcv' } = options;
  const errors = choice === 'gcv' || penalties.length === 1 ? null : await nestedErrors({ x, d, targets, penalties, scale, ...choice, fold }, watch);
  const ridge = await Ridge.of(x, x.length / d, d, scale, watch);
  const testX = ridge.standardise(others);
  const breather = new Breather();
  const predictions: Float64Array[] = [];
  const chosen: number[] = [];
  for (const [t, values] of targets.entries()) {
    const target = ridge.target(values);
    const best = penalties.length === 1 ? 0 : errors ? leastAt(errors[t]!) : leastAt(gcvErrors(ridge, target, penalties));
    chosen.push(best);
    predictions.push(ridge.predict(target, penalties[best]! * ridge.m, testX));
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return { predictions, chosen };
}

function gcvErrors(ridge: Ridge, target: RidgeTarget, penalties: readonly number[]): number[] {
  return penalties.map((share) => ridge.gcv(target, share * ridge.m));
}

/** Place of the least number, the first of equal ones; NaN never is. */
function leastAt(values: ArrayLike<number>): number {
  let best = 0;
  let least = Infinity;
  for (let k = 0; k < values.length; k++) {
    if (values[k]! < least) [least, best] = [values[k]!, k];
  }
  return best;
}

function indices(folds: Uint8Array, keep: (fold: number) => boolean): Uint32Array {
  return Uint32Array.from([...folds.keys()].filter((i) => keep(folds[i]!)));
}

/**
 * Held-out R²: 1 - squared errors of the predictions / squared deviations from the mean of all words. Below 0 where the
 * mean rating predicts better; NaN where all ratings are equal.
 */
export function heldOutR2(target: Float64Array, predictions: Float64Array): number {
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  let errors = 0;
  let squares = 0;
  target.forEach((value, i) => {
    errors += (value - predictions[i]!) ** 2;
    squares += (value - mean) ** 2;
  });
  return squares > 0 ? 1 - errors / squares : NaN;
}
