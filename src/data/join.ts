/** Joins tables by word. */

/** A word as it is compared: without outer spaces, Unicode composed (NFC). */
export function wordKey(word: string): string {
  return word.trim().normalize('NFC');
}

/** Finds words in a list: exactly, else but for case. */
export class WordIndex {
  readonly #exact = new Map<string, number>();
  readonly #folded = new Map<string, number>();
  readonly #repeats = new Map<number, number[]>();

  /** @param words as in the table, '' where a cell is empty */
  constructor(words: readonly string[]) {
    words.forEach((raw, row) => {
      const word = wordKey(raw);
      if (word === '') return;
      const first = this.#exact.get(word);
      if (first === undefined) this.#exact.set(word, row);
      else this.#repeats.set(first, [...(this.#repeats.get(first) ?? []), row]);
      const folded = word.toLowerCase();
      if (!this.#folded.has(folded)) this.#folded.set(folded, row);
    });
  }

  /** The first row that holds the word, or -1. */
  find(word: string): number {
    const key = wordKey(word);
    return this.#exact.get(key) ?? this.#folded.get(key.toLowerCase()) ?? -1;
  }

  /** Rows that repeat the word of a row that `find` gave. */
  repeatsOf(row: number): readonly number[] {
    return this.#repeats.get(row) ?? [];
  }

  /** How many of the words are in the list. */
  count(words: readonly string[]): number {
    return words.reduce((found, word) => found + (word !== '' && this.find(word) >= 0 ? 1 : 0), 0);
  }
}
