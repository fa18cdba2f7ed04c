/** The noise ceiling of one set of dimensions, from raters, from reliability, or from a second norms. */
import { Problem } from '../../base/problem.ts';
import type { CeilingRow } from '../../data/ceiling.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { ResampledOver } from '../../data/raters.ts';
import type { Dropped, MeasuredBy, RaterSpread, RepresentationValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { type Alignment, type Block, gather, keepComplete, keepWhere } from '../align.ts';
import { analyseSet, requireRoom, type RsaServices, StatesCache } from '../analyse.ts';
import type { SetPlan } from '../choose.ts';
import { comparison } from '../comparators/comparison.ts';
import { percentileInterval } from '../comparators/correlate.ts';
import { fewestWords } from '../limits.ts';
import { prepareBlocks, type Treatment } from '../distances/prepare.ts';
import { bootstrapCeiling, ceilingFolds, crossValidatedCeiling, raterCeiling } from './rater-ceiling.ts';
import { raterBlocks, rdmsOfBlocks, refuseCrossnobis } from './raters.ts';
import { rdmsOf } from '../distances/rdm.ts';
import { RatingSimulator, reliabilities } from './reliability.ts';
import { resamplingFor } from '../inference/sample-words.ts';

export interface CeilingSettings {
  readonly treatment: Treatment;
  readonly comparator: RdmComparator;
  readonly over: ResampledOver;
  readonly bootstrap: number;
  readonly simulations: number;
  /** Folds of words (1 keeps them together) and of raters (0 asks for no cross-validated ceiling). */
  readonly wordFolds: number;
  readonly raterFolds: number;
  readonly level: number;
  readonly seed: number;
}

export interface CeilingResult {
  readonly row: CeilingRow;
  readonly dropped: readonly Dropped[];
}

/** From every rater's own RDM; see rater-ceiling.ts. */
export async function ceilingFromRaters(
  { set, reference }: SetPlan, measuredBy: MeasuredBy, aligned: Alignment, settings: CeilingSettings, services: RsaServices,
): Promise<CeilingResult> {
  const { comparator, over, level, seed } = settings;
  const { rdms, n, dropped } = await rdmsOfBlocks(set, raterBlocks(reference, measuredBy), aligned, settings.treatment, services);
  if (rdms.length < 5) services.warn(`${set}: only ${rdms.length} ${measuredBy.by}s; the ceiling is rough.`);
  services.watch.progress?.({ label: `${set}: noise ceiling`, done: 0, total: 1 });
  const ceiling = await raterCeiling(comparison(comparator, n), rdms, undefined, services.watch);
  const folds = settings.raterFolds === 0 ? null : foldsFor(n, rdms.length, settings, services.place);
  const watch = { ...services.watch, progress: (step: { label: string; done: number; total: number }) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }) };
  const intervals = settings.bootstrap > 0
    ? await bootstrapCeiling(comparator, rdms, n, ceiling, { over, draws: settings.bootstrap, seed, level }, watch)
    : { lower: null, upper: null };
  const crossValidated = folds && await crossValidatedCeiling(comparator, rdms, n, folds, watch);
  return {
    dropped,
    row: {
      set, n, pairs: pairCount(n), ...ceiling, lowerInterval: intervals.lower, upperInterval: intervals.upper, raters: rdms.length,
      crossValidated, reliability: [],
    },
  };
}

function foldsFor(n: number, raters: number, { wordFolds, raterFolds, seed }: CeilingSettings, place: string): ReturnType<typeof ceilingFolds> {
  if (raterFolds < 2 || raterFolds > raters) {
    throw new Problem({ code: 'rater-folds', place, what: `raterFolds is ${raterFolds}, with ${raters} raters`, fix: `Write 2 to ${raters}, or 0 for none.` });
  }
  if (Math.floor(n / wordFolds) < 4) {
    throw new Problem({ code: 'word-folds', place, what: `wordFolds is ${wordFolds}, which leaves fewer than 4 of ${n} words to a fold`, fix: `Write at most ${Math.max(1, Math.floor(n / 4))}.` });
  }
  return ceilingFolds(n, raters, { words: wordFolds, raters: raterFolds }, seed);
}

/**
 * SD and number of raters of every rating: published ones, or those of the raters themselves.
 *
 * @throws Problem `no-spread` where there is neither
 */
export function spreadOf({ spread, layers, measuredBy }: RepresentationValue, cell: string, place: string): RaterSpread {
  if (spread) return spread;
  const measurements = layers.at(-1)?.measurements;
  if (measuredBy?.by === 'rater' && measurements) return spreadOver(measurements);
  throw new Problem({
    code: 'no-spread', place, what: `${cell} has ratings without their SD and number of raters`,
    fix: 'Fill in sd ("*.SD") and n ("*.N", "N_known.*") of that ratings cell, with a table in from.',
  });
}

/** SD (with one less below) over the raters who answered; NaN where fewer than two did. */
function spreadOver(measurements: readonly (Float32Array | Float64Array)[]): RaterSpread {
  const cells = measurements[0]!.length;
  const [sd, raters] = [new Float64Array(cells), new Float64Array(cells)];
  for (let cell = 0; cell < cells; cell++) {
    const answers = measurements.map((own) => own[cell]!).filter((answer) => !Number.isNaN(answer));
    const mean = answers.reduce((sum, answer) => sum + answer, 0) / answers.length;
    raters[cell] = answers.length;
    sd[cell] = answers.length > 1 ? Math.sqrt(answers.reduce((sum, answer) => sum + (answer - mean) ** 2, 0) / (answers.length - 1)) : NaN;
  }
  return { sd, raters };
}

/**
 * From published means, SDs and numbers of raters; see reliability.ts. Upper: agreement of a simulated truth, which a
 * perfect model would know, with means of as many raters. Lower: agreement of two such means, that of another group of raters.
 */
export async function ceilingFromReliability(
  { set, reference }: SetPlan, spread: RaterSpread, aligned: Alignment, settings: CeilingSettings, services: RsaServices,
): Promise<CeilingResult> {
  refuseCrossnobis(settings.treatment, services.place);
  const { alignment, means, errors, raters, d } = publishedIn(reference, spread, aligned);
  const n = alignment.words.length;
  if (n < fewestWords) {
    throw new Problem({
      code: 'too-few-words', place: services.place, what: `${n} words have means, SDs and numbers of raters under the set ${set}; RSA needs ${fewestWords}`,
      fix: 'Check the columns that sd and n of the ratings cell name.',
    });
  }
  requireRoom(n, 3, services.place, 'Draw a sample in the stimuli cell.');
  if (n < 20) services.warn(`${set}: only ${n} words; all values are rough.`);
  const published = { n, d, means, errors };
  const names = reference.columns!.map((column) => reference.names[column]!);
  const reliability = reliabilities(published, raters, names);
  const unreliable = reliability.filter((one) => one.reliability === 0).map(({ dimension }) => dimension);
  if (unreliable.length) services.warn(`${set}: the means of ${unreliable.join(', ')} differ no more than their errors; their reliability is 0.`);

  const simulator = new RatingSimulator(published);
  const [lower, upper] = [new Float64Array(settings.simulations), new Float64Array(settings.simulations)];
  const told = new Set<string>();
  // Simulations are counted, not the rows of each RDM.
  const quiet = services.watch.signal ? { signal: services.watch.signal } : {};
  for (let k = 0; k < settings.simulations; k++) {
    const { truth, observed, replication } = simulator.draw(settings.seed, k);
    const blocks = [truth, observed, replication].map((data): Block => ({
      of: 0, label: reference.label, names, columns: names.map((_, column) => column), layer: { name: 'ratings', index: 0, d, data },
    }));
    const rows = [Uint32Array.from({ length: n }, (_, i) => i)];
    const { layers, alignment: kept, notes } = await prepareBlocks(blocks, { words: alignment.words, rows, dropped: [] }, settings.treatment, services.place, quiet);
    for (const note of notes) if (!told.has(note)) services.warn(`${set}: ${note}`);
    notes.forEach((note) => told.add(note));
    const how = comparison(settings.comparator, kept.words.length);
    const [t, a, b] = (await rdmsOf(services.compute, layers, settings.treatment, quiet)).map((rdm) => how.prepare(rdm));
    upper[k] = how.value(t!, a!);
    lower[k] = how.value(a!, b!);
    services.watch.progress?.({ label: `${set}: simulated raters`, done: k + 1, total: settings.simulations });
    services.watch.signal?.throwIfAborted();
  }
  return {
    dropped: alignment.dropped,
    row: {
      set, n, pairs: pairCount(n), lower: average(lower), upper: average(upper),
      lowerInterval: percentileInterval(lower, settings.level), upperInterval: percentileInterval(upper, settings.level),
      raters: null, crossValidated: null, reliability,
    },
  };
}

/** The set's published numbers of the words that have all of them, each n x d. */
function publishedIn(reference: Block, spread: RaterSpread, aligned: Alignment): { alignment: Alignment; means: Float64Array; errors: Float64Array; raters: Float64Array; d: number } {
  const { layer, columns, names, label, of } = reference;
  const complete = keepComplete(aligned, [reference]);
  const alignment = keepWhere(complete, (at) => {
    const start = complete.rows[of]![at]! * layer.d;
    const unknown = columns!.find((column) => !(spread.sd[start + column]! >= 0 && spread.raters[start + column]! >= 1));
    return unknown === undefined ? '' : `no SD or number of raters of ${names[unknown]!} in ${label}`;
  });
  const rows = alignment.rows[of]!;
  const take = (data: Float64Array): Float64Array => Float64Array.from(gather(reference, rows, data));
  const [sd, raters] = [take(spread.sd), take(spread.raters)];
  return { alignment, means: Float64Array.from(gather(reference, rows)), errors: sd.map((value, cell) => value / Math.sqrt(raters[cell]!)), raters, d: columns!.length };
}

/** From a second norms of the same words, in another language say: how well people agree with other people. */
export async function ceilingFromNorms(plan: SetPlan, aligned: Alignment, settings: CeilingSettings, services: RsaServices): Promise<CeilingResult> {
  const { rows, dropped } = await analyseSet(plan, aligned, {
    ...settings.treatment, comparator: settings.comparator, permutations: 0, alternative: 'greater', correction: 'none', ties: 'exact',
    bootstrap: settings.bootstrap, resampling: resamplingFor(settings.comparator, 'automatic', services.place), interval: 'corrected', level: settings.level, differences: 'none', seed: settings.seed,
  }, services, new StatesCache());
  const { set, n, pairs, value, interval } = rows[0]!;
  return { dropped, row: { set, n, pairs, lower: value, upper: value, lowerInterval: interval, upperInterval: interval, raters: null, crossValidated: null, reliability: [] } };
}

function average(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
