/** A table as read, before its columns have types; and the checks that hold for every format. */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../names.ts';
import type { Cell } from './cells.ts';

export interface Grid {
  readonly file: string;
  /** Sheet of a workbook, '' otherwise. */
  readonly sheet: string;
  readonly header: readonly string[];
  /** Every row as long as the header. */
  readonly rows: readonly (readonly Cell[])[];
  /** Line (csv) or row (workbook) number in the file, one per row, from 1. */
  readonly lines: readonly number[];
  /** Whether "3,14" may be a number. */
  readonly decimalComma: boolean;
}

/** "norms.csv line 218", "norms.xlsx row 218". */
export function placeOf(table: { readonly file: string; readonly sheet: string }, line: number): string {
  return `${table.file} ${table.sheet ? 'row' : 'line'} ${line}`;
}

/**
 * The names of the columns. A column without a name (an index written by pandas) is called "column 1".
 *
 * @throws Problem `no-header` where the first line holds values, `duplicate-columns` where a name comes twice
 */
export function headerOf(file: string, cells: readonly string[]): string[] {
  const value = cells.find((cell) => /^-?\d+[.,]\d+$/.test(cell.trim()));
  if (value !== undefined) {
    throw new Problem({
      code: 'no-header', place: file, what: `the first line holds a value, ${value.trim()}, where names of columns should be`,
      fix: 'Add a first line that names the columns, for example word,Visual.mean.',
    });
  }
  const header = cells.map((cell, i) => cell.trim() || `column ${i + 1}`);
  const positions = new Map<string, number[]>();
  header.forEach((name, i) => positions.set(name, [...(positions.get(name) ?? []), i + 1]));
  const twice = [...positions].filter(([, where]) => where.length > 1);
  if (twice.length > 0) {
    throw new Problem({
      code: 'duplicate-columns', place: file,
      what: `two columns have the same name: ${shortList(twice.map(([name, where]) => `${name} (columns ${where.join(' and ')})`), 3)}`,
      fix: 'Rename one of them in the file.',
    });
  }
  return header;
}

/** @throws Problem `no-rows` where there is a header and nothing below it */
export function requireRows(file: string, rows: readonly unknown[], header: readonly string[]): void {
  if (rows.length > 0) return;
  throw new Problem({
    code: 'no-rows', place: file, what: `there are names of columns (${shortList(header, 4)}) but no rows`,
    fix: 'Choose a file with at least one word in it.',
  });
}

/** @throws Problem `empty-file` */
export function emptyFile(file: string): Problem {
  return new Problem({ code: 'empty-file', place: file, what: 'the file is empty', fix: 'Choose another file, or save this one again.' });
}
