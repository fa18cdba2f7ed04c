/** Runs an `explain` cell; the statistics are in src/rsa. */
import { Problem } from '../../base/problem.ts';
import type { ExplainPartition, ExplainRow, ExplainWeighted } from '../../data/explain.ts';
import type { RsaOrders } from '../../data/rsa.ts';
import type { Dropped, RepresentationValue } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { chooseLayers, distinctLabels, isRatings, planSets, referenceLabel } from '../../rsa/choose.ts';
import { holm } from '../../rsa/inference/correct.ts';
import { explain } from '../../rsa/models/explain.ts';
import { listed } from '../../ui/format.ts';
import { inputOf, type Run } from '../kind.ts';
import { warnReach } from '../rsa/warnings.ts';
import { idleSettings, treatmentOf } from '../treatment.ts';
import { predictorsOf } from './predictors.ts';
import type { fields } from './schema.ts';

/** What says which cells and layers take part. */
interface Params {
  readonly reference: string;
  readonly candidates: readonly string[];
  readonly controlCells: readonly string[];
  readonly layers: readonly string[];
}

export const run: Run<typeof fields, 'explain'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates, ...params.controlCells];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  requireApart(params, representations, place);
  const labels = distinctLabels(representations, cells);
  const aligned = alignWords(representations, labels, place);
  const first = 1 + params.candidates.length;
  const controls = {
    words: params.controls,
    cells: representations.slice(first).map((representation, k) => ({ of: first + k, label: labels[first + k]!, representation })),
  };
  const treatment = treatmentOf({ ...params, missing: 'drop' });
  idleSettings(params, context.warn);
  const services = { compute: context.compute, watch: { progress: context.progress, signal: context.signal }, warn: context.warn, place };

  const rows: ExplainRow[] = [];
  const partitions: ExplainPartition[] = [];
  const weighted: ExplainWeighted[] = [];
  const orders: RsaOrders[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  const asked = { sets: params.sets, representations: representations.slice(0, first), labels: labels.slice(0, first), layers: params.layers, place, warn: context.warn };
  for (const plan of planSets(asked)) {
    const { input, alignment } = await predictorsOf(plan, aligned, controls, treatment, services);
    const found = await explain(input, params, services);
    rows.push(...found.rows);
    partitions.push(found.partition);
    if (found.weighted) weighted.push(found.weighted);
    if (found.orders) orders.push(found.orders);
    dropped.push(alignment.dropped);
  }
  if (orders.length) warnReach(rows.filter(({ simple }) => simple.p !== null).length, orders, 'holm', context.warn);
  return {
    type: 'explain', reference: referenceLabel(representations[0]!, labels[0]!), referenceOrigin: representations[0]!.origin,
    metric: params.metric, scale: params.scale, comparator: params.comparator,
    rows: adjusted(rows), partitions, weighted,
    permutations: params.permutations, orders, alternative: params.alternative, bootstrap: params.bootstrap, intervalMethod: params.interval, level: params.level, dropped: mergeDropped(dropped),
  };
};

/**
 * A cell in two roles would be told by itself, as collinear under two names. Earlier layers of hidden states may explain
 * their last one, or be controlled for it.
 *
 * @throws Problem `same-cell`
 */
function requireApart({ reference, candidates, controlCells, layers }: Params, representations: readonly RepresentationValue[], place: string): void {
  const cells = [reference, ...candidates, ...controlCells];
  const roles = [['reference', [reference]], ['candidate', candidates], ['control', controlCells]] as const;
  for (const cell of new Set(cells)) {
    const representation = representations[cells.indexOf(cell)]!;
    const last = representation.layers.at(-1)!;
    const taken = isRatings(representation) || chooseLayers(representation, cell, layers, place).includes(last);
    const has = roles.flatMap(([role, of]) => (of.includes(cell) && (role !== 'candidate' || taken) ? [role] : []));
    if (has.length < 2) continue;
    const layered = has.includes('candidate') && representation.layers.length > 1;
    throw new Problem({
      code: 'same-cell', place, what: `${cell} is both ${listed(has)}${layered ? `, with ${last.name}` : ''}`,
      fix: `Keep it in one of the two${layered ? ', or leave its last layer out of layers' : ''}.`,
    });
  }
}

/** Holm's correction, over simple and over partial correlations apart: two questions, each asked of every row. */
function adjusted(rows: readonly ExplainRow[]): ExplainRow[] {
  let out = [...rows];
  for (const name of ['simple', 'partial'] as const) {
    const tested = out.flatMap((row, k) => (row[name].p === null ? [] : [k]));
    const corrected = holm(tested.map((k) => out[k]![name].p!));
    out = out.map((row, k) => (tested.includes(k) ? { ...row, [name]: { ...row[name], pAdjusted: corrected[tested.indexOf(k)]! } } : row));
  }
  return out;
}
