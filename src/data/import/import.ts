/** Imports a table of words from a csv, tsv or xlsx file. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import type { TableValue } from '../values.ts';
import { buildTable, type BuildOptions } from './build.ts';
import { readDelimited } from './csv.ts';
import { emptyFile, type Grid } from './grid.ts';
import { readWorkbook } from './xlsx.ts';

export interface ImportOptions extends BuildOptions {
  /** Sheet of a workbook; the first one when ''. */
  readonly sheet: string;
  /** Takes what the reader should know though it is no error. */
  readonly warn: (message: string) => void;
}

/**
 * Reads a file by what it holds, whatever its name ends in, and gives a table with typed columns.
 *
 * @throws Problem whose place names the file and, where there is one, the line or row
 */
export async function importTable(
  name: string, content: Blob, options: Partial<ImportOptions> = {}, watch: Watch = {},
): Promise<TableValue> {
  const { word = '', scale = null } = options;
  return buildTable(await importGrid(name, content, options, watch), { word, scale }, watch);
}

/**
 * The same file as it is written, before its columns have types: where "0.50" is a text.
 *
 * @throws Problem as {@link importTable} does
 */
export async function importGrid(
  name: string, content: Blob, { sheet = '', warn = () => undefined }: Partial<Pick<ImportOptions, 'sheet' | 'warn'>> = {}, watch: Watch = {},
): Promise<Grid> {
  watch.signal?.throwIfAborted();
  const bytes = new Uint8Array(await content.arrayBuffer());
  if (bytes.length === 0) throw emptyFile(name);
  return readGrid(name, bytes, sheet, warn, watch);
}

function readGrid(
  name: string, bytes: Uint8Array<ArrayBuffer>, sheet: string, warn: (message: string) => void, watch: Watch,
): Promise<Grid> {
  const starts = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x50, 0x4b, 0x03, 0x04)) return readWorkbook(name, bytes, sheet, warn, watch);
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) {
    throw new Problem({
      code: 'old-workbook', place: name, what: 'this is an old Excel workbook (xls) or one with a password',
      fix: 'Save it as xlsx or csv, without a password.',
    });
  }
  if (/\.xlsx$/i.test(name)) {
    throw new Problem({
      code: 'corrupt-workbook', place: name, what: 'the name says xlsx, but the content is no workbook',
      fix: 'Download or save the file again; if it is a text table, let its name end in .csv.',
    });
  }
  if (sheet) warn(`${name} is not a workbook; sheet ${JSON.stringify(sheet)} was ignored`);
  return readDelimited(name, bytes, warn, watch);
}
