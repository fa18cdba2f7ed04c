/**
 * Models against a base on the same words: values, intervals and differences from one set of bootstrap draws.
 *
 * A model that was trained several times with other seeds (repeats) counts with the mean over its repeats. The interval
 * of its value is over words. Its difference from the base is drawn on two levels: in every draw the words are drawn, as
 * for all models, and the repeats too, so that the interval covers both the choice of words and the chance of training.
 */
import type { Interval } from '../../data/values.ts';
import { PhiloxStream } from '../../gpu/philox.ts';
import { percentileInterval } from '../comparators/correlate.ts';

/** One measure of a model, of each of its repeats. */
export interface Measured {
  /** One per repeat; at least one. */
  readonly values: readonly number[];
  /** One array per repeat: the measure in each draw of the words, the same draws for every model. Empty arrays without draws. */
  readonly draws: readonly Float64Array[];
}

/** How far repeats lie apart. */
export interface Spread {
  /** With n - 1 in the denominator. */
  readonly sd: number;
  readonly low: number;
  readonly high: number;
}

/** Streams of the seed that draw repeats lie above those that draw words, which are numbered by draw. */
const repeatStreams = 0x4000_0000;
const mostDraws = 2 ** 20;

/** Taken around the first value, so that the mean of equal numbers is that number, with no rounding. */
export function meanOf(values: readonly number[]): number {
  const [first = Number.NaN] = values;
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** Null for a model that was trained once. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length < 2) return null;
  const centre = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { sd: Math.sqrt(squares / (values.length - 1)), low: Math.min(...values), high: Math.max(...values) };
}

/** The mean over repeats in each draw of the words. */
function meanDraws(draws: readonly Float64Array[]): Float64Array {
  return Float64Array.from(draws[0] ?? [], (_, draw) => meanOf(draws.map((own) => own[draw]!)));
}

/** The interval of a mean over repeats, over words. Null without draws. */
export function intervalOver({ draws }: Measured, level: number): Interval {
  return percentileInterval(meanDraws(draws), level);
}

/** The same as {@link meanDraws}, with the repeats drawn as well; `model` numbers the model, 0 to 1023. */
function drawnMeans(draws: readonly Float64Array[], seed: number, model: number): Float64Array {
  if (draws.length < 2) return meanDraws(draws);
  return Float64Array.from(draws[0]!, (_, draw) => {
    const stream = new PhiloxStream(seed, repeatStreams + model * mostDraws + draw);
    return meanOf(draws.map(() => draws[stream.below(draws.length)]![draw]!));
  });
}

/**
 * Two-sided p of a difference from its bootstrap draws: twice (1 + those at or beyond zero on the other side) / (1 + all
 * draws), at most 1. So no p is below 2 / (draws + 1). Draws without a value are left out; null without any.
 */
export function bootstrapP(differences: Float64Array): number | null {
  let [below, above, all] = [0, 0, 0];
  for (const value of differences) {
    if (!Number.isFinite(value)) continue;
    all++;
    if (value <= 0) below++;
    if (value >= 0) above++;
  }
  return all === 0 ? null : Math.min(1, (2 * (1 + Math.min(below, above))) / (all + 1));
}

export interface PairedDifference {
  readonly value: number;
  readonly interval: Interval;
  /** See {@link bootstrapP}; null without draws. */
  readonly p: number | null;
}

/**
 * A model's measure minus the base's, paired over words.
 *
 * @param options.models numbers of the model and of the base, which tell the draws of their repeats apart
 */
export function pairedDifference(own: Measured, base: Measured, options: { level: number; seed: number; models: readonly [number, number] }): PairedDifference {
  const [ours, theirs] = [drawnMeans(own.draws, options.seed, options.models[0]), drawnMeans(base.draws, options.seed, options.models[1])];
  const differences = ours.map((value, draw) => value - theirs[draw]!);
  return { value: meanOf(own.values) - meanOf(base.values), interval: percentileInterval(differences, options.level), p: bootstrapP(differences) };
}
