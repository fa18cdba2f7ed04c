/** Runs a `raters` cell; the statistics are in src/rsa/raters/raters.ts. */
import type { RatersCeiling, RatersDifference, RatersRow } from '../../data/raters.ts';
import type { Dropped } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { distinctLabels, planSets, referenceLabel } from '../../rsa/choose.ts';
import { holm } from '../../rsa/inference/correct.ts';
import { analyseRaters, measuredByOf } from '../../rsa/raters/raters.ts';
import { inputOf, type Run } from '../kind.ts';
import { idleSettings, treatmentOf } from '../treatment.ts';
import type { fields } from './schema.ts';

/** From here on a table of p-values invites picking. */
const manyComparisons = 10;

export const run: Run<typeof fields, 'raters'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  const reference = representations[0]!;
  const measuredBy = measuredByOf(reference, params.reference, place);
  const labels = distinctLabels(representations, cells);
  const aligned = alignWords(representations, labels, place);
  const { comparator, over, bootstrap, level, differences: which, seed } = params;
  const settings = { treatment: treatmentOf(params), comparator, over, bootstrap, level, differences: which, seed };
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };
  idleSettings(params, context.warn);

  const rows: RatersRow[] = [];
  const differences: RatersDifference[] = [];
  const ceilings: RatersCeiling[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  for (const plan of planSets({ sets: params.sets, representations, labels, layers: params.layers, place, warn: context.warn })) {
    const result = await analyseRaters(plan, measuredBy, aligned, settings, services);
    rows.push(...result.rows);
    differences.push(...result.differences);
    ceilings.push(result.ceiling);
    dropped.push(result.dropped);
  }
  if (rows.length > manyComparisons) context.warn(`${rows.length} candidates and layers, each with its p, not corrected for their number.`);
  if (differences.some(({ a }) => rows.some(({ candidate, layer }) => candidate === a.candidate && layer !== a.layer))) {
    context.warn('differences take each model’s best layer, chosen on these same words and raters: the values are optimistic.');
  }
  return {
    type: 'raters', reference: referenceLabel(reference, labels[0]!), referenceOrigin: reference.origin, measuredBy: measuredBy.by, raters: measuredBy.names,
    comparator, metric: params.metric, rows, differences: adjusted(differences), ceilings, over, bootstrap, level, dropped: mergeDropped(dropped),
  };
};

/** Holm over all differences of the cell, for the t over raters and for the bootstrap's by itself; one without a p keeps none. */
function adjusted(differences: readonly RatersDifference[]): RatersDifference[] {
  const overRaters = corrected(differences.map(({ p }) => p));
  const ofBootstrap = corrected(differences.map(({ bootstrap }) => bootstrap?.p ?? null));
  return differences.map((one, k) => ({ ...one, pAdjusted: overRaters[k]!, bootstrap: one.bootstrap && { ...one.bootstrap, pAdjusted: ofBootstrap[k]! } }));
}

function corrected(all: readonly (number | null)[]): (number | null)[] {
  const tested = holm(all.filter((p) => p !== null));
  let at = 0;
  return all.map((p) => (p === null ? null : tested[at++]!));
}
