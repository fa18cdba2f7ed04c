/** What falls out of a measurement, by reason. */
import type { Dropped } from '../../data/values.ts';

/** Lists what falls out under its reason; '' keeps it. */
export function byReason(rows: readonly number[], reasonOf: (row: number) => string, nameOf: (row: number) => string): Dropped[] {
  const groups = Map.groupBy(rows, reasonOf);
  groups.delete('');
  return [...groups].map(([reason, list]) => ({ reason, words: list.map(nameOf) }));
}
