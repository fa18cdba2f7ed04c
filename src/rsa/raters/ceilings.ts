/** The noise ceiling of one set of dimensions, from raters or from a second norms; from reliability it is in reliability-ceiling.ts. */
import { Problem } from '../../base/problem.ts';
import { setTitle } from '../../data/dimensions.ts';
import type { CeilingRow } from '../../data/ceiling.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { ResampledOver } from '../../data/raters.ts';
import type { Dropped, MeasuredBy } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import type { Alignment } from '../align.ts';
import { analyseSet, type RsaServices, StatesCache } from '../analyse.ts';
import type { SetPlan } from '../choose.ts';
import { comparison } from '../comparators/comparison.ts';
import { fewestWords } from '../limits.ts';
import type { Treatment } from '../distances/treatment.ts';
import { bootstrapCeiling, ceilingFolds, crossValidatedCeiling, raterCeiling } from './rater-ceiling.ts';
import { raterBlocks, rdmsOfBlocks } from './raters.ts';
import { usableRaters } from './usable.ts';
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
  const { rdms: all, n, dropped } = await rdmsOfBlocks(set, raterBlocks(reference, measuredBy), aligned, settings.treatment, services);
  const rdms = usableRaters(set, comparator, all, measuredBy, services).map((s) => all[s]!);
  if (rdms.length < 5) services.warn(`${setTitle(set)}: only ${rdms.length} ${measuredBy.by}s; the ceiling is rough.`);
  services.watch.progress?.({ label: `${set}: noise ceiling`, done: 0, total: 1 });
  const ceiling = await raterCeiling(comparison(comparator, n), rdms, undefined, services.watch);
  const folds = settings.raterFolds === 0 ? null : foldsFor(n, rdms.length, settings, services.place);
  const watch = { ...services.watch, progress: (step: { label: string; done: number; total: number }) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }) };
  const intervals = settings.bootstrap > 0
    ? await bootstrapCeiling(comparator, rdms, n, ceiling, { over, draws: settings.bootstrap, seed, level }, watch)
    : { lower: null, upper: null, without: 0 };
  if (intervals.without > 0) {
    services.warn(`${setTitle(set)}: ${intervals.without} of ${settings.bootstrap} draws have no ceiling, as one ${measuredBy.by} alone was drawn or distances are all equal over the drawn words; the intervals are of the others.`);
  }
  const folded = folds && await crossValidatedCeiling(comparator, rdms, n, folds, watch);
  if (folded && folded.leftOut > 0) services.warn(`${setTitle(set)}: ${folded.leftOut} times a ${measuredBy.by} was left out of a fold of words over which all distances are equal.`);
  return {
    dropped,
    row: {
      set, n, pairs: pairCount(n), ...ceiling, lowerInterval: intervals.lower, upperInterval: intervals.upper, lowerSpread: null, upperSpread: null,
      raters: rdms.length, crossValidated: folded && { lower: folded.lower, upper: folded.upper }, unanimous: null, reliability: [],
    },
  };
}

function foldsFor(n: number, raters: number, { wordFolds, raterFolds, seed }: CeilingSettings, place: string): ReturnType<typeof ceilingFolds> {
  if (raterFolds < 2 || raterFolds > raters) {
    throw new Problem({ code: 'rater-folds', place, what: `raterFolds is ${raterFolds}, with ${raters} raters`, fix: `Write 2 to ${raters}, or 0 for none.` });
  }
  if (Math.floor(n / wordFolds) < fewestWords) {
    throw new Problem({ code: 'word-folds', place, what: `wordFolds is ${wordFolds}, which leaves fewer than ${fewestWords} of ${n} words to a fold`, fix: `Write at most ${Math.max(1, Math.floor(n / fewestWords))}.` });
  }
  return ceilingFolds(n, raters, { words: wordFolds, raters: raterFolds }, seed);
}

/** From a second norms of the same words, in another language say: how well people agree with other people. */
export async function ceilingFromNorms(plan: SetPlan, aligned: Alignment, settings: CeilingSettings, services: RsaServices): Promise<CeilingResult> {
  const { rows, dropped } = await analyseSet(plan, aligned, {
    ...settings.treatment, comparator: settings.comparator, permutations: 0, alternative: 'greater', correction: 'none', ties: 'exact',
    bootstrap: settings.bootstrap, resampling: resamplingFor(settings.comparator, 'automatic', services.place), interval: 'corrected', level: settings.level, differences: 'none', seed: settings.seed,
  }, services, new StatesCache());
  const { set, n, pairs, value, interval } = rows[0]!;
  return { dropped, row: { set, n, pairs, lower: value, upper: value, lowerInterval: interval, upperInterval: interval, lowerSpread: null, upperSpread: null, raters: null, crossValidated: null, unanimous: null, reliability: [] } };
}
