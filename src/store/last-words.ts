/**
 * The last words of a page that is being left. The database answers too late for them: a transaction that waits behind
 * another is dropped with its page (seen in Chromium). localStorage takes them at once; the next writer puts them back.
 */
import * as v from 'valibot';

const lastWords = v.object({
  /** The acknowledged revision at that moment. */
  base: v.number(),
  /** The text whose write was under way then: it may have arrived as the next revision, or not. */
  pending: v.string(),
  /** The newest text. */
  text: v.string(),
});

export type LastWords = Readonly<v.InferOutput<typeof lastWords>>;

const keyOf = (id: string) => `sensorium.last-words.${id}`;

/** Keeps them; false when localStorage has no room or is switched off. */
export function keepLastWords(id: string, words: LastWords): boolean {
  try {
    localStorage.setItem(keyOf(id), JSON.stringify(words));
    return true;
  } catch {
    // The page is going: there is nobody left to tell, and what was acknowledged is safe.
    return false;
  }
}

/** What a page left, null when nothing (or nothing readable) is there. */
export function readLastWords(id: string): LastWords | null {
  try {
    return v.parse(lastWords, JSON.parse(localStorage.getItem(keyOf(id)) ?? 'null'));
  } catch {
    return null;
  }
}

export function dropLastWords(id: string): void {
  localStorage.removeItem(keyOf(id));
}
