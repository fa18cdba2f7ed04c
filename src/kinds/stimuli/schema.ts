/** Fields of the `stimuli` cell: which words, from which norms, filtered, sampled and split. */
import { field } from '../field.ts';

export const fields = {
  norms: field.cell(['table'], { label: 'Norms', help: 'The demo concepts (illustrative ratings, not human data) or a table of norms.', default: 'demo', literals: ['demo'] }),
  language: field.text({ label: 'Language', help: 'Language of the words: en, nl, …', default: 'en' }),
  word: field.text({ label: 'Word column', help: 'Column with the words; the table cell’s word column when empty. Demo: "word" or "dutch".', default: '' }),
  translation: field.text({ label: 'Translation column', help: 'Column with the same words in another language, written "nl: Woord". Empty: none.', default: '' }),
  category: field.text({ label: 'Category column', help: 'Column that groups the words in figures. Empty: none (demo: its own).', default: '' }),
  ratings: field.text({ label: 'Rating columns', help: 'Pattern of the human rating columns, * standing for the dimension ("*.mean", or "*" alone), or names with commas. Empty: none (demo: its own).', default: '' }),
  filter: field.list({ label: 'Filters', help: 'Conditions that all must hold: "Visual.mean >= 3", "PoS = N", "Imageability is not empty".', default: [] }),
  sample: field.number({ label: 'Sample', help: 'How many words to draw at random; 0 keeps all.', default: 0, min: 0, max: 1_000_000, integer: true, counts: 'words', zero: 'all' }),
  test: field.number({ label: 'Test share', help: 'Share of words set aside for testing; 0 makes no split. Words that share a translation stay on one side.', default: 0, min: 0, max: 0.9 }),
  seed: field.number({ label: 'Seed', help: 'Seed of sample and split: the same seed gives the same words.', default: 1, min: 0, max: 4_294_967_295, integer: true }),
};
