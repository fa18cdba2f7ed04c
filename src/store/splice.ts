/** The difference between two texts as one splice, so that saving a keystroke writes a few bytes. */

/** Replace `removed` UTF-16 code units at `at` by `inserted`. */
export interface Splice {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** The smallest single splice from one text to another: what lies between their common prefix and common suffix. */
export function spliceBetween(from: string, to: string): Splice {
  const shorter = Math.min(from.length, to.length);
  let prefix = 0;
  while (prefix < shorter && from.charCodeAt(prefix) === to.charCodeAt(prefix)) prefix += 1;
  let suffix = 0;
  while (suffix < shorter - prefix && from.charCodeAt(from.length - 1 - suffix) === to.charCodeAt(to.length - 1 - suffix)) suffix += 1;
  return { at: prefix, removed: from.length - prefix - suffix, inserted: to.slice(prefix, to.length - suffix) };
}

/**
 * The text after a splice.
 * @throws RangeError when the splice does not lie inside the text.
 */
export function applySplice(text: string, { at, removed, inserted }: Splice): string {
  if (at < 0 || removed < 0 || at + removed > text.length) {
    throw new RangeError(`splice of ${removed} at ${at} in a text of ${text.length}`);
  }
  return text.slice(0, at) + inserted + text.slice(at + removed);
}
