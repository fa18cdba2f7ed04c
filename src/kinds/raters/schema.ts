/** Fields of the `raters` cell: RSA with every rater's own RDM. */
import { comparatorsMeant, rdmComparators } from '../../data/comparators.ts';
import { field } from '../field.ts';
import { setsField } from '../sets.ts';
import { inferenceGroup, treatmentFields } from '../treatment.ts';

const { metric, standardise, states, ...distances } = treatmentFields;

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'Ratings with a column pattern for each rater, or activations that keep their templates.', page: 'inference/raters' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings of models, or hidden states (each layer is a candidate).' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states of candidates.', default: ['all'] }),
  sets: setsField('Sets of rating dimensions, or single ones; hidden states are used whole.'),
  metric, standardise, states,
  comparator: field.choice(rdmComparators, {
    label: 'Comparator', meant: comparatorsMeant, help: 'How two RDMs are compared.', default: 'spearman',
    page: Object.fromEntries(rdmComparators.map((comparator) => [comparator, `comparators/${comparator}`])),
  }),
  differences: field.choice(['none', 'first', 'all'], { label: 'Differences', help: 'Which candidates to subtract: none, each from the first, or all pairs. Layers: the candidate’s best.', default: 'first', page: 'inference/raters' }),
  over: field.choice(['raters', 'words', 'both'], {
    label: 'Bootstrap over', help: 'What the bootstrap draws again: to say something about other raters, about other words, or about both.', default: 'raters', page: 'inference/bootstrap-raters',
  }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Draws; 0 gives the t tests over raters alone.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: 'inference/bootstrap-raters' }),
  ...distances,
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of the bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
