/** Fields of the `model` cell: which language model, from where, at which precision. */
import { field } from '../field.ts';

export const fields = {
  source: field.choice(['bundled', 'hub', 'local'], { label: 'Source', help: 'The model that ships with Sensorium, a Hugging Face hub id, or a local folder.', default: 'bundled' }),
  id: field.text({ label: 'Model', help: 'Bundled: sensorium-mini (encoder) or sensorium-mini-causal. Otherwise a hub id such as "Xenova/all-MiniLM-L6-v2" or the address of its page, or the local folder’s name.', default: 'sensorium-mini' }),
  revision: field.text({ label: 'Revision', help: 'Hub revision: a branch or a commit. The result names the commit it stood for.', default: 'main' }),
  dtype: field.choice(['fp32', 'fp16', 'q8', 'q4', 'q4f16'], { label: 'Precision', help: 'Which of the model’s exports to use. Analyses are safest in fp32.', default: 'fp32' }),
  label: field.text({ label: 'Label', help: 'Name in figures; the model’s id when empty.', default: '' }),
};
