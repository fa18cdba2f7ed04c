/** Comparators as the reader sees them: on axes and in captions. */
import type { Comparator } from '../data/comparators.ts';

const labels = {
  spearman: 'Spearman ρ',
  pearson: 'Pearson r',
  'rho-a': 'ρ-a',
  'tau-a': 'Kendall τ-a',
  'tau-b': 'Kendall τ-b',
  cosine: 'cosine',
  'whitened-cosine': 'whitened cosine',
  'whitened-pearson': 'whitened Pearson r',
  cka: 'linear CKA',
  'cka-unbiased': 'unbiased linear CKA',
  procrustes: 'Procrustes similarity',
} as const satisfies Record<Comparator, string>;

export function comparatorLabel(comparator: Comparator): string {
  return labels[comparator];
}
