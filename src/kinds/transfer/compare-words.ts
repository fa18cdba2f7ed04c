/** RSA, probes and predicted ratings of all models on one test in one language: the same words for everything. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import type { AnswerRead, TransferColumn, TransferDimension, TransferTest } from '../../data/transfer.ts';
import type { Compute } from '../../gpu/compute.ts';
import { dimensionKey } from '../../rsa/choose.ts';
import { intervalOver, meanOf, type Measured } from '../../rsa/inference/paired.ts';
import { meanDrawn, pairedRsa, probed, rankCorrelations, type Drawn, type Ranked, type WordMatrix } from '../../rsa/words/paired-words.ts';
import { nothing, type ColumnResult, type RowResult } from './cells.ts';
import { fewest } from './held-out.ts';
import type { Found, Measures, RatedRows, WordRows } from './measure.ts';
import { trainedOn, type Compared } from './models.ts';
import type { PlannedSet, PlannedTest } from './plan.ts';
import { byReason } from './reasons.ts';

export interface Statistics {
  readonly folds: number;
  readonly bootstrap: number;
  readonly level: number;
  readonly seed: number;
  readonly compute: () => Promise<Compute>;
  readonly watch: Watch;
  readonly place: string;
}

export interface WordComparison {
  readonly columns: readonly ColumnResult[];
  readonly perDimension: readonly TransferDimension[];
  readonly test: TransferTest;
}

/** Correlations with the human ratings, by dimension; none where the model does not rate it. */
type ByDimension = ReadonlyMap<string, Drawn>;

/** Of one model of a row. */
interface Member {
  readonly states: WordMatrix;
  readonly probe: ByDimension;
  readonly rated: Readonly<Record<'head' | 'prompt', Found<ByDimension>>>;
}

/** @param measures of every row its models, base first */
export async function compareWords(plan: PlannedTest, rows: readonly Compared[], measures: readonly (readonly Measures[])[], statistics: Statistics): Promise<WordComparison> {
  const { common, dropped } = commonWords(plan, measures, statistics.place);
  const members = await membersOf(plan, common, rows, measures, statistics);
  const base = members[0]!;
  const words = common.map((at) => plan.words[at]!);
  const k = plan.dimensions.length;
  const human: WordMatrix = { label: plan.test.label, width: k, data: gather(plan.ratings, k, common) };
  const columns: ColumnResult[] = [];
  const about = { test: plan.test.label, origin: plan.test.stimuli.ratings!.origin, language: plan.language, chance: null };
  const named = (measure: 'rsa' | 'probe' | 'rating', read: AnswerRead | null, { set, dimensions }: PlannedSet): TransferColumn =>
    ({ column: [measure, read, plan.key, set].filter(Boolean).join(' '), measure, read, ...about, set, dimensions });

  for (const set of plan.sets) {
    const flat = members.flat();
    const { models, n } = await pairedRsa(words, human, set.dimensions.map((name) => plan.dimensions.indexOf(name)), flat.map(({ states }) => states), statistics, statistics.compute, labelled(statistics.watch, `${plan.key}, ${set.set}`));
    let at = 0;
    const measured = members.map((own) => drawnTogether(own.map(() => models[at++]!)));
    columns.push({ column: named('rsa', null, set), n, rows: measured.map((own, row) => compared(own, measured[0]!, row, set.dimensions)) });
  }
  for (const set of plan.sets) {
    const measured = members.map((own) => drawnTogether(own.map(({ probe }) => over(probe, set.dimensions))));
    columns.push({ column: named('probe', null, set), n: common.length, rows: measured.map((own, row) => compared(own, measured[0]!, row, set.dimensions)) });
  }
  const heads = members.some((own) => own.some(({ rated }) => 'found' in rated.head));
  if (heads) for (const set of plan.sets) columns.push({ column: named('rating', 'head', set), n: common.length, rows: members.map((own, row) => byHead(own, base, row, set, plan.sets)) });
  const prompts = members.some((own) => own.some(({ rated }) => 'found' in rated.prompt));
  if (prompts) for (const set of plan.sets) columns.push({ column: named('rating', 'prompt', set), n: common.length, rows: members.map((own, row) => byPrompt(own, base, row, set)) });
  return {
    columns,
    perDimension: members.flatMap((own, row) => dimensionsOf(own, rows[row]!, plan, common.length, about, statistics.level)),
    test: { test: plan.test.label, language: plan.language, unit: 'word', of: plan.of, used: words, dropped: [...plan.dropped, ...dropped], given: plan.given },
  };
}

/** Words that every model could be fed. */
function commonWords(plan: PlannedTest, measures: readonly (readonly Measures[])[], place: string): { common: number[]; dropped: ReturnType<typeof byReason> } {
  const all = [...plan.words.keys()];
  const rowsOf = measures.flat().flatMap((own): WordRows[] => {
    const head = own.headRatings.get(plan.key);
    return [own.states.get(plan.key)!, ...(head && 'found' in head ? [head.found] : [])];
  });
  const reasonOf = (word: number): string => (rowsOf.every(({ at }) => at[word]! >= 0) ? '' : `a model cannot be fed it in ${plan.language}`);
  const common = all.filter((word) => reasonOf(word) === '');
  if (common.length < fewest) {
    throw new Problem({ code: 'too-few-words', place, what: `${common.length} held-out words of ${plan.test.cell} can be measured in ${plan.language}; ${fewest} are needed`, fix: 'Bring more words with ratings and translations, or leave this language out.' });
  }
  return { common, dropped: byReason(all, reasonOf, (word) => plan.words[word]!) };
}

function gather(data: Float32Array | Float64Array, width: number, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...data.subarray(row * width, (row + 1) * width)]));
}

/** States stay in float32, as an `activations` cell gives them. */
function statesOf({ at, width, data }: WordRows, label: string, words: readonly number[]): WordMatrix {
  return { label, width, data: Float32Array.from(gather(data, width, words.map((word) => at[word]!))) };
}

function columnOf(data: Float64Array, width: number, column: number): Float64Array {
  return Float64Array.from({ length: data.length / width }, (_, row) => data[row * width + column]!);
}

function labelled(watch: Watch, label: string): Watch {
  return { ...watch, progress: (step) => watch.progress?.({ ...step, label: `${label}: ${step.label}` }) };
}

/** Probes every model, and correlates all that was predicted with the human ratings, in the same draws. */
async function membersOf(plan: PlannedTest, common: readonly number[], rows: readonly Compared[], measures: readonly (readonly Measures[])[], statistics: Statistics): Promise<Member[][]> {
  const { dimensions } = plan;
  const watch = labelled(statistics.watch, plan.key);
  const human = gather(plan.ratings, dimensions.length, common);
  const targets = dimensions.map((_, column) => columnOf(human, dimensions.length, column));
  const asked: Ranked[] = [];
  /** Gives the places of the correlations in `asked`. */
  const ask = (predicted: readonly (readonly [string, Float64Array])[]): ReadonlyMap<string, number> =>
    new Map(predicted.map(([dimension, y]) => [dimension, asked.push({ x: targets[dimensions.indexOf(dimension)]!, y }) - 1]));
  const rated = (found: Found<RatedRows> | undefined): Found<ReadonlyMap<string, number>> => {
    if (!found || 'reason' in found) return found ?? { reason: 'not asked' };
    const { at, width, data, dimensions: own } = found.found;
    const values = gather(data, width, common.map((word) => at[word]!));
    return { found: ask(dimensions.flatMap((dimension) => {
      const column = own.findIndex((name) => dimensionKey(name) === dimensionKey(dimension));
      return column < 0 ? [] : [[dimension, columnOf(values, width, column)] as const];
    })) };
  };
  const places: { states: WordMatrix; probe: ReadonlyMap<string, number>; head: ReturnType<typeof rated>; prompt: ReturnType<typeof rated> }[][] = [];
  for (const [row, own] of measures.entries()) {
    const placed = [];
    for (const measure of own) {
      watch.progress?.({ label: `probes of ${rows[row]!.label}`, done: row, total: rows.length });
      const states = statesOf(measure.states.get(plan.key)!, rows[row]!.label, common);
      const predictions = await probed(states, targets, statistics, watch.signal ? { signal: watch.signal } : {});
      placed.push({ states, probe: ask(dimensions.map((dimension, column) => [dimension, predictions[column]!] as const)), head: rated(measure.headRatings.get(plan.key)), prompt: rated(measure.promptedRatings.get(plan.key)) });
    }
    places.push(placed);
  }
  const drawn = await rankCorrelations(asked, common.length, statistics, watch);
  const taken = (at: ReadonlyMap<string, number>): ByDimension => new Map([...at].map(([dimension, place]) => [dimension, drawn[place]!]));
  const takenFound = (at: Found<ReadonlyMap<string, number>>): Found<ByDimension> => ('found' in at ? { found: taken(at.found) } : at);
  return places.map((own) => own.map(({ states, probe, head, prompt }) => ({ states, probe: taken(probe), rated: { head: takenFound(head), prompt: takenFound(prompt) } })));
}

function drawnTogether(drawn: readonly Drawn[]): Measured {
  return { values: drawn.map(({ value }) => value), draws: drawn.map(({ draws }) => draws) };
}

function over(by: ByDimension, dimensions: readonly string[]): Drawn {
  return meanDrawn(dimensions.map((dimension) => by.get(dimension)!));
}

function compared(measured: Measured, base: Measured, row: number, rated: readonly string[]): RowResult {
  return { measured, reason: '', rated, against: row === 0 ? null : 'same', baseline: row === 0 ? null : base };
}

/** The base mostly has no head: its probe stands for it, on the dimensions that the model rates. */
function byHead(own: readonly Member[], base: readonly Member[], row: number, { dimensions }: PlannedSet, sets: readonly PlannedSet[]): RowResult {
  const [ours, theirs] = [ratedBy(own, 'head'), ratedBy(base, 'head')];
  const has = (by: readonly ByDimension[] | null, dimension: string): boolean => by?.every((one) => one.has(dimension)) ?? false;
  const probes = (wanted: readonly string[]): Measured => drawnTogether(base.map(({ probe }) => over(probe, wanted)));
  if (row === 0 && !ours) return { measured: probes(dimensions), reason: '', rated: dimensions, against: 'probe', baseline: null };
  if (!ours) return nothing(reasonFor(own, 'head'));
  const rated = dimensions.filter((dimension) => has(ours, dimension));
  if (rated.length === 0) return nothing('it was not trained to rate any of these dimensions');
  // The same ratings under another set's name would count twice.
  const narrower = sets.find((other) => other.dimensions.length < dimensions.length && rated.every((dimension) => other.dimensions.includes(dimension)));
  if (narrower) return nothing(`it was trained to rate ${rated.length} of these ${dimensions.length} dimensions: see ${narrower.set}`);
  const measured = drawnTogether(ours.map((by) => over(by, rated)));
  if (row === 0) return { measured, reason: '', rated, against: null, baseline: null };
  const same = rated.every((dimension) => has(theirs, dimension));
  return { measured, reason: '', rated, against: same ? 'same' : 'probe', baseline: same ? drawnTogether(theirs!.map((by) => over(by, rated))) : probes(rated) };
}

function byPrompt(own: readonly Member[], base: readonly Member[], row: number, { dimensions }: PlannedSet): RowResult {
  const [ours, theirs] = [ratedBy(own, 'prompt'), ratedBy(base, 'prompt')];
  if (!ours) return nothing(reasonFor(own, 'prompt'));
  const measured = drawnTogether(ours.map((by) => over(by, dimensions)));
  if (row === 0 || !theirs) return { measured, reason: '', rated: dimensions, against: null, baseline: null };
  return compared(measured, drawnTogether(theirs.map((by) => over(by, dimensions))), row, dimensions);
}

/** Null where a repeat cannot be asked. */
function ratedBy(members: readonly Member[], read: 'head' | 'prompt'): readonly ByDimension[] | null {
  const found = members.flatMap(({ rated }) => { const one = rated[read]; return 'found' in one ? [one.found] : []; });
  return found.length === members.length ? found : null;
}

function reasonFor(members: readonly Member[], read: 'head' | 'prompt'): string {
  return members.flatMap(({ rated }) => { const one = rated[read]; return 'reason' in one ? [one.reason] : []; })[0] ?? '';
}

type About = Pick<TransferDimension, 'test' | 'origin' | 'language'>;

function dimensionsOf(members: readonly Member[], { label, members: models }: Compared, plan: PlannedTest, n: number, { test, origin, language }: About, level: number): TransferDimension[] {
  const learnt = trainedOn(models[0]!).filter((part) => part.task === 'rating' && part.language === language);
  const record = (measure: 'probe' | 'rating', read: AnswerRead | null, by: readonly ByDimension[]): TransferDimension[] => plan.dimensions.flatMap((dimension) => {
    if (by.length === 0 || !by.every((one) => one.has(dimension))) return [];
    const measured = drawnTogether(by.map((one) => one.get(dimension)!));
    const rho = meanOf(measured.values);
    return [{
      row: label, measure, read, test, origin, language, dimension, n, rho: Number.isFinite(rho) ? rho : null, interval: intervalOver(measured, level),
      repeats: by.length > 1 ? [...measured.values] : [], trained: learnt.some(({ dimensions }) => dimensions.some((name) => dimensionKey(name) === dimensionKey(dimension))),
    }];
  });
  return [
    ...record('probe', null, members.map(({ probe }) => probe)),
    ...(['head', 'prompt'] as const).flatMap((read) => record('rating', read, ratedBy(members, read) ?? [])),
  ];
}
