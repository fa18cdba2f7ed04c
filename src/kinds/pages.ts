/** Which pages of docs/statistics explain a field, and what the form calls them. */
import { optionOf, type Field, type Page } from './field.ts';

/** The index of the pages. */
const indexId = 'README';

/** Pages offered at most for an option that has none of its own. */
const MOST = 4;

/** "About …": every page that a form links to, in words that say what it explains. */
export const pageNames: Readonly<Record<string, string>> = {
  [indexId]: 'all statistics',
  'comparators/cka': 'linear CKA',
  'comparators/cka-unbiased': 'unbiased CKA',
  'comparators/cosine': 'the cosine of RDMs',
  'comparators/pearson': 'Pearson’s correlation',
  'comparators/procrustes': 'Procrustes similarity',
  'comparators/rho-a': 'rho-a',
  'comparators/spearman': 'Spearman’s correlation',
  'comparators/tau-a': 'Kendall’s tau-a',
  'comparators/tau-b': 'Kendall’s tau-b',
  'comparators/ties': 'ties',
  'comparators/whitened-cosine': 'the whitened cosine',
  'comparators/whitened-pearson': 'the whitened Pearson correlation',
  'dimensions/dunn-clark': 'Dunn and Clark’s test',
  'dimensions/fisher-interval': 'intervals of a correlation',
  'dimensions/hotelling': 'Hotelling’s test',
  'dimensions/jackknife-test': 'the jackknife test',
  'dimensions/meng': 'Meng’s test',
  'dimensions/nested-penalty': 'the nested choice of the penalty',
  'dimensions/probe-control': 'the control of a probe',
  'dimensions/repeated-folds': 'repeated folds',
  'dimensions/ridge-probe': 'the ridge probe',
  'dimensions/spearman-per-dimension': 'agreement per dimension',
  'dimensions/steiger': 'Steiger’s test',
  'dimensions/williams': 'Williams’ test',
  'distances/chebyshev': 'Chebyshev distance',
  'distances/correlation': 'correlation distance',
  'distances/cosine': 'cosine distance',
  'distances/crossnobis': 'crossnobis distance',
  'distances/euclidean': 'Euclidean distance',
  'distances/mahalanobis': 'Mahalanobis distance',
  'distances/manhattan': 'Manhattan distance',
  'distances/minkowski3': 'Minkowski-3 distance',
  'distances/missing-cells': 'missing cells',
  'distances/noise-precision': 'the covariance of noise',
  'distances/single-dimension': 'the RDM of a single dimension',
  'distances/spearman': 'Spearman distance',
  'distances/sqeuclidean': 'squared Euclidean distance',
  'geometry/classical-mds': 'classical maps',
  'geometry/dendrogram': 'trees of clusters',
  'geometry/non-metric-mds': 'non-metric maps',
  'geometry/second-order': 'maps of RDMs',
  'geometry/shepard': 'stress and the Shepard plot',
  'geometry/smacof': 'SMACOF maps',
  'inference/benjamini-hochberg': 'Benjamini and Hochberg’s correction',
  'inference/bootstrap-raters': 'the bootstrap over raters and words',
  'inference/bootstrap-words': 'the bootstrap over words',
  'inference/cross-language-ceiling': 'the agreement of two norms',
  'inference/delete-half': 'samples without replacement',
  'inference/differences': 'differences between candidates',
  'inference/holm': 'Holm’s correction',
  'inference/intervals': 'intervals',
  'inference/mantel': 'the Mantel test',
  'inference/max-statistic': 'the maximum statistic',
  'inference/rater-ceiling': 'the noise ceiling from raters',
  'inference/raters': 'RSA by rater',
  'inference/reliability-ceiling': 'the noise ceiling from reliability',
  'models/control-rdms': 'control RDMs',
  'models/model-selection': 'model selection',
  'models/partial-rsa': 'partial RSA',
  'models/regression': 'the regression of RDMs',
  'models/semipartial-rsa': 'semipartial RSA',
  'models/variance-partitioning': 'variance partitioning',
  'models/weighted-rsa': 'weighted RSA',
};

/** A page, and what follows "About" on the link to it. */
export interface PageLink { readonly page: string; readonly about: string }

const isList = (page: Page): page is readonly string[] => Array.isArray(page);

/** Every page that a field declares, each once. */
export function declaredPages({ page }: Field): string[] {
  if (page === undefined) return [];
  return typeof page === 'string' ? [page] : [...new Set(isList(page) ? page : Object.values(page))];
}

/**
 * The pages that explain a field under this value: those of the chosen options, or of all options where none that is
 * chosen has its own, as that is where a reader has to choose; the index where these would be too many.
 */
export function pagesOf(declared: Field, value: unknown): PageLink[] {
  const { page } = declared;
  const own = page === undefined || typeof page === 'string' || isList(page) ? [] : ownPages(declared, page, value);
  const all = own.length ? own : declaredPages(declared);
  return (all.length > MOST ? [indexId] : all).map((one) => ({ page: one, about: pageNames[one] ?? lastWords(one) }));
}

function ownPages(declared: Field, page: Readonly<Record<string, string>>, value: unknown): string[] {
  const chosen = (Array.isArray(value) ? value : [value]).map((typed: unknown) => (declared.control === 'choice' || declared.control === 'choices' ? optionOf(declared, typed) : undefined));
  return [...new Set(chosen.flatMap((option) => (option === undefined ? [] : page[option] ?? [])))];
}

const lastWords = (page: string): string => page.slice(page.lastIndexOf('/') + 1).replaceAll('-', ' ');
