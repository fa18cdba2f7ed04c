/** What a cell of a table means: a number, nothing, or text. */

/** A cell as a reader gives it: text from a csv, typed from a workbook. */
export type Cell = string | number | boolean | null;

const missing = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'null']);

/** Whether a cell stands for no value where numbers are expected. (In text columns "null" and "nan" are words.) */
export function isMissing(cell: Cell): boolean {
  return cell === null || (typeof cell === 'string' && missing.has(cell.trim().toLowerCase())) || Number.isNaN(cell);
}

const decimalPoint = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const decimalComma = /^[+-]?(?:\d+,?\d*|,\d+)$/;

/**
 * The number a cell holds; null where it holds none.
 *
 * @param comma whether "3,14" is a number: only where the comma cannot be the separator of columns
 */
export function numberOf(cell: Cell, comma: boolean): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  if (decimalPoint.test(text)) return Number(text);
  if (comma && decimalComma.test(text)) return Number(text.replace(',', '.'));
  return null;
}

const grouped = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+$/;

/** What the comma of a cell says where "3,14" may be a number; see {@link commaOf}. */
export type Comma = 'decimal' | 'either' | 'thousands';

/**
 * How the commas in a cell can be read: "4,5" and "0,125" as decimals only, "39,707" either way, "1,234,567" as
 * thousands only; null for a cell without a comma that a number could have.
 */
export function commaOf(cell: Cell): Comma | null {
  if (typeof cell !== 'string' || !cell.includes(',')) return null;
  const text = cell.trim();
  const thousands = grouped.test(text);
  if (decimalComma.test(text)) return thousands ? 'either' : 'decimal';
  return thousands ? 'thousands' : null;
}

/** A cell as text; '' for an empty one. A workbook turns the words true and false into booleans: they come back in capitals. */
export function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  return String(cell).trim();
}
