/** Which words a `change` cell takes, and which of them the tuned model has seen. */
import { sha256 } from '../../base/hash.ts';
import { Problem } from '../../base/problem.ts';
import { formsOf } from '../../data/sample.ts';
import type { ChangeValue } from '../../data/change.ts';
import type { ModelValue, RepresentationValue } from '../../data/values.ts';
import { type Alignment, keepWhere } from '../../rsa/align.ts';
import { seenHashes } from '../../tuning/files/seen.ts';
import { listed } from '../../ui/format.ts';

/** Fewer words give no layer an interval worth reading. */
const fewestWords = 20;

export interface Choice {
  readonly alignment: Alignment;
  readonly chosen: ChangeValue['chosen'];
  /** Whether the tuned model was trained or validated on a word; null where that is not known. */
  readonly isTrained: ((word: string) => boolean) | null;
}

/**
 * Keeps the words that were asked for.
 *
 * @param representations those that were aligned, in the same order
 * @throws Problem `no-split` where test words were asked for and there is no split, `no-card` where held-out words were
 *   asked for and no model says what it has seen, `too-few-words` below 20
 */
export async function chooseWords(
  wanted: 'auto' | ChangeValue['chosen'], model: ModelValue | null, representations: readonly RepresentationValue[], aligned: Alignment,
  place: string, warn: (message: string) => void,
): Promise<Choice> {
  const isTrained = model ? await trainedWords(model, aligned.words, [...new Set(representations.map(({ language }) => language))], warn) : null;
  if (wanted === 'held-out' && !isTrained) {
    throw new Problem({
      code: 'no-card', place,
      what: model ? (model.tuned ? `${model.label} does not say which words it was trained on` : `held-out words were asked for, and ${model.label} is not tuned`) : 'held-out words were asked for, but no tuned model is named',
      fix: model ? 'Choose all words, or the test words of the stimuli’s split.' : 'Name the tuned model (model: ...), or choose all words.',
    });
  }
  const chosen = wanted === 'auto' ? (isTrained ? 'held-out' : 'all') : wanted;
  const alignment = kept(chosen, isTrained, representations, aligned, place);
  if (alignment.words.length < fewestWords) {
    throw new Problem({
      code: 'too-few-words', place,
      what: `${alignment.words.length} of ${aligned.words.length} words are left (words: ${chosen})`,
      fix: `At least ${fewestWords} are needed: take more words, or tune with a larger share for testing.`,
    });
  }
  if (model && chosen !== 'held-out' && isTrained) {
    const seen = alignment.words.filter(isTrained).length;
    if (seen) warn(`${model.label} was trained or validated on ${seen} of the ${alignment.words.length} words: what changed on them is not transfer.`);
  }
  return { alignment, chosen, isTrained };
}

function kept(
  chosen: ChangeValue['chosen'], isTrained: Choice['isTrained'], representations: readonly RepresentationValue[], aligned: Alignment, place: string,
): Alignment {
  switch (chosen) {
    case 'all':
      return aligned;
    case 'held-out':
      return keepWhere(aligned, (at) => (isTrained!(aligned.words[at]!) ? 'trained or validated on' : ''));
    case 'test': {
      const of = representations.findIndex(({ split }) => split.length > 0);
      if (of < 0) throw new Problem({ code: 'no-split', place, what: 'test words were asked for, but the words have no split', fix: 'Choose all words, or let the stimuli cell draw or bring a split.' });
      return keepWhere(aligned, (at) => (representations[of]!.split[aligned.rows[of]![at]!] === 'test' ? '' : 'not on the test side'));
    }
    default:
      return chosen satisfies never;
  }
}

/**
 * Tells the words whose ratings a model was trained or validated on, in any of its rounds; null for a model that was not
 * tuned, and where a round came from a file that does not say. Words are compared with the forms of those of the training
 * data in all languages; that the data have none in the language of these words is told.
 */
async function trainedWords(model: ModelValue, words: readonly string[], languages: readonly string[], warn: (message: string) => void): Promise<((word: string) => boolean) | null> {
  const rounds = model.tuned?.rounds ?? [];
  if (!rounds.length) {
    warn(`${model.label} is not tuned: there are no words that it was trained on.`);
    return null;
  }
  const hashes = await seenHashes({ rounds });
  if (!hashes) {
    const file = rounds.find(({ card }) => card.imported && !card.imported.seen)?.card.imported?.file;
    warn(`what ${model.label} was trained on is not known: its adapter came from the file ${file ?? ''}, which does not say.`);
    return null;
  }
  const known = new Set(hashes);
  const seen = new Set<string>();
  for (const word of words) {
    const own = await Promise.all(formsOf([word]).map((form) => sha256(form)));
    if (own.some((hash) => known.has(hash))) seen.add(word);
  }
  const parts = rounds.flatMap(({ card }) => card.parts);
  if (parts.some(({ task }) => task !== 'rating')) warn(`${model.label} was also trained on text or questions, which may name these words; that leaves no word out.`);
  if (parts.some(({ unit, formLanguages }) => unit === 'word' && !formLanguages.some((language) => languages.includes(language)))) {
    warn(`${model.label} does not keep the words it was trained on in ${listed(languages)}: a trained word’s translation is not recognised. Name a translation column in the stimuli that it is trained on.`);
  }
  return (word) => seen.has(word);
}
