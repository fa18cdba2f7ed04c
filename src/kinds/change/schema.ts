/** Fields of the `change` cell: what tuning changed in a model's representation. */
import { dimensionSetNamed } from '../../data/dimensions.ts';
import { field } from '../field.ts';

export const fields = {
  before: field.cell(['representation'], { label: 'Before', help: 'Hidden states of the model as it was (an activations cell).' }),
  after: field.cell(['representation'], { label: 'After', help: 'Hidden states of the tuned model, for the same words.' }),
  reference: field.cell(['representation'], { label: 'Reference', help: 'Ratings with named dimensions, usually human.' }),
  model: field.cell(['model'], { label: 'Tuned model', help: 'The model behind After: its card says which words it was trained on.', default: 'none', literals: ['none'] }),
  words: field.choice(['auto', 'all', 'test', 'held-out'], { label: 'Words', help: 'All; those on the test side of the stimuli’s split; or those that the tuned model was neither trained nor validated on. Auto: held-out where a tuned model is named, else all.', default: 'auto' }),
  sets: field.choices(['motor', 'sensory', 'all'], { also: dimensionSetNamed, label: 'Dimension sets', help: 'Sets of rating dimensions; hidden states are used whole.', default: ['all'] }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for the comparison layer by layer.', default: ['all'] }),
  layer: field.text({ label: 'Layer for words', help: 'last or a layer number: whose states are compared word by word and drawn as RDMs.', default: 'last' }),
  metric: field.choice(['cosine', 'correlation', 'euclidean', 'sqeuclidean'], {
    label: 'Dissimilarity', help: 'Distance between two words.', default: 'cosine',
    page: { cosine: 'distances/cosine', correlation: 'distances/correlation', euclidean: 'distances/euclidean', sqeuclidean: 'distances/sqeuclidean' },
  }),
  standardise: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise ratings', help: 'Treatment of each rating column over words; the study z-scores.', default: 'zscore' }),
  states: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise hidden states', help: 'The same for hidden states, before RDMs; the probe and CKA centre by themselves.', default: 'none' }),
  folds: field.number({ label: 'Folds', help: 'Folds of the probe’s cross-validation over words.', default: 5, min: 2, max: 20, integer: true, counts: 'folds' }),
  movers: field.number({ label: 'Movers', help: 'How many words to name at each end.', default: 10, min: 1, max: 100, integer: true, counts: 'movers' }),
  drawn: field.number({ label: 'Words drawn', help: 'Most words in the three RDMs; of more, this many are drawn by the seed.', default: 200, min: 4, max: 400, integer: true, counts: 'words in the RDMs' }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Resamples of the words for intervals and p; 0 gives none.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws' }),
  level: field.number({ label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ label: 'Seed', help: 'Seed of folds, bootstrap and the words drawn.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
