/**
 * RSA with every rater's own RDM under one set of dimensions: values, tests over raters, the bootstrap, differences
 * between candidates and the noise ceiling. A candidate that agrees with the mean of the raters may still agree with few
 * of them; what is tested here is whether it agrees with raters in general.
 */
import { Problem } from '../../base/problem.ts';
import { setTitle } from '../../data/dimensions.ts';
import type { NoiseCeiling } from '../../data/ceiling.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { BootstrapSpread, RatersCeiling, RatersDifference, RatersRow, ResampledOver } from '../../data/raters.ts';
import type { Dropped, MeasuredBy, RepresentationValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { listed, small } from '../../ui/format.ts';
import type { Alignment, Block } from '../align.ts';
import { requireRoom, type RsaServices } from '../analyse.ts';
import type { SetPlan } from '../choose.ts';
import { comparison } from '../comparators/comparison.ts';
import { fewestWords } from '../limits.ts';
import { prepareBlocks, type Treatment, withoutStill } from '../distances/prepare.ts';
import {
  bootstrapDf, bootstrapRaters, bootstrapVariance, drawDifferences, type DrawnFrom, keepsRanks, type RaterDraws, raterValues,
} from './rater-bootstrap.ts';
import { raterCeiling } from './rater-ceiling.ts';
import { greaterP, raterMean, tInterval, twoSidedP, wilcoxonP } from './rater-tests.ts';
import { rdmsOf } from '../distances/rdm.ts';
import { usableRaters } from './usable.ts';
import { leastWilcoxonP } from './wilcoxon.ts';

export interface RatersSettings {
  readonly treatment: Treatment;
  readonly comparator: RdmComparator;
  readonly over: ResampledOver;
  readonly bootstrap: number;
  readonly level: number;
  readonly differences: 'none' | 'first' | 'all';
  readonly seed: number;
}

export interface RatersResult {
  readonly rows: readonly RatersRow[];
  /** Without pAdjusted, which all sets of a cell share. */
  readonly differences: readonly RatersDifference[];
  readonly ceiling: RatersCeiling;
  readonly dropped: readonly Dropped[];
}

/**
 * What a reference's measurements are.
 *
 * @throws Problem `no-raters` where it has none
 */
export function measuredByOf(reference: RepresentationValue, cell: string, place: string): MeasuredBy {
  if (reference.measuredBy) return reference.measuredBy;
  const ratings = reference.dimensions.length > 0;
  throw new Problem({
    code: 'no-raters', place, what: `${cell} is one measurement of each word, without raters or templates`,
    fix: ratings
      ? 'Name a column pattern for each rater in raters of that ratings cell; where only means are published, a ceiling comes from: reliability.'
      : 'Switch keepTemplates on in that activations cell and give it two templates or more.',
  });
}

/** The reference's measurements as blocks of their own: the same columns, each with its rater's numbers. */
export function raterBlocks(reference: Block, { names }: MeasuredBy): Block[] {
  const { measurements = [], name, index, d } = reference.layer;
  return measurements.map((data, s) => ({ ...reference, label: `${reference.label}, ${names[s]!}`, layer: { name, index, d, data } }));
}

/** @throws Problem `crossnobis-raters`: each rater's RDM is made from one measurement of each word */
export function refuseCrossnobis({ metric }: Treatment, place: string): void {
  if (metric !== 'crossnobis') return;
  throw new Problem({
    code: 'crossnobis-raters', place, what: 'metric is crossnobis, which takes products of measurements, and here every rater or template makes an RDM of its own from one',
    fix: 'Choose metric: mahalanobis or sqeuclidean; in rdm and rsa cells crossnobis takes the measurements together.',
  });
}

/** RDMs of blocks over the words that all of them have. */
export async function rdmsOfBlocks(
  set: string, blocks: readonly Block[], aligned: Alignment, treatment: Treatment, services: RsaServices,
): Promise<{ rdms: readonly (Float32Array | Float64Array)[]; n: number; dropped: readonly Dropped[] }> {
  refuseCrossnobis(treatment, services.place);
  const { alignment, layers, notes } = await prepareBlocks(blocks, aligned, treatment, services.place, services.watch);
  const n = alignment.words.length;
  if (n < fewestWords) {
    throw new Problem({
      code: 'too-few-words', place: services.place,
      what: `${n} words are complete in all of ${blocks.length} measurements and candidates under the set ${set}; RSA needs ${fewestWords}`,
      fix: 'Leave out the raters with few words, or take words that all have rated.',
    });
  }
  requireRoom(n, blocks.length, services.place, 'Draw a sample in the stimuli cell, or choose fewer layers.');
  for (const note of notes) services.warn(`${setTitle(set)}: ${note}`);
  if (n < 20) services.warn(`${setTitle(set)}: only ${n} words; all values are rough.`);
  services.watch.progress?.({ label: `${set}: distances`, done: 0, total: blocks.length });
  return { rdms: await rdmsOf(services.compute, layers, treatment, services.watch), n, dropped: alignment.dropped };
}

/** Runs one set. */
export async function analyseRaters(
  plan: SetPlan, measuredBy: MeasuredBy, aligned: Alignment, settings: RatersSettings, services: RsaServices,
): Promise<RatersResult> {
  const { set } = plan;
  const { comparator, level, over } = settings;
  const candidates = withoutStill(plan.candidates, settings.treatment, services.warn);
  const measured = raterBlocks(plan.reference, measuredBy);
  const { rdms, n, dropped } = await rdmsOfBlocks(set, [...measured, ...candidates], aligned, settings.treatment, services);
  const kept = usableRaters(set, comparator, rdms.slice(0, measured.length), measuredBy, services);
  const [raters, others] = [kept.map((s) => rdms[s]!), rdms.slice(measured.length)];
  const how = comparison(comparator, n);
  services.watch.progress?.({ label: `${set}: comparing`, done: 0, total: 1 });
  const ceiling = await raterCeiling(how, raters, undefined, services.watch);
  const values = await raterValues(how, raters, others, services.watch);
  const from: DrawnFrom = { raters: raters.length, words: n };
  warnRough(set, comparator, from, settings, measuredBy, services.warn);

  const draws = settings.bootstrap > 0
    ? await bootstrapRaters({ comparator, n, raters, candidates: others, values, over, draws: settings.bootstrap, seed: settings.seed }, {
        ...services.watch, progress: (step) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }),
      })
    : null;
  const rows = candidates.map((block, k) => rowOf(set, block, values[k]!, draws?.[k] ?? null, n, from, ceiling, { over, level }));
  warnWithout(set, rows, draws, settings, services.warn);
  const differences = differencesBetween(candidates, rows, values, draws, from, settings);
  const inPlace = (own: RatersRow): RatersRow => ({ ...own, values: measured.map((_, s) => own.values[kept.indexOf(s)] ?? NaN) });
  return { rows: rows.map(inPlace), differences, ceiling: { set, noiseCeiling: ceiling }, dropped };
}

/** Candidates without a value, and draws without one, are told: neither is in the numbers. */
function warnWithout(set: string, rows: readonly RatersRow[], draws: readonly RaterDraws[] | null, { comparator, bootstrap }: RatersSettings, warn: (message: string) => void): void {
  const without = rows.filter(({ value }) => Number.isNaN(value)).map(({ candidate, layer }) => `${candidate}, ${layer}`);
  if (without.length) warn(`${setTitle(set)}: all distances between words are equal in ${listed(without)}, so that ${comparator} has no value.`);
  const most = Math.max(0, ...(draws ?? []).flatMap((own, k) => (Number.isNaN(rows[k]!.value) ? [] : [countWithout(own)])));
  if (most > 0) warn(`${setTitle(set)}: ${most} of ${bootstrap} draws have no value, as some distances are all equal over their words; the standard error is of the others.`);
}

const countWithout = ({ raters, words, both }: RaterDraws): number => Math.max(...[raters, words, both].map((draws) => draws.filter((value) => !Number.isFinite(value)).length));

function rowOf(
  set: SetPlan['set'], { label, layer }: Block, values: readonly number[], draws: RaterDraws | null, n: number, from: DrawnFrom, ceiling: NoiseCeiling,
  { over, level }: { over: ResampledOver; level: number },
): RatersRow {
  const { value, se, interval } = raterMean(values, level);
  const df = values.length - 1;
  return {
    candidate: label, layer: layer.name, layerIndex: layer.index, set, n, pairs: pairCount(n), values, raters: values.length, value, se, interval,
    p: greaterP(value, se, df),
    pCeiling: twoSidedP(value - ceiling.lower, se, df),
    pWilcoxon: wilcoxonP(values),
    pWilcoxonCeiling: wilcoxonP(values, ceiling.lower),
    bootstrap: draws && spreadOf(value, draws, over, from, level, greaterP),
  };
}

function spreadOf(value: number, draws: RaterDraws, over: ResampledOver, from: DrawnFrom, level: number, test: typeof greaterP): BootstrapSpread {
  const se = Math.sqrt(bootstrapVariance(draws, over, from));
  const df = bootstrapDf(over, from);
  return { se, df, interval: tInterval(value, se, df, level), p: test(value, se, df) };
}

/** Each candidate enters with its best layer; a minus b, where b comes first in the cell. */
function differencesBetween(
  candidates: readonly Block[], rows: readonly RatersRow[], byRater: readonly (readonly number[])[], draws: readonly RaterDraws[] | null, from: DrawnFrom, { differences, over, level }: RatersSettings,
): RatersDifference[] {
  if (differences === 'none') return [];
  const best = new Map<number, number>();
  rows.forEach(({ value }, k) => {
    const held = best.get(candidates[k]!.of);
    if (!Number.isNaN(value) && (held === undefined || value > rows[held]!.value)) best.set(candidates[k]!.of, k);
  });
  const chosen = [...best.values()];
  const pairs = chosen.flatMap((b, at) => (differences === 'all' || at === 0 ? chosen.slice(at + 1).map((a) => [a, b] as const) : []));
  return pairs.map(([a, b]): RatersDifference => {
    const values = byRater[a]!.map((value, s) => value - byRater[b]![s]!);
    const { value, se, interval } = raterMean(values, level);
    const name = (k: number): { candidate: string; layer: string } => ({ candidate: rows[k]!.candidate, layer: rows[k]!.layer });
    return {
      set: rows[a]!.set, a: name(a), b: name(b), value, se, interval,
      p: twoSidedP(value, se, values.length - 1), pAdjusted: null, pWilcoxon: wilcoxonP(values),
      bootstrap: draws && { ...spreadOf(value, drawDifferences(draws[a]!, draws[b]!), over, from, level, twoSidedP), pAdjusted: null },
    };
  });
}

function warnRough(set: string, comparator: RdmComparator, from: DrawnFrom, settings: RatersSettings, { by }: MeasuredBy, warn: (message: string) => void): void {
  const { raters, words } = from;
  if (raters < 5) warn(`${setTitle(set)}: only ${raters} ${by}s; t tests and intervals over ${by}s are rough.`);
  const least = leastWilcoxonP(raters);
  if (least > 0.05) warn(`${setTitle(set)}: with ${raters} ${by}s no exact Wilcoxon p can be below ${small(least)}.`);
  if (settings.bootstrap > 0 && settings.over !== 'raters' && keepsRanks(comparator, words)) {
    warn(`${setTitle(set)}: the bootstrap over words keeps the ranks of all ${words} words, as ranking anew in every draw would take too long.`);
  }
}
