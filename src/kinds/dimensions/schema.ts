/** Fields of the `dimensions` cell: agreement dimension by dimension, and tests between candidates. */
import { field } from '../field.ts';
import { inferenceGroup, publishedGroup } from '../treatment.ts';

/** Heading of the fields that only hidden states read. */
const group = 'Probe of hidden states';

export const fields = {
  reference: field.cell(['representation'], { label: 'Reference', help: 'Ratings with named dimensions, usually human.' }),
  candidates: field.cells(['representation'], { label: 'Candidates', help: 'Ratings are correlated column by column; hidden states through a cross-validated ridge probe.', page: 'dimensions/spearman-per-dimension' }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers, for hidden states.', default: ['all'] }),
  tests: field.choice(['none', 'jackknife', 'steiger', 'dunn-clark', 'meng', 'williams', 'hotelling'], {
    label: 'Tests', default: 'jackknife',
    help: 'Whether one candidate agrees better than another. jackknife asks the words how much the difference varies; the others take ratings as normal and find too much where ρ is high. Layers are compared under the same number.',
    page: { jackknife: 'dimensions/jackknife-test', steiger: 'dimensions/steiger', 'dunn-clark': 'dimensions/dunn-clark', meng: 'dimensions/meng', williams: 'dimensions/williams', hotelling: 'dimensions/hotelling' },
  }),
  compare: field.choice(['first', 'all'], { label: 'Compare', help: 'Which candidates to test: the first with each other one, or all pairs.', default: 'first' }),
  correction: field.choice(['holm', 'bh', 'none'], {
    label: 'Correction', help: 'For the number of tests in the cell: Holm bounds the chance of any false finding, bh (Benjamini and Hochberg) the share of false ones.', default: 'holm',
    page: { holm: 'inference/holm', bh: 'inference/benjamini-hochberg' },
  }),
  train: field.cell(['representation'], { label: 'Train on', help: 'folds: the probe learns from the reference’s own words, all but those of one fold. Or ratings of other words, such as a training set: it learns from these and predicts all words of the reference. The candidates need both.', default: 'folds', literals: ['folds'], page: 'dimensions/ridge-probe', group }),
  folds: field.number({ label: 'Folds', help: 'Folds of the probe’s cross-validation over words.', default: 5, min: 2, max: 20, integer: true, counts: 'folds', page: 'dimensions/ridge-probe', group }),
  foldings: field.number({ label: 'Partitions', help: 'How many random partitions into folds; values are means over them. More than 1 tells how much the partition matters.', default: 1, min: 1, max: 100, integer: true, counts: 'partitions into folds', page: 'dimensions/repeated-folds', group }),
  penalty: field.choice(['gcv', 'nested'], { label: 'Penalty', help: 'How the ridge penalty is chosen among training words: by generalised cross-validation, or by folds within them (slower).', default: 'gcv', page: { gcv: 'dimensions/ridge-probe', nested: 'dimensions/nested-penalty' }, group }),
  control: field.toggle({ label: 'Control', help: 'Also probe shuffled ratings: what a probe of nothing reaches.', default: false, page: 'dimensions/probe-control', group }),
  interval: field.choice(['bonett-wright', 'fieller', 'fisher', 'none'], {
    group: inferenceGroup,
    label: 'Interval', help: 'Standard error behind the intervals of ρ while no bootstrap is asked for; fisher is Pearson’s and too narrow for ρ.', default: 'bonett-wright',
    page: { 'bonett-wright': 'dimensions/fisher-interval', fieller: 'dimensions/fisher-interval', fisher: 'dimensions/fisher-interval' },
  }),
  bootstrap: field.number({ group: inferenceGroup, label: 'Bootstrap', help: 'Draws of the words for the intervals, in place of a formula; 0 takes the formula.', default: 0, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws', page: 'inference/bootstrap-words' }),
  level: field.number({ group: inferenceGroup, label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ group: inferenceGroup, label: 'Seed', help: 'Seed of folds, control and bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
  published: field.list({ group: publishedGroup, label: 'Published values', help: 'Values to compare with, each "candidate dimension value", for example "base auditory 0.351". Shown beside ours.', default: [], onlyShown: true }),
};
