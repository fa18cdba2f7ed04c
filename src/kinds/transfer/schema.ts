/** Fields of the `transfer` cell: which models, measured how, on what. */
import { dimensionSetNamed } from '../../data/dimensions.ts';
import { field } from '../field.ts';

export const fields = {
  base: field.cell(['model'], { label: 'Base', help: 'The model that the others are compared with, usually the one they were tuned from.' }),
  tuned: field.cells(['model'], { label: 'Tuned', help: 'Tuned models, a row each. Trainings repeated with other seeds count with their mean.' }),
  tests: field.cells(['stimuli'], { label: 'Tests', help: 'Words with ratings. Only those that none of the models was trained or validated on are used.' }),
  languages: field.list({ label: 'Languages', help: 'Codes of the languages in which words and questions are fed, as far as a test has them. Empty: each test’s own.', default: [], placeholder: 'en, nl' }),
  sets: field.choices(['motor', 'sensory', 'all'], { also: dimensionSetNamed, label: 'Dimension sets', help: 'Sets of rating dimensions, a column each.', default: ['motor', 'sensory', 'all'] }),
  questions: field.choice(['none', 'demo'], { label: 'Questions', help: 'demo: the questions with four options that ship with the app, those that no model was trained on.', default: 'none' }),
  likelihood: field.choice(['mean', 'sum'], { label: 'Likelihood', help: 'How a language model scores an option after its question: by the mean ln p of the option’s tokens, as in training, or by their sum, which favours short options.', default: 'mean' }),
  layer: field.text({ label: 'Layer', help: 'Whose hidden states are compared and probed: last, or a layer’s number, the same for all models. Heads always read the last.', default: 'last' }),
  pooling: field.choice(['mean', 'first', 'last', 'all'], { label: 'Pooling', help: 'Which tokens stand for the word: the mean, first or last of its own, or the mean of all. Heads read what they were trained on.', default: 'mean' }),
  templates: field.list({ label: 'Templates', help: 'Contexts for the word; states are averaged over them. {word} stands for the word.', default: ['{word}'] }),
  lowercase: field.toggle({ label: 'Lower case', help: 'Feed the words in lower case, as norms are often in capitals.', default: true }),
  folds: field.number({ label: 'Folds', help: 'Folds of the probe’s cross-validation over the held-out words, the same for all models.', default: 5, min: 2, max: 20, integer: true, counts: 'folds' }),
  bootstrap: field.number({ label: 'Bootstrap', help: 'Draws of the words or questions for intervals and p; the smallest p is 2 / (draws + 1) before correction. 0 gives none.', default: 5000, min: 0, max: 100_000, integer: true, counts: 'bootstrap draws' }),
  level: field.number({ label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999 }),
  seed: field.number({ label: 'Seed', help: 'Seed of folds and bootstrap.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
  device: field.choice(['auto', 'webgpu', 'wasm'], { label: 'Device', help: 'Where the models run; auto takes the GPU unless it is only simulated.', default: 'auto' }),
};
