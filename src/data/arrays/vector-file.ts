/** What a file of vectors says of itself before its numbers are read; one form for every format. */
import type { Watch } from '../../base/progress.ts';

export interface StoredLayer {
  /** "layer 3", "vectors". */
  readonly name: string;
  /** Number of the layer, Hugging Face convention where the file follows it. */
  readonly index: number;
  readonly d: number;
}

export interface VectorFile {
  /** Rows, one for each word. */
  readonly rows: number;
  /** The file's own words, one for each row; null where it holds none. */
  readonly words: readonly string[] | null;
  /** How many vectors the file holds in all, where only some were kept as rows. */
  readonly of?: number;
  /** In the order of their numbers. */
  readonly layers: readonly StoredLayer[];
  /** "npy, float16": what it is, for the reader. */
  readonly format: string;
  /** Where a row stands, for messages: "line 12", "row 12". */
  readonly placeOf: (row: number) => string;
  /**
   * Vectors of some rows in some of the layers, words x d each; NaN where the file has none.
   * @throws Problem for numbers that cannot be used; an AbortError after cancel
   */
  readonly read: (rows: Int32Array, layers: readonly number[], watch?: Watch) => Promise<Float32Array[]>;
}

export interface OpenVectors {
  /** Pattern of the arrays' or columns' names, {n} standing for the number of the layer; '' leaves the choice to the file. */
  readonly keys: string;
  /** What the first axis of a three-dimensional array counts. */
  readonly first: 'layers' | 'words';
  /** Column of a table that holds the words; '' takes the first text column. */
  readonly wordColumn: string;
  /** Which words a long list is searched for: others need not be kept. */
  readonly wanted: (word: string) => boolean;
  readonly warn: (message: string) => void;
}
