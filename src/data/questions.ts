/** Questions with four options about what things sound, taste, feel, smell and look like, and which part of the body acts. */
import * as v from 'valibot';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { demoFile } from './demo.ts';
import { dimensionNamed, dimensions } from './dimensions.ts';
import { importTable } from './import/import.ts';
import { placeOf } from './import/grid.ts';
import { shortList } from './names.ts';
import { lineOf, textsOf } from './table.ts';
import type { TableValue } from './values.ts';

/** Languages in which every question is put. */
export const questionLanguages = ['en', 'nl'] as const;
export type QuestionLanguage = (typeof questionLanguages)[number];

/** The four options, A to D. */
export type Options = readonly [string, string, string, string];

/** One question in both languages; option i says the same in each. */
export interface ChoiceQuestion {
  /** Unique in its file. */
  readonly id: string;
  /** Id of one of the eleven dimensions. */
  readonly dimension: string;
  /** What is asked of the dimension, a label of the file's own: "strongest", "part". */
  readonly kind: string;
  readonly question: Readonly<Record<QuestionLanguage, string>>;
  readonly options: Readonly<Record<QuestionLanguage, Options>>;
  /** Place of the right option: 0 for A. */
  readonly answer: 0 | 1 | 2 | 3;
}

const letters = ['A', 'B', 'C', 'D'] as const;
const text = v.pipe(v.string(), v.trim(), v.nonEmpty('Every question needs an id, a kind, its text and four options in both languages.'));
const row = v.object({
  id: text,
  dimension: v.pipe(v.string(), v.trim(), v.check((name) => dimensionNamed(name) !== undefined, `It is one of ${shortList(dimensions.map(({ id }) => id), 11)}.`)),
  kind: text,
  en_question: text, en_a: text, en_b: text, en_c: text, en_d: text,
  nl_question: text, nl_a: text, nl_b: text, nl_c: text, nl_d: text,
  answer: v.pipe(v.string(), v.trim(), v.toUpperCase(), v.picklist(letters, 'It is the letter of the right option: A, B, C or D.')),
});
type Row = v.InferOutput<typeof row>;

/**
 * The 120 questions that ship with the app, in the order of their dimensions.
 *
 * @param base address of the app's folder, ending in '/'
 * @throws Problem `demo-missing` where the file cannot be fetched
 */
export async function loadQuestions(base: string, watch: Watch = {}): Promise<readonly ChoiceQuestion[]> {
  const content = await demoFile(base, 'questions.csv', 'questions', watch);
  return questionsOf(await importTable('questions.csv', content, { word: 'id' }, watch), 'questions.csv');
}

/**
 * Reads a table with the columns id, dimension, kind, en_question, en_a to en_d, nl_question, nl_a to nl_d and answer.
 *
 * @param place who asks: "cell questions"
 * @throws Problem `unknown-column` where a column is missing; `bad-question` naming the line, the column and the value
 */
export function questionsOf(table: TableValue, place: string): ChoiceQuestion[] {
  const columns = Object.keys(row.entries).map((name) => [name, textsOf(table, name, place)] as const);
  const lines = new Map<string, number>();
  return Array.from({ length: table.rows }, (_, at) => {
    const line = lineOf(table, at);
    const parsed = v.safeParse(row, Object.fromEntries(columns.map(([name, values]) => [name, values[at]])));
    if (!parsed.success) {
      const issue = parsed.issues[0];
      const value = JSON.stringify(issue.path?.[0].value ?? '');
      throw badQuestion(table, line, value === '""' ? `${v.getDotPath(issue)} is empty` : `${v.getDotPath(issue)} is ${value}`, issue.message);
    }
    const { id } = parsed.output;
    const before = lines.get(id);
    if (before !== undefined) throw badQuestion(table, line, `id ${JSON.stringify(id)} was used in line ${before}`, 'Give every question an id of its own.');
    lines.set(id, line);
    return questionOf(parsed.output, table, line);
  });
}

function questionOf(cells: Row, table: TableValue, line: number): ChoiceQuestion {
  const options = { en: [cells.en_a, cells.en_b, cells.en_c, cells.en_d], nl: [cells.nl_a, cells.nl_b, cells.nl_c, cells.nl_d] } as const;
  for (const language of questionLanguages) {
    const plain = options[language].map((option) => option.toLowerCase());
    const twice = plain.findIndex((option, i) => plain.indexOf(option) < i);
    if (twice >= 0) {
      throw badQuestion(table, line, `option ${JSON.stringify(options[language][twice])} stands twice (${language})`, 'Give every question four different options.');
    }
  }
  return {
    id: cells.id, dimension: dimensionNamed(cells.dimension)!.id, kind: cells.kind,
    question: { en: cells.en_question, nl: cells.nl_question }, options,
    answer: letters.indexOf(cells.answer) as 0 | 1 | 2 | 3,
  };
}

function badQuestion(table: TableValue, line: number, what: string, fix: string): Problem {
  return new Problem({ code: 'bad-question', place: placeOf(table, line), what, fix });
}
