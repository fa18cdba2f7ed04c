/** Phrases about n, resampling and scales that several figures share. */
import { count, counted, percent } from '../ui/format.ts';

/** "n = 1 572 words", or the range where rows differ. */
export function nWords(rows: readonly { readonly n: number }[]): string {
  const all = rows.map((row) => row.n);
  if (all.length === 0) return 'n = 0 words';
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low === high ? `n = ${counted(low, 'word')}` : `n = ${count(low)} to ${count(high)} words`;
}

/** How intervals were made; '' without. */
export function bootstrapNote(bootstrap: number, level: number): string {
  return bootstrap > 0 ? `${percent(level)} percentile intervals from ${counted(bootstrap, 'bootstrap draw')} of the words; pairs of a word with itself are left out.` : '';
}

/** Finite extent of some numbers; [0, 1] when there are none. */
export function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}
