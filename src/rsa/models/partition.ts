/**
 * Variance partitioning (commonality analysis): what groups of predictors explain of the reference's RDM alone and
 * together. R² of every subset of groups, what each group adds to all others, and what is shared by exactly some of them.
 *
 * Sources: Newton and Spurrell 1967, "A development of multiple regression for the analysis of routine data"; Nimon,
 * Lewis, Kane and Haynes 2008, "An R package to compute commonality coefficients in the multiple regression case".
 */
import { explained } from './partial.ts';

/** With more groups the terms outnumber what a reader can read; unique variance is told alone. */
export const mostGroups = 6;

export interface Partition {
  /** R² of all predictors together. */
  readonly r2: number;
  /** Per group: R² of the group alone, and what R² loses without it. */
  readonly alone: Float64Array;
  readonly unique: Float64Array;
  /** R² of every subset of the groups, smallest subsets first; empty for more than {@link mostGroups}. */
  readonly subsets: readonly { readonly groups: readonly number[]; readonly r2: number }[];
  /**
   * The part of R² that exactly these groups share: what one group alone explains first. The terms sum to r2; a shared
   * term can be negative (suppression). Empty for more than {@link mostGroups}.
   */
  readonly terms: readonly { readonly groups: readonly number[]; readonly value: number }[];
}

/** @param groups columns (from 1) of each group of predictors; together all predictors, each once */
export function partition(correlations: Float64Array, size: number, groups: readonly (readonly number[])[]): Partition {
  const columns = (chosen: readonly number[]): number[] => chosen.flatMap((group) => groups[group]!).sort((a, b) => a - b);
  const r2Of = (chosen: readonly number[]): number => explained(correlations, size, columns(chosen));
  const all = groups.map((_, group) => group);
  const r2 = r2Of(all);
  const alone = Float64Array.from(all, (group) => r2Of([group]));
  const unique = Float64Array.from(all, (group) => r2 - r2Of(all.filter((other) => other !== group)));
  if (groups.length > mostGroups) return { r2, alone, unique, subsets: [], terms: [] };
  const everything = 2 ** groups.length - 1;
  const members = (mask: number): number[] => all.filter((group) => (mask >> group) & 1);
  const masks = Array.from({ length: everything }, (_, k) => k + 1).sort((a, b) => members(a).length - members(b).length || compare(members(a), members(b)));
  const r2OfMask = Float64Array.from({ length: everything + 1 }, (_, mask) => r2Of(members(mask)));
  // What is lost without A is the sum of the terms within A; inclusion and exclusion give back the terms.
  const lost = r2OfMask.map((_, mask) => r2 - r2OfMask[everything & ~mask]!);
  const term = (mask: number): number => {
    let sum = 0;
    for (let part = mask; part > 0; part = (part - 1) & mask) sum += ((members(mask).length - members(part).length) % 2 ? -1 : 1) * lost[part]!;
    return sum;
  };
  return {
    r2, alone, unique,
    subsets: masks.map((mask) => ({ groups: members(mask), r2: r2OfMask[mask]! })),
    terms: masks.map((mask) => ({ groups: members(mask), value: term(mask) })),
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, k) => value !== b[k]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
