/** What is wrong with a cell's text, marked at the cell and the line. */
import type { ProblemRecord } from '../base/problem.ts';
import type { Cell } from './document.ts';

export function trouble(code: string, cell: Cell, line: number, what: string, fix: string): ProblemRecord {
  return { code, place: `cell ${cell.name || '?'}, line ${line}`, what, fix };
}
