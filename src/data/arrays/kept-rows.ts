/** Vectors of the words that are looked for, picked from a long list as it goes by. */
import type { VectorFile } from './vector-file.ts';

export class KeptRows {
  readonly #d: number;
  readonly #wanted: (word: string) => boolean;
  readonly #words: string[] = [];
  readonly #places: number[] = [];
  readonly #vectors: Float32Array[] = [];

  constructor(d: number, wanted: (word: string) => boolean) {
    this.#d = d;
    this.#wanted = wanted;
  }

  /** Keeps a word if it is looked for; its numbers are only asked for then. */
  offer(word: string, place: number, numbers: () => Float32Array): void {
    if (!this.#wanted(word)) return;
    this.#vectors.push(numbers());
    this.#words.push(word);
    this.#places.push(place);
  }

  /** @param of how many vectors went by */
  file(format: string, of: number, placeOf: (place: number) => string): VectorFile {
    const d = this.#d;
    return {
      rows: this.#words.length, words: this.#words, of, format, layers: [{ name: 'vectors', index: 0, d }],
      placeOf: (row) => placeOf(this.#places[row]!),
      read: (rows, layers) => {
        const data = new Float32Array(rows.length * d);
        rows.forEach((row, at) => data.set(this.#vectors[row]!, at * d));
        return Promise.resolve(layers.map(() => data));
      },
    };
  }
}
