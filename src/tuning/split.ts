/**
 * What a model is trained on, stopped by and tested on, without leaks: a word, its translations, and words that are
 * linked to it by a shared form stay on one side, whatever language is trained on; dimensions can be held out too.
 */
import { Problem } from '../base/problem.ts';
import { dimensionNamed, inSet, type DimensionSet } from '../data/dimensions.ts';
import { shortList, suggestion } from '../data/names.ts';
import type { ChoiceQuestion, QuestionLanguage } from '../data/questions.ts';
import { formsOf, splitRows } from '../data/sample.ts';
import type { StimuliValue } from '../data/values.ts';

/** Trained on; used to stop early; kept for the result. */
export type Side = 'train' | 'validation' | 'test';
export const sides: readonly Side[] = ['train', 'validation', 'test'];

export interface SplitSettings {
  /** Share of all words for early stopping, 0 up to but not 1; 0 for none. */
  readonly validation: number;
  /** Share of all words for testing, 0 up to but not 1; of no effect where the stimuli bring a split. */
  readonly test: number;
  /** Integer, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Draw anew even where the stimuli bring a split. False by default. */
  readonly redraw?: boolean;
}

export interface WordSplit {
  /** Per word of the stimuli. */
  readonly sides: readonly Side[];
  /** Whether the test words are those of the stimuli's own split. */
  readonly given: boolean;
  readonly counts: Readonly<Record<Side, number>>;
}

/** The forms of each word in all languages of the stimuli. */
export function wordForms({ words, translations }: Pick<StimuliValue, 'words' | 'translations'>): string[][] {
  const others = Object.values(translations);
  return words.map((word, row) => formsOf([word, ...others.map((list) => list[row] ?? '')]));
}

/**
 * Splits the words. The same words, shares and seed give each word the same side in any order of rows and whichever
 * of the languages is studied. A split that the stimuli bring is kept, and validation words are drawn from its training
 * words.
 *
 * @param place who asks: "cell tuned"
 * @throws Problem `split-leak` where the stimuli's own split leaks, `split-shares` where the shares leave nothing to
 *   train on, `split-empty` where a side that was asked for gets no word
 */
export function splitWords(stimuli: Pick<StimuliValue, 'words' | 'translations' | 'split'>, settings: SplitSettings, place: string): WordSplit {
  const { validation, seed } = settings;
  const forms = wordForms(stimuli);
  const given = stimuli.split.length > 0 && settings.redraw !== true;
  const test = given ? 0 : settings.test;
  if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
    throw new Problem({ code: 'split-shares', place, what: `validation takes ${validation} and testing ${test} of the words`, fix: 'Choose shares from 0 that together leave words to train on.' });
  }
  const result: Side[] = given ? [...stimuli.split] : splitRows(forms, test, seed);
  const rest = result.flatMap((side, row) => (side === 'train' ? [row] : []));
  if (validation > 0 && rest.length > 0) {
    // A share of all words, taken from those that are not for testing.
    const share = Math.min(1, (validation * forms.length) / rest.length);
    splitRows(rest.map((row) => forms[row]!), share, seed).forEach((side, i) => {
      if (side === 'test') result[rest[i]!] = 'validation';
    });
  }
  requireNoLeaks(stimuli.words.map((word, row) => ({ word, forms: forms[row]!, side: result[row]! })), place);
  const counts = { train: 0, validation: 0, test: 0 };
  for (const side of result) counts[side]++;
  const asked: Readonly<Record<Side, boolean>> = { train: true, validation: validation > 0, test: given || test > 0 };
  const empty = sides.find((side) => asked[side] && counts[side] === 0);
  if (empty) {
    throw new Problem({ code: 'split-empty', place, what: `of ${forms.length} words none is left for ${empty === 'train' ? 'training' : empty === 'test' ? 'testing' : 'validation'}`, fix: 'Take more words or other shares; words that share a form in any language count as one.' });
  }
  return { sides: result, given, counts };
}

/** A word on its side of a split. */
export interface SidedWord {
  readonly word: string;
  /** See formsOf. */
  readonly forms: readonly string[];
  readonly side: Side;
}

/** A form that more than one side knows. */
export interface Leak {
  readonly form: string;
  /** All words that have it. */
  readonly words: readonly Pick<SidedWord, 'word' | 'side'>[];
}

/**
 * Lists what a split leaks: forms of words or of their translations that stand on more than one side. Words that are
 * linked through others leak too where any link of the chain does, so looking at direct links finds every leak.
 *
 * @param words of one list or of several together: training words from one cell, test words from another
 */
export function findLeaks(words: readonly SidedWord[]): Leak[] {
  const owners = new Map<string, SidedWord[]>();
  for (const word of words) {
    for (const form of word.forms) {
      const list = owners.get(form);
      if (list) list.push(word);
      else owners.set(form, [word]);
    }
  }
  return [...owners].filter(([, list]) => new Set(list.map(({ side }) => side)).size > 1).map(([form, list]) => ({ form, words: list.map(({ word, side }) => ({ word, side })) }));
}

/** Throws Problem `split-leak`, with some of the words, where a split leaks. */
export function requireNoLeaks(words: readonly SidedWord[], place: string): void {
  const leaks = findLeaks(words);
  if (leaks.length === 0) return;
  const shown = leaks.slice(0, 4).map(({ form, words: list }) => {
    const first = list[0]!;
    const other = list.find(({ side }) => side !== first.side)!;
    return `${JSON.stringify(form)} (${first.word}: ${first.side}, ${other.word}: ${other.side})`;
  });
  throw new Problem({
    code: 'split-leak', place,
    what: `the split leaks: ${leaks.length === 1 ? 'one form stands' : `${leaks.length} forms stand`} on two sides, ${shown.join(', ')}${leaks.length > shown.length ? ` and ${leaks.length - shown.length} more` : ''}`,
    fix: 'Let the app draw the split, or move these words, with their translations, to one side.',
  });
}

/** Which words occur in texts. Not a leak by itself: a word in a text is not its rating. But it is told. */
export interface Mentions {
  /** Texts with at least one of the words. */
  readonly texts: number;
  readonly of: number;
  /** The forms that occur, sorted. */
  readonly forms: readonly string[];
}

function tokensOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

/**
 * Looks for words in a text: whole words or sequences of them, whatever their case; inflected forms count as other words.
 *
 * @param forms of the words that are looked for, see {@link wordForms}
 * @returns the forms that a text has, each as often as it occurs
 */
export function formFinder(forms: readonly (readonly string[])[]): (text: string) => string[] {
  const wanted = new Map(forms.flat().map((form): [string, string] => [tokensOf(form).join(' '), form]));
  wanted.delete('');
  const longest = [...wanted.keys()].reduce((most, key) => Math.max(most, key.split(' ').length), 0);
  return (text) => {
    const tokens = tokensOf(text);
    const found: string[] = [];
    for (let start = 0; start < tokens.length; start++) {
      for (let length = 1; length <= longest && start + length <= tokens.length; length++) {
        const form = wanted.get(tokens.slice(start, start + length).join(' '));
        if (form !== undefined) found.push(form);
      }
    }
    return found;
  };
}

/** Counts the texts that name one of the words, see {@link formFinder}. */
export function mentionsOf(texts: readonly string[], forms: readonly (readonly string[])[]): Mentions {
  const find = formFinder(forms);
  const found = texts.map(find);
  return { texts: found.filter((list) => list.length > 0).length, of: texts.length, forms: [...new Set(found.flat())].sort() };
}

/** Test words in questions that are trained on: anywhere, in the question itself, among the options. */
export interface QuestionMentions {
  readonly any: Mentions;
  readonly question: Mentions;
  readonly options: Mentions;
}

/** Counts the questions that name one of the words. */
export function questionMentions(questions: readonly ChoiceQuestion[], language: QuestionLanguage, forms: readonly (readonly string[])[]): QuestionMentions {
  // Options are apart, so that no word is found across two of them.
  const options = questions.map((question) => question.options[language].join(' | '));
  return {
    any: mentionsOf(questions.map((question, i) => `${question.question[language]} | ${options[i]!}`), forms),
    question: mentionsOf(questions.map((question) => question.question[language]), forms),
    options: mentionsOf(options, forms),
  };
}

/** Dimensions that are trained on, and those that are held out. */
export interface DimensionSplit {
  readonly train: readonly string[];
  readonly test: readonly string[];
}

const sets: readonly DimensionSet[] = ['sensory', 'motor', 'all'];

/**
 * Holds dimensions out.
 *
 * @param known the ratings' dimensions, whose order is kept
 * @param train names of dimensions as tables write them, or of sets ("sensory")
 * @param test the same; empty for all that are not trained on
 * @throws Problem `dimension-unknown`, `dimension-leak` where one is on both sides, `dimension-none` where a side that
 *   was asked for is empty
 */
export function splitDimensions(known: readonly string[], train: readonly string[], test: readonly string[], place: string): DimensionSplit {
  const chosen = (names: readonly string[]): string[] => {
    const wanted = new Set(names.flatMap((name) => named(known, name, place)));
    return known.filter((id) => wanted.has(id));
  };
  const trained = chosen(train);
  const tested = test.length > 0 ? chosen(test) : known.filter((id) => !trained.includes(id));
  const both = trained.filter((id) => tested.includes(id));
  if (both.length > 0) throw new Problem({ code: 'dimension-leak', place, what: `${shortList(both)} ${both.length === 1 ? 'is' : 'are'} both trained on and held out`, fix: 'Take each dimension on one side only.' });
  if (trained.length === 0) throw new Problem({ code: 'dimension-none', place, what: 'no dimension is left to train on', fix: `Choose among ${shortList(known, 12)}.` });
  return { train: trained, test: tested };
}

function named(known: readonly string[], name: string, place: string): readonly string[] {
  const set = sets.find((id) => id === name.trim().toLowerCase());
  const exact = known.filter((id) => id === name.trim() || id === dimensionNamed(name)?.id);
  const found = exact.length > 0 || !set ? exact : known.filter((id) => inSet(id, set));
  if (found.length > 0) return found;
  throw new Problem({ code: 'dimension-unknown', place, what: `there are no ratings of ${JSON.stringify(name)}`, fix: suggestion(name, [...known, ...sets], 'Dimensions and sets') });
}
