/** Fields that every cell which makes RDMs shares, and the treatment they ask for. */
import { metrics } from '../gpu/metric.ts';
import { isWhitened, type Treatment } from '../rsa/distances/treatment.ts';
import { listed } from '../ui/format.ts';
import { field, type ParamsOf } from './field.ts';

export const metricField = field.choice(metrics, {
  label: 'Dissimilarity', help: 'Distance between two words.', default: 'cosine',
  page: Object.fromEntries(metrics.map((metric) => [metric, `distances/${metric}`])),
});

/** Headings of fields that few readers change, in the order of the forms. */
export const distancesGroup = 'Distances';
export const inferenceGroup = 'Tests and intervals';
export const publishedGroup = 'Published values';

/** The fields of how distances are made, without how columns are standardised. */
export const distanceFields = {
  metric: metricField,
  shrinkage: field.choice(['schaefer-strimmer', 'ledoit-wolf', 'diagonal', 'full', 'none'], {
    group: distancesGroup,
    label: 'Noise covariance', help: 'How mahalanobis and crossnobis estimate the covariance of noise between columns; none whitens nothing.',
    default: 'schaefer-strimmer', page: 'distances/noise-precision',
  }),
  perMeasurement: field.toggle({
    group: distancesGroup,
    label: 'Noise of each measurement', help: 'Crossnobis takes a noise covariance of each measurement (template or rater) by itself, over all pairs of measurements.',
    default: false, page: 'distances/crossnobis',
  }),
  perChannel: field.toggle({
    group: distancesGroup,
    label: 'Per channel', help: 'Divide by the number of columns, as rsatoolbox does. Read by sqeuclidean, crossnobis and mahalanobis; the last is then a squared distance.',
    default: false, page: ['distances/sqeuclidean', 'distances/mahalanobis'],
  }),
  removeMean: field.toggle({
    group: distancesGroup,
    label: 'Remove each word’s mean', help: 'Subtract each word’s own mean over its columns before distances.', default: false, page: 'distances/correlation',
  }),
  missing: field.choice(['drop', 'pairwise'], {
    group: distancesGroup,
    label: 'Missing cells', help: 'What becomes of words with an empty rating. drop: they are left out. pairwise: they stay, and each distance is over the dimensions that both words have.', default: 'drop', page: 'distances/missing-cells',
  }),
};

export const treatmentFields = {
  ...distanceFields,
  standardise: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise ratings', help: 'Treatment of each rating column over words; the study z-scores.', default: 'zscore' }),
  states: field.choice(['none', 'centre', 'zscore'], { label: 'Standardise hidden states', help: 'The same for hidden states; centring removes the mean direction that all words share.', default: 'none' }),
};

/** The treatment that a form's values ask for. */
export function treatmentOf(params: ParamsOf<typeof treatmentFields>): Treatment {
  const { metric, standardise, states, shrinkage, perMeasurement, perChannel, removeMean, missing } = params;
  return { metric, ratings: standardise, states, noise: { shrinkage, perMeasurement }, perChannel, removeMean, missing };
}

/** Settings that only some dissimilarities read, as {@link idleSettings} knows them. */
type Particular = Pick<ParamsOf<typeof distanceFields>, 'metric' | 'shrinkage' | 'perMeasurement' | 'perChannel'>;

/** Warns of settings that were changed and that the dissimilarity never reads: the reader may think they did something. */
export function idleSettings(params: Particular, warn: (message: string) => void): void {
  const { metric, shrinkage, perMeasurement } = params;
  const read = {
    shrinkage: isWhitened(metric),
    perMeasurement: metric === 'crossnobis' && shrinkage !== 'none',
    perChannel: metric === 'sqeuclidean' || isWhitened(metric),
  };
  const idle = (['shrinkage', 'perMeasurement', 'perChannel'] as const).filter((name) => !read[name] && params[name] !== distanceFields[name].default);
  if (!idle.length) return;
  const under = perMeasurement && metric === 'crossnobis' ? 'crossnobis without whitening (shrinkage none)' : `the dissimilarity ${metric}`;
  warn(`${listed(idle.map((name) => `${name} ${String(params[name])}`))} ${idle.length === 1 ? 'plays' : 'play'} no part under ${under}.`);
}
