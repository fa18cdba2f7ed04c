/** Fields of the `vectors` cell: representations from a file, joined to the stimuli by word. */
import { vectorFiles, wordListFiles } from '../../data/arrays/endings.ts';
import { field } from '../field.ts';

/** Heading of the fields that say how the file is laid out. */
const group = 'Layout of the file';

export const fields = {
  file: field.file({ label: 'File', help: 'npy, npz, safetensors, parquet, csv, or vectors as text (GloVe, word2vec, fastText). It stays in this browser.', accept: vectorFiles, addressField: 'address' }),
  address: field.text({ label: 'Address', help: 'Where the file can be fetched from. Nothing is fetched before you agree.', default: '', placeholder: 'https://…' }),
  stimuli: field.cell(['stimuli'], { label: 'Stimuli', help: 'The words. Those without a vector are left out and counted.' }),
  words: field.file({
    label: 'Words', help: 'Whose vector is in which row: own takes the words that the file itself holds; a txt, json, csv or npy list has one for each row; stimuli says that the rows are in the order of the stimuli.',
    accept: wordListFiles, addressField: 'wordsAddress', default: 'own', literals: ['own', 'stimuli'],
  }),
  wordsAddress: field.text({ label: 'Address of the words', help: 'Where the list of words can be fetched from.', default: '', placeholder: 'https://…', group }),
  layers: field.list({ label: 'Layers', help: 'all, last, or layer numbers: only these are read.', default: ['all'] }),
  language: field.text({ label: 'Language', help: 'In which of the stimuli’s languages the words are looked up: their own when empty, or the code of a translation.', default: '' }),
  lowercase: field.toggle({ label: 'Lower case', help: 'Look the words up in lower case, as norms are often in capitals. Off: as they are written, then whatever the case.', default: true }),
  keys: field.text({ label: 'Keys', help: 'Which arrays or columns are layers: a name, or a pattern with {n} for the layer’s number ("hidden_states.{n}"); in tables * stands for the dimension ("l{n}_*"). Empty: as their names say.', default: '', placeholder: 'layer_{n}', group }),
  first: field.choice(['layers', 'words'], { label: 'First axis', help: 'What the first axis of a three-dimensional array counts.', default: 'layers', group }),
  word: field.text({ label: 'Word column', help: 'Column of a table or parquet file that holds the words; the first column of text when empty.', default: '', group }),
  origin: field.choice(['model', 'human', 'illustrative'], { label: 'Origin', help: 'Where the numbers come from; shown in every figure.', default: 'model', group }),
  label: field.text({ label: 'Label', help: 'Name in figures; the file’s name when empty.', default: '' }),
};
