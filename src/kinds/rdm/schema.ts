/** Fields of the `rdm` cell: the dissimilarity of every pair of words, drawn as a heatmap. */
import { field } from '../field.ts';

export const fields = {
  of: field.cell(['representation'], { label: 'Representation', help: 'Ratings or hidden states.' }),
  metric: field.choice(['cosine', 'correlation', 'euclidean', 'sqeuclidean'], { label: 'Dissimilarity', help: 'Distance between two words.', default: 'cosine' }),
  standardise: field.choice(['auto', 'none', 'centre', 'zscore'], { label: 'Standardise', help: 'Treatment of each column over words before distances; auto z-scores ratings and leaves hidden states.', default: 'auto' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers.', default: ['all'] }),
  set: field.choice(['all', 'motor', 'sensory'], { label: 'Dimensions', help: 'Which dimensions of ratings to use.', default: 'all' }),
  order: field.choice(['auto', 'category', 'clustering', 'source'], { label: 'Order', help: 'Order of the words in the heatmap; auto: by category where there are any, else by clustering.', default: 'auto' }),
};
