/** Fields of the `elicit` cell: what a model is asked about each word, and how its answers become ratings. */
import { field } from '../field.ts';

export const fields = {
  model: field.cell(['model'], { label: 'Model', help: 'A causal model (text generation); one tuned to follow instructions answers best.' }),
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words.' }),
  language: field.text({ label: 'Language', help: 'Which of the stimuli’s languages to ask in and about: its own when empty, or the code of a translation. Our prompts are in en, nl and zh.', default: '' }),
  dimensions: field.list({ label: 'Dimensions', help: 'What to ask about; empty asks about all eleven sensorimotor dimensions. Others need prompts of your own.', default: [] }),
  answer: field.choice(['expected', 'greedy'], { label: 'Ratings from', help: 'Expected: the mean of the digits, weighted by their probabilities as the first token of the answer. Greedy: the number in the most probable text. Both are kept; this chooses which ratings other cells see.', default: 'expected' }),
  prompt: field.list({ label: 'Own prompts', help: 'In place of ours: each holds {word} once, near its end, and {dimension} or {question}, which are filled in; {low} and {high} are the scale’s ends, \\n begins a line. One that begins with a dimension’s name and a colon is for that dimension. Several are asked in turn and averaged.', default: [], placeholder: '{question} Rate it from {low} to {high}.\\nWord: {word}\\nRating:' }),
  wordings: field.number({ label: 'Wordings', help: 'How many of our three wordings to ask. Ratings are their mean, and each is kept as a measurement, for ceilings and RSA wording by wording. Takes as many times as long.', default: 1, min: 1, max: 3, integer: true, counts: 'wordings', page: 'inference/raters' }),
  scale: field.text({ label: 'Scale', help: 'Lowest and highest rating, one digit each.', default: '0-5' }),
  chat: field.choice(['auto', 'on', 'off'], { label: 'Chat template', help: 'Whether prompts are put into the model’s chat template, with thinking turned off; auto: where it has one.', default: 'auto', group: 'Asking' }),
  system: field.text({ label: 'System message', help: 'Goes before every prompt. Empty: none, or what the chat template brings along.', default: '', group: 'Asking' }),
  greedyTokens: field.number({ label: 'Greedy tokens', help: 'Most tokens of a greedy text; it ends earlier at a line break or where the model ends it. 0 asks for no text and is faster.', default: 6, min: 0, max: 64, integer: true, counts: 'tokens', zero: 'none', group: 'Asking' }),
  batchTokens: field.number({ label: 'Batch', help: 'Most tokens that the model reads in one run. More is faster on a GPU and needs more memory. Most q8 models are asked one prompt at a time, whatever stands here.', default: 512, min: 16, max: 65_536, integer: true, counts: 'tokens', group: 'Asking' }),
  device: field.choice(['auto', 'webgpu', 'wasm'], { label: 'Device', help: 'Where the model runs; auto takes the GPU unless it is only simulated.', default: 'auto' }),
  label: field.text({ label: 'Label', help: 'Name in figures; when empty the model’s label and “asked”, which tells it from the model’s hidden states.', default: '' }),
};
