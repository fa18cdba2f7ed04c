/**
 * Questions with four options, answered by the language model itself: the score of an option is the mean ln p of its
 * tokens after the question, and the right one should win. Nothing is added to the model, so the untuned one can be asked
 * in the same way, see optionLikelihoods in ../answers.ts.
 */
import { Problem } from '../../base/problem.ts';
import type { ChoiceQuestion, QuestionLanguage } from '../../data/questions.ts';
import { gridOf } from '../../models/batches.ts';
import type { Objective } from '../../models/language.ts';
import { wordPlace, type TokenisedWord, type Untokenisable } from '../../models/tokens.ts';
import type { PlacedToken } from '../gradient/feeds.ts';
import { Prepared, taskOf, type OptionsBatch, type Task, type TaskSettings, type Tokeniser } from './batch.ts';

export interface LikelihoodSettings extends TaskSettings {
  readonly language: QuestionLanguage;
  readonly objective: Objective;
}

/**
 * Makes the task. A causal model gives each token of an option given those before it; a masked one given all others,
 * masked one at a time, so that an option of several tokens makes as many texts.
 *
 * @param train numbers of the questions to train on
 * @throws Problem `no-mask-token` for a masked model whose tokenizer has none, and what taskOf throws
 */
export function likelihoodTask(questions: readonly ChoiceQuestion[], train: readonly number[], settings: LikelihoodSettings, tokeniser: Tokeniser): Task<OptionsBatch> {
  const { name, language, objective, contextLength } = settings;
  const { mask, padding } = tokeniser;
  if (objective === 'masked' && mask === null) {
    throw new Problem({ code: 'no-mask-token', place: `task ${name}`, what: 'the tokenizer has no mask token, so no token can be hidden from the model', fix: 'Set options: head, or take a causal model.' });
  }
  const prepared = new Prepared((number): { readonly texts: readonly TokenisedWord[] } | Untokenisable => {
    const { question, options } = questions[number]!;
    const template = `${question[language].replaceAll(wordPlace, 'word')} ${wordPlace}`;
    const texts = options[language].map((option) => tokeniser.tokenise(option, template, contextLength));
    const failed = texts.find((text): text is Untokenisable => 'reason' in text);
    if (failed) return failed;
    const alone = (texts as TokenisedWord[]).some(({ word }) => word[0] === 0);
    return alone ? { reason: 'nothing precedes the option' } : { texts: texts as TokenisedWord[] };
  });
  return taskOf(settings, 'questions', train, prepared, (numbers) => {
    const ids: (readonly number[])[] = [];
    const targets: PlacedToken[] = [];
    // Of each option, the numbers of its targets.
    const own = numbers.flatMap((number) => prepared.get(number).texts).map(({ ids: text, word: [start, end] }) => {
      const places = Array.from({ length: end - start }, (_, k) => start + k);
      if (objective === 'causal') ids.push(text.slice(0, end));
      return places.map((token) => {
        if (objective === 'masked') ids.push(text.with(token, mask!));
        return targets.push({ text: ids.length - 1, token, id: text[token]! }) - 1;
      });
    });
    const shares = new Float32Array(own.length * targets.length);
    own.forEach((list, option) => {
      for (const target of list) shares[option * targets.length + target] = 1 / list.length;
    });
    return { type: 'options', tokens: gridOf(ids, padding), targets, shares, right: numbers.map((number) => questions[number]!.answer), source: numbers };
  });
}
