/** Names of the comparators, as forms, results and statistics write them; what they compute is in src/rsa/compare.ts. */

/** Comparators of RDMs. The comparators of representations (CKA, Procrustes) need more than distances: see src/rsa/cka.ts. */
export const rdmComparators = ['spearman', 'pearson', 'rho-a', 'tau-a', 'tau-b', 'cosine', 'whitened-cosine', 'whitened-pearson'] as const;
export type RdmComparator = (typeof rdmComparators)[number];
