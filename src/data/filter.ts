/**
 * Filters of words, one condition each: "Visual.mean >= 3", "PoS = N", "Imageability is not empty". Text is compared
 * whole and without regard to case. An empty cell fulfils no comparison, not even !=.
 */
import { Problem } from '../base/problem.ts';
import { columnNamed } from './columns.ts';
import { numberOf } from './import/cells.ts';
import { suggestion } from './names.ts';
import { columnNames, columnOf, numbersOf } from './table.ts';
import type { TableValue } from './values.ts';

type Operator = '>=' | '<=' | '!=' | '=' | '>' | '<';

/** A condition ready to be asked of each row. */
export interface Condition {
  readonly text: string;
  readonly holds: (row: number) => boolean;
}

const operators = />=|<=|!=|==|≥|≤|≠|=|>|</g;
const spellings: Readonly<Record<string, Operator>> = { '==': '=', '≥': '>=', '≤': '<=', '≠': '!=' };

function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/.exec(text.trim());
  return match ? match[2]! : text.trim();
}

/** Splits at the first operator whose left side is a column, so that names may hold operators themselves. */
function comparison(text: string, names: readonly string[]): { column: string; operator: Operator; value: string } | null {
  let first: { column: string; operator: Operator; value: string } | null = null;
  for (const match of text.matchAll(operators)) {
    const part = {
      column: unquoted(text.slice(0, match.index)),
      operator: spellings[match[0]] ?? (match[0] as Operator),
      value: unquoted(text.slice(match.index + match[0].length)),
    };
    if (columnNamed(part.column, names) !== undefined) return part;
    first ??= part;
  }
  return first;
}

function compare(operator: Operator, order: number): boolean {
  switch (operator) {
    case '>=': return order >= 0;
    case '<=': return order <= 0;
    case '!=': return order !== 0;
    case '=': return order === 0;
    case '>': return order > 0;
    case '<': return order < 0;
    default: return operator satisfies never;
  }
}

/**
 * Reads one condition.
 *
 * @param place who asks: "cell words"
 * @throws Problem `bad-filter`, `unknown-column`, `not-a-number`
 */
export function parseFilter(text: string, table: TableValue, place: string): Condition {
  const names = columnNames(table);
  const emptiness = /^(.*?)\s+is\s+(not\s+)?empty$/i.exec(text.trim());
  if (emptiness) {
    const column = columnOf(table, unquoted(emptiness[1]!), place);
    const wanted = emptiness[2] === undefined;
    const empty = column.type === 'text' ? (row: number) => column.values[row] === '' : (row: number) => Number.isNaN(column.values[row]);
    return { text, holds: (row) => empty(row) === wanted };
  }
  const parts = comparison(text, names);
  if (!parts || parts.column === '' || parts.value === '') {
    throw new Problem({
      code: 'bad-filter', place, what: `the filter ${JSON.stringify(text)} is not a comparison`,
      fix: 'Write a column, an operator (>=, <=, >, <, =, !=) and a value, or "… is empty", "… is not empty".',
    });
  }
  const column = columnNamed(parts.column, names);
  if (column === undefined) {
    throw new Problem({
      code: 'unknown-column', place, what: `the filter ${JSON.stringify(text)} names a column that ${table.file} does not have`,
      fix: suggestion(parts.column, names),
    });
  }
  const { operator } = parts;
  const ordering = operator !== '=' && operator !== '!=';
  const source = columnOf(table, column, place);
  if (source.type === 'number' || ordering) {
    const value = numberOf(parts.value, false);
    if (value === null) {
      throw new Problem({
        code: 'bad-filter', place, what: `the filter ${JSON.stringify(text)} compares numbers with ${JSON.stringify(parts.value)}`,
        fix: 'Write a number, with a point for decimals.',
      });
    }
    const numbers = numbersOf(table, column, place);
    return { text, holds: (row) => !Number.isNaN(numbers[row]) && compare(operator, numbers[row]! - value) };
  }
  const fold = (cell: string): string => cell.normalize('NFC').toLowerCase();
  const value = fold(parts.value);
  return { text, holds: (row) => source.values[row] !== '' && compare(operator, fold(source.values[row]!) === value ? 0 : 1) };
}
