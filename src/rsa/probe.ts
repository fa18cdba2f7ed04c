/**
 * Ridge probe: how well a linear readout of hidden states predicts ratings of words it has not seen. Words are split
 * into folds; in each, features are standardised and the penalty is chosen on the training words only, by generalised
 * cross-validation (Golub, Heath and Wahba 1979), per dimension.
 *
 * One Householder tridiagonalisation per fold replaces a factorisation per penalty: for every penalty the system is
 * then tridiagonal, and its solution, its error and its degrees of freedom cost O(size).
 */
import type { Watch } from '../base/progress.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { PhiloxStream } from '../gpu/philox.ts';
import { columnMoments } from './standardise.ts';
import { solveTridiagonal, traceOfInverse, Tridiagonal } from './tridiagonal.ts';

/** Penalties tried, per training word: from nearly none to nearly everything, half a decade apart. */
export const penaltyGrid: readonly number[] = Array.from({ length: 17 }, (_, k) => 10 ** (-5 + k / 2));

/** Stream of the seed that shuffles words into folds; the bootstrap uses the low numbers. */
const foldStream = 0x8000_0000;

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

export interface ProbeOptions {
  /** Penalties per training word to choose from; one leaves no choice. */
  readonly penalties?: readonly number[];
  /** Whether features are scaled to SD 1 on the training words; they are centred in any case. */
  readonly scale?: boolean;
}

/** Folds of nearly equal size, shuffled by the seed. */
export function shuffledFolds(n: number, folds: number, seed: number): Uint8Array {
  const stream = new PhiloxStream(seed, foldStream);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const out = new Uint8Array(n);
  order.forEach((word, place) => { out[word] = place % folds; });
  return out;
}

/**
 * Predictions for every word from a readout trained without its fold.
 *
 * @returns one array of n predictions per dimension, on the ratings' own scale
 */
export async function heldOutPredictions(input: ProbeInput, watch: Watch = {}, options: ProbeOptions = {}): Promise<Float64Array[]> {
  const predictions = input.targets.map(() => new Float64Array(input.n));
  const count = input.folds.reduce((most, fold) => Math.max(most, fold + 1), 0);
  for (let fold = 0; fold < count; fold++) {
    watch.signal?.throwIfAborted();
    await pause();
    await predictFold(input, fold, predictions, watch, options);
  }
  return predictions;
}

async function predictFold(input: ProbeInput, fold: number, predictions: readonly Float64Array[], watch: Watch, options: ProbeOptions): Promise<void> {
  const { d, targets, folds } = input;
  const train = indices(folds, (value) => value !== fold);
  const test = indices(folds, (value) => value === fold);
  const { trainX, testX } = standardisedParts(input, train, test, options.scale ?? true);
  const m = train.length;
  // The smaller of the two Gram matrices: d x d of the features, or m x m of the words.
  const dual = m < d;
  const size = dual ? m : d;
  const gram = await gramMatrix(trainX, m, d, dual, watch);
  const system = await Tridiagonal.of(gram, size, watch);
  targets.forEach((target, t) => {
    const centre = train.reduce((sum, word) => sum + target[word]!, 0) / m;
    const y = Float64Array.from(train, (word) => target[word]! - centre);
    const right = dual ? y : transposeTimes(trainX, y, m, d);
    const rotated = system.rotate(right);
    const penalty = choosePenalty(system, rotated, y, dual, (options.penalties ?? penaltyGrid).map((share) => share * m));
    const solution = system.rotateBack(solveTridiagonal(system, penalty, rotated));
    const weights = dual ? transposeTimes(trainX, solution, m, d) : solution;
    for (let row = 0; row < test.length; row++) {
      let sum = centre;
      for (let k = 0; k < d; k++) sum += testX[row * d + k]! * weights[k]!;
      predictions[t]![test[row]!] = sum;
    }
  });
}

/** Minimises residual squares / (m - 1 - degrees of freedom)^2; the intercept takes the 1. */
function choosePenalty(system: Tridiagonal, rotated: Float64Array, y: Float64Array, dual: boolean, penalties: readonly number[]): number {
  if (penalties.length === 1) return penalties[0]!;
  const m = y.length;
  let best = penalties[0]!;
  let least = Infinity;
  for (const penalty of penalties) {
    const solution = solveTridiagonal(system, penalty, rotated);
    let residual = 0;
    if (dual) {
      for (const value of solution) residual += (penalty * value) ** 2;
    } else {
      // |y - Xw|^2 = y'y - 2 w'X'y + w'X'Xw, and X'Xw = X'y - penalty w.
      for (const value of y) residual += value * value;
      solution.forEach((value, k) => { residual -= value * (rotated[k]! + penalty * value); });
    }
    const freedom = system.size - penalty * traceOfInverse(system, penalty);
    // Below 1e-6 of the words the score is 0 / 0 and says nothing.
    const left = m - 1 - freedom;
    if (left < 1e-6 * m) continue;
    const score = residual / left ** 2;
    if (score < least) {
      least = score;
      best = penalty;
    }
  }
  return best;
}

function indices(folds: Uint8Array, keep: (fold: number) => boolean): Uint32Array {
  return Uint32Array.from([...folds.keys()].filter((i) => keep(folds[i]!)));
}

/** Features of training and test words, both centred (and scaled) by the training words alone. */
function standardisedParts(input: ProbeInput, train: Uint32Array, test: Uint32Array, scale: boolean): { trainX: Float64Array; testX: Float64Array } {
  const { d, features } = input;
  const take = (words: Uint32Array): Float64Array => {
    const out = new Float64Array(words.length * d);
    words.forEach((word, row) => { for (let k = 0; k < d; k++) out[row * d + k] = features[word * d + k]!; });
    return out;
  };
  const trainX = take(train);
  const testX = take(test);
  for (let column = 0; column < d; column++) {
    const { mean, sd } = columnMoments(trainX, train.length, d, column);
    // A feature that is constant in training teaches nothing: zero, also for the test words.
    const factor = sd === 0 ? 0 : scale ? 1 / sd : 1;
    for (let k = column; k < trainX.length; k += d) trainX[k] = (trainX[k]! - mean) * factor;
    for (let k = column; k < testX.length; k += d) testX[k] = (testX[k]! - mean) * factor;
  }
  return { trainX, testX };
}

/** X'X (d x d) or, dual, XX' (m x m); only the lower triangle is filled. */
async function gramMatrix(x: Float64Array, m: number, d: number, dual: boolean, watch: Watch): Promise<Float64Array> {
  // Both are dot products of contiguous rows: of X, or of its transpose.
  const rows = dual ? x : transpose(x, m, d);
  const size = dual ? m : d;
  const length = dual ? d : m;
  const gram = new Float64Array(size * size);
  const breather = new Breather();
  for (let i = 0; i < size; i++) {
    dotRows(rows, i, length, size, gram);
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return gram;
}

/** Row i of the lower triangle of the Gram matrix, four columns at a time. */
function dotRows(rows: Float64Array, i: number, length: number, size: number, gram: Float64Array): void {
  const a = i * length;
  let j = 0;
  for (; j + 3 <= i; j += 4) {
    const b0 = j * length;
    const b1 = b0 + length;
    const b2 = b1 + length;
    const b3 = b2 + length;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < length; k++) {
      const value = rows[a + k]!;
      s0 += value * rows[b0 + k]!;
      s1 += value * rows[b1 + k]!;
      s2 += value * rows[b2 + k]!;
      s3 += value * rows[b3 + k]!;
    }
    gram[i * size + j] = s0;
    gram[i * size + j + 1] = s1;
    gram[i * size + j + 2] = s2;
    gram[i * size + j + 3] = s3;
  }
  for (; j <= i; j++) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += rows[a + k]! * rows[j * length + k]!;
    gram[i * size + j] = sum;
  }
}

function transpose(x: Float64Array, m: number, d: number): Float64Array {
  const out = new Float64Array(m * d);
  for (let i = 0; i < m; i++) for (let k = 0; k < d; k++) out[k * m + i] = x[i * d + k]!;
  return out;
}

/** X'v for an m x d matrix X. */
function transposeTimes(x: Float64Array, v: Float64Array, m: number, d: number): Float64Array {
  const out = new Float64Array(d);
  for (let i = 0; i < m; i++) for (let k = 0; k < d; k++) out[k]! += x[i * d + k]! * v[i]!;
  return out;
}
