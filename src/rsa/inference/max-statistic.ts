/**
 * p-values from values under permutations: of each candidate by itself, and against the largest of all candidates. The
 * given order counts as one of the orders, so that no p is 0 (Phipson & Smyth 2010, "Permutation p-values should never be
 * zero").
 */
import type { Alternative } from '../../data/rsa.ts';
import type { NullValues } from './null-values.ts';

/** A number that is larger the more a value speaks against chance. */
function evidence(value: number, alternative: Alternative): number {
  switch (alternative) {
    case 'greater':
      return value;
    case 'two-sided':
      return Math.abs(value);
    case 'less':
      return -value;
    default:
      return alternative satisfies never;
  }
}

/** Per candidate the share of the orders whose value is at least as far out as the given order's; NaN without a value. */
export function permutationP({ values, tolerance }: NullValues, alternative: Alternative): number[] {
  return values.map((own, c) => {
    const observed = evidence(own[0]!, alternative);
    if (Number.isNaN(observed)) return NaN;
    let count = 0;
    for (const value of own) if (evidence(value, alternative) >= observed - tolerance[c]!) count++;
    return count / own.length;
  });
}

/**
 * p corrected for the number of candidates: the share of the orders in which any candidate is at least as far out as this
 * one is in the given order. Bounds the chance of any false finding, whatever the dependence between candidates, since all
 * are seen under the same orders (single step; Westfall & Young 1993, "Resampling-based multiple testing"; Nichols & Holmes
 * 2002, "Nonparametric permutation tests for functional neuroimaging").
 *
 * @returns one per candidate; NaN for candidates without a value, which do not enter
 */
export function maxStatisticP({ values, tolerance }: NullValues, alternative: Alternative): number[] {
  const valued = values.filter((own) => !Number.isNaN(own[0]!));
  const orders = values[0]?.length ?? 0;
  const largest = new Float64Array(orders).fill(-Infinity);
  for (const own of valued) {
    for (let k = 0; k < orders; k++) {
      const one = evidence(own[k]!, alternative);
      if (one > largest[k]!) largest[k] = one;
    }
  }
  return values.map((own, c) => {
    const observed = evidence(own[0]!, alternative);
    if (Number.isNaN(observed)) return NaN;
    let count = 0;
    for (const one of largest) if (one >= observed - tolerance[c]!) count++;
    return count / orders;
  });
}
