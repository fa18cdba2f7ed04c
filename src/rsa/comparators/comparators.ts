/**
 * What each comparator needs: distances or the rows themselves, and which way of drawing words its intervals come from.
 * Each has a page in docs/statistics/comparators.
 */
import { type Comparator, type RowComparator, rowComparators } from '../../data/comparators.ts';

export type { Comparator, RdmComparator, RowComparator } from '../../data/comparators.ts';

/**
 * Comparators whose value is, but for a factor and a shift that no permutation of the words changes, the correlation of
 * one list per RDM.
 */
export type LinearComparator = Exclude<Comparator, 'tau-a' | 'tau-b' | 'procrustes'>;

/** The linear comparators whose value under weights of the words is made of sums over pairs. */
export type WeightedComparator = 'spearman' | 'pearson' | 'rho-a' | 'cosine';

export function isLinear(comparator: Comparator): comparator is LinearComparator {
  return comparator !== 'tau-a' && comparator !== 'tau-b' && comparator !== 'procrustes';
}

export function isWeighted(comparator: Comparator): comparator is WeightedComparator {
  return comparator === 'spearman' || comparator === 'pearson' || comparator === 'rho-a' || comparator === 'cosine';
}

export function comparesRows(comparator: Comparator): comparator is RowComparator {
  return (rowComparators as readonly Comparator[]).includes(comparator);
}

/** Smallest and largest value there can be. */
export function rangeOf(comparator: Comparator): readonly [number, number] {
  return comparator === 'cka' || comparator === 'procrustes' ? [0, 1] : [-1, 1];
}
