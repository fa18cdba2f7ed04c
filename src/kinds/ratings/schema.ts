/** Fields of the `ratings` cell: a representation of each word by its ratings, human or a model's. */
import { field } from '../field.ts';

export const fields = {
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words.' }),
  from: field.cell(['table'], { label: 'From', help: 'The stimuli’s own norms, or a table joined by word.', default: 'norms', literals: ['norms'] }),
  columns: field.text({ label: 'Columns', help: 'Pattern of the rating columns, * standing for the dimension ("*_base", or "*" alone), or names with commas. Needed with a table.', default: '' }),
  raters: field.list({ label: 'Raters', help: 'Instead of columns: one pattern for each rater or prompt, "*_r1", "*_r2". The ratings are the mean of those who answered, and each rater’s are kept.', default: [], placeholder: '*_r1', page: 'inference/raters' }),
  sd: field.text({ label: 'SD columns', help: 'Pattern of the columns with the SD over raters, "*.SD": for a noise ceiling from reliability.', default: '', page: 'inference/reliability-ceiling' }),
  n: field.text({ label: 'N columns', help: 'Pattern of the columns with the number of raters: "*.N", one for all, or one each for senses and effectors ("N_known.*").', default: '', page: 'inference/reliability-ceiling' }),
  dimensions: field.list({ label: 'Dimensions', help: 'Dimensions to keep, by name; empty keeps all that are found.', default: [] }),
  origin: field.choice(['human', 'model', 'illustrative'], { label: 'Origin', help: 'Whose ratings these are; shown in every figure.', default: 'human' }),
  label: field.text({ label: 'Label', help: 'Name in figures; the cell’s name when empty.', default: '' }),
};
