/**
 * Multiple-choice questions from a file, told apart by what it holds: one JSON record a line (PIQA), a JSON list (the
 * study's format), or a table with the columns question, a, b, … and answer. Answers may stand in a file of their own.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { dimensionNamed } from './dimensions.ts';
import { decode } from './import/csv.ts';
import { textOf } from './import/cells.ts';
import { emptyFile, placeOf } from './import/grid.ts';
import { importGrid } from './import/import.ts';
import { shortList } from './names.ts';
import { settleAnswers, type SaidAnswer } from './question-files-answers.ts';
import { questionOf, type Question, type ReadQuestion } from './question-files-records.ts';
import { loadQuestions, type QuestionLanguage } from './questions.ts';

export type { Question } from './question-files-records.ts';

/** An imported file. */
export interface QuestionFile {
  readonly name: string;
  readonly content: Blob;
}

/**
 * Reads questions, and their answers where there are any.
 *
 * @param labels one answer a line, in the order of the questions: a number from 0, or a letter; null where there is none
 * @param warn takes what the reader should know though it is no error
 * @throws Problem `bad-question`, `answers-unclear`, `no-questions` or `labels-count`, each naming the file and, where there is one, the line;
 *   for tables what importGrid throws
 */
export async function readQuestions(file: QuestionFile, labels: QuestionFile | null, warn: (message: string) => void, watch: Watch = {}): Promise<readonly Question[]> {
  const bytes = new Uint8Array(await file.content.arrayBuffer());
  if (bytes.length === 0) throw emptyFile(file.name);
  // A workbook is no text.
  const text = bytes[0] === 0x50 && bytes[1] === 0x4b ? '' : decode(file.name, bytes, () => undefined).replace(/^\uFEFF/, '');
  const start = text.trimStart()[0];
  const read = start === '[' || start === '{' ? ofJson(file.name, text) : await ofTable(file, warn, watch);
  if (read.length === 0) throw new Problem({ code: 'no-questions', place: file.name, what: 'there is no question in it', fix: 'Choose a file with one question a line, a JSON list of questions, or a table of them.' });
  const own = settleAnswers(read.map(({ said }) => said), file.name, warn);
  const answers = labels ? labelled(read, own, file.name, await labelsOf(labels), labels.name, warn) : own;
  const [twice, ...others] = read.filter(({ options }) => new Set(options.map(({ text: option }) => option.toLowerCase())).size < options.length);
  if (twice) warn(`${twice.place}: two of its options are the same${others.length > 0 ? `; so it is in ${others.length} other question${others.length > 1 ? 's' : ''}` : ''}: they tie`);
  return withIds(read, answers, warn);
}

/**
 * The questions that ship with the app, in one language, with their dimensions as categories.
 *
 * @param base address of the app's folder, ending in '/'
 */
export async function demoQuestions(base: string, language: QuestionLanguage, watch: Watch = {}): Promise<readonly Question[]> {
  return (await loadQuestions(base, watch)).map(({ id, dimension, question, options, answer }) => ({ id, question: question[language], options: options[language], answer, category: dimensionNamed(dimension)?.label ?? dimension }));
}

function ofJson(name: string, text: string): ReadQuestion[] {
  const lines = text.split(/\r\n|\n|\r/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (parsed(first).ok && !first.trim().startsWith('[')) {
    return lines.flatMap((line, at) => {
      if (line.trim() === '') return [];
      const place = `${name} line ${at + 1}`;
      const record = parsed(line);
      if (!record.ok) throw new Problem({ code: 'bad-question', place, what: `it is not JSON: ${record.why}`, fix: 'Write one record a line, as {"goal": ..., "sol1": ..., "sol2": ...}.' });
      return [questionOf(record.value, place, String(at + 1))];
    });
  }
  const whole = parsed(text);
  if (!whole.ok) throw new Problem({ code: 'bad-question', place: name, what: `it is not JSON: ${whole.why}`, fix: 'Correct the file there, or save it again; one record a line and a list of records can both be read.' });
  return listIn(whole.value, name).map((record, at) => questionOf(record, `${name} question ${at + 1}`, String(at + 1)));
}

/** A list of records, or the only list of an object around it. */
function listIn(value: unknown, name: string): readonly unknown[] {
  const lists: readonly unknown[] = Array.isArray(value) ? [value] : Object.values(value as object).filter((one) => Array.isArray(one));
  const [list] = lists;
  if (Array.isArray(list) && lists.length === 1) return list;
  throw new Problem({ code: 'no-questions', place: name, what: `it holds ${lists.length === 0 ? 'no list' : `${lists.length} lists`} of questions`, fix: 'Save the questions as one list: [{"question": ..., "options": ..., "correct_option": ...}, ...].' });
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

function parsed(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Rows as written, each a record by the names of its columns. */
async function ofTable(file: QuestionFile, warn: (message: string) => void, watch: Watch): Promise<ReadQuestion[]> {
  const grid = await importGrid(file.name, file.content, { warn }, watch);
  if (!grid.header.some((name) => /^(?:question|goal|query|prompt|ctx|stem)$/i.test(name))) {
    throw new Problem({ code: 'no-questions', place: file.name, what: `no column is called question; there are ${shortList(grid.header, 8)}`, fix: 'Name the columns question, a, b, … and answer; category and id may be added.' });
  }
  return grid.rows.map((row, at) => questionOf(Object.fromEntries(grid.header.map((name, column) => [name, textOf(row[column] ?? null)])), placeOf(grid, grid.lines[at]!), String(at + 1)));
}

interface Label { readonly text: string; readonly line: number }

async function labelsOf(file: QuestionFile): Promise<Label[]> {
  const bytes = new Uint8Array(await file.content.arrayBuffer());
  if (bytes.length === 0) throw emptyFile(file.name);
  const lines = decode(file.name, bytes, () => undefined).replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).map((text, at) => ({ text: text.trim(), line: at + 1 }));
  // The line after the last is none; an empty one between others is an answer that is not known.
  while (lines.length > 0 && lines.at(-1)!.text === '') lines.pop();
  return lines;
}

function labelled(read: readonly ReadQuestion[], own: readonly (number | null)[], name: string, labels: readonly Label[], labelsName: string, warn: (message: string) => void): (number | null)[] {
  if (labels.length !== read.length) {
    throw new Problem({ code: 'labels-count', place: labelsName, what: `it has ${labels.length} answers, and ${name} has ${read.length} questions`, fix: 'Choose the answers that belong to these questions: one a line, in their order.' });
  }
  const answers = settleAnswers(read.map(({ options }, at): SaidAnswer => {
    const { text, line } = labels[at]!;
    return { place: `${labelsName} line ${line}`, what: 'the answer is', value: text, options };
  }), labelsName, warn);
  const other = answers.filter((answer, at) => own[at] !== null && own[at] !== answer).length;
  if (other > 0) warn(`${labelsName} is read, though ${name} has answers of its own, and ${other} of them are others`);
  return answers;
}

/** Ids stay as the file has them; where one comes twice all questions are numbered. */
function withIds(read: readonly ReadQuestion[], answers: readonly (number | null)[], warn: (message: string) => void): Question[] {
  const seen = new Map<string, string>();
  let twice = '';
  for (const { id, place } of read) {
    const before = seen.get(id);
    if (before !== undefined && !twice) twice = `the id ${id} comes twice (${before} and ${place}): questions are numbered instead`;
    seen.set(id, place);
  }
  if (twice) warn(twice);
  return read.map(({ id, question, options, category }, at) => ({ id: twice ? String(at + 1) : id, question, options: options.map(({ text }) => text), answer: answers[at]!, category }));
}
