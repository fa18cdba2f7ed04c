/** Runs an `rsa` cell; the statistics are in src/rsa. */
import type { Dropped, RsaDifference, RsaRow } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { analyseSet, StatesCache } from '../../rsa/analyse.ts';
import { distinctLabels, planSets, referenceLabel } from '../../rsa/choose.ts';
import { plainTreatment } from '../../rsa/prepare.ts';
import { inputOf, type Run } from '../kind.ts';
import type { fields } from './schema.ts';

/** From here on a table of p-values invites picking; the warning says what a correction would ask. */
const manyComparisons = 10;

export const run: Run<typeof fields, 'rsa'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  const labels = distinctLabels(representations, cells);
  const aligned = alignWords(representations, labels, place);
  const settings = { ...params, ...plainTreatment(params.metric, params.standardise, params.states) };
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };

  const cache = new StatesCache();
  const rows: RsaRow[] = [];
  const differences: RsaDifference[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  for (const plan of planSets({ sets: params.sets, representations, labels, layers: params.layers, place, warn: context.warn })) {
    const result = await analyseSet(plan, aligned, settings, services, cache);
    rows.push(...result.rows);
    differences.push(...result.differences);
    dropped.push(result.dropped);
  }
  warnReader(rows, differences, params.permutations, context.warn);
  return {
    type: 'rsa', reference: referenceLabel(representations[0]!, labels[0]!), referenceOrigin: representations[0]!.origin,
    comparator: params.comparator, metric: params.metric,
    rows, differences, permutations: params.permutations, bootstrap: params.bootstrap, level: params.level, dropped: mergeDropped(dropped),
  };
};

function warnReader(rows: readonly RsaRow[], differences: readonly RsaDifference[], permutations: number, warn: (message: string) => void): void {
  const undefinedRows = rows.filter((row) => Number.isNaN(row.value));
  for (const row of undefinedRows) warn(`${row.set}: ${row.candidate}, ${row.layer}: all distances are equal, so there is no correlation.`);
  if (permutations > 0 && rows.length > manyComparisons) {
    warn(`${rows.length} p-values, not corrected for their number: Bonferroni asks p <= ${(0.05 / rows.length).toPrecision(2)} for 0.05.`);
  }
  const layered = rows.some((row) => rows.some((other) => other.candidate === row.candidate && other.layerIndex !== row.layerIndex));
  if (layered && differences.length) {
    warn('differences take each model’s best layer, chosen on these same words: the values are optimistic, and the intervals do not cover the choice.');
  }
}
