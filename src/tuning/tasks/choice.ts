/** Questions with four options: each option with its question is a text that gets a score, and the right one should win. */
import type { ChoiceQuestion, QuestionLanguage } from '../../data/questions.ts';
import type { Pooling } from '../../models/activations.ts';
import { gridOf } from '../../models/batches.ts';
import { wordPlace, type TokenisedWord, type Untokenisable } from '../../models/tokens.ts';
import { Prepared, taskOf, weightsOf, type ChoiceBatch, type Task, type TaskSettings, type Tokeniser } from './batch.ts';

/**
 * How question and option become one text: joined by a space; as the two texts that BERT was trained on, with its end
 * token between them ([CLS] question [SEP] option [SEP]); or as RoBERTa's, with two (<s> question </s></s> option </s>).
 */
export type ChoiceForm = 'joined' | 'pair' | 'pair-double';

/** What stands for the pair: the option's own tokens (mean, first, last), or all of the text. */
export interface ChoiceSettings extends TaskSettings {
  readonly language: QuestionLanguage;
  readonly form: ChoiceForm;
  readonly pooling: Pooling;
}

/** Texts that make a question. */
export const optionsPerQuestion = 4;

/**
 * Makes the task. Batches hold whole questions, {@link optionsPerQuestion} texts each, in the order A to D.
 *
 * @param train numbers of the questions to train on
 * @throws what taskOf throws
 */
export function choiceTask(questions: readonly ChoiceQuestion[], train: readonly number[], settings: ChoiceSettings, tokeniser: Tokeniser): Task<ChoiceBatch> {
  const { language, form, pooling, contextLength } = settings;
  const prepared = new Prepared((number): { readonly texts: readonly TokenisedWord[] } | Untokenisable => {
    const { question, options } = questions[number]!;
    const texts = options[language].map((option) => textOf(question[language], option, form, contextLength, tokeniser));
    const failed = texts.find((text): text is Untokenisable => 'reason' in text);
    return failed ?? { texts: texts as TokenisedWord[] };
  });
  return taskOf(settings, 'questions', train, prepared, (numbers) => {
    const texts = numbers.flatMap((number) => prepared.get(number).texts);
    const tokens = gridOf(texts.map(({ ids }) => ids), tokeniser.padding);
    return { type: 'choice', tokens, weights: weightsOf(texts, tokens.tokens, pooling), right: numbers.map((number) => questions[number]!.answer), source: numbers };
  });
}

function textOf(question: string, option: string, form: ChoiceForm, contextLength: number, tokeniser: Tokeniser): TokenisedWord | Untokenisable {
  // Braces in a question are not a place for a word.
  const asked = question.replaceAll(wordPlace, 'word');
  if (form === 'joined') return tokeniser.tokenise(option, `${asked} ${wordPlace}`, contextLength);
  const first = tokeniser.tokenise(asked, wordPlace, contextLength);
  const second = tokeniser.tokenise(option, wordPlace, contextLength);
  if ('reason' in first) return first;
  if ('reason' in second) return second;
  const before = first.ids.slice(0, first.text[0]);
  const after = first.ids.slice(first.text[1]);
  const own = second.ids.slice(...second.text);
  const start = first.ids.length + (form === 'pair-double' ? after.length : 0);
  const ids = [...before, ...first.ids.slice(...first.text), ...after, ...(form === 'pair-double' ? after : []), ...own, ...after];
  if (ids.length > contextLength) return { reason: `longer than the ${contextLength} tokens the model reads` };
  return { ids, word: [start, start + own.length], text: [before.length, start + own.length] };
}
