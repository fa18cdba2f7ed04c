/** Runs a `dimensions` cell: ratings column by column, hidden states through a probe. */
import { Problem } from '../../base/problem.ts';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { DimensionRow, Dropped, RepresentationValue } from '../../data/values.ts';
import { mergeDropped } from '../../rsa/align.ts';
import { chooseLayers, distinctLabels, isRatings } from '../../rsa/choose.ts';
import { type DimensionAgreement, directAgreement, intervalsOf, probeAgreement, sharedWords } from '../../rsa/dimension-agreement.ts';
import { inputOf, type Run } from '../kind.ts';
import type { fields } from './schema.ts';

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
  const watch = { progress: context.progress, signal: context.signal };
  const found: DimensionAgreement[] = [];
  const dropped: (readonly Dropped[])[] = [];
  for (const [k, candidate] of candidates.entries()) {
    const sides = { reference, referenceLabel, candidate, label: labels[k]!, place };
    const layers = chooseLayers(candidate, labels[k]!, params.layers, place);
    const result = isRatings(candidate)
      ? directAgreement(sides)
      : await probeAgreement(sides, layers, { folds: params.folds, seed: params.seed }, watch);
    for (const name of result.missing) context.warn(`${labels[k]!} has no ratings of ${dimensionLabel(name)}.`);
    found.push(...result.rows);
    dropped.push(result.dropped);
  }
  if (!found.length) {
    throw new Problem({
      code: 'no-dimensions', place, what: `no candidate shares a dimension with ${referenceLabel}, which has ${reference.dimensions.join(', ')}`,
      fix: 'Name candidates with the same dimensions, or hidden states.',
    });
  }
  const few = Math.min(...found.map(({ words }) => words.length));
  if (few < 20) context.warn(`only ${few} words: the correlations are rough.`);
  const constant = found.filter(({ rho }) => Number.isNaN(rho));
  for (const row of constant) context.warn(`${row.candidate}, ${dimensionLabel(row.dimension)}: all values are equal, so there is no correlation.`);

  const intervals = params.bootstrap > 0
    ? await intervalsOf(found, reference.words.length, { draws: params.bootstrap, level: params.level, seed: params.seed }, watch)
    : found.map(() => null);
  const shared = sharedWords(found);
  return {
    type: 'dimensions', reference: referenceLabel, referenceOrigin: reference.origin,
    rows: found.map(({ candidate, layer, layerIndex, dimension, words, rho, method }, k): DimensionRow => ({
      candidate, layer, layerIndex, dimension, n: words.length, rho, interval: intervals[k]!, method, ...(shared[k] ? { shared: shared[k] } : {}),
    })),
    folds: params.folds, bootstrap: params.bootstrap, level: params.level, dropped: mergeDropped(dropped),
  };
};
