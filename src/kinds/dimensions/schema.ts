/** Fields of the `dimensions` cell: agreement dimension by dimension. */
import { field } from '../field.ts';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'Ratings with named dimensions, usually human.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings are correlated column by column; hidden states through a cross-validated ridge probe.' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states.', default: ['all'] }),
  folds: field.number({ label: 'Folds', help: 'Folds of the probe’s cross-validation over words.', default: 5, min: 2, max: 20, integer: true, counts: 'folds' }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Resamples of the words for intervals; 0 gives none.', default: 0, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws' }),
  level: field.number({ label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ label: 'Seed', help: 'Seed of folds and bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
  published: field.list({ label: 'Published values', help: 'Values to compare with, each "candidate dimension value", for example "base auditory 0.351". Shown beside ours.', default: [], onlyShown: true }),
};
