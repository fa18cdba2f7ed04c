/** Words of a stimuli cell in one of its languages. */
import { Problem } from '../base/problem.ts';
import type { StimuliValue } from './values.ts';

/**
 * The stimuli's own words, or their translations ('' where missing).
 *
 * @param language code; '' for the stimuli's own
 * @param place who asks: "cell states"
 * @throws Problem `language-missing` where they have no such translation
 */
export function wordsIn(stimuli: Pick<StimuliValue, 'words' | 'language' | 'translations'>, language: string, place: string): readonly string[] {
  if (language === '' || language === stimuli.language) return stimuli.words;
  const translated = stimuli.translations[language];
  if (translated) return translated;
  const known = [stimuli.language, ...Object.keys(stimuli.translations)];
  throw new Problem({ code: 'language-missing', place, what: `language is ${language}, and the stimuli have ${known.join(', ')}`, fix: 'Choose one of these, or name a translation column in the stimuli cell.' });
}

/** The languages in which every word of the stimuli has a form: two lists that share one name the same word alike in it. */
export function completeLanguages({ language, translations }: Pick<StimuliValue, 'language' | 'translations'>): string[] {
  return [language, ...Object.keys(translations).filter((code) => code !== language && translations[code]!.every((word) => word.trim() !== ''))];
}
