/** Names of the comparators, as forms, results and statistics write them; what they compute is in src/rsa/comparators/compare.ts and cka.ts. */

/** Comparators of RDMs. */
export const rdmComparators = ['spearman', 'pearson', 'rho-a', 'tau-a', 'tau-b', 'cosine', 'whitened-cosine', 'whitened-pearson'] as const;
export type RdmComparator = (typeof rdmComparators)[number];

/** Comparators of representations rather than of their RDMs: the dissimilarity plays no part in them. */
export const rowComparators = ['cka', 'cka-unbiased', 'procrustes'] as const;
export type RowComparator = (typeof rowComparators)[number];

export const comparators = [...rdmComparators, ...rowComparators] as const;
/** What others call a comparator, in lower case, for "Did you mean …?". */
export const comparatorsMeant = { kendall: 'tau-b', tau: 'tau-b', rho: 'spearman' } as const;

export type Comparator = (typeof comparators)[number];
