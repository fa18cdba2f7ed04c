/**
 * Bootstrap of RSA with every rater, over raters, words, or both. A draw of raters takes the mean over drawn raters; a
 * draw of words rebuilds every RDM over drawn words, pairs of a word with its own copy left out, and a draw of both does
 * both. Drawing both at once counts the variance of the measurement three times; the combination of Schütt, Kipnis,
 * Diedrichsen & Kriegeskorte (2023, "Statistical inference on representational geometries") takes that out.
 *
 * All candidates see the same draws, so that differences between them are paired.
 */
import type { Watch } from '../../base/progress.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { ResampledOver } from '../../data/raters.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { drawWeights, WeightedCorrelation } from '../inference/bootstrap.ts';
import { type Comparison, drawnComparison } from '../comparators/comparison.ts';
import type { Numbers } from '../comparators/correlate.ts';
import { doubledRanks } from '../comparators/ranks.ts';
import { drawRaters, drawWords } from './rater-ceiling.ts';
import { resampledRdm } from '../inference/resample.ts';

type Rdm = Float32Array | Float64Array;

export interface RaterBootstrapInput {
  readonly comparator: RdmComparator;
  /** Words. */
  readonly n: number;
  /** RDMs of the raters, condensed. */
  readonly raters: readonly Rdm[];
  readonly candidates: readonly Rdm[];
  /** Value of each candidate with each rater over all words. */
  readonly values: readonly (readonly number[])[];
  readonly over: ResampledOver;
  readonly draws: number;
  readonly seed: number;
}

/** Mean over raters of one candidate in each draw; empty where that was not drawn. */
export interface RaterDraws {
  readonly raters: Float64Array;
  readonly words: Float64Array;
  readonly both: Float64Array;
}

/** Up to this many words Spearman ranks anew in every draw; above, the ranks stay those of all words, as in bootstrap.ts. */
export const mostRankedAnew = 150;

/** The value of every candidate with every rater. */
export async function raterValues(how: Comparison, raters: readonly Rdm[], candidates: readonly Rdm[], watch: Watch = {}): Promise<number[][]> {
  const breather = new Breather();
  const breathe = async (): Promise<void> => {
    if (breather.due()) await pause();
    watch.signal?.throwIfAborted();
  };
  const prepared: Numbers[] = [];
  for (const rdm of raters) {
    prepared.push(how.prepare(rdm));
    await breathe();
  }
  const out: number[][] = [];
  for (const candidate of candidates) {
    const own = how.prepare(candidate);
    const values: number[] = [];
    for (const rdm of prepared) {
      values.push(how.value(own, rdm));
      await breathe();
    }
    out.push(values);
  }
  return out;
}

/** The same over drawn words, ranked anew where the comparator ranks. */
export function drawnRaterValues(
  comparator: RdmComparator, n: number, raters: readonly Rdm[], candidates: readonly Rdm[], words: ArrayLike<number>, watch: Watch = {},
): Promise<number[][]> {
  const drawn = (rdm: Rdm): Float64Array => resampledRdm(rdm, n, words).values;
  return raterValues(drawnComparison(comparator, words), raters.map(drawn), candidates.map(drawn), watch);
}

export async function bootstrapRaters(input: RaterBootstrapInput, watch: Watch = {}): Promise<RaterDraws[]> {
  const { raters, candidates, values, over, draws, seed } = input;
  const none = new Float64Array(0);
  const out = candidates.map((): RaterDraws => ({
    raters: over === 'words' ? none : new Float64Array(draws),
    words: over === 'raters' ? none : new Float64Array(draws),
    both: over === 'both' ? new Float64Array(draws) : none,
  }));
  const valuesOf = over === 'raters' ? null : wordValues(input, watch);
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    const drawn = over === 'words' ? [] : drawRaters(seed, draw, raters.length);
    const resampled = await valuesOf?.(draw);
    out.forEach((own, c) => {
      if (over !== 'words') own.raters[draw] = meanAt(values[c]!, drawn);
      if (resampled) own.words[draw] = meanAt(resampled[c]!, resampled[c]!.keys());
      if (over === 'both') own.both[draw] = meanAt(resampled![c]!, drawn);
    });
    if (!breather.due()) continue;
    watch.progress?.({ label: over === 'raters' ? 'bootstrap over raters' : over === 'words' ? 'bootstrap over words' : 'bootstrap over raters and words', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}

/** Candidate by rater values in a draw of the words: by weights where that serves, else from rebuilt RDMs. */
function wordValues({ comparator, n, raters, candidates, seed }: RaterBootstrapInput, watch: Watch): (draw: number) => Promise<readonly (readonly number[])[]> {
  if (comparator !== 'pearson' && !keepsRanks(comparator, n)) return (draw) => drawnRaterValues(comparator, n, raters, candidates, drawWords(seed, draw, n), watch);
  const scored = (rdm: Rdm): Rdm => (comparator === 'spearman' ? Float64Array.from(doubledRanks(rdm)) : rdm);
  const against = raters.map(scored);
  const weighers = candidates.map((candidate) => new WeightedCorrelation(n, scored(candidate), against));
  const weights = new Uint32Array(n);
  return (draw) => {
    drawWeights(seed, draw, weights);
    return Promise.resolve(weighers.map((weigher) => weigher.correlate(weights)));
  };
}

/** Whether the bootstrap over words keeps the ranks of all words. */
export const keepsRanks = (comparator: RdmComparator, n: number): boolean => comparator === 'spearman' && n > mostRankedAnew;

function meanAt(values: readonly number[], places: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const place of places) {
    sum += values[place]!;
    count++;
  }
  return sum / count;
}

/** How many raters and words were drawn from. */
export interface DrawnFrom {
  readonly raters: number;
  readonly words: number;
}

/**
 * The bootstrap's variance of a value or of a difference between two, each unit's share corrected by k / (k - 1).
 *
 * Over both: V = R V_raters + W V_words - R W (V_both - V_raters - V_words), R and W the corrections; not below the
 * larger of R V_raters and W V_words, not above V_both.
 */
export function bootstrapVariance(draws: RaterDraws, over: ResampledOver, from: DrawnFrom): number {
  const [r, w] = [from.raters / (from.raters - 1), from.words / (from.words - 1)];
  if (over === 'raters') return r * variance(draws.raters);
  if (over === 'words') return w * variance(draws.words);
  const [byRaters, byWords, byBoth] = [variance(draws.raters), variance(draws.words), variance(draws.both)];
  const combined = r * byRaters + w * byWords - r * w * (byBoth - byRaters - byWords);
  return Math.min(byBoth, Math.max(combined, r * byRaters, w * byWords));
}

/** Degrees of freedom of a t with that variance: units minus one, of the fewer where both are drawn. */
export function bootstrapDf(over: ResampledOver, from: DrawnFrom): number {
  if (over === 'raters') return from.raters - 1;
  if (over === 'words') return from.words - 1;
  return Math.min(from.raters, from.words) - 1;
}

/** Draws of a minus draws of b. */
export function drawDifferences(a: RaterDraws, b: RaterDraws): RaterDraws {
  const minus = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, draw) => value - y[draw]!);
  return { raters: minus(a.raters, b.raters), words: minus(a.words, b.words), both: minus(a.both, b.both) };
}

/** With one less than the count below; draws without a value are left out. */
function variance(values: Float64Array): number {
  const found = values.filter((value) => Number.isFinite(value));
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  return found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (found.length - 1);
}

