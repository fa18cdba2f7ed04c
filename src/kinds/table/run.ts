/** Imports the file of a `table` cell. */
import { Problem } from '../../base/problem.ts';
import { areVectors } from '../../data/arrays/text-vectors.ts';
import { importTable } from '../../data/import/import.ts';
import type { Run } from '../kind.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'table'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const file = context.files.get(params.file);
  if (!file) {
    throw new Problem({
      code: 'file-missing', place, what: `${params.file} is not in this browser yet`,
      fix: params.address ? 'Fetch it from its address, or choose the file.' : 'Choose the file or drop it on the cell.',
      action: { type: 'choose-file', name: params.file, address: params.address },
    });
  }
  const { signal, progress, warn } = context;
  const table = await importTable(file.name, file.content, { word: params.word, sheet: params.sheet, scale: scaleOf(params.scale, place), warn }, { signal, progress });
  // Vectors as text are parted by spaces, which part no columns here.
  if (table.columns.length === 1 && areVectors((await file.content.slice(0, headBytes).text()).split(/\r?\n/).slice(0, 2))) {
    throw new Problem({ code: 'table-of-vectors', place, what: `${file.name} holds a word and its vector on each line, and no columns with names`, fix: 'Add a vectors cell for it in place of this one.' });
  }
  return table;
};

/** Holds the first lines of vectors with a thousand numbers each. */
const headBytes = 65_536;

/** "0, 5" as numbers; null where the list is empty. */
function scaleOf(list: readonly string[], place: string): readonly [number, number] | null {
  const written = list.map((end) => end.trim()).filter((end) => end !== '');
  if (written.length === 0) return null;
  const [low, high] = written.map(Number) as [number, number];
  if (written.length === 2 && low < high) return [low, high];
  throw new Problem({
    code: 'bad-scale', place, what: `scale is ${written.join(', ')}, not a lowest and a highest rating`,
    fix: 'Write two numbers, for example [0, 5], or [] to check nothing.',
  });
}
