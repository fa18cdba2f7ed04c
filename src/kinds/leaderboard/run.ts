/** Runs a `leaderboard` cell: gathers the models' representations, compares all on the same words, ranks them. */
import { setTitle } from '../../data/dimensions.ts';
import { littleOnDigits } from '../../data/elicited.ts';
import { WordIndex } from '../../data/join.ts';
import type { LeaderboardModel, LeaderboardValue, SkippedModel } from '../../data/leaderboard.ts';
import type { Dropped, RepresentationValue } from '../../data/values.ts';
import { type Alignment, alignWords, keepWhere, mergeDropped } from '../../rsa/align.ts';
import { analyseSet, type RsaServices, type RsaSettings, type SetResult, StatesCache } from '../../rsa/analyse.ts';
import { distinctLabels, planSets, referenceLabel, type SetPlan } from '../../rsa/choose.ts';
import { adjusted } from '../../rsa/inference/correct.ts';
import { resamplingFor } from '../../rsa/inference/sample-words.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { count, counted, percent } from '../../ui/format.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { requireOther } from '../same-cell.ts';
import { idleSettings, treatmentOf } from '../treatment.ts';
import { ceilingFor } from './ceiling.ts';
import { type Competitor, gather, type Params } from './gather.ts';
import { probes } from './probe.ts';
import { bestRows, keyOf, lettersOf, rankedDifferences, rankRows } from './rank.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'leaderboard'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const reference = inputOf(context, params.reference, 'representation');
  const wanted = params.layers === 'all' || (params.layers !== 'last' && hasSplit(reference)) ? 'all' : 'last';
  requireOther({ reference: params.reference, others: params.models, field: 'models', layers: [wanted] }, reference, place);
  const resampling = resamplingFor(params.comparator, 'automatic', place);
  idleSettings(params, context.warn);

  const { competitors, skipped } = await gather({ ...params, layers: wanted }, context);
  const representations = [reference, ...competitors.map(({ value }) => value)];
  const labels = distinctLabels(representations, [params.reference, ...competitors.map(({ name }) => name)]);
  const aligned = alignWords(representations, labels, place, fewestWords);
  const sides = sidesOf(params, reference, competitors, aligned, context);
  const layers = params.layers === 'all' || sides ? 'all' : 'last';
  const plan = planSets({ sets: [params.set], representations, labels, layers: [layers], place, warn: context.warn })[0]!;
  const pairs = pairsOf(plan);
  const differenceLevel = params.correction === 'holm' ? 1 - (1 - params.level) / Math.max(1, pairs) : params.level;
  const settings: RsaSettings = {
    ...params, ...treatmentOf(params), resampling, alternative: 'greater', correction: 'max', interval: 'corrected', differences: pairs > 0 ? 'all' : 'none', differenceLevel,
  };
  const services: RsaServices = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };

  const compared = await compare(plan, aligned, sides, settings, services);
  const best = bestRows(compared.rows);
  const ranked = rankRows(best);
  const differences = adjusted(rankedDifferences(compared.differences, ranked), params.correction);
  const letters = lettersOf(ranked, differences, params.level);
  const probed = await probes({ params, reference, labels, competitors, ranked, words: compared.alignment }, context);
  const byLabel = new Map(competitors.map((competitor, at) => [labels[at + 1]!, competitor]));
  const models = ranked.map((row, at): LeaderboardModel => {
    const { value, card } = byLabel.get(row.candidate)!;
    return {
      label: row.candidate, rank: at + 1, row, layers: layersOf(compared, row.candidate), origin: value.origin, card,
      probe: probed.get(row.candidate) ?? null, letters: letters[at]!, lacks: lacking(reference, value),
    };
  });
  warnReader(compared, models, params, context);
  for (const { label } of models) warnOfAnswers(label, byLabel.get(label)!.value, context);
  return {
    type: 'leaderboard', reference: referenceLabel(reference, labels[0]!), referenceOrigin: reference.origin, set: params.set,
    comparator: params.comparator, metric: params.metric, choice: compared.choice, models,
    skipped: [...skipped, ...withoutSet(plan, byLabel)], rows: compared.rows, training: compared.training, differences,
    permutations: params.permutations, orders: compared.orders ? [compared.orders] : [], alternative: 'greater', correction: params.correction,
    bootstrap: params.bootstrap, resampling, intervalMethod: 'corrected', level: params.level, differenceLevel,
    ceiling: await ceilingFor({ params, reference, plan, rows: best, alignment: compared.alignment }, context, services),
    dropped: mergeDropped([compared.dropped]),
  };
};

interface Compared extends SetResult {
  readonly choice: LeaderboardValue['choice'];
  readonly training: SetResult['rows'];
  /** The words that the values are of, but for those with empty cells. */
  readonly alignment: Alignment;
  readonly dropped: readonly Dropped[];
}

/** Training and test words; null where the layer is not chosen on words of its own. */
interface Sides { readonly train: Alignment; readonly test: Alignment }

function hasSplit({ split }: RepresentationValue): boolean {
  return split.includes('train') && split.includes('test');
}

/** The sides of the split that the reference's stimuli carry; null where no layer is chosen on one of them. */
function sidesOf({ layers, reference: cell }: Params, reference: RepresentationValue, competitors: readonly Competitor[], aligned: Alignment, context: RunContext): Sides | null {
  if (layers === 'last' || layers === 'all') return null;
  // Where there is nothing to choose among, all words may rank.
  if (layers === 'auto' && (!hasSplit(reference) || competitors.every(({ value }) => value.layers.length === 1))) return null;
  const side = (at: number): 'train' | 'test' | undefined => reference.split[aligned.rows[0]![at]!];
  const train = keepWhere(aligned, (at) => (side(at) === 'train' ? '' : 'a test word'));
  const test = keepWhere(aligned, (at) => (side(at) === 'test' ? '' : 'a training word, on which the layers were chosen'));
  if (train.words.length >= fewestWords && test.words.length >= fewestWords) return { train, test };
  context.warn(`layers is ${layers}, and ${hasSplit(reference) ? `of the split of ${cell} ${counted(train.words.length, 'training word')} and ${counted(test.words.length, 'test word')} are left, too few to choose and to rank` : `the words of ${cell} have no split`}: each model is ranked by its last layer. Give the stimuli a test share to choose a layer on other words.`);
  return null;
}

async function compare(plan: SetPlan, aligned: Alignment, sides: Sides | null, settings: RsaSettings, services: RsaServices): Promise<Compared> {
  const several = new Set(plan.candidates.map(({ of }) => of)).size < plan.candidates.length;
  if (!sides || !several) {
    const alignment = sides?.test ?? aligned;
    const result = await analyseSet(plan, alignment, settings, services, new StatesCache());
    return { ...result, choice: several ? 'same-words' : 'last', training: [], alignment };
  }
  const step = (name: string): RsaServices => ({ ...services, watch: { ...services.watch, progress: (now) => services.watch.progress?.({ ...now, label: `${name}: ${now.label}` }) } });
  const { rows: training } = await analyseSet(plan, sides.train, { ...settings, permutations: 0, bootstrap: 0, differences: 'none' }, step('training words'), new StatesCache());
  const chosen = new Set(bestRows(training).map(keyOf));
  const candidates = plan.candidates.filter(({ label, layer }) => chosen.has(keyOf({ candidate: label, layerIndex: layer.index })));
  const result = await analyseSet({ ...plan, candidates }, sides.test, settings, step('test words'), new StatesCache());
  return { ...result, choice: 'held-out', training, alignment: sides.test };
}

/** Pairs of models. */
function pairsOf({ candidates }: SetPlan): number {
  const models = new Set(candidates.map(({ of }) => of)).size;
  return (models * (models - 1)) / 2;
}

function layersOf({ rows, training }: Compared, label: string): number {
  return (training.length > 0 ? training : rows).filter(({ candidate }) => candidate === label).length;
}

function lacking(reference: RepresentationValue, { words }: RepresentationValue): string[] {
  const rows = new WordIndex(words).rowsOf(reference.words);
  return reference.words.filter((_, at) => rows[at]! < 0);
}

/** Ratings of other dimensions are no competitors under this set. */
function withoutSet({ set, leftOut }: SetPlan, byLabel: ReadonlyMap<string, Competitor>): SkippedModel[] {
  return leftOut.map((label) => ({
    name: label, code: 'no-dimensions', reason: `it has no dimension of the set ${setTitle(set)}`, fix: `Choose a set that ${byLabel.get(label)?.name ?? label} has.`,
  }));
}

function warnReader({ choice }: Compared, models: readonly LeaderboardModel[], { correction, bootstrap }: Params, context: RunContext): void {
  for (const { label, row } of models) if (Number.isNaN(row.value)) context.warn(`${label}: all distances are equal, so there is no value.`);
  if (choice === 'same-words') {
    context.warn('each model’s best layer is chosen on the same words that rank it: values are optimistic, the more so the more layers a model has. p is corrected for the choice; intervals and differences are not. A split of the stimuli with layers: auto avoids it.');
  }
  if (bootstrap === 0 && models.length > 1) context.warn('bootstrap is 0: differences have no interval and no p.');
  if (correction === 'none' && models.length > 3) context.warn('the differences’ p are not corrected for their number: correction: holm or bh corrects for it.');
}

/** What the elicit cell warns of, told again where its ratings are ranked. */
function warnOfAnswers(label: string, { elicited, dimensions }: RepresentationValue, context: RunContext): void {
  if (!elicited) return;
  const mass = littleOnDigits(elicited, dimensions.length);
  if (mass !== null && elicited.answer === 'expected') context.warn(`${label}: digits have only ${percent(mass)} of the probability of the answer’s first token, so its place in the ranking rests on what the model hardly says.`);
  const texts = Object.values(elicited.counts).reduce((sum, number) => sum + number, 0);
  if (texts > elicited.counts.number) context.warn(`${label}: ${count(texts - elicited.counts.number)} of ${count(texts)} greedy texts hold no rating.`);
}
