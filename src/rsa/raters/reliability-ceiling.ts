/** The noise ceiling of one set of dimensions from published means, SDs and numbers of raters; the model is in reliability.ts. */
import { Problem } from '../../base/problem.ts';
import { setTitle } from '../../data/dimensions.ts';
import type { RaterSpread, RepresentationValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { percent } from '../../ui/format.ts';
import { type Alignment, type Block, gather, keepComplete, keepWhere } from '../align.ts';
import { requireRoom, type RsaServices } from '../analyse.ts';
import type { SetPlan } from '../choose.ts';
import { comparison } from '../comparators/comparison.ts';
import { percentileInterval } from '../comparators/correlate.ts';
import { prepareBlocks } from '../distances/prepare.ts';
import { rdmsOf } from '../distances/rdm.ts';
import { fewestWords } from '../limits.ts';
import type { CeilingResult, CeilingSettings } from './ceilings.ts';
import { refuseCrossnobis } from './raters.ts';
import { type PublishedRatings, RatingSimulator, reliabilities } from './reliability.ts';

/** From this share of ratings with SD 0 on, the ceiling is told to be too low; the page has how much. */
const manyUnanimous = 0.3;

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
    // A mean of equal numbers need not be that number to the last digit.
    if (answers.length > 1 && answers.every((answer) => answer === answers[0])) sd[cell] = 0;
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
  if (n < 20) services.warn(`${setTitle(set)}: only ${n} words; all values are rough.`);
  const published = { n, d, means, errors };
  const names = reference.columns!.map((column) => reference.names[column]!);
  const reliability = reliabilities(published, raters, names);
  const unreliable = reliability.filter((one) => one.reliability === 0).map(({ dimension }) => dimension);
  if (unreliable.length) services.warn(`${setTitle(set)}: the means of ${unreliable.join(', ')} differ no more than their errors; their reliability is 0.`);
  const unanimous = reliability.reduce((sum, one) => sum + one.unanimous, 0) / d;
  if (unanimous > manyUnanimous) {
    services.warn(`${setTitle(set)}: in ${percent(unanimous)} of the ratings all raters gave the same answer (SD 0), as at the end of a scale. That is far from errors that are normal, and the ceiling comes out too low: by about .02, by .05 and more where ratings are noisy.`);
  }

  const { upper, lower, lost } = await simulate(published, { alignment, reference, names }, set, settings, services);
  const without = [...upper].filter((value, k) => !Number.isFinite(value + lower[k]!)).length;
  if (without > 0) services.warn(`${setTitle(set)}: ${without} of ${settings.simulations} simulations have no value, as all their distances are equal; the ceiling is the mean of the others.`);
  const short = lost.filter((words) => words > 0);
  if (short.length > 0) services.warn(`${setTitle(set)}: in ${short.length} of ${settings.simulations} simulations words without a distance were left out, at most ${Math.max(...short)} of ${n}.`);
  return {
    dropped: alignment.dropped,
    row: {
      set, n, pairs: pairCount(n), lower: average(lower), upper: average(upper), lowerInterval: null, upperInterval: null,
      lowerSpread: percentileInterval(lower, settings.level), upperSpread: percentileInterval(upper, settings.level),
      raters: null, crossValidated: null, unanimous, reliability,
    },
  };
}

interface Simulated {
  /** One value for each simulation; NaN where it has none. */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  /** Words that each simulation left out. */
  readonly lost: readonly number[];
}

async function simulate(
  published: PublishedRatings, { alignment, reference, names }: { readonly alignment: Alignment; readonly reference: Block; readonly names: readonly string[] },
  set: string, settings: CeilingSettings, services: RsaServices,
): Promise<Simulated> {
  const { n, d } = published;
  const simulator = new RatingSimulator(published);
  const [lower, upper] = [new Float64Array(settings.simulations), new Float64Array(settings.simulations)];
  const lost: number[] = [];
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
    for (const note of notes) if (!told.has(note)) services.warn(`${setTitle(set)}: ${note}`);
    notes.forEach((note) => told.add(note));
    lost.push(n - kept.words.length);
    const how = comparison(settings.comparator, kept.words.length);
    const [t, a, b] = (await rdmsOf(services.compute, layers, settings.treatment, quiet)).map((rdm) => how.prepare(rdm));
    upper[k] = how.value(t!, a!);
    lower[k] = how.value(a!, b!);
    services.watch.progress?.({ label: `${set}: simulated raters`, done: k + 1, total: settings.simulations });
    services.watch.signal?.throwIfAborted();
  }
  return { upper, lower, lost };
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

/** Of the values that exist; NaN where none does. */
function average(values: Float64Array): number {
  const found = values.filter((value) => Number.isFinite(value));
  let sum = 0;
  for (const value of found) sum += value;
  return sum / found.length;
}
