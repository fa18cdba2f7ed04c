/** What a page of docs/statistics says about where its statistic is found. */

export interface Place {
  /** Kind of cell. */
  readonly kind: string;
  readonly field: string;
  /** The field's value that turns the statistic on; '' where any does. */
  readonly value: string;
  /** Paths in the cell's value, from its root: "rows[].p". */
  readonly paths: readonly string[];
}

/** Rows of the page's first table: cell, field and its value, paths in the JSON. */
export function placesOf(text: string): Place[] {
  const table = /^\| cell \|.*\n\|[-| ]+\n((?:\|.*\n?)+)/m.exec(text)?.[1] ?? '';
  return table.trim().split('\n').filter(Boolean).map((line) => {
    const [kind = '', where = '', json = ''] = line.split('|').slice(1).map((cell) => cell.trim().replaceAll('`', ''));
    const [field = '', value = ''] = where.split(':').map((part) => part.trim());
    return { kind, field, value, paths: json.split(',').map((path) => path.trim()) };
  });
}
