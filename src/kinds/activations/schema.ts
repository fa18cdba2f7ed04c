/** Fields of the `activations` cell: the hidden states of every layer for each word. */
import { field } from '../field.ts';

export const fields = {
  model: field.cell(['model'], { label: 'Model', help: 'The model to run.' }),
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words.' }),
  language: field.text({ label: 'Language', help: 'Which of the stimuli’s languages to feed: its own when empty, or the code of a translation.', default: '' }),
  templates: field.list({ label: 'Templates', help: 'Contexts for the word; states are averaged over them. {word} stands for the word.', default: ['{word}'] }),
  keepTemplates: field.toggle({ label: 'Keep templates apart', help: 'Keep the states of each template as well, as repeated measurements: for noise ceilings, RSA template by template, and crossnobis. Takes the memory of as many representations.', default: false, page: 'inference/raters' }),
  pooling: field.choice(['mean', 'first', 'last', 'all'], { label: 'Pooling', help: 'Which tokens stand for the word: the mean, first or last of its own, or the mean of all.', default: 'mean' }),
  lowercase: field.toggle({ label: 'Lower case', help: 'Feed the words in lower case, as norms are often in capitals.', default: true }),
  device: field.choice(['auto', 'webgpu', 'wasm'], { label: 'Device', help: 'Where the model runs; auto takes the GPU unless it is only simulated.', default: 'auto' }),
  label: field.text({ label: 'Label', help: 'Name in figures; the model’s label when empty.', default: '' }),
};
