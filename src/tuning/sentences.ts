/** Splits sentences as the words that they name are split, so that no test word is even met in training. */
import { formFinder, type Side, type SidedWord } from './split.ts';

/** The strictest first. */
const strictest: readonly Side[] = ['test', 'validation', 'train'];

/**
 * A sentence that names a test word is for testing, one that names a validation word and no test word for validation,
 * one that names only training words for training. Words are found as {@link formFinder} finds them.
 *
 * @param words of the stimuli, each on its side
 * @param drawn sides of the sentences, kept by those that name none of the words
 * @param readTestWords train on what would be for testing because of the words that it names
 */
export function followWords(sentences: readonly string[], words: readonly SidedWord[], drawn: readonly Side[], readTestWords: boolean): Side[] {
  const finders = strictest.map((side) => ({ side, find: formFinder(words.filter((word) => word.side === side).map(({ forms }) => forms)) }));
  return sentences.map((sentence, at) => {
    const named = finders.find(({ find }) => find(sentence).length > 0)?.side;
    return named === 'test' && readTestWords ? 'train' : named ?? drawn[at]!;
  });
}
