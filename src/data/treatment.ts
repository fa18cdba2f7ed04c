/** Names of how distances are treated, as forms, results and statistics write them; what they do is in src/rsa. */

/** How the covariance of the noise between columns is estimated; see src/rsa/distances/noise.ts. */
export type Shrinkage = 'none' | 'full' | 'diagonal' | 'ledoit-wolf' | 'schaefer-strimmer';

/** What to do with ratings that have empty cells: drop the words, or take what both words of a pair have. */
export type Missing = 'drop' | 'pairwise';
