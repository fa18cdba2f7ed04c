/** Chooses the words of a `stimuli` cell: filters, then repeats, then the sample, then the split. */
import { Problem } from '../../base/problem.ts';
import { demoLanguages, loadDemo } from '../../data/demo.ts';
import { parseFilter } from '../../data/filter.ts';
import { wordKey } from '../../data/join.ts';
import { shortList } from '../../data/names.ts';
import { incompleteRows, ratingsOf } from '../../data/ratings.ts';
import { formsOf, sampleRows, splitRows } from '../../data/sample.ts';
import { lineOf, textsOf } from '../../data/table.ts';
import type { Dropped, StimuliValue, TableValue } from '../../data/values.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

/** Where words, translations, categories and ratings come from. */
interface Source {
  readonly label: string;
  readonly table: TableValue;
  readonly language: string;
  readonly words: readonly string[];
  readonly translations: Readonly<Record<string, readonly string[]>>;
  readonly categories: readonly string[];
  /** Pattern of rating columns, '' for none. */
  readonly ratings: string;
  readonly origin: 'human' | 'illustrative';
}

export const run: Run<typeof fields, 'stimuli'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const source = params.norms === 'demo' ? await demoSource(params, context, place) : tableSource(params, context, place);
  const dropped: Dropped[] = [];
  const filtered = applyFilters(params, source, place, dropped);
  const unique = dropRepeats(filtered, source, dropped);
  const forms = unique.map((row) => formsOf([source.words[row]!, ...Object.values(source.translations).map((words) => words[row]!)]));
  const rows = draw(params, unique, forms, source, dropped, context);
  if (rows.length === 0) {
    throw new Problem({
      code: 'no-stimuli', place, what: `no word of ${source.table.file} is left`,
      fix: dropped.length > 0 ? `Left out: ${shortList(dropped.map(({ reason, words }) => `${words.length} by ${reason}`), 4)}.` : 'Choose another table.',
    });
  }
  const kept = new Set(rows);
  const split = params.test > 0 ? splitRows(forms.filter((_, i) => kept.has(unique[i]!)), params.test, params.seed) : [];
  if (params.test > 0 && new Set(split).size < 2) context.warn(`every word is on one side of the split: ${rows.length} words are too few or too closely linked`);

  const ratings = source.ratings === '' ? null : ratingsOf(source.table, rows, source.ratings, source.origin, place);
  const incomplete = ratings ? incompleteRows(ratings.values, ratings.dimensions.length).length : 0;
  if (incomplete > 0) context.warn(`${incomplete} of ${rows.length} words lack a rating`);
  const pick = (values: readonly string[]): string[] => rows.map((row) => wordKey(values[row]!));
  return {
    type: 'stimuli', label: source.label, words: pick(source.words), language: source.language,
    translations: Object.fromEntries(Object.entries(source.translations).map(([language, words]) => [language, pick(words)])),
    categories: source.categories.length > 0 ? pick(source.categories) : [],
    split, ratings, dropped,
  } satisfies StimuliValue;
};

async function demoSource(params: Params, context: RunContext, place: string): Promise<Source> {
  const table = await loadDemo(context.base, { signal: context.signal, progress: context.progress });
  const asked = params.word.trim().toLowerCase();
  const byColumn = Object.entries(demoLanguages).find(([, column]) => column === asked)?.[0];
  const language = byColumn ?? params.language.trim().toLowerCase();
  const column = asked || demoLanguages[language];
  if (!column || (asked && !byColumn)) {
    throw new Problem({
      code: 'demo-language', place, what: asked ? `word is ${JSON.stringify(params.word)}` : `language is ${JSON.stringify(params.language)}`,
      fix: 'The demo concepts have English (language: en) and Dutch (language: nl) words.',
    });
  }
  const others = Object.entries(demoLanguages).filter(([code]) => code !== language);
  return {
    label: 'demo concepts', table, language,
    words: textsOf(table, column, place),
    translations: Object.fromEntries(others.map(([code, name]) => [code, textsOf(table, name, place)])),
    categories: textsOf(table, params.category.trim() || 'category', place),
    ratings: params.ratings.trim() || '*', origin: 'illustrative',
  };
}

function tableSource(params: Params, context: RunContext, place: string): Source {
  const table = inputOf(context, params.norms, 'table');
  return {
    label: table.file.replace(/\.\w+$/, ''), table, language: params.language.trim().toLowerCase(),
    words: textsOf(table, params.word.trim() || table.wordColumn, place),
    translations: Object.fromEntries(translationColumns(params.translation, place).map(([code, column]) => [code, textsOf(table, column, place)])),
    categories: params.category.trim() ? textsOf(table, params.category, place) : [],
    ratings: params.ratings.trim(), origin: 'human',
  };
}

/** "nl: Woord, fr: Mot" as pairs of language and column. */
function translationColumns(text: string, place: string): [string, string][] {
  if (text.trim() === '') return [];
  return text.split(/[,;]\s*(?=[A-Za-z]{2,3}(?:-\w+)?\s*:)/).map((part): [string, string] => {
    const match = /^\s*([A-Za-z]{2,3}(?:-\w+)?)\s*:\s*(.+?)\s*$/.exec(part);
    if (match) return [match[1]!.toLowerCase(), match[2]!];
    throw new Problem({
      code: 'bad-translation', place, what: `translation is ${JSON.stringify(text)}, without a language`,
      fix: 'Write the language before the column: "nl: Woord".',
    });
  });
}

function applyFilters(params: Params, source: Source, place: string, dropped: Dropped[]): number[] {
  let rows = source.words.map((_, row) => row);
  const empty = rows.filter((row) => wordKey(source.words[row]!) === '');
  if (empty.length > 0) {
    dropped.push({ reason: 'no word in the word column', words: empty.map((row) => `(line ${lineOf(source.table, row)})`) });
    rows = rows.filter((row) => wordKey(source.words[row]!) !== '');
  }
  for (const text of params.filter.filter((line) => line.trim() !== '')) {
    const condition = parseFilter(text, source.table, place);
    const out = rows.filter((row) => !condition.holds(row));
    if (out.length > 0) dropped.push({ reason: `not ${text.trim()}`, words: out.map((row) => source.words[row]!) });
    rows = rows.filter((row) => condition.holds(row));
  }
  return rows;
}

/** Keeps the first row of each word. */
function dropRepeats(rows: readonly number[], source: Source, dropped: Dropped[]): number[] {
  const seen = new Set<string>();
  const repeats: number[] = [];
  const first = rows.filter((row) => {
    const word = wordKey(source.words[row]!);
    const repeat = seen.has(word);
    if (repeat) repeats.push(row);
    seen.add(word);
    return !repeat;
  });
  if (repeats.length > 0) {
    const lines = repeats.map((row) => lineOf(source.table, row));
    dropped.push({
      reason: `appears again in ${source.table.sheet ? 'row' : 'line'} ${shortList(lines)}`,
      words: repeats.map((row) => source.words[row]!),
    });
  }
  return first;
}

function draw(
  params: Params, rows: readonly number[], forms: readonly (readonly string[])[], source: Source, dropped: Dropped[], context: RunContext,
): readonly number[] {
  if (params.sample === 0) return rows;
  if (params.sample >= rows.length) {
    if (params.sample > rows.length) context.warn(`only ${rows.length} words to sample ${params.sample} from: all are kept`);
    return rows;
  }
  const chosen = new Set(sampleRows(forms, params.sample, params.seed));
  dropped.push({ reason: `not drawn in the sample of ${params.sample}`, words: rows.filter((_, i) => !chosen.has(i)).map((row) => source.words[row]!) });
  return rows.filter((_, i) => chosen.has(i));
}
