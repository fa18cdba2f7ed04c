/** Fields of the `explain` cell: which representations explain the reference's RDM, beyond each other and beyond controls. */
import { wordControls } from '../../rsa/models/controls.ts';
import { field } from '../field.ts';
import { setsField } from '../sets.ts';
import { inferenceGroup, treatmentFields } from '../treatment.ts';

const { metric, standardise, states, shrinkage, perMeasurement, perChannel, removeMean } = treatmentFields;

/** Heading of what is tried on held-out words. */
const weightedGroup = 'Weighted RSA';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'Whose RDM is to be explained, usually human ratings.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Representations whose RDMs may explain it: ratings, or hidden states (each chosen layer is a predictor).' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states. Neighbouring layers are much alike; few keep weights readable.', default: ['last'] }),
  controls: field.choices(wordControls, {
    label: 'Word form', help: 'Controls made from the words: difference in number of letters, Levenshtein distance as a share of the longer word (orthography) or in letters.',
    default: [], page: Object.fromEntries(wordControls.map((control) => [control, 'models/control-rdms'])),
  }),
  controlCells: field.cells(['representation'], {
    label: 'Control cells', help: 'Ratings to control for, such as concreteness or log frequency: each column is a control, by |difference|. Hidden states: their last layer.',
    default: [], page: 'models/control-rdms',
  }),
  sets: setsField('Sets of rating dimensions, or single ones; hidden states are used whole.'),
  metric, standardise, states, shrinkage, perMeasurement, perChannel, removeMean,
  scale: field.choice(['ranks', 'values'], {
    label: 'Scale', help: 'Correlations and regressions of ranked distances (as Spearman) or of the distances (as Pearson).', default: 'ranks',
    page: ['models/regression', 'models/semipartial-rsa', 'models/variance-partitioning'],
  }),
  permutations: field.number({
    label: 'Permutations', help: 'Permutations of the words for p of simple and partial correlations, the identity counted; 0 gives no p.', default: 1000, min: 0, max: 1_000_000, integer: true, counts: 'permutations', page: 'models/partial-rsa',
  }),
  alternative: field.choice(['greater', 'two-sided', 'less'], {
    group: inferenceGroup,
    label: 'Alternative', help: 'Which simple and partial correlations speak against chance: large ones, those large in size, small ones.', default: 'greater', page: ['inference/mantel', 'models/partial-rsa'],
  }),
  bootstrap: field.number({
    label: 'Bootstrap', help: 'Draws of the words for intervals; pairs of a word with itself are left out; 0 gives none.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: 'inference/bootstrap-words',
  }),
  interval: field.choice(['corrected', 'percentile', 'bca'], {
    group: inferenceGroup,
    label: 'Interval', help: 'corrected: from a standard error without the excess that draws of words have. percentile: of the draws. bca: percentiles corrected for bias and skew.', default: 'corrected', page: 'inference/intervals',
  }),
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999, page: 'inference/intervals' }),
  folds: field.number({
    group: weightedGroup,
    label: 'Folds', help: 'Folds of the words for weighted RSA: weights are fitted on the other words and tried on these; 0 for none.', default: 5, min: 0, max: 100, integer: true, counts: 'folds', page: 'models/weighted-rsa',
  }),
  comparator: field.choice(['spearman', 'pearson', 'cosine', 'whitened-pearson', 'whitened-cosine'], {
    group: weightedGroup,
    label: 'Comparator', help: 'What the weights are fitted for, and what held-out words are judged by.', default: 'spearman', page: ['models/weighted-rsa', 'models/model-selection'],
  }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of permutations, draws of the words and folds.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
