/** Gives the columns of a grid their types and checks ratings, so that everything after can trust the table. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { columnNamed, ratingColumnNames } from '../columns.ts';
import { shortList, suggestion } from '../names.ts';
import type { Column, TableValue } from '../values.ts';
import { commaOf, isMissing, numberOf, textOf, type Cell } from './cells.ts';
import { placeOf, type Grid } from './grid.ts';

export interface BuildOptions {
  /** The column that holds the words; the first text column when ''. */
  readonly word: string;
  /** Lowest and highest rating; null leaves ratings unchecked. */
  readonly scale: readonly [number, number] | null;
}

interface BadCell {
  readonly line: number;
  readonly column: string;
  readonly what: string;
}

const badCellsListed = 10_000;

/**
 * Types the columns. A column is numbers if every cell that is not empty (also NA, NaN, null) is one; "3,14" counts
 * unless commas separate the columns, and "39,707" if the column has another decimal comma that cannot set thousands
 * apart, or a scale that thousands would leave. A rating column (by name, see columns.ts) with a few cells that are no
 * numbers is a mistake to report; any other mixed column is text.
 *
 * @throws Problem `unknown-column`, `no-words`, `ambiguous-comma`, `bad-ratings`
 */
export async function buildTable(grid: Grid, options: BuildOptions, watch: Watch = {}): Promise<TableValue> {
  const wordName = options.word.trim() === '' ? undefined : columnNamed(options.word, grid.header);
  if (options.word.trim() !== '' && wordName === undefined) {
    throw new Problem({
      code: 'unknown-column', place: grid.file, what: `there is no column ${JSON.stringify(options.word.trim())} for the words`,
      fix: suggestion(options.word, grid.header),
    });
  }
  const ratings = ratingColumnNames(grid.header);
  const bad: BadCell[] = [];
  const columns: Column[] = [];
  const breather = new Breather();
  for (const [c, name] of grid.header.entries()) {
    if (breather.due()) {
      await pause();
      watch.signal?.throwIfAborted();
    }
    watch.progress?.({ label: `columns of ${grid.file}`, done: c + 1, total: grid.header.length });
    const column = typed(grid, c, name, ratings.has(name) && name !== wordName, name === wordName, bad);
    if (!column) continue;
    const scaled = ratings.has(name) && options.scale !== null && options.scale[1] < 1000;
    if (name !== wordName && grid.decimalComma && !scaled) refuseThousands(grid, c, column);
    if (column.type === 'number' && ratings.has(name) && options.scale) checkScale(grid, column.values, name, options.scale, bad);
    columns.push(column);
  }
  if (bad.length > 0) throw badRatings(grid, bad);
  const wordColumn = wordName ?? columns.find((column) => column.type === 'text')?.name;
  if (wordColumn === undefined) {
    throw new Problem({
      code: 'no-words', place: grid.file, what: 'no column holds words: every column is numbers',
      fix: `Name the word column: ${shortList(grid.header, 12)}.`,
    });
  }
  const firstRow = grid.lines[0] ?? 0;
  return {
    type: 'table', file: grid.file, sheet: grid.sheet, rows: grid.rows.length, columns, wordColumn, firstRow,
    ...(grid.lines.every((line, i) => line === firstRow + i) ? {} : { lines: Uint32Array.from(grid.lines) }),
    ...(options.scale ? { scale: options.scale } : {}),
  };
}

/** One column; null for an unnamed one without content. */
function typed(grid: Grid, c: number, name: string, rating: boolean, words: boolean, bad: BadCell[]): Column | null {
  const n = grid.rows.length;
  const asText = (): Column => ({ name, type: 'text', values: grid.rows.map((row) => textOf(row[c] ?? null)) });
  if (words) return asText();

  const values = new Float64Array(n).fill(NaN);
  const strays: number[] = [];
  let numbers = 0;
  for (let i = 0; i < n; i++) {
    const cell = grid.rows[i]![c] ?? null;
    if (isMissing(cell)) continue;
    const value = numberOf(cell, grid.decimalComma);
    if (value === null) {
      strays.push(i);
    } else {
      values[i] = value;
      numbers++;
    }
    if (strays.length > numbers + 20 && !rating) return asText();
  }
  if (numbers === 0 && strays.length === 0) return name === `column ${c + 1}` ? null : rating ? { name, type: 'number', values } : asText();
  if (strays.length === 0) return { name, type: 'number', values };
  if (!rating || strays.length >= numbers) return asText();
  for (const i of strays.slice(0, badCellsListed)) {
    bad.push({ line: grid.lines[i]!, column: name, what: `${name} is ${JSON.stringify(textOf(grid.rows[i]![c] as Cell))}, not a number` });
  }
  return { name, type: 'number', values };
}

/** A point and a thousandfold apart: where nothing in the column tells which is meant, the file must. */
function refuseThousands(grid: Grid, c: number, column: Column): void {
  let first = -1;
  for (let i = 0; i < grid.rows.length; i++) {
    const cell = grid.rows[i]![c] ?? null;
    const comma = commaOf(cell);
    // A column of text is not read as numbers, whatever its commas mean.
    if (comma === 'decimal' || (column.type === 'text' && comma === null && !isMissing(cell) && numberOf(cell, true) === null)) return;
    if (comma !== null && first < 0) first = i;
  }
  if (first < 0) return;
  const cell = textOf(grid.rows[first]![c] ?? null);
  const readings = [cell.replaceAll(',', ''), ...(commaOf(cell) === 'either' ? [cell.replace(',', '.')] : [])];
  throw new Problem({
    code: 'ambiguous-comma', place: placeOf(grid, grid.lines[first]!),
    what: readings.length > 1 ? `${column.name} is ${cell}, which can mean ${readings.join(' or ')}` : `${column.name} is ${cell}, with commas between thousands`,
    fix: `Write it without the comma (${readings.join(' or ')}), and so in the rest of the column.`,
  });
}

function checkScale(grid: Grid, values: Float64Array, name: string, scale: readonly [number, number], bad: BadCell[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // NaN compares false both ways: an empty cell is not outside.
    if ((value < scale[0] || value > scale[1]) && bad.length < badCellsListed) {
      bad.push({ line: grid.lines[i]!, column: name, what: `${name} is ${value}, outside ${scale[0]}-${scale[1]}` });
    }
  }
}

function badRatings(grid: Grid, bad: readonly BadCell[]): Problem {
  const [first, ...others] = bad.toSorted((a, b) => a.line - b.line) as [BadCell, ...BadCell[]];
  const where = others.map(({ line, column }) => `${line} (${column})`);
  return new Problem({
    code: 'bad-ratings', place: placeOf(grid, first.line),
    what: others.length > 0 ? `${first.what}; ${others.length} more ${others.length === 1 ? 'cell is' : 'cells are'} wrong` : first.what,
    fix: `Correct the cell or leave it empty${where.length > 0 ? ` (also ${grid.sheet ? 'row' : 'line'} ${shortList(where, 4)})` : ''}; if the file uses another scale, set scale.`,
  });
}
