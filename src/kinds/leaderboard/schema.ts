/** Fields of the `leaderboard` cell: many models, one reference. */
import { comparators, comparatorsMeant } from '../../data/comparators.ts';
import { dimensionSetNamed, dimensionSets } from '../../data/dimensions.ts';
import { fields as activationsFields } from '../activations/schema.ts';
import { field } from '../field.ts';
import { distancesGroup, inferenceGroup, treatmentFields } from '../treatment.ts';

const { metric, standardise, states, ...distances } = treatmentFields;
const { templates, pooling, lowercase, language, device } = activationsFields;

/** Heading of the fields that only models opened here read. */
const feeding = 'How the models are run';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'What the models are compared with, usually human ratings.' }),
  models: field.cells(['model', 'representation'], { label: 'Cells', help: 'Models, which are run here over the stimuli, and representations of other cells: activations, ratings, vectors.', default: [] }),
  hub: field.list({
    label: 'Models', help: 'Models to open one after the other, one a line: "owner/name", a precision and a label if you like ("owner/name q8 My label"), or the name of a bundled model. Those that cannot be had or run are skipped and named.',
    default: [], placeholder: 'owner/name q8',
  }),
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words that models are run over; none where all cells are representations.', default: 'none', literals: ['none'] }),
  layers: field.choice(['auto', 'chosen', 'last', 'all'], {
    label: 'Layers', default: 'auto',
    help: 'auto: chosen where the words have a split, else last. chosen: the layer that is best on the training words of the stimuli’s split; all values are of the test words. last: each model’s last layer. all: every layer; the best is chosen on the same words that rank it, which flatters models with many layers.',
  }),
  set: field.choice(dimensionSets, { label: 'Dimensions', help: 'Rating dimensions of the reference: a set, or a single one.', default: 'all', also: dimensionSetNamed }),
  metric, standardise, states,
  comparator: field.choice(comparators, {
    label: 'Comparator', meant: comparatorsMeant, help: 'How two RDMs are compared; CKA and Procrustes compare the representations themselves.', default: 'spearman',
    page: Object.fromEntries(comparators.map((comparator) => [comparator, `comparators/${comparator}`])),
  }),
  permutations: field.number({ label: 'Permutations', help: 'Mantel permutations of the words for p, corrected by the maximum statistic over all models and layers; 0 gives no p.', default: 1000, min: 0, max: 1_000_000, integer: true, counts: 'permutations', page: ['inference/mantel', 'inference/max-statistic'] }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Draws of the words for intervals and differences; 0 gives none.', default: 1000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: ['inference/bootstrap-words', 'inference/differences'] }),
  correction: field.choice(['holm', 'bh', 'none'], {
    label: 'Correction', help: 'Of the differences between all pairs of models: Holm bounds the chance of any false finding, bh (Benjamini and Hochberg) the share of false ones.', default: 'holm',
    page: { holm: 'inference/holm', bh: 'inference/benjamini-hochberg' },
  }),
  ceiling: field.cell(['ceiling'], { label: 'Noise ceiling', help: 'A ceiling cell of the same reference. automatic: from the reference’s own SDs and numbers of raters, where it has them.', default: 'automatic', literals: ['automatic', 'none'], page: ['inference/rater-ceiling', 'inference/reliability-ceiling', 'inference/cross-language-ceiling'] }),
  probe: field.toggle({ label: 'Probe', help: 'Also read each dimension off the ranked layer with a cross-validated ridge probe, and give the mean of Spearman’s ρ.', default: true, page: 'dimensions/ridge-probe' }),
  language: { ...language, group: feeding },
  templates: { ...templates, group: feeding },
  pooling: field.choice(['auto', ...pooling.options], {
    label: pooling.label, group: feeding, default: 'auto',
    help: 'Which tokens stand for the word. auto: the mean of its own; of models that read from left to right the last, the only one that has seen the whole word. mean, first, last: of its own tokens, for all models alike. all: the mean of all tokens.',
  }),
  lowercase: { ...lowercase, group: feeding },
  device: { ...device, group: feeding },
  ...distances,
  ties: field.choice(['exact', 'rounding'], {
    group: distancesGroup,
    label: 'Ties', help: 'exact: only equal distances tie, as in scipy. rounding: distances of ratings that only rounding tells apart tie as well.', default: 'exact', page: 'comparators/ties',
  }),
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999, page: 'inference/intervals' }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of permutations, draws of the words, folds and simulations.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
