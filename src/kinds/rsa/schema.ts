/** Fields of the `rsa` cell: representational similarity to a reference, with its uncertainty. */
import { field } from '../field.ts';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'What the candidates are compared with, usually human ratings.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings of models, or hidden states (each layer is a candidate).' }),
  sets: field.choices(['motor', 'sensory', 'all'], { label: 'Dimension sets', help: 'Sets of rating dimensions; hidden states are used whole.', default: ['all'] }),
  metric: field.choice(['cosine', 'correlation', 'euclidean', 'sqeuclidean'], { label: 'Dissimilarity', help: 'Distance between two words.', default: 'cosine' }),
  standardise: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise ratings', help: 'Treatment of each rating column over words; the study z-scores.', default: 'zscore' }),
  states: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise hidden states', help: 'The same for hidden states; centring removes the mean direction that all words share.', default: 'none' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states.', default: ['all'] }),
  comparator: field.choice(['spearman', 'pearson'], { label: 'Comparator', help: 'How two RDMs are compared.', default: 'spearman' }),
  permutations: field.number({ label: 'Permutations', help: 'Mantel permutations of the words, the identity counted; 0 gives no p.', default: 1000, min: 0, max: 1_000_000, integer: true, counts: 'permutations' }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Resamples of the words for intervals; pairs of a word with itself are left out; 0 gives none.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws' }),
  level: field.number({ label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  differences: field.choice(['none', 'first', 'all'], { label: 'Differences', help: 'Which candidates to subtract: none, each from the first, or all pairs. Layers: the candidate’s best.', default: 'first' }),
  seed: field.number({ label: 'Seed', help: 'Seed of permutations and bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
  published: field.list({ label: 'Published values', help: 'Values to compare with, each "candidate set value", for example "base motor 0.1053". Shown beside ours.', default: [], onlyShown: true }),
};
