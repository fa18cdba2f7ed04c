/** Fields of the `ceiling` cell: how high RSA with these norms can come. */
import { comparatorsMeant, rdmComparators } from '../../data/comparators.ts';
import { field } from '../field.ts';
import { setsField } from '../sets.ts';
import { inferenceGroup, treatmentFields } from '../treatment.ts';

const { metric, standardise, states, ...distances } = treatmentFields;

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'The ratings whose ceiling is asked: the reference of the rsa cell.' }),
  from: field.choice(['raters', 'reliability', 'norms'], {
    label: 'From', help: 'Where the ceiling comes from. raters: each rater’s or template’s own RDM, for RSA by rater. reliability: groups of raters simulated from SDs and numbers of raters, for RSA with mean ratings. norms: other norms of the same words.',
    default: 'raters', page: { raters: 'inference/rater-ceiling', reliability: 'inference/reliability-ceiling', norms: 'inference/cross-language-ceiling' },
  }),
  second: field.cell(['representation'], { label: 'Second norms', help: 'From norms: the other norms, in another language for example.', default: 'none', literals: ['none'], page: 'inference/cross-language-ceiling' }),
  simulations: field.number({ label: 'Simulations', help: 'From reliability: how many norming studies are simulated.', default: 200, min: 2, max: 10_000, integer: true, counts: 'simulations', page: 'inference/reliability-ceiling' }),
  over: field.choice(['raters', 'words', 'both'], { label: 'Bootstrap over', help: 'From raters: what the bootstrap draws again. From norms it is the words; from reliability nothing is drawn.', default: 'raters', page: 'inference/bootstrap-raters' }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Draws for the intervals, from raters and from norms; 0 gives none.', default: 200, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: 'inference/bootstrap-raters' }),
  sets: setsField('Sets of rating dimensions, or single ones.'),
  metric, standardise, states,
  comparator: field.choice(rdmComparators, {
    label: 'Comparator', meant: comparatorsMeant, help: 'How two RDMs are compared; as in the rsa cell.', default: 'spearman',
    page: Object.fromEntries(rdmComparators.map((comparator) => [comparator, `comparators/${comparator}`])),
  }),
  ...distances,
  wordFolds: field.number({ group: 'Cross-validation', label: 'Folds of words', help: 'From raters: folds of words of the cross-validated ceiling; 1 keeps all words together.', default: 1, min: 1, max: 100, integer: true, page: 'inference/rater-ceiling' }),
  raterFolds: field.number({ group: 'Cross-validation', label: 'Folds of raters', help: 'From raters: folds of raters of a cross-validated ceiling; 0 gives none.', default: 0, min: 0, max: 1000, integer: true, page: 'inference/rater-ceiling' }),
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of simulations, folds and bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
