/** RSA of one set of dimensions: RDMs, their agreement with the reference, p, intervals and differences. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { setTitle } from '../data/dimensions.ts';
import type { Alternative, Correction, IntervalMethod, Resampling, RsaOrders } from '../data/rsa.ts';
import type { Dropped, RsaDifference, RsaRow } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { pairCount } from '../gpu/condensed.ts';
import type { Alignment, Block } from './align.ts';
import type { SetPlan } from './choose.ts';
import { type Comparator, rangeOf } from './comparators/comparators.ts';
import { mantelTest } from './inference/mantel.ts';
import { prepareBlocks, type Treatment, withoutStill } from './distances/prepare.ts';
import type { Rows } from './distances/rdm.ts';
import { sampleWords } from './inference/sample-words.ts';
import { fewestWords } from './limits.ts';
import { scoreBlocks, type StatesCache, treatmentFor } from './score-blocks.ts';
import { type Scored, type ScoredRdm, valueOf } from './scored.ts';
import { correlation, counted } from '../ui/format.ts';
import { differenceOf, intervalOf, spreadOf, type WordSample, zeroP } from './inference/word-samples.ts';

export { StatesCache } from './score-blocks.ts';

/** Float32 entries that all RDMs of one set may take together: 3 GB. */
const mostEntries = 750e6;

/** @throws Problem `too-many-words` where the RDMs of n words, with their ranks, would not fit into memory together */
export function requireRoom(n: number, rdms: number, place: string, fix: string): void {
  if (pairCount(n) * rdms * 3 <= mostEntries) return;
  throw new Problem({ code: 'too-many-words', place, what: `${rdms} RDMs of ${n} words need ${Math.round((pairCount(n) * rdms * 12) / 1e9)} GB`, fix });
}

export interface RsaSettings extends Treatment {
  readonly comparator: Comparator;
  readonly permutations: number;
  readonly alternative: Alternative;
  readonly correction: Correction;
  readonly ties: 'exact' | 'rounding';
  readonly bootstrap: number;
  readonly resampling: Resampling;
  readonly interval: IntervalMethod;
  readonly level: number;
  /** Level of the intervals of differences, where it is another. */
  readonly differenceLevel?: number;
  readonly differences: 'none' | 'first' | 'all';
  readonly seed: number;
}

export interface RsaServices {
  readonly compute: () => Promise<Compute>;
  readonly watch: Watch;
  readonly warn: (message: string) => void;
  readonly place: string;
}

export interface SetResult {
  /** pAdjusted is set under the correction max alone: the others take all sets together. */
  readonly rows: readonly RsaRow[];
  readonly differences: readonly RsaDifference[];
  /** Null without permutations. */
  readonly orders: RsaOrders | null;
  readonly dropped: readonly Dropped[];
}

/** Runs one set over the words that are complete in all its blocks. */
export async function analyseSet(asked: SetPlan, aligned: Alignment, settings: RsaSettings, services: RsaServices, cache: StatesCache): Promise<SetResult> {
  const { comparator, resampling } = settings;
  const treatment = treatmentFor(comparator, settings);
  const plan = { ...asked, candidates: withoutStill(asked.candidates, treatment, services.warn) };
  const { set, reference, candidates } = plan;
  const blocks = [reference, ...candidates];
  const { alignment, layers, notes } = await prepareBlocks(blocks, aligned, treatment, services.place, services.watch);
  for (const note of notes) services.warn(`${setTitle(set)}: ${note}`);
  const n = alignment.words.length;
  // Procrustes turns rows: it makes no RDM.
  checkSize(n, comparator === 'procrustes' ? 0 : blocks.length, plan, services);
  warnConstant(plan, layers, services);
  const watch: Watch = { ...services.watch, progress: (step) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }) };
  const warn = (message: string): void => services.warn(`${setTitle(set)}: ${message}`);
  const [standard, ...others] = await scoreBlocks({
    blocks, layers, alignment, comparator, treatment, ties: settings.ties, keep: resampling === 'delete-half' && settings.bootstrap > 0,
  }, services.compute, watch, cache);
  const values = others.map((other) => valueOf(comparator, standard, other));
  warnTies(plan, comparator, standard, others, values, services);

  const input = { n, comparator, reference: standard, candidates: others, seed: settings.seed, place: services.place, warn };
  const test = settings.permutations > 0
    ? await mantelTest(services.compute, { ...input, permutations: settings.permutations, alternative: settings.alternative }, watch)
    : null;
  if (test?.exact) warn(`with ${n} words there are only ${test.permutations} orders; all were taken, so p is exact.`);
  const samples = settings.bootstrap > 0 ? await sampleWords({ ...input, draws: settings.bootstrap, resampling }, watch) : null;

  const told = (p: number | undefined): number | null => (p === undefined || Number.isNaN(p) ? null : p);
  const rows = candidates.map((block, k): RsaRow => ({
    candidate: block.label, layer: block.layer.name, layerIndex: block.layer.index, set, n, pairs: pairCount(n), value: values[k]!,
    ...(comparator === 'procrustes' ? { angle: Math.acos(values[k]!) } : {}),
    ...uncertaintyOf(values[k]!, samples?.[k], settings, rangeOf(comparator)),
    p: told(test?.p[k]), pAdjusted: settings.correction === 'max' ? told(test?.pMax[k]) : null,
  }));
  return {
    rows, differences: differencesBetween(candidates, rows, samples, settings),
    orders: test && { set, permutations: test.permutations, exact: test.exact }, dropped: alignment.dropped,
  };
}

function uncertaintyOf(
  value: number, sample: WordSample | undefined, { interval: method, level }: RsaSettings, range: readonly [number, number],
): Pick<RsaRow, 'interval' | 'se'> {
  if (!sample || Number.isNaN(value)) return { interval: null, se: null };
  return { interval: intervalOf(value, sample, { method, level, range }), se: spreadOf(sample)?.se ?? null };
}

/** Each candidate enters with its best layer; a minus b, where b comes first in the cell. */
function differencesBetween(
  candidates: readonly Block[], rows: readonly RsaRow[], samples: readonly WordSample[] | null, settings: RsaSettings,
): RsaDifference[] {
  if (settings.differences === 'none') return [];
  const best = new Map<number, number>();
  rows.forEach((row, k) => {
    const held = best.get(candidates[k]!.of);
    if (!Number.isNaN(row.value) && (held === undefined || row.value > rows[held]!.value)) best.set(candidates[k]!.of, k);
  });
  const chosen = [...best.values()];
  const [low, high] = rangeOf(settings.comparator);
  const name = (k: number): RsaDifference['a'] => ({ candidate: rows[k]!.candidate, layer: rows[k]!.layer });
  const pairs = chosen.flatMap((b, at) => (settings.differences === 'all' || at === 0 ? chosen.slice(at + 1).map((a) => [a, b] as const) : []));
  const ofDifferences = { ...settings, level: settings.differenceLevel ?? settings.level };
  return pairs.map(([a, b]) => {
    const value = rows[a]!.value - rows[b]!.value;
    const sample = samples ? differenceOf(samples[a]!, samples[b]!) : undefined;
    return {
      set: rows[a]!.set, a: name(a), b: name(b), value, ...uncertaintyOf(value, sample, ofDifferences, [low - high, high - low]),
      p: sample ? zeroP(value, sample) : null, pAdjusted: null,
    };
  });
}

function checkSize(n: number, rdms: number, plan: SetPlan, services: RsaServices): void {
  if (n < fewestWords) {
    throw new Problem({
      code: 'too-few-words', place: services.place,
      what: `${counted(n, 'word')} ${n === 1 ? 'is' : 'are'} complete in ${plan.reference.label} and all candidates under the set ${plan.set}; RSA needs ${fewestWords}`,
      fix: 'Take more words, or leave out the candidate with the empty cells.',
    });
  }
  requireRoom(n, rdms, services.place, 'Draw a sample in the stimuli cell, or choose fewer layers.');
  if (n < 20) services.warn(`${setTitle(plan.set)}: only ${n} words; intervals and p are rough.`);
}

/** Ties that rounding splits are worth a word where they reach the fourth decimal. */
function warnTies(
  plan: SetPlan, comparator: Comparator, reference: Scored, others: readonly Scored[], values: readonly number[], services: RsaServices,
): void {
  if (reference.kind !== 'linear') return;
  const asTied = (scored: ScoredRdm): ScoredRdm => ({ ...scored, scores: scored.tied ?? scored.scores });
  others.forEach((other, k) => {
    if (other.kind !== 'linear' || (!other.tied && !reference.tied)) return;
    const tied = valueOf(comparator, asTied(reference), asTied(other));
    if (!(Math.abs(tied - values[k]!) >= 5e-5)) return;
    services.warn(`${setTitle(plan.set)}: many word pairs of ${plan.candidates[k]!.label} are equally far apart but for rounding; ranked as ties they give ${correlation(tied, 4)} instead of ${correlation(values[k]!, 4)}.`);
  });
}

function warnConstant(plan: SetPlan, layers: readonly Rows[], services: RsaServices): void {
  [plan.reference, ...plan.candidates].forEach(({ label, columns, names }, k) => {
    if (!columns) return;
    const constant = layers[k]!.constant.map((column) => names[columns[column]!]!);
    if (constant.length) services.warn(`${setTitle(plan.set)}: ${label} rates all words alike on ${constant.join(', ')}; z-scored to 0.`);
  });
}
