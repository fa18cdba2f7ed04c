/**
 * One RDM out of those of several raters, each brought to a common scale first, as the comparator sees scales: the RDM
 * that comes nearest to all raters, from which noise ceilings are made (Nili et al. 2014, "A toolbox for representational
 * similarity analysis"; the scaling is rsatoolbox's).
 */
import type { RdmComparator } from '../../data/comparators.ts';
import { deviations, type Numbers } from '../comparators/correlate.ts';
import { doubledRanks } from '../comparators/ranks.ts';

/** A rater's RDM on the scale on which it is averaged: z-scored, divided by its root mean square, or ranked. */
export function poolable(comparator: RdmComparator, x: Float32Array | Float64Array): Float64Array<ArrayBuffer> {
  switch (comparator) {
    case 'pearson':
    case 'whitened-pearson': {
      const centred = deviations(x);
      return dividedBy(rootMeanSquare(centred), centred);
    }
    case 'cosine':
    case 'whitened-cosine': {
      return dividedBy(rootMeanSquare(x), x);
    }
    case 'spearman':
    case 'rho-a':
    case 'tau-a':
    case 'tau-b':
      return dividedBy(2, doubledRanks(x));
    default:
      return comparator satisfies never;
  }
}

/** A loop: from() with a function takes twenty times as long, seconds for millions of pairs. */
function dividedBy(by: number, values: Numbers): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  for (let k = 0; k < out.length; k++) out[k] = values[k]! / by;
  return out;
}

function rootMeanSquare(values: Float32Array | Float64Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares / values.length);
}

/**
 * The mean of {@link poolable} RDMs. Under the correlations its least value is subtracted, so that all are distances; no
 * correlation sees that.
 */
export function poolRdms(comparator: RdmComparator, parts: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const out = new Float64Array(parts[0]!.length);
  for (const part of parts) for (let k = 0; k < out.length; k++) out[k]! += part[k]!;
  for (let k = 0; k < out.length; k++) out[k]! /= parts.length;
  if (comparator !== 'pearson' && comparator !== 'whitened-pearson') return out;
  let least = Infinity;
  for (const value of out) if (value < least) least = value;
  for (let k = 0; k < out.length; k++) out[k]! -= least;
  return out;
}
