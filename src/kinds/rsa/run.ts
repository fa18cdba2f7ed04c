/** Runs an `rsa` cell; the statistics are in src/rsa. */
import type { RsaOrders } from '../../data/rsa.ts';
import type { Dropped, RsaDifference, RsaRow } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { analyseSet, StatesCache } from '../../rsa/analyse.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { distinctLabels, planSets, referenceLabel } from '../../rsa/choose.ts';
import { adjusted } from '../../rsa/inference/correct.ts';
import { resamplingFor } from '../../rsa/inference/sample-words.ts';
import { inputOf, type Run } from '../kind.ts';
import { requireOther } from '../same-cell.ts';
import { treatmentOf } from '../treatment.ts';
import { ceilingOf } from './ceiling.ts';
import type { fields } from './schema.ts';
import { warnReader, warnSettings } from './warnings.ts';

export const run: Run<typeof fields, 'rsa'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  requireOther({ ...params, others: params.candidates, field: 'candidates' }, representations[0]!, place);
  const labels = distinctLabels(representations, cells);
  const aligned = alignWords(representations, labels, place, fewestWords);
  const resampling = resamplingFor(params.comparator, params.resampling, place);
  const settings = { ...params, ...treatmentOf(params), resampling };
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };
  warnSettings(params, resampling, context.warn);

  const cache = new StatesCache();
  const found: RsaRow[] = [];
  const between: RsaDifference[] = [];
  const orders: RsaOrders[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  for (const plan of planSets({ sets: params.sets, representations, labels, layers: params.layers, place, warn: context.warn })) {
    const result = await analyseSet(plan, aligned, settings, services, cache);
    found.push(...result.rows);
    between.push(...result.differences);
    if (result.orders) orders.push(result.orders);
    dropped.push(result.dropped);
  }
  const { correction } = params;
  const rows = correction === 'max' ? found : adjusted(found, correction);
  // Differences have no permutations of their own: Holm stands in for the maximum statistic.
  const differences = adjusted(between, correction === 'max' ? 'holm' : correction);
  warnReader(rows, differences, orders, params, context.warn);
  return {
    type: 'rsa', reference: referenceLabel(representations[0]!, labels[0]!), referenceOrigin: representations[0]!.origin,
    comparator: params.comparator, metric: params.metric, rows, differences,
    permutations: params.permutations, orders, alternative: params.alternative, correction,
    bootstrap: params.bootstrap, resampling, intervalMethod: resampling === 'delete-half' && params.interval === 'bca' ? 'percentile' : params.interval, level: params.level,
    ceiling: ceilingOf(params, representations[0]!, rows, context), dropped: mergeDropped(dropped),
  };
};
