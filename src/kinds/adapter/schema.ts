/** Fields of the `adapter` cell: a model, and the file of an adapter that was trained on it. */
import { field } from '../field.ts';

export const fields = {
  model: field.cell(['model'], { label: 'Model', help: 'The model that the adapter was trained on: an export with plain fp32 or fp16 weights. It stays as it is.' }),
  file: field.file({ label: 'File', help: 'The zip that a fine-tuning cell gave, or a zip of the folder that Python’s peft saved. It stays in this browser.', accept: '.zip', addressField: 'address' }),
  address: field.text({ label: 'Address', help: 'Where the file can be fetched from. Nothing is fetched before you agree.', default: '', placeholder: 'https://…' }),
  label: field.text({ label: 'Label', help: 'Name in figures; the cell’s name when empty.', default: '' }),
};
