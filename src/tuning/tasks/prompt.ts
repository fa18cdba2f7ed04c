/**
 * Prompts with an answer for causal models, the study's own form of both tasks: a rating is the digit that follows a
 * question about a word, a choice the letter that follows a question with its options. Only the answer is learnt.
 *
 * The wording is that of the prompts on which the bundled causal model learnt the form (tools/model/prompts.py), about
 * other things.
 */
import { Problem } from '../../base/problem.ts';
import type { ChoiceQuestion, QuestionLanguage } from '../../data/questions.ts';
import type { RatingMatrix } from '../../data/values.ts';
import { gridOf } from '../../models/batches.ts';
import { wordPlace, type TokenisedWord, type Untokenisable } from '../../models/tokens.ts';
import { Prepared, taskOf, type LanguageBatch, type Task, type TaskSettings, type Tokeniser } from './batch.ts';

/** A prompt and what should follow it. */
export interface Prompt {
  /** Up to the answer, without a space at its end. */
  readonly prompt: string;
  readonly answer: string;
}

/** Stands for the dimension in a template. */
const dimensionPlace = '{dimension}';

/** A template with {word} and {dimension}, and how it calls the dimensions; others go by their id. */
export interface RatingPrompts {
  readonly template: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The highest digit of an answer; the lowest is 0. */
const highest = 5;

/** The ways of the Lancaster norms to experience a thing, in the languages of the demo. */
export const ratingPrompts: Readonly<Record<QuestionLanguage, RatingPrompts>> = {
  en: {
    template: 'how strongly is {word} experienced by {dimension} ? answer from 0 to 5 :',
    dimensions: {
      Auditory: 'hearing', Gustatory: 'tasting', Haptic: 'touching', Interoceptive: 'feelings inside the body', Olfactory: 'smelling', Visual: 'seeing',
      Foot_leg: 'an action of the foot or leg', Hand_arm: 'an action of the hand or arm', Head: 'an action of the head', Mouth: 'an action of the mouth or throat', Torso: 'an action of the torso',
    },
  },
  nl: {
    template: 'hoe sterk wordt {word} ervaren door {dimension} ? antwoord van 0 tot 5 :',
    dimensions: {
      Auditory: 'te horen', Gustatory: 'te proeven', Haptic: 'aan te raken', Interoceptive: 'gevoelens in het lichaam', Olfactory: 'te ruiken', Visual: 'te zien',
      Foot_leg: 'een handeling van de voet of het been', Hand_arm: 'een handeling van de hand of de arm', Head: 'een handeling van het hoofd', Mouth: 'een handeling van de mond of de keel', Torso: 'een handeling van de romp',
    },
  },
};

const choiceTemplates: Readonly<Record<QuestionLanguage, string>> = { en: '{question} a ) {a} b ) {b} c ) {c} d ) {d} answer :', nl: '{question} a ) {a} b ) {b} c ) {c} d ) {d} antwoord :' };
export const choiceAnswers = ['a', 'b', 'c', 'd'] as const;

/** The question about one word and dimension. Throws Problem `template-places` where the template lacks a place. */
export function ratingPrompt(word: string, dimension: string, { template, dimensions }: RatingPrompts): string {
  for (const place of [wordPlace, dimensionPlace]) {
    if (template.split(place).length !== 2) throw new Problem({ code: 'template-places', place: `template "${template}"`, what: `it does not hold ${place} once`, fix: `Write both ${wordPlace} and ${dimensionPlace} once, as in "${ratingPrompts.en.template}".` });
  }
  return template.replace(dimensionPlace, () => dimensions[dimension] ?? dimension).replace(wordPlace, () => word);
}

/** A rating as the digit 0 to 5 nearest to it on the scale. */
export function ratingDigit(rating: number, [low, high]: readonly [number, number]): string {
  return String(Math.min(highest, Math.max(0, Math.round(((rating - low) / (high - low)) * highest))));
}

/** A prompt for a word and a dimension, with the row of the word. */
export interface RatingPrompt extends Prompt {
  readonly row: number;
  readonly dimension: string;
}

/** One prompt per word and dimension that has a rating; words in the given order, dimensions within. Empty words have none. */
export function promptsOfRatings(words: readonly string[], ratings: RatingMatrix, rows: readonly number[], dimensions: readonly string[], prompts: RatingPrompts): RatingPrompt[] {
  return rows.filter((row) => words[row] !== '').flatMap((row) => dimensions.flatMap((dimension): RatingPrompt[] => {
    const column = ratings.dimensions.indexOf(dimension);
    const rating = column < 0 ? NaN : ratings.values[row * ratings.dimensions.length + column]!;
    if (Number.isNaN(rating)) return [];
    return [{ prompt: ratingPrompt(words[row]!, dimension, prompts), answer: ratingDigit(rating, ratings.scale), row, dimension }];
  }));
}

/** The question with its options, and the letter of the right one. */
export function promptOfChoice({ question, options, answer }: ChoiceQuestion, language: QuestionLanguage): Prompt {
  const parts: Readonly<Record<string, string>> = { question: question[language], ...Object.fromEntries(choiceAnswers.map((letter, i) => [letter, options[language][i]!])) };
  return { prompt: choiceTemplates[language].replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? ''), answer: choiceAnswers[answer] };
}

/**
 * Makes the task: cross-entropy of the answer's tokens, given the prompt.
 *
 * @param train numbers of the prompts to train on
 * @throws what taskOf throws
 */
export function promptTask(prompts: readonly Prompt[], train: readonly number[], settings: TaskSettings, tokeniser: Tokeniser): Task<LanguageBatch> {
  const prepared = new Prepared((number): TokenisedWord | Untokenisable => {
    const { prompt, answer } = prompts[number]!;
    const text = tokeniser.tokenise(answer, `${prompt.replaceAll(wordPlace, 'word')} ${wordPlace}`, settings.contextLength);
    return !('reason' in text) && text.word[0] === 0 ? { reason: 'nothing precedes the answer' } : text;
  });
  return taskOf(settings, 'prompts', train, prepared, (numbers) => {
    const texts = numbers.map((number) => prepared.get(number));
    const targets = texts.flatMap(({ ids, word: [start, end] }, text) => ids.slice(start, end).map((id, i) => ({ text, token: start + i, id })));
    return { type: 'language', tokens: gridOf(texts.map(({ ids }) => ids), tokeniser.padding), targets, source: numbers };
  });
}
