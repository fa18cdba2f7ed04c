/** What explains the reference's RDM under one set of dimensions: regression, its uncertainty, and weighted RSA. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { type DimensionSet, setTitle } from '../../data/dimensions.ts';
import type { Bounded, ExplainPartition, ExplainRow, ExplainWeighted, SchemeResult, Tested } from '../../data/explain.ts';
import { pairCount } from '../../gpu/condensed.ts';
import type { Alternative, IntervalMethod, RsaOrders } from '../../data/rsa.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pause } from '../../gpu/pause.ts';
import { mean, type Numbers } from '../comparators/correlate.ts';
import { bootstrapRegression, type RegressionSamples } from './explain-bootstrap.ts';
import { type PairMoments, pairMoments } from './pair-products.ts';
import { findCollinear, rawWeights, regress } from './partial.ts';
import { partialTest } from './partial-test.ts';
import { mostGroups, type Partition, partition } from './partition.ts';
import { doubledRanks } from '../comparators/ranks.ts';
import type { Distances, FittedComparator } from './weighted.ts';
import { runFolds, type Scheme, wordFolds } from './weighted-folds.ts';
import { intervalOf, type WordSample } from '../inference/word-samples.ts';

/** One predictor RDM and what it is called. */
export interface Predictor {
  readonly name: string;
  readonly group: string;
  readonly control: boolean;
  readonly layer: string;
  readonly layerIndex: number;
  /** Condensed, no NaN. */
  readonly distances: Distances;
}

export interface ExplainInput {
  readonly set: DimensionSet;
  readonly n: number;
  readonly reference: Distances;
  readonly referenceName: string;
  readonly predictors: readonly Predictor[];
}

interface ExplainSettings {
  readonly scale: 'ranks' | 'values';
  readonly comparator: FittedComparator;
  readonly permutations: number;
  readonly alternative: Alternative;
  readonly bootstrap: number;
  readonly interval: IntervalMethod;
  readonly level: number;
  /** Folds of weighted RSA; 0 for none. */
  readonly folds: number;
  readonly seed: number;
}

interface ExplainServices {
  readonly compute: () => Promise<Compute>;
  readonly watch: Watch;
  readonly warn: (message: string) => void;
  readonly place: string;
}

interface Explained {
  /** pAdjusted is null still: the family is the cell. */
  readonly rows: readonly ExplainRow[];
  readonly partition: ExplainPartition;
  readonly weighted: ExplainWeighted | null;
  /** Null without permutations. */
  readonly orders: RsaOrders | null;
}

/** The smallest and largest values there can be. */
const correlation = [-1, 1] as const;
const share = [0, 1] as const;

/** A value with its interval from draws of the words, where there are any. */
type Bounding = (value: number, sample: WordSample | undefined, range: readonly [number, number]) => Bounded;

/** A share of variance from its root: the interval of a signed root that holds zero begins there. */
function squared({ value, interval }: Bounded): Bounded {
  if (!interval) return { value: value ** 2, interval };
  const [low, high] = interval.map((end) => end ** 2).sort((a, b) => a - b) as [number, number];
  return { value: value ** 2, interval: [interval[0] < 0 && interval[1] > 0 ? 0 : low, high] };
}

/** Held-out words a fold must have: six pairs. */
const fewestHeldOut = 4;

/**
 * @throws Problem `constant-rdm`, `collinear`, `too-few-words`, `too-long`; the signal's reason when cancelled
 */
export async function explain(input: ExplainInput, settings: ExplainSettings, services: ExplainServices): Promise<Explained> {
  const { set, n, predictors } = input;
  const watch: Watch = { ...services.watch, progress: (step) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }) };
  const warn = (message: string): void => services.warn(`${setTitle(set)}: ${message}`);
  const columns = await columnsOf(input, settings.scale, watch);
  const moments = await pairMoments(columns, watch);
  const regression = requireRegression(moments, input, services);

  const names = [...new Set(predictors.map(({ group }) => group))];
  const groups = names.map((name) => predictors.flatMap(({ group }, k) => (group === name ? [k + 1] : [])));
  const split = partition(moments.correlations, columns.length, groups);
  const samples = settings.bootstrap > 0
    ? await bootstrapRegression({ n, columns, groups, draws: settings.bootstrap, seed: settings.seed }, watch)
    : null;
  const test = settings.permutations > 0
    ? await partialTest(services.compute, { n, columns, moments, ...settings, place: services.place, warn }, watch)
    : null;
  if (test?.exact) warn(`with ${n} words there are only ${test.permutations} orders; all were taken, so p is exact.`);

  const { level, interval: method } = settings;
  const bounded: Bounding = (value, sample, range) => ({ value, interval: sample ? intervalOf(value, sample, { method, level, range }) : null });
  const tested = (value: number, sample: WordSample | undefined, p: number | null = null): Tested => ({
    ...bounded(value, sample, correlation), p, pAdjusted: null,
  });
  const betas = rawWeights(regression.beta, moments);
  const rows = predictors.map(({ name, group, control, layer, layerIndex }, k): ExplainRow => ({
    set, predictor: name, group, control, layer, layerIndex, n, pairs: pairCount(n),
    simple: tested(regression.simple[k]!, samples?.simple[k], test?.simple[k]),
    partial: tested(regression.partial[k]!, samples?.partial[k], test?.partial[k]),
    semipartial: bounded(regression.semipartial[k]!, samples?.semipartial[k], correlation),
    uniqueVariance: squared(bounded(regression.semipartial[k]!, samples?.semipartial[k], correlation)),
    beta: betas[k]!, standardisedBeta: regression.beta[k]!, weight: regression.weights[k]!,
  }));
  return {
    rows, partition: partitionOf(input, names, split, samples, bounded, services.warn),
    weighted: await weightedOf(input, settings, { ...services, watch }),
    orders: test && { set, permutations: test.permutations, exact: test.exact },
  };
}

/** The reference and the predictors as they are correlated: doubled ranks, or the distances. */
async function columnsOf({ reference, predictors }: ExplainInput, scale: ExplainSettings['scale'], watch: Watch): Promise<Numbers[]> {
  const all = [reference, ...predictors.map(({ distances }) => distances)];
  if (scale === 'values') return all;
  const columns: Numbers[] = [];
  for (const distances of all) {
    // Ranking eight million pairs takes seconds.
    watch.progress?.({ label: 'ranks', done: columns.length, total: all.length });
    await pause();
    watch.signal?.throwIfAborted();
    columns.push(doubledRanks(distances));
  }
  return columns;
}

function partitionOf(
  { set, n, predictors }: ExplainInput, names: readonly string[], split: Partition, samples: RegressionSamples | null, bounded: Bounding, warn: (message: string) => void,
): ExplainPartition {
  if (names.length > mostGroups) warn(`${setTitle(set)}: ${names.length} groups of predictors; R² of their subsets is told for at most ${mostGroups}, so shared parts are told as one.`);
  const named = (groups: readonly number[]): string[] => groups.map((group) => names[group]!);
  return {
    set, n, pairs: pairCount(n),
    r2: squared(bounded(Math.sqrt(split.r2), samples?.r2, share)),
    groups: names.map((group, k) => ({
      group, control: predictors.find((own) => own.group === group)!.control,
      alone: split.alone[k]!, uniqueVariance: squared(bounded(Math.sqrt(Math.max(0, split.unique[k]!)), samples?.unique[k], share)),
    })),
    shared: split.r2 - split.unique.reduce((sum, value) => sum + value, 0),
    subsets: split.subsets.map(({ groups, r2 }) => ({ groups: named(groups), r2 })),
    terms: split.terms.map(({ groups, value }) => ({ groups: named(groups), value })),
  };
}

async function weightedOf(input: ExplainInput, settings: ExplainSettings, services: ExplainServices): Promise<ExplainWeighted | null> {
  const { set, n, reference } = input;
  const { comparator, folds, seed } = settings;
  const candidates = input.predictors.filter(({ control }) => !control);
  if (folds === 0) return null;
  if (candidates.length < 2) {
    services.warn(`${setTitle(set)}: weighted RSA needs two candidate RDMs or more; there is one.`);
    return null;
  }
  if (folds < 2 || Math.floor(n / folds) < fewestHeldOut) {
    throw new Problem({
      code: 'too-few-words', place: services.place,
      what: folds < 2 ? 'folds is 1, which holds no word out' : `${n} words in ${folds} folds leave ${Math.floor(n / folds)} held-out words in one; weighted RSA needs ${fewestHeldOut}`,
      fix: 'Choose from 2 folds up to a quarter of the words, or folds: 0 for no weighted RSA.',
    });
  }
  // Next to each other among the chosen ones: those between may have been left out.
  const neighbours = candidates.flatMap((own, k) => (candidates[k + 1]?.group === own.group ? [[k, k + 1] as const] : []));
  const results = await runFolds({ comparator, reference, predictors: candidates.map(({ distances }) => distances), n, neighbours }, wordFolds(n, folds, seed), services.watch);
  const scheme = (name: SchemeResult['scheme'], predictor: string, values: readonly number[]): SchemeResult => {
    const defined = values.filter((value) => Number.isFinite(value));
    if (defined.length < values.length) services.warn(`${setTitle(set)}: ${predictor || name} has no value in ${values.length - defined.length} of ${folds} folds; the mean is over the others.`);
    return { scheme: name, predictor, value: mean(Float64Array.from(defined)), folds: values };
  };
  const schemes: Scheme[] = ['weighted', 'selected', ...(neighbours.length ? ['interpolated' as const] : []), 'equal'];
  const sizes = wordFolds(n, folds, seed).map(({ test }) => test.length);
  return {
    set, n, predictors: candidates.map(({ name }) => name),
    schemes: [
      ...schemes.map((name) => scheme(name, '', results.map((fold) => fold.schemes[name]))),
      ...candidates.map(({ name }, k) => scheme('single', name, results.map((fold) => fold.single[k]!))),
    ],
    folds: results.map(({ weights, selected }, at) => ({ words: sizes[at]!, pairs: pairCount(sizes[at]!), weights: [...weights], selected: candidates[selected]?.name ?? '' })),
  };
}

/** The regression, or what keeps it from having numbers, by name. */
function requireRegression(moments: PairMoments, { set, referenceName, predictors }: ExplainInput, { place }: ExplainServices): NonNullable<ReturnType<typeof regress>> {
  const flat = moments.sds.findIndex((sd) => sd === 0);
  if (flat >= 0) {
    throw new Problem({
      code: 'constant-rdm', place, what: `${set}: all distances of ${flat === 0 ? referenceName : predictors[flat - 1]!.name} are equal, so nothing can be explained by them or of them`,
      fix: flat === 0 ? 'Choose another reference, or other words.' : 'Leave it out, or take other words.',
    });
  }
  const collinear = findCollinear(moments.correlations, moments.size);
  const regression = collinear ? null : regress(moments.correlations, moments.size);
  if (regression) return regression;
  const others = (collinear?.others ?? []).slice(0, 3).map((k) => predictors[k]!.name);
  throw new Problem({
    code: 'collinear', place,
    what: `${set}: the RDM of ${collinear ? predictors[collinear.predictor]!.name : 'a predictor'} is told by ${others.join(', ') || 'the others'} (R² = ${(collinear?.r2 ?? 1).toFixed(5)}), so neither has a weight or a partial correlation of its own`,
    fix: 'Leave one of them out; of neighbouring layers choose fewer.',
  });
}
