/** Runs a `dimensions` cell: ratings column by column, hidden states through a probe, then tests between candidates. */
import { Problem } from '../../base/problem.ts';
import type { DimensionRow, DimensionsValue, DimensionTest } from '../../data/agreement.ts';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { Dropped, Interval, RepresentationValue } from '../../data/values.ts';
import { mergeDropped } from '../../rsa/align.ts';
import { chooseLayers, distinctLabels, isRatings } from '../../rsa/choose.ts';
import { type AgreementResult, type DimensionAgreement, directAgreement, intervalsOf, probeAgreement, sharedWords } from '../../rsa/dimensions/dimension-agreement.ts';
import { dimensionTests } from '../../rsa/dimensions/dimension-tests.ts';
import { fisherInterval } from '../../rsa/dimensions/fisher.ts';
import { type TrainedAgreement, trainedAgreement, type Training } from '../../rsa/dimensions/trained-elsewhere.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { counted } from '../../ui/format.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { requireOther } from '../same-cell.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'dimensions'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const [reference, ...candidates] = cells.map((cell) => inputOf(context, cell, 'representation')) as [RepresentationValue, ...RepresentationValue[]];
  const [referenceLabel, ...labels] = distinctLabels([reference, ...candidates], cells) as [string, ...string[]];
  if (!isRatings(reference)) {
    throw new Problem({
      code: 'not-ratings', place, what: `${referenceLabel} has no named dimensions, it looks like hidden states`,
      fix: 'Name a ratings cell as the reference; hidden states can be candidates.',
    });
  }
  requireOther({ ...params, others: params.candidates, field: 'candidates' }, reference, place);
  const training = trainingOf(params, context);
  const trained: TrainedAgreement[] = [];
  const found: DimensionAgreement[] = [];
  const dropped: (readonly Dropped[])[] = [];
  for (const [k, candidate] of candidates.entries()) {
    const sides = { reference, referenceLabel, candidate, label: labels[k]!, place };
    const layers = chooseLayers(candidate, labels[k]!, params.layers, place);
    const own = training && !isRatings(candidate) ? await trainedAgreement(sides, training, layers, params, context) : null;
    if (own) trained.push(own);
    const result = own ?? (isRatings(candidate) ? directAgreement(sides) : await probeAgreement(sides, layers, params, context));
    for (const name of result.missing) context.warn(`${labels[k]!} has no ratings of ${dimensionLabel(name)}.`);
    warnOfProbe(labels[k]!, result, training === null, context);
    found.push(...result.rows);
    dropped.push(result.dropped);
  }
  if (!found.length) {
    throw new Problem({
      code: 'no-dimensions', place, what: `no candidate shares a dimension with ${referenceLabel}, which has ${reference.dimensions.join(', ')}`,
      fix: 'Name candidates with the same dimensions, or hidden states.',
    });
  }
  const scarce = found.find(({ words }) => words.length < fewestWords);
  if (scarce) {
    throw new Problem({
      code: 'too-few-words', place,
      what: `${counted(scarce.words.length, 'word')} ${scarce.words.length === 1 ? 'has' : 'have'} ratings of ${dimensionLabel(scarce.dimension)} in ${referenceLabel} and ${scarce.candidate}; a correlation takes ${fewestWords}`,
      fix: 'Take more words, or leave out the dimension or the candidate with the empty cells.',
    });
  }
  const few = Math.min(...found.map(({ words }) => words.length));
  if (few < 20) context.warn(`only ${few} words: the correlations are rough.`);
  const constant = found.filter(({ rho }) => Number.isNaN(rho));
  for (const row of constant) context.warn(`${row.candidate}, ${dimensionLabel(row.dimension)}: all values are equal, so there is no correlation.`);

  warnOfTraining(training, trained, params, context);
  const intervals = await allIntervals(found, reference.words.length, params, context);
  const shared = sharedWords(found);
  return {
    type: 'dimensions', reference: referenceLabel, referenceOrigin: reference.origin,
    rows: found.map(({ candidate, layer, layerIndex, dimension, words, rho, rhoWithin, sd, r2, controlRho, controlRhoWithin, method }, k): DimensionRow => ({
      candidate, layer, layerIndex, dimension, n: words.length, rho, rhoWithin, sd, interval: intervals[k]!, r2, controlRho, controlRhoWithin, method,
      ...(shared[k] ? { shared: shared[k] } : {}),
    })),
    tests: params.tests === 'none' ? [] : await testsOf(found, { ...params, test: params.tests }, context),
    test: params.tests, correction: params.correction, folds: params.folds, foldings: params.foldings, penalty: params.penalty,
    ...(training && trained.length > 0 ? { training: { label: training.label, fewest: Math.min(...trained.map(({ trainedOn }) => trainedOn)), most: Math.max(...trained.map(({ trainedOn }) => trainedOn)) } } : {}),
    bootstrap: params.bootstrap, intervalMethod: params.bootstrap > 0 ? 'percentile' : params.interval, level: params.level, dropped: mergeDropped(dropped),
  };
};

/** The ratings that probes learn from; null where they learn from the reference's own words. */
function trainingOf({ train }: Params, context: RunContext): Training | null {
  if (train === 'folds') return null;
  const ratings = inputOf(context, train, 'representation');
  if (isRatings(ratings)) return { ratings, label: ratings.label };
  throw new Problem({
    code: 'not-ratings', place: `cell ${context.cell}`, what: `${ratings.label} has no named dimensions, it looks like hidden states`,
    fix: 'Name a ratings cell of the training words in train; the hidden states of these words belong to the candidates.',
  });
}

function warnOfTraining(training: Training | null, trained: readonly TrainedAgreement[], params: Params, context: RunContext): void {
  if (!training) return;
  if (trained.length === 0) context.warn(`train is ${params.train}, and no candidate is probed: ratings are correlated as they are.`);
  const shared = Math.max(0, ...trained.map((one) => one.shared));
  if (shared > 0) context.warn(`${counted(shared, 'word')} of ${training.label} ${shared === 1 ? 'is' : 'are'} among the words to predict, and ${shared === 1 ? 'was' : 'were'} not trained on.`);
  if (params.foldings > 1) context.warn(`foldings is ${params.foldings}: a probe trained on ${training.label} needs no folds, and is made once.`);
}

async function allIntervals(found: readonly DimensionAgreement[], words: number, params: Params, context: RunContext): Promise<Interval[]> {
  const { bootstrap, interval, level, seed } = params;
  if (bootstrap > 0) return intervalsOf(found, words, { draws: bootstrap, level, seed }, context);
  return found.map((row) => (interval === 'none' ? null : fisherInterval(row.rho, row.words.length, level, interval)));
}

async function testsOf(found: readonly DimensionAgreement[], settings: Parameters<typeof dimensionTests>[1], context: RunContext): Promise<DimensionTest[]> {
  const tests = await dimensionTests(found, settings, context);
  if (tests.length && found.some(({ method }) => method === 'probe')) {
    context.warn('tests between candidates take the predictions of a probe as they are: how it would come out when trained on other words is left out.');
  }
  if (new Set(found.filter(({ method }) => method === 'probe').map(({ words }) => words.join())).size > 1 && tests.length) {
    context.warn('candidates are probed over different words, so in different folds: differences between them hold the chance of the folds too.');
  }
  if (settings.correction === 'none' && tests.length > 1) {
    context.warn(`${tests.length} tests without correction: with no true difference about one in twenty would fall below .05.`);
  }
  const without = tests.filter(({ p }) => p === null).length;
  const reason = settings.test === 'jackknife' ? 'a candidate is constant, or would be without one of the words' : 'a candidate is constant, or equals the reference';
  if (without) context.warn(`${without} of ${tests.length} tests could not be made: ${reason}.`);
  warnOfHigh(tests, settings.test, context);
  return tests;
}

/** Above this size of rho the tests that were derived for normal data find too much; see docs/statistics/dimensions/steiger.md. */
const high = 0.7;

function warnOfHigh(tests: readonly DimensionTest[], test: DimensionsValue['test'], context: RunContext): void {
  if (test === 'jackknife') return;
  const rough = tests.filter(({ p, rhoA, rhoB }) => p !== null && Math.max(Math.abs(rhoA), Math.abs(rhoB)) > high).length;
  if (!rough) return;
  context.warn(`${rough} of ${tests.length} tests compare a ρ above .7: there ${test}, which was derived for normal data and not for ranks, finds a difference where there is none in 8 to 15 of a hundred cases, not in 5. tests: jackknife does not find too much.`);
}

/** Below this many words pooling five folds pulls rho down by .07 or more where there is no relation (docs/statistics/dimensions/probe-control.md). */
const manyWords = 300;

/** Too few words for a pooled rho, folds without a correlation, and penalties at the end of the grid, which may not be the best. */
function warnOfProbe(label: string, { choices, constantFolds, rows }: AgreementResult, folds: boolean, context: RunContext): void {
  if (!choices) return;
  const words = rows[0]?.words.length ?? 0;
  if (folds && words < manyWords) context.warn(`${label}: a probe of ${words} words. Ranking the predictions of all folds together pulls ρ down, without any relation to below 0; see ρ within folds.`);
  if (constantFolds) context.warn(`${label}: ρ within folds leaves out ${constantFolds} ${constantFolds === 1 ? 'fold' : 'folds'}, where all ratings or all predictions are equal.`);
  const { made, smallest, largest } = choices;
  if (smallest) context.warn(`${label}: in ${smallest} of ${made} fits the smallest penalty that is tried was chosen; a smaller one might predict better.`);
  if (largest) context.warn(`${label}: in ${largest} of ${made} fits the largest penalty that is tried was chosen; there the probe predicts little but the mean rating.`);
}
