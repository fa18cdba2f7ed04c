/**
 * The Mantel test: do two RDMs agree more than they would if the words of one were shuffled (Mantel 1967, "The detection of
 * disease clustering and a generalized regression approach")? With any comparator, for several candidates under the same
 * orders of the words.
 */
import type { Watch } from '../../base/progress.ts';
import type { Alternative } from '../../data/rsa.ts';
import type { Compute } from '../../gpu/compute.ts';
import { maxStatisticP, permutationP } from './max-statistic.ts';
import { type NullInput, nullValues } from './null-values.ts';

export { type ScoredRdm, scoreRdm } from '../scored.ts';

export interface MantelInput extends NullInput {
  /** Default greater: alike counts, not the opposite. */
  readonly alternative?: Alternative;
}

export interface MantelResult {
  /** One p per candidate; NaN where the comparator has no value. */
  readonly p: readonly number[];
  /** The same corrected for the number of candidates by the largest statistic. */
  readonly pMax: readonly number[];
  /** True when all n! orders were taken instead of random ones. */
  readonly exact: boolean;
  /** Orders used. */
  readonly permutations: number;
}

/**
 * p = share of the orders whose value is at least the observed one. When all n! orders are no more than the permutations
 * asked for, each is taken once and p is exact.
 */
export async function mantelTest(compute: () => Promise<Compute>, input: MantelInput, watch: Watch): Promise<MantelResult> {
  const nulls = await nullValues(compute, input, watch);
  const alternative = input.alternative ?? 'greater';
  return { p: permutationP(nulls, alternative), pMax: maxStatisticP(nulls, alternative), exact: nulls.exact, permutations: nulls.permutations };
}
