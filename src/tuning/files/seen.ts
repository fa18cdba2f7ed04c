/** Which words and questions a tuned model has seen, as hashes: enough to refuse a leak, and no list of the data. */
import { sha256 } from '../../base/hash.ts';
import type { TunedPart, TuningCard } from '../../data/tuned.ts';

/**
 * SHA-256 of every form of the words, in all languages of their stimuli, and of the name of every question, on a
 * training or validation side of any round, sorted; null where a round came from a file that does not say. Sentences are left out: a word that is
 * named in a text has not been seen with a rating.
 *
 * Whoever has a word can ask whether it is among them, so they hide no list of common words; they carry no rating.
 */
export async function seenHashes({ rounds }: Pick<TunedPart, 'rounds'>): Promise<readonly string[] | null> {
  const all = new Set<string>();
  for (const { card } of rounds) {
    if (card.imported) {
      if (!card.imported.seen) return null;
      for (const hash of card.imported.seen) all.add(hash);
    }
    for (const name of namesSeen(card)) all.add(await sha256(name));
  }
  return [...all].sort();
}

function namesSeen({ parts }: TuningCard): string[] {
  return [...new Set(parts.flatMap(({ seenForms }) => [...seenForms.train, ...seenForms.validation]))];
}
