/** Fields of the `rsa` cell: representational similarity to a reference, with its uncertainty. */
import { comparators, comparatorsMeant } from '../../data/comparators.ts';
import { field } from '../field.ts';
import { setsField } from '../sets.ts';
import { distancesGroup, inferenceGroup, publishedGroup, treatmentFields } from '../treatment.ts';

const { metric, standardise, states, ...distances } = treatmentFields;

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'What the candidates are compared with, usually human ratings.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings of models, or hidden states (each layer is a candidate).' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states.', default: ['all'] }),
  sets: setsField('Sets of rating dimensions, or single ones; hidden states are used whole.'),
  metric, standardise, states,
  comparator: field.choice(comparators, {
    label: 'Comparator', meant: comparatorsMeant, help: 'How two RDMs are compared. CKA and Procrustes compare the representations themselves: the dissimilarity plays no part.', default: 'spearman',
    page: Object.fromEntries(comparators.map((comparator) => [comparator, `comparators/${comparator}`])),
  }),
  permutations: field.number({ label: 'Permutations', help: 'Mantel permutations of the words, the identity counted; 0 gives no p.', default: 1000, min: 0, max: 1_000_000, integer: true, counts: 'permutations', page: 'inference/mantel' }),
  correction: field.choice(['none', 'max', 'holm', 'bh'], {
    label: 'Correction', help: 'p corrected for the number of comparisons: by the maximum statistic over candidates and layers of a set, by Holm or by Benjamini and Hochberg over all rows.', default: 'none',
    page: { max: 'inference/max-statistic', holm: 'inference/holm', bh: 'inference/benjamini-hochberg' },
  }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Draws of the words for intervals and differences; 0 gives none.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: 'inference/bootstrap-words' }),
  differences: field.choice(['none', 'first', 'all'], { label: 'Differences', help: 'Which candidates to subtract: none, each from the first, or all pairs. Layers: the candidate’s best.', default: 'first', page: 'inference/differences' }),
  ceiling: field.cell(['ceiling'], { label: 'Noise ceiling', help: 'A ceiling cell of the same reference, drawn as a band.', default: 'none', literals: ['none'], page: ['inference/rater-ceiling', 'inference/reliability-ceiling', 'inference/cross-language-ceiling'] }),
  ...distances,
  ties: field.choice(['exact', 'rounding'], {
    group: distancesGroup,
    label: 'Ties', help: 'exact: only equal distances tie, as in scipy. rounding: distances of ratings that only rounding tells apart tie as well.', default: 'exact', page: 'comparators/ties',
  }),
  alternative: field.choice(['greater', 'two-sided', 'less'], { group: inferenceGroup, label: 'Alternative', help: 'Which values speak against chance: large ones, those large in size, small ones.', default: 'greater', page: 'inference/mantel' }),
  resampling: field.choice(['automatic', 'bootstrap', 'delete-half'], {
    group: inferenceGroup,
    label: 'Resampling', help: 'bootstrap: words with replacement, pairs of a word with itself left out. delete-half: some of the words without replacement, with every comparator. automatic: the bootstrap where the comparator has one.', default: 'automatic',
    page: { bootstrap: 'inference/bootstrap-words', 'delete-half': 'inference/delete-half' },
  }),
  interval: field.choice(['corrected', 'percentile', 'bca'], {
    group: inferenceGroup,
    label: 'Interval', help: 'corrected: from a standard error without the excess that draws of words have. percentile: of the draws. bca: percentiles corrected for bias and skew.', default: 'corrected', page: 'inference/intervals',
  }),
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999, page: 'inference/intervals' }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of permutations and of draws of the words.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
  published: field.list({ group: publishedGroup, label: 'Published values', help: 'Values to compare with, each "candidate set value", for example "base motor 0.1053". Shown beside ours.', default: [], onlyShown: true }),
};
