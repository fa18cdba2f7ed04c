/** Fields of the `choice` cell: which questions, how they are put, how an option is scored. */
import { normalisations } from '../../data/choice.ts';
import { questionLanguages } from '../../data/questions.ts';
import { field } from '../field.ts';

const fine = 'Sample, intervals and device';

export const fields = {
  model: field.cell(['model'], { label: 'Model', help: 'A causal model: one that continues a text, such as sensorium-mini-causal.' }),
  questions: field.file({
    label: 'Questions', help: 'A file of multiple-choice questions: PIQA’s jsonl, a JSON list, or a table with the columns question, a, b, … and answer. demo: the questions that ship with the app.',
    accept: '.jsonl,.json,.csv,.tsv,.txt,.xlsx', addressField: 'address', default: 'demo', literals: ['demo'],
  }),
  address: field.text({ label: 'Address', help: 'Where the questions can be fetched from. Nothing is fetched before you agree.', default: '', placeholder: 'https://…' }),
  labels: field.file({ label: 'Answers', help: 'A file with one right answer a line, where the questions come without. Empty: none.', accept: '.lst,.txt', addressField: 'labelsAddress', default: '' }),
  labelsAddress: field.text({ label: 'Address of the answers', help: 'Where the answers can be fetched from.', default: '', placeholder: 'https://…' }),
  language: field.choice(questionLanguages, { label: 'Language', help: 'Of the demo questions, and of the usual template.', default: 'en' }),
  form: field.choice(['text', 'letters'], { label: 'Form', help: 'text: each option’s own text is scored behind the question. letters: all options are listed, and their letters are scored.', default: 'text' }),
  template: field.text({ label: 'Template', help: 'How a question is put: {question}, then {option} at the end; for letters {options} between them. Write \\n for a new line. Empty: “Question: {question}\\nAnswer: {option}” in the language. PIQA is often put as “{question} {option}”.', default: '', placeholder: 'Question: {question}\\nAnswer: {option}' }),
  orders: field.choice(['given', 'cyclic'], { label: 'Orders', help: 'For letters. cyclic: each option is listed in each place once and its scores are averaged, so that a liking for a letter or a place cancels out.', default: 'given' }),
  normalise: field.choice(normalisations, { label: 'Divide by', help: 'The sum of ln p favours short options. Divide it by the option’s tokens, characters or bytes, or by none.', default: 'none' }),
  calibrate: field.choice(['none', 'unconditional'], { label: 'Calibrate', help: 'unconditional: subtract how probable the option is behind a neutral prompt, so that options do not win for being common (pointwise mutual information).', default: 'none' }),
  neutral: field.text({ label: 'Neutral prompt', help: 'What stands for no question when calibrating. Empty: “Answer:” in the language.', default: '', placeholder: 'Answer:' }),
  chat: field.choice(['off', 'auto', 'on'], { label: 'Chat template', help: 'Puts the question as a message of the model’s own chat template, and the option as its answer. auto: where it has one. Likelihoods are usually compared without.', default: 'off' }),
  against: field.cell(['choice'], { label: 'Against', help: 'Another choice cell on the same questions: differences are paired and tested.', default: 'none', literals: ['none'] }),
  limit: field.number({ label: 'Questions asked', help: 'Of a long file; 0 asks all.', default: 0, min: 0, max: 1_000_000, integer: true, counts: 'questions', zero: 'all', group: fine }),
  draw: field.choice(['first', 'sample'], { label: 'Which of them', help: 'The first in the file, or drawn at random.', default: 'first', group: fine }),
  seed: field.number({ label: 'Seed', help: 'Seed of the sample.', default: 1, min: 0, max: 4_294_967_295, integer: true, group: fine }),
  level: field.number({ label: 'Level', help: 'Level of the intervals.', default: 0.95, min: 0.5, max: 0.999, group: fine }),
  device: field.choice(['auto', 'webgpu', 'wasm'], { label: 'Device', help: 'Where the model runs; auto takes the GPU unless it is only simulated.', default: 'auto', group: fine }),
  label: field.text({ label: 'Label', help: 'Name in figures; the model’s label when empty.', default: '', group: fine }),
};
