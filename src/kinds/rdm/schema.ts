/** Fields of the `rdm` cell: the dissimilarity of every pair of words, drawn as a heatmap. */
import { dimensionIds, dimensionSetNamed, dimensionSets } from '../../data/dimensions.ts';
import { field } from '../field.ts';
import { distanceFields } from '../treatment.ts';

export const fields = {
  of: field.cell(['representation'], { label: 'Representation', help: 'Ratings or hidden states.' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers.', default: ['all'] }),
  set: field.choice(dimensionSets, {
    label: 'Dimensions', help: 'Which dimensions of ratings to use: a set, or a single dimension.', default: 'all', also: dimensionSetNamed,
    page: Object.fromEntries(dimensionIds.map((id) => [id, 'distances/single-dimension'])),
  }),
  metric: distanceFields.metric,
  standardise: field.choice(['auto', 'none', 'centre', 'zscore'], { label: 'Standardise', help: 'Treatment of each column over words before distances; auto z-scores ratings and leaves hidden states.', default: 'auto' }),
  order: field.choice(['auto', 'category', 'clustering', 'source'], { label: 'Order', help: 'Order of the words in the heatmap; auto: by category where there are any, else by clustering.', default: 'auto' }),
  shrinkage: distanceFields.shrinkage,
  perMeasurement: distanceFields.perMeasurement,
  perChannel: distanceFields.perChannel,
  removeMean: distanceFields.removeMean,
  missing: distanceFields.missing,
};
