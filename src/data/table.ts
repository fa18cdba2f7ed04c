/** Looks into an imported table; every complaint names the place in the file. */
import { Problem } from '../base/problem.ts';
import { columnNamed } from './columns.ts';
import { isMissing, numberOf } from './import/cells.ts';
import { placeOf } from './import/grid.ts';
import { suggestion } from './names.ts';
import type { Column, TableValue } from './values.ts';

/** Line (or row of the sheet) of a data row, counted from 0, in the file. */
export function lineOf(table: TableValue, row: number): number {
  return table.lines?.[row] ?? table.firstRow + row;
}

/** Names of a table's columns, in the file's order. */
export function columnNames(table: TableValue): string[] {
  return table.columns.map((column) => column.name);
}

/**
 * A column by name, exactly or else but for case.
 *
 * @param place who asks: "cell norms"
 * @throws Problem `unknown-column` with close names
 */
export function columnOf(table: TableValue, name: string, place: string): Column {
  const known = columnNamed(name, columnNames(table));
  const column = table.columns.find((candidate) => candidate.name === known);
  if (column) return column;
  throw new Problem({
    code: 'unknown-column', place, what: `${table.file} has no column ${JSON.stringify(name.trim())}`,
    fix: suggestion(name, columnNames(table)),
  });
}

/**
 * A column's numbers, NaN where empty.
 *
 * @throws Problem `unknown-column`; `not-a-number` naming the first cell that is none
 */
export function numbersOf(table: TableValue, name: string, place: string): Float64Array {
  const column = columnOf(table, name, place);
  if (column.type === 'number') return column.values;
  return Float64Array.from(column.values, (cell, row) => {
    if (isMissing(cell)) return NaN;
    const value = numberOf(cell, false);
    if (value !== null) return value;
    throw new Problem({
      code: 'not-a-number', place: placeOf(table, lineOf(table, row)), what: `${column.name} is ${JSON.stringify(cell)}, not a number`,
      fix: 'Correct the cell or leave it empty, or choose another column.',
    });
  });
}

/** A column as text, '' where empty: words, translations, categories. */
export function textsOf(table: TableValue, name: string, place: string): readonly string[] {
  const column = columnOf(table, name, place);
  if (column.type === 'text') return column.values;
  return Array.from(column.values, (value) => (Number.isNaN(value) ? '' : String(value)));
}
