/** Fields of the `table` cell: a csv, tsv or xlsx file, dropped in or fetched from a shown address after asking. */
import { field } from '../field.ts';

export const fields = {
  file: field.file({ label: 'File', help: 'A csv, tsv or xlsx file. Drop it on the cell or choose it; it stays in this browser.', accept: '.csv,.tsv,.txt,.xlsx', addressField: 'address' }),
  address: field.text({ label: 'Address', help: 'Where the file can be fetched from. Nothing is fetched before you agree.', default: '', placeholder: 'https://…' }),
  sheet: field.text({ label: 'Sheet', help: 'Sheet of a workbook; the first one when empty.', default: '' }),
  word: field.text({ label: 'Word column', help: 'The column that holds the words; the first text column when empty.', default: '' }),
  scale: field.list({ label: 'Rating scale', help: 'Lowest and highest rating, checked in every column that carries the name of a dimension. Empty: not checked.', default: ['0', '5'] }),
};
