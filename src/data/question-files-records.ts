/**
 * One multiple-choice question from a record, whatever its file: PIQA's goal, sol1, sol2 and label; a question with its
 * options by letter and a correct_option; a question with a list of choices and the number of the right one.
 */
import { Problem } from '../base/problem.ts';
import { shortList } from './names.ts';
import { textIn, written, type NamedOption, type SaidAnswer } from './question-files-answers.ts';

/** A question as it is asked of a model. */
export interface Question {
  /** Unique in its file. */
  readonly id: string;
  /** Trimmed, not empty. */
  readonly question: string;
  /** Two or more, trimmed, none empty. */
  readonly options: readonly string[];
  /** Position of the right option; null where the file does not say. */
  readonly answer: number | null;
  /** '' where the file has none. */
  readonly category: string;
}

/** A question before ids and answers are settled, with its place in the file. */
export interface ReadQuestion extends Omit<Question, 'options' | 'answer'> {
  /** "piqa.jsonl line 12". */
  readonly place: string;
  readonly options: readonly NamedOption[];
  /** Null where the file has no field for it. */
  readonly said: SaidAnswer | null;
}

/** Names that files use for the same thing, in lower case. */
const names = {
  id: ['id', 'index', 'ind', 'qid', 'question_id'],
  question: ['question', 'goal', 'query', 'prompt', 'ctx', 'stem'],
  options: ['options', 'choices', 'endings', 'answers'],
  answer: ['answer', 'label', 'correct_option', 'answerkey', 'gold', 'correct'],
  category: ['category', 'subject', 'topic'],
} as const;

const bad = (place: string, what: string, fix: string): Problem => new Problem({ code: 'bad-question', place, what, fix });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const lettered = /^[a-z]$/i;
const numbered = /^(?:sol|option|choice|ending|answer)[ _]?\d+$/i;
const numberIn = (name: string): number => Number(/\d+$/.exec(name)?.[0]);

/**
 * Reads one record.
 *
 * @param place where it stands: "piqa.jsonl line 12"
 * @param id what it is called where the record does not say
 * @throws Problem `bad-question` naming the field and its value
 */
export function questionOf(record: unknown, place: string, id: string): ReadQuestion {
  if (!isRecord(record)) throw bad(place, `it is ${written(record)}, not a record of a question`, 'Write one question as {"goal": ..., "sol1": ..., "sol2": ...} or {"question": ..., "options": ..., "correct_option": ...}.');
  const keys = Object.keys(record);
  const keyOf = (known: readonly string[]): string | undefined => known.map((name) => keys.find((key) => key.toLowerCase() === name)).find((key) => key !== undefined);
  const questionKey = keyOf(names.question);
  const question = questionKey === undefined ? null : textIn(record[questionKey]);
  if (questionKey === undefined || question === null) {
    throw bad(place, questionKey === undefined ? `it has no question; it has ${shortList(keys, 8) || 'nothing'}` : `${questionKey} is ${written(record[questionKey])}, not a text`, 'Write each question as {"question": ..., "options": [..., ...], "answer": 0}, or as PIQA does: {"goal": ..., "sol1": ..., "sol2": ...}.');
  }
  const options = optionsOf(record, keys, keyOf(names.options), place);
  if (question === '') throw bad(place, `${questionKey} is empty`, 'Write the question, or remove the line.');
  const answerKey = keyOf(names.answer.filter((name) => !options.some((option) => option.name.toLowerCase() === name)));
  const categoryKey = keyOf(names.category);
  const idKey = keyOf(names.id);
  return {
    place,
    id: (idKey === undefined ? null : textIn(record[idKey])) || id,
    question,
    options,
    said: answerKey === undefined ? null : { place, what: `${answerKey} is`, value: record[answerKey], options },
    category: (categoryKey === undefined ? null : textIn(record[categoryKey])) ?? '',
  };
}

function optionsOf(record: Readonly<Record<string, unknown>>, keys: readonly string[], listKey: string | undefined, place: string): NamedOption[] {
  const given = listKey === undefined ? ownOptions(record, keys) : namedOptions(record[listKey]);
  if (given === null) throw bad(place, `${listKey} is ${written(record[listKey ?? ''])}, neither a list of options nor options by letter`, 'Write the options as a list or as {"A": ..., "B": ...}.');
  // Tables fill up questions with fewer options by empty cells behind them.
  const last = given.findLastIndex(({ value }) => value !== null && value !== '');
  const options = given.slice(0, Math.max(last + 1, 2)).map(({ name, value }): NamedOption => {
    const text = value === null || value === undefined ? '' : textIn(value);
    if (text === null) throw bad(place, `${name} is ${written(value)}, not a text`, 'Write every option as a text.');
    if (text === '') throw bad(place, `${name} is empty`, 'Write the option, or remove the question.');
    return { name, text };
  });
  if (options.length >= 2) return options;
  const what = options.length === 1 ? `it has one option, ${options[0]!.name}` : `it has no options; it has ${shortList(keys, 8)}`;
  throw bad(place, `${what}, and a choice needs two`, 'Name the options sol1, sol2, … or a, b, …, or list them under options.');
}

interface GivenOption { readonly name: string; readonly value: unknown }

/** Options that are fields of the record itself: sol1, sol2; a, b, c. */
function ownOptions(record: Readonly<Record<string, unknown>>, keys: readonly string[]): GivenOption[] {
  const byNumber = keys.filter((key) => numbered.test(key)).sort((a, b) => numberIn(a) - numberIn(b));
  const byLetter = keys.filter((key) => lettered.test(key)).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  // A column n is no option where there is no m.
  const found = byNumber.length > 0 ? byNumber : byLetter.filter((key, at) => key.toLowerCase().charCodeAt(0) === 97 + at);
  return found.map((name) => ({ name, value: record[name] }));
}

/** A list, options by letter, or lists of texts and labels side by side. */
function namedOptions(value: unknown): GivenOption[] | null {
  if (Array.isArray(value)) return value.map((one: unknown, at) => (isRecord(one) && 'text' in one ? { name: textIn(one['label']) ?? `option ${at + 1}`, value: one['text'] } : { name: `option ${at + 1}`, value: one }));
  if (!isRecord(value)) return null;
  const { text, label } = value;
  if (Array.isArray(text)) return text.map((one: unknown, at) => ({ name: (Array.isArray(label) ? textIn(label[at]) : null) ?? `option ${at + 1}`, value: one }));
  return Object.entries(value).map(([name, one]) => ({ name, value: one }));
}
