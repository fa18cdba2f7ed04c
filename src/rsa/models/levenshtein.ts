/**
 * Levenshtein distance: the fewest letters to insert, delete or replace that turn one word into another (Levenshtein 1966,
 * "Binary codes capable of correcting deletions, insertions, and reversals").
 */

/** The letters of a word: code points of its composed form (é is one), in lower case. */
export function lettersOf(word: string): Uint32Array<ArrayBuffer> {
  return Uint32Array.from([...word.normalize('NFC').toLowerCase()], (letter) => letter.codePointAt(0)!);
}

/**
 * @param row room for the computation, at least b.length + 1 long; may be shared between calls
 * @returns 0 to the length of the longer one
 */
export function levenshtein(a: Uint32Array, b: Uint32Array, row: Uint32Array = new Uint32Array(b.length + 1)): number {
  // row[j]: distance of what of a was read so far from the first j letters of b.
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 0; i < a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const replaced = diagonal + (a[i] === b[j] ? 0 : 1);
      diagonal = row[j + 1]!;
      row[j + 1] = Math.min(replaced, diagonal + 1, row[j]! + 1);
    }
  }
  return row[b.length]!;
}
