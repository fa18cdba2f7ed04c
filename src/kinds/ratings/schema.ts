/** Fields of the `ratings` cell: a representation of each word by its ratings, human or a model's. */
import { field } from '../field.ts';

export const fields = {
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words.' }),
  from: field.cell(['table'], { label: 'From', help: 'The stimuli’s own norms, or a table joined by word.', default: 'norms', literals: ['norms'] }),
  columns: field.text({ label: 'Columns', help: 'Pattern of the rating columns, * standing for the dimension ("*_base", or "*" alone), or names with commas. Needed with a table.', default: '' }),
  dimensions: field.list({ label: 'Dimensions', help: 'Dimensions to keep, by name; empty keeps all that are found.', default: [] }),
  origin: field.choice(['human', 'model', 'illustrative'], { label: 'Origin', help: 'Whose ratings these are; shown in every figure.', default: 'human' }),
  label: field.text({ label: 'Label', help: 'Name in figures; the cell’s name when empty.', default: '' }),
};
