/** What is offered for files that came in: which cells read them, told by their first lines and by what came with them. */
import { areVectors } from '../data/arrays/text-vectors.ts';
import { counted, listed } from '../ui/format.ts';
import type { Incoming, Sorted } from './bringing-in.ts';

/** A cell that would read one file or several. */
export interface Offer {
  readonly kind: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Files that nothing can be made of as they are, and why. */
export interface Doubt {
  readonly name: string;
  readonly why: string;
}

export interface Offers {
  readonly cells: readonly Offer[];
  readonly doubts: readonly Doubt[];
}

/** Enough for the first lines of word vectors with a thousand numbers each. */
const headBytes = 65_536;

/** The first lines of a text that are whole and not empty. */
async function firstLines({ file }: Incoming): Promise<string[]> {
  const text = await file.slice(0, headBytes).text();
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  return (file.size > headBytes ? lines.slice(0, -1) : lines).filter((line) => line.trim() !== '').slice(0, 20);
}

/** Whether lines have the same columns: a tab, comma or semicolon parts all of them in as many. */
export function areColumns(lines: readonly string[]): boolean {
  return ['\t', ';', ','].some((mark) => {
    const counts = lines.map((line) => line.split(mark).length);
    return counts.length > 1 && (counts[0] ?? 0) > 1 && counts.every((columns) => columns === counts[0]);
  });
}

/** One entry a line, none of them a sentence. */
function areWords(lines: readonly string[]): boolean {
  return lines.length > 1 && lines.every((line) => line.trim().split(/\s+/).length <= 3 && !/[\t,;{}]/.test(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A list of words for the rows of an array: a text with one a line, or a JSON list of texts. */
async function isWordList(file: Incoming): Promise<boolean> {
  if (/\.json$/i.test(file.name)) return /^\s*\[\s*"/.test(await file.file.slice(0, 200).text());
  if (!/\.(?:txt|csv|tsv)$/i.test(file.name)) return false;
  return areWords(await firstLines(file));
}

/** Whether what begins a file of questions can be read; a list over many lines is taken on trust. */
async function questionsDoubt(file: Incoming): Promise<string | null> {
  const [first = ''] = await firstLines(file);
  if (first === '') return 'it is empty';
  if (first.trim().startsWith('[') || (!/\.jsonl$/i.test(file.name) && first.trim().startsWith('{') && !isJson(first))) return null;
  return isJson(first) ? null : 'its first line is not JSON';
}

async function tableDoubt(file: Incoming): Promise<string | null> {
  if (!/\.txt$/i.test(file.name)) return null;
  const lines = await firstLines(file);
  return areColumns(lines) || areWords(lines) ? null : 'it has no columns';
}

/** What can be made of files: each is in one offer or one doubt, or it is for a cell that is there already. */
export async function offersFor({ tables, adapters, questions, arrays }: Pick<Sorted, 'tables' | 'adapters' | 'questions' | 'arrays'>): Promise<Offers> {
  const cells: Offer[] = [];
  const doubts: Doubt[] = [];
  // Arrays without words of their own: one list that came with one of them says what is in its rows.
  const mute = arrays.filter(({ name }) => /\.(?:npy|npz|safetensors)$/i.test(name));
  const lists: Incoming[] = [];
  if (mute.length === 1) for (const file of [...tables, ...questions]) if (await isWordList(file)) lists.push(file);
  const list = lists[0] ?? (mute.length === 2 ? mute.find(({ name }) => /words?\.npy$/i.test(name)) : undefined);
  for (const file of arrays) {
    if (file === list) continue;
    cells.push({ kind: 'vectors', params: { file: file.name, ...(list && mute.includes(file) ? { words: list.name } : {}) } });
  }
  for (const file of tables) {
    if (lists.includes(file)) continue;
    if (/\.(?:txt|tsv)$/i.test(file.name) && areVectors(await firstLines(file))) {
      cells.push({ kind: 'vectors', params: { file: file.name } });
      continue;
    }
    const why = await tableDoubt(file);
    if (why) doubts.push({ name: file.name, why });
    else cells.push({ kind: 'table', params: { file: file.name } });
  }
  for (const { name } of adapters) cells.push({ kind: 'adapter', params: { file: name } });
  const isAnswers = ({ name }: Incoming): boolean => name.toLowerCase().endsWith('.lst');
  const answers = questions.filter(isAnswers);
  const asked = questions.filter((file) => !isAnswers(file) && !lists.includes(file));
  for (const file of asked) {
    const why = await questionsDoubt(file);
    if (why) doubts.push({ name: file.name, why });
    else cells.push({ kind: 'choice', params: { questions: file.name, ...(asked.length === 1 && answers.length === 1 ? { labels: answers[0]!.name } : {}) } });
  }
  if (asked.length === 0) for (const { name } of answers) doubts.push({ name, why: 'name it under Answers in the choice cell that asks its questions' });
  return { cells, doubts };
}

const titles: Readonly<Record<string, string>> = { table: 'table', adapter: 'adapter', choice: 'choice', vectors: 'vectors', model: 'model' };

/** "Add a table cell", "Add 2 vectors cells", "Add 3 cells". */
export function offerLabel(cells: readonly Offer[]): string {
  const kinds = [...new Set(cells.map(({ kind }) => kind))];
  const only = kinds.length === 1 ? (titles[kinds[0]!] ?? kinds[0]!) : '';
  if (cells.length === 1) return `Add ${/^[aeiou]/.test(only) ? 'an' : 'a'} ${only} cell`;
  return `Add ${cells.length} ${only ? `${only} ` : ''}cells`;
}

/** "a.csv and b.csv are in this browser." Of many files the rest is counted. */
export function hereNow(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), counted(names.length - 3, 'other file')] : names;
  return `${listed(shown)} ${names.length === 1 ? 'is' : 'are'} in this browser.`;
}
