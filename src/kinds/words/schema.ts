/** Fields of the `words` cell: which words a model gets right, and whether two models agree on them. */
import { dimensionSetNamed } from '../../data/dimensions.ts';
import { field } from '../field.ts';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'Ratings, usually human.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings on the same dimensions.' }),
  sets: field.choices(['motor', 'sensory', 'all'], { also: dimensionSetNamed, label: 'Dimension sets', help: 'Sets of dimensions.', default: ['all'] }),
  movers: field.number({ label: 'Movers', help: 'How many words to list at each end.', default: 10, min: 1, max: 100, integer: true }),
  published: field.list({ label: 'Published values', help: 'Mean similarities "candidate set value" and rank correlations "a~b set value" to compare with. Shown beside ours.', default: [], onlyShown: true }),
};
