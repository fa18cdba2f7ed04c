/** What a `transfer` cell will measure: words of each test in each language, questions, and which sets of dimensions. */
import { Problem } from '../../base/problem.ts';
import { dimensionLabel, inSet, type DimensionSet } from '../../data/dimensions.ts';
import { shortList } from '../../data/names.ts';
import { questionLanguages, type QuestionLanguage } from '../../data/questions.ts';
import { wordsIn } from '../../data/stimuli.ts';
import type { Dropped, RatingMatrix } from '../../data/values.ts';
import { dimensionKey } from '../../rsa/choose.ts';
import type { HeldOut, WordTest } from './held-out.ts';
import type { WordPlan } from './measure.ts';
import { byReason } from './reasons.ts';

/** A set of dimensions as far as a test has ratings of them. */
export interface PlannedSet {
  readonly set: DimensionSet;
  readonly dimensions: readonly string[];
}

/** A test in one language, and what is compared there. */
export interface PlannedTest extends WordPlan {
  readonly test: WordTest;
  readonly sets: readonly PlannedSet[];
  readonly of: number;
  readonly dropped: readonly Dropped[];
  readonly given: boolean;
}

interface Asked {
  readonly languages: readonly string[];
  readonly sets: readonly DimensionSet[];
}

/**
 * Plans the words of each test. Words without a form in the language or without a rating that is needed are left out.
 *
 * @throws Problem `no-ratings`, `no-dimensions`, `language-missing`
 */
export function planWords(tests: readonly WordTest[], held: readonly HeldOut[], asked: Asked, place: string, warn: (message: string) => void): PlannedTest[] {
  const wanted = asked.languages.map((code) => code.trim()).filter((code) => code !== '');
  const plans = tests.flatMap((test, at) => {
    const { stimuli, cell } = test;
    const own = [stimuli.language, ...Object.keys(stimuli.translations)];
    const languages = wanted.length > 0 ? wanted.filter((code) => own.includes(code)) : [stimuli.language];
    if (languages.length === 0) warn(`${cell} has words in ${own.join(', ')} only, and is left out.`);
    const ratings = ratingsOf(test, place);
    const sets = plannedSets(ratings, asked.sets, cell, place, warn);
    return [...new Set(languages)].map((language) => planOf(test, held[at]!, language, ratings, sets, place));
  });
  const unknown = wanted.filter((code) => !plans.some(({ language }) => language === code));
  if (plans.length === 0) throw new Problem({ code: 'language-missing', place, what: `no test has words in ${wanted.join(' or ')}`, fix: 'Name a language of a stimuli cell, or of its translation column.' });
  for (const code of unknown) warn(`no test has words in ${code}.`);
  return plans;
}

/** Languages of the questions: those asked for, or those of the tests; English where there is none. */
export function planQuestions(asked: readonly string[], tests: readonly WordTest[]): readonly QuestionLanguage[] {
  const wanted = asked.map((code) => code.trim()).filter((code) => code !== '');
  const from = wanted.length > 0 ? wanted : tests.map(({ stimuli }) => stimuli.language);
  const found = questionLanguages.filter((code) => from.includes(code));
  return found.length > 0 || wanted.length > 0 ? found : ['en'];
}

function ratingsOf({ cell, stimuli }: WordTest, place: string): RatingMatrix {
  if (stimuli.ratings) return stimuli.ratings;
  throw new Problem({ code: 'no-ratings', place, what: `the stimuli of ${cell} carry no ratings`, fix: `Fill in ratings in cell ${cell} (for example "*.mean").` });
}

function plannedSets({ dimensions }: RatingMatrix, sets: readonly DimensionSet[], cell: string, place: string, warn: (message: string) => void): PlannedSet[] {
  const planned: PlannedSet[] = [];
  for (const set of new Set(sets)) {
    const own = dimensions.filter((name) => inSet(dimensionKey(name), set));
    const same = planned.find((other) => other.dimensions.length === own.length && own.every((name) => other.dimensions.includes(name)));
    if (own.length === 0) warn(`${set}: skipped, ${cell} has no dimension of this set.`);
    else if (same) warn(`${set}: skipped, in ${cell} it is the same as ${same.set} (${shortList(own.map(dimensionLabel), 3)}).`);
    else planned.push({ set, dimensions: own });
  }
  if (planned.length > 0) return planned;
  throw new Problem({ code: 'no-dimensions', place, what: `${cell} has no dimension of ${sets.join(', ')}`, fix: `Choose all, or ratings with these dimensions; it has ${shortList(dimensions, 12)}.` });
}

function planOf(test: WordTest, { rows, dropped, given }: HeldOut, language: string, ratings: RatingMatrix, sets: readonly PlannedSet[], place: string): PlannedTest {
  const { stimuli, label } = test;
  const words = wordsIn(stimuli, language, place);
  const dimensions = ratings.dimensions.filter((name) => sets.some((set) => set.dimensions.includes(name)));
  const columns = dimensions.map((name) => ratings.dimensions.indexOf(name));
  const rating = (row: number, column: number): number => ratings.values[row * ratings.dimensions.length + column]!;
  const reasonOf = (row: number): string => {
    if (words[row]!.trim() === '') return `no word in ${language}`;
    const empty = columns.find((column) => Number.isNaN(rating(row, column)));
    return empty === undefined ? '' : `no rating of ${dimensionLabel(ratings.dimensions[empty]!)}`;
  };
  const kept = rows.filter((row) => reasonOf(row) === '');
  return {
    key: `${label} ${language}`, test, sets, language, dimensions, given, of: stimuli.words.length,
    words: kept.map((row) => stimuli.words[row]!), fed: kept.map((row) => words[row]!),
    ratings: Float64Array.from(kept.flatMap((row) => columns.map((column) => rating(row, column)))),
    dropped: [...stimuli.dropped, ...dropped, ...byReason(rows, reasonOf, (row) => stimuli.words[row]!)],
  };
}
