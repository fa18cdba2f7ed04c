/** Takes a matrix of ratings out of a table. */
import { matchColumns } from './columns.ts';
import { columnNames, numbersOf } from './table.ts';
import type { Origin, RatingMatrix, TableValue } from './values.ts';

/**
 * Ratings of some rows in the columns that a pattern means.
 *
 * @param rows n row positions, -1 where a word is not in the table (its ratings are NaN)
 * @param pattern see {@link matchColumns}
 * @param place who asks: "cell human"
 * @returns n x k; the scale is the one the table was checked against, else the range that occurs
 */
export function ratingsOf(table: TableValue, rows: readonly number[], pattern: string, origin: Origin, place: string): RatingMatrix {
  const matches = matchColumns(pattern, columnNames(table), table.file, place);
  const k = matches.length;
  const values = new Float64Array(rows.length * k).fill(NaN);
  let [low, high] = [Infinity, -Infinity];
  matches.forEach(({ column }, j) => {
    const numbers = numbersOf(table, column, place);
    rows.forEach((row, i) => {
      if (row < 0) return;
      const value = numbers[row]!;
      values[i * k + j] = value;
      if (value < low) low = value;
      if (value > high) high = value;
    });
  });
  const range: readonly [number, number] = low <= high ? [low, high] : [0, 0];
  return { dimensions: matches.map(({ dimension }) => dimension), values, scale: table.scale ?? range, origin };
}

/** Rows of an n x k matrix in which any value is missing. */
export function incompleteRows(values: Float64Array, k: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i * k < values.length; i++) {
    if (values.subarray(i * k, (i + 1) * k).some(Number.isNaN)) rows.push(i);
  }
  return rows;
}
