/**
 * Joins lists of words: tables to stimuli, representations to each other.
 *
 * A word is found by its spelling. Without an exact match it is looked for whatever its case ("Apple" and "APPLE"),
 * unless two words on either side differ only in case ("Polish" and "polish"): then nothing tells which is meant.
 */

/** A word as it is compared: without outer spaces, Unicode composed (NFC). */
export function wordKey(word: string): string {
  return word.trim().normalize('NFC');
}

/** In place of a row: the word is not in the list. */
export const absent = -1;
/** In place of a row: only case would join the word, and on one side two words differ only in case. */
export const ambiguous = -2;

/** Rows by word whatever the case; {@link ambiguous} where several spellings share it. */
function foldedRows(exact: ReadonlyMap<string, number>): Map<string, number> {
  const folded = new Map<string, number>();
  for (const [word, row] of exact) {
    const fold = word.toLowerCase();
    folded.set(fold, folded.has(fold) ? ambiguous : row);
  }
  return folded;
}

/** The first row of each spelling; empty cells have none. */
function firstRows(words: readonly string[]): Map<string, number> {
  const first = new Map<string, number>();
  words.forEach((word, row) => {
    const key = wordKey(word);
    if (key !== '' && !first.has(key)) first.set(key, row);
  });
  return first;
}

/** A list of words in which others are found. */
export class WordIndex {
  readonly #exact: ReadonlyMap<string, number>;
  readonly #folded: ReadonlyMap<string, number>;
  readonly #repeats = new Map<number, number[]>();

  /** @param words as in the table, '' where a cell is empty */
  constructor(words: readonly string[]) {
    this.#exact = firstRows(words);
    this.#folded = foldedRows(this.#exact);
    words.forEach((word, row) => {
      const first = this.#exact.get(wordKey(word));
      if (first !== undefined && first !== row) this.#repeats.set(first, [...(this.#repeats.get(first) ?? []), row]);
    });
  }

  /** For each of the words the first row that holds it, or {@link absent} or {@link ambiguous}; '' is never there. */
  rowsOf(words: readonly string[]): Int32Array {
    const folded = foldedRows(firstRows(words));
    return Int32Array.from(words, (word) => {
      const key = wordKey(word);
      const exact = this.#exact.get(key);
      if (exact !== undefined) return exact;
      const fold = key.toLowerCase();
      const row = this.#folded.get(fold) ?? absent;
      return row >= 0 && folded.get(fold) === ambiguous ? ambiguous : row;
    });
  }

  /** Rows that repeat the word of a row that {@link rowsOf} gave. */
  repeatsOf(row: number): readonly number[] {
    return this.#repeats.get(row) ?? [];
  }

  /** How many of the words are in the list. */
  count(words: readonly string[]): number {
    return this.rowsOf(words).reduce((found, row) => found + (row >= 0 ? 1 : 0), 0);
  }
}
