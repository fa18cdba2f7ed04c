/** The language of what ships with the app: questions, prompts and sentences are in English and Dutch only. */
import { Problem } from '../../base/problem.ts';
import { questionLanguages, type QuestionLanguage } from '../../data/questions.ts';

/** Throws Problem `language-missing` for any other language, naming `what` was asked for in it. */
export function questionLanguage(code: string, what: string, place: string): QuestionLanguage {
  const language = questionLanguages.find((known) => known === code);
  if (!language) throw new Problem({ code: 'language-missing', place, what: `language is ${code}, and the ${what} are in ${questionLanguages.join(' and ')}`, fix: 'Choose one of these.' });
  return language;
}
