/**
 * Noise ceilings from the RDMs of several raters (Nili et al. 2014, "A toolbox for representational similarity
 * analysis"). Upper: how well the pooled RDM of all raters, which knows every rater, agrees with each of them. Lower: how
 * well the pooled RDM of the others agrees with the one that was left out.
 */
import type { Watch } from '../../base/progress.ts';
import type { NoiseCeiling } from '../../data/ceiling.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { Interval } from '../../data/values.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { PhiloxStream } from '../../gpu/philox.ts';
import { drawWeights } from '../inference/bootstrap.ts';
import { type Comparison, comparison, drawnComparison } from '../comparators/comparison.ts';
import type { Numbers } from '../comparators/correlate.ts';
import { poolable, poolRdms } from './rater-pool.ts';
import { tInterval } from './rater-tests.ts';
import { hasValue } from './usable.ts';
import { resampledRdm, subRdm } from '../inference/resample.ts';

type Rdms = readonly (Float32Array | Float64Array)[];

/** A rater's RDM as it is pooled and as it is compared: worked out once, however many pools it enters. */
interface Rater {
  readonly part: Float64Array;
  readonly prepared: Numbers;
}

async function ratersOf(how: Comparison, rdms: Rdms, watch: Watch): Promise<Rater[]> {
  const out: Rater[] = [];
  for (const rdm of rdms) {
    out.push({ part: poolable(how.comparator, rdm), prepared: how.prepare(rdm) });
    await breathe(watch);
  }
  return out;
}

/** Rankings of large RDMs take long; between two of them a cancel is heard. */
async function breathe({ signal }: Watch): Promise<void> {
  if (breather.due()) await pause();
  signal?.throwIfAborted();
}
const breather = new Breather();

/**
 * The ceiling of some RDMs.
 *
 * @param how the comparator, for complete RDMs or for drawn words
 * @param rdms one per rater, over the same pairs
 * @param groups which rater each RDM is of: copies of a rater (in a bootstrap) are left out together, and each rater
 *   counts once; by default every RDM is another rater's
 * @returns NaN for the lower one where there is one rater alone
 */
export async function raterCeiling(how: Comparison, rdms: Rdms, groups: readonly number[] = rdms.map((_, s) => s), watch: Watch = {}): Promise<NoiseCeiling> {
  return ceilingOf(how, await ratersOf(how, rdms, watch), groups, watch);
}

/** A pool of some of the raters is the sum of all less the sum of the others: no comparator sees a pool's scale or shift. */
async function ceilingOf(how: Comparison, raters: readonly Rater[], groups: readonly number[], watch: Watch): Promise<NoiseCeiling> {
  const all = sumOf(raters);
  const whole = how.prepare(all);
  const lower: number[] = [];
  const upper: number[] = [];
  for (const group of new Set(groups)) {
    const own = raters.filter((_, s) => groups[s] === group);
    let rest: Numbers | null = null;
    if (own.length < raters.length) {
      const left = Float64Array.from(all);
      for (const { part } of own) for (let k = 0; k < left.length; k++) left[k]! -= part[k]!;
      rest = how.prepare(left);
    }
    lower.push(average(own.map(({ prepared }) => (rest ? how.value(rest, prepared) : NaN))));
    upper.push(average(own.map(({ prepared }) => how.value(whole, prepared))));
    await breathe(watch);
  }
  return { lower: average(lower), upper: average(upper) };
}

function sumOf(raters: readonly Rater[]): Float64Array {
  const sum = Float64Array.from(raters[0]!.part);
  for (const { part } of raters.slice(1)) for (let k = 0; k < sum.length; k++) sum[k]! += part[k]!;
  return sum;
}

/** Words and raters that one fold tests; the other raters are what the lower ceiling is made of. */
export interface CeilingFold {
  readonly words: Uint32Array;
  readonly raters: readonly number[];
}

/**
 * The ceiling over folds of words and raters, for candidates that were fitted on the other words and raters. Lower: the
 * pooled RDM of the other raters, over the fold's words. Upper: all raters pooled over all words, then cut to the fold's.
 * Raters whose distances are all equal over a fold's words are left out of that fold.
 *
 * @param n words of the RDMs
 * @returns `leftOut`: how often a rater was left out of a fold of words; the ends are NaN where no fold has a value
 */
export async function crossValidatedCeiling(
  comparator: RdmComparator, rdms: Rdms, n: number, folds: readonly CeilingFold[], watch: Watch = {},
): Promise<NoiseCeiling & { readonly leftOut: number }> {
  const all = poolRdms(comparator, rdms.map((rdm) => poolable(comparator, rdm)));
  const perFold: NoiseCeiling[] = [];
  let leftOut = 0;
  for (const { words, raters } of folds) {
    await breathe(watch);
    const how = comparison(comparator, words.length);
    const cut = rdms.map((rdm) => subRdm(rdm, n, words));
    const usable = cut.map((rdm) => hasValue(comparator, rdm));
    leftOut += raters.filter((s) => !usable[s]).length;
    const others = cut.filter((_, s) => usable[s] && !raters.includes(s));
    const own = raters.filter((s) => usable[s]).map((s) => how.prepare(cut[s]!));
    if (!own.length || !others.length) continue;
    const whole = how.prepare(subRdm(all, n, words));
    const rest = how.prepare(poolRdms(comparator, others.map((rdm) => poolable(comparator, rdm))));
    perFold.push({ lower: average(own.map((rdm) => how.value(rest, rdm))), upper: average(own.map((rdm) => how.value(whole, rdm))) });
  }
  return { lower: average(perFold.map(({ lower }) => lower)), upper: average(perFold.map(({ upper }) => upper)), leftOut };
}

/** Stream of the seed that shuffles words and raters into folds. */
const foldStream = 0xa7ff_ffff;

/** Every fold of words with every fold of raters; both are shuffled by the seed, and folds differ by at most one. */
export function ceilingFolds(n: number, raters: number, counts: { readonly words: number; readonly raters: number }, seed: number): CeilingFold[] {
  const stream = new PhiloxStream(seed, foldStream);
  const shuffled = (count: number): number[] => {
    const order = Array.from({ length: count }, (_, k) => k);
    for (let k = count - 1; k > 0; k--) {
      const other = stream.below(k + 1);
      [order[k], order[other]] = [order[other]!, order[k]!];
    }
    return order;
  };
  const foldsOf = (count: number, parts: number): number[][] => {
    const order = shuffled(count);
    return Array.from({ length: parts }, (_, part) => order.filter((_, k) => k % parts === part).sort((a, b) => a - b));
  };
  const words = foldsOf(n, counts.words).map((fold) => Uint32Array.from(fold));
  return foldsOf(raters, counts.raters).flatMap((fold) => words.map((some) => ({ words: some, raters: fold })));
}

/** Streams of the seed that draw raters; the words' streams are those of bootstrap.ts. */
export const raterStreams = 0xa800_0000;

/** Which raters draw number `draw` takes: `count` of them, with replacement. */
export function drawRaters(seed: number, draw: number, count: number): number[] {
  const stream = new PhiloxStream(seed, raterStreams + draw);
  return Array.from({ length: count }, () => stream.below(count));
}

/** Which words draw number `draw` takes, in ascending order: those of {@link drawWeights}. */
export function drawWords(seed: number, draw: number, n: number): Uint32Array<ArrayBuffer> {
  const weights = drawWeights(seed, draw, new Uint32Array(n));
  const words = new Uint32Array(n);
  let at = 0;
  weights.forEach((weight, word) => { for (let k = 0; k < weight; k++) words[at++] = word; });
  return words;
}

export interface CeilingBootstrap {
  readonly over: 'raters' | 'words' | 'both';
  readonly draws: number;
  readonly seed: number;
  readonly level: number;
}

/**
 * Intervals of both ends over drawn raters, words or both; pairs of a word with its own copy are left out. The end -+ t x
 * the draws' SD, corrected by k / (k - 1): a draw has fewer different raters than there are, which moves its own ends
 * apart, so that percentiles would be off centre.
 *
 * @returns `without`: how many draws have no value, as all distances of a rater are equal over the drawn words
 */
export async function bootstrapCeiling(
  comparator: RdmComparator, rdms: Rdms, n: number, ceiling: NoiseCeiling, { over, draws, seed, level }: CeilingBootstrap, watch: Watch,
): Promise<{ lower: Interval; upper: Interval; without: number }> {
  const complete = comparison(comparator, n);
  const prepared = over === 'raters' ? await ratersOf(complete, rdms, watch) : [];
  const [lower, upper] = [new Float64Array(draws), new Float64Array(draws)];
  const telling = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    const raters = over === 'words' ? rdms.map((_, s) => s) : drawRaters(seed, draw, rdms.length);
    let found: NoiseCeiling;
    if (over === 'raters') found = await ceilingOf(complete, raters.map((s) => prepared[s]!), raters, watch);
    else {
      const words = drawWords(seed, draw, n);
      const how = drawnComparison(comparator, words);
      const drawn = await ratersOf(how, rdms.map((rdm) => resampledRdm(rdm, n, words).values), watch);
      found = await ceilingOf(how, raters.map((s) => drawn[s]!), raters, watch);
    }
    [lower[draw], upper[draw]] = [found.lower, found.upper];
    if (!telling.due()) continue;
    watch.progress?.({ label: 'bootstrap of the noise ceiling', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  const units = over === 'raters' ? rdms.length : over === 'words' ? n : Math.min(n, rdms.length);
  const without = lower.filter((value, draw) => !Number.isFinite(value + upper[draw]!)).length;
  return { lower: around(ceiling.lower, lower, units, level), upper: around(ceiling.upper, upper, units, level), without };
}

/** Held to -1 to 1. */
function around(value: number, draws: Float64Array, units: number, level: number): Interval {
  const found = draws.filter((draw) => Number.isFinite(draw));
  const mean = average([...found]);
  const variance = found.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / (found.length - 1);
  const interval = tInterval(value, Math.sqrt((variance * units) / (units - 1)), units - 1, level);
  return interval && [Math.max(-1, interval[0]), Math.min(1, interval[1])];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
