/** Runs a `ceiling` cell; the statistics are in src/rsa/raters/ceilings.ts. */
import { Problem } from '../../base/problem.ts';
import { setTitle } from '../../data/dimensions.ts';
import type { CeilingValue } from '../../data/ceiling.ts';
import type { RepresentationValue } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { ceilingFromNorms, ceilingFromRaters, type CeilingResult, type CeilingSettings } from '../../rsa/raters/ceilings.ts';
import { ceilingFromReliability, spreadOf } from '../../rsa/raters/reliability-ceiling.ts';
import type { RsaServices } from '../../rsa/analyse.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { distinctLabels, isRatings, planSet, planSets, referenceLabel, type SetPlan } from '../../rsa/choose.ts';
import { measuredByOf } from '../../rsa/raters/raters.ts';
import { listed } from '../../ui/format.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { requireOther } from '../same-cell.ts';
import { idleSettings, treatmentOf } from '../treatment.ts';
import { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'ceiling'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const reference = inputOf(context, params.reference, 'representation');
  const { comparator, over, bootstrap, simulations, wordFolds, raterFolds, level, seed } = params;
  const settings = { treatment: treatmentOf(params), comparator, over, bootstrap, simulations, wordFolds, raterFolds, level, seed };
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };
  idleSettings(params, context.warn);
  idleDraws(params, context.warn);
  const found = await ceilingsOf(params, reference, settings, services, context);
  return {
    type: 'ceiling', from: params.from, reference: referenceLabel(reference, found.labels[0]!), referenceOrigin: reference.origin,
    second: found.labels[1] ?? null, comparator, metric: params.metric, treatment: settings.treatment, rows: found.results.map(({ row }) => row),
    measuredBy: params.from === 'raters' ? reference.measuredBy!.by : null,
    ...drawn(params), level, dropped: mergeDropped(found.results.map(({ dropped }) => dropped)),
  };
};

/** What was drawn, and how often: only what the chosen way draws. */
function drawn({ from, over, bootstrap, simulations }: Params): Pick<CeilingValue, 'over' | 'bootstrap' | 'simulations'> {
  switch (from) {
    case 'raters': return { over: bootstrap > 0 ? over : null, bootstrap, simulations: 0 };
    case 'norms': return { over: bootstrap > 0 ? 'words' : null, bootstrap, simulations: 0 };
    case 'reliability': return { over: null, bootstrap: 0, simulations };
    default: return from satisfies never;
  }
}

/** What each way to a ceiling reads of the settings of draws and folds. */
const reads = {
  raters: ['over', 'bootstrap', 'wordFolds', 'raterFolds'], norms: ['bootstrap'], reliability: ['simulations'],
} as const satisfies Record<Params['from'], readonly (keyof Params)[]>;

/** Warns of draws and folds that were asked for and are not made. */
function idleDraws(params: Params, warn: (message: string) => void): void {
  const { from, wordFolds, raterFolds } = params;
  const read: readonly (keyof Params)[] = reads[from];
  const idle = (['over', 'bootstrap', 'simulations', 'wordFolds', 'raterFolds'] as const)
    .filter((name) => !read.includes(name) && params[name] !== fields[name].default && params[name] !== 0);
  if (idle.length) warn(`${listed(idle.map((name) => `${name} ${params[name]}`))} ${idle.length === 1 ? 'plays' : 'play'} no part in a ceiling from ${from}.`);
  if (from === 'raters' && wordFolds > 1 && raterFolds === 0) warn(`wordFolds ${wordFolds} plays no part without raterFolds, which asks for the cross-validated ceiling.`);
}

interface Ceilings { readonly results: readonly CeilingResult[]; readonly labels: readonly string[] }

async function ceilingsOf(params: Params, reference: RepresentationValue, settings: CeilingSettings, services: RsaServices, context: RunContext): Promise<Ceilings> {
  const { place, warn } = services;
  const results: CeilingResult[] = [];
  if (params.from === 'norms') {
    const second = secondOf(params, context, place);
    requireOther({ reference: params.reference, others: [params.second], field: 'second', layers: ['last'] }, reference, place);
    warnNoNorms(second, warn);
    const representations = [reference, second];
    const labels = distinctLabels(representations, [params.reference, params.second]);
    const aligned = alignWords(representations, labels, place, fewestWords);
    for (const plan of planSets({ sets: params.sets, representations, labels, layers: ['last'], place, warn })) results.push(await ceilingFromNorms(plan, aligned, settings, services));
    return { results, labels };
  }
  if (params.second !== 'none') warn(`second is read from norms only, and from is ${params.from}.`);
  const labels = [reference.label];
  const aligned = alignWords([reference], labels, place);
  if (params.from === 'raters') {
    const measuredBy = measuredByOf(reference, params.reference, place);
    for (const plan of plansOf(params, reference, place, warn)) results.push(await ceilingFromRaters(plan, measuredBy, aligned, settings, services));
  } else {
    const spread = spreadOf(reference, params.reference, place);
    for (const plan of plansOf(params, reference, place, warn)) results.push(await ceilingFromReliability(plan, spread, aligned, settings, services));
    warn('the spreads are of single simulated studies; they do not cover the choice of words.');
  }
  return { results, labels };
}

function secondOf(params: Params, context: RunContext, place: string): RepresentationValue {
  if (params.second !== 'none') return inputOf(context, params.second, 'representation');
  throw new Problem({ code: 'no-second', place, what: 'from is norms, and second names no cell', fix: 'Name the other norms’ ratings cell in second.' });
}

/** The ceiling is what people share with other people; anything else in the place of the second norms is a candidate. */
function warnNoNorms(second: RepresentationValue, warn: (message: string) => void): void {
  const is = isRatings(second) ? (second.origin === 'model' ? 'ratings by a model' : '') : 'hidden states, not ratings';
  if (is) warn(`second, ${second.label}, is ${is}: this is no agreement of two norms, and no ceiling.`);
}

/** The reference alone, set by set; sets that it has nothing of are skipped with a warning. */
function plansOf(params: Params, reference: RepresentationValue, place: string, warn: (message: string) => void): SetPlan[] {
  if (reference.dimensions.length === 0) warn(`the reference ${reference.label} is hidden states: its last layer alone is used (${reference.layers.at(-1)!.name}).`);
  const plans = [...new Set(params.sets)].flatMap((set) => {
    const plan = planSet(set, [reference], [reference.label], [], place);
    if (!plan) warn(`${setTitle(set)}: skipped, ${reference.label} has no dimension of this set.`);
    return plan ? [plan] : [];
  });
  if (plans.length) return plans;
  throw new Problem({ code: 'no-dimensions', place, what: `${reference.label} has no dimension of ${params.sets.join(', ')}`, fix: 'Choose a set that it has, or all.' });
}
