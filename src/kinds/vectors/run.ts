/** Reads the vectors of the stimuli's words from a file. */
import { Problem } from '../../base/problem.ts';
import { openVectors } from '../../data/arrays/open.ts';
import { readWordList } from '../../data/arrays/word-list.ts';
import type { VectorFile } from '../../data/arrays/vector-file.ts';
import { ambiguous, wordKey, WordIndex } from '../../data/join.ts';
import { shortList } from '../../data/names.ts';
import { requireStates } from '../../data/states-size.ts';
import { wordsIn } from '../../data/stimuli.ts';
import type { Dropped, Layer, RepresentationValue, StimuliValue } from '../../data/values.ts';
import { mergeDropped } from '../../rsa/align.ts';
import { layersAsked } from '../../rsa/choose.ts';
import type { ParamsOf } from '../field.ts';
import { type InputFile, inputOf, type Run, type RunContext } from '../kind.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'representation'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const source = fileOf(context, params.file, params.address);
  const own = wordsIn(stimuli, params.language.trim(), place);
  const asked = params.lowercase ? inLowerCase(own) : own;
  const sought = new Set(asked.map((word) => wordKey(word).toLowerCase()).filter((word) => word !== ''));
  const file = await openVectors(source.name, source.content, {
    keys: params.keys, first: params.first, wordColumn: params.word, warn: context.warn,
    // In any case: whether two words differ only in case is for the join to see.
    wanted: (word) => sought.has(wordKey(word).toLowerCase()),
  }, context);
  const layers = layersAsked(file.layers, source.name, params.layers, place);
  const found = await rowsOf({ params, stimuli, asked, file, name: source.name }, context);
  const { kept, rows } = found;
  requireStates({ words: kept.length, layers: layers.length, d: Math.max(...layers.map(({ d }) => d)), apart: 0 }, place);
  const data = await file.read(rows, layers.map((layer) => file.layers.indexOf(layer)), context);
  const words = kept.map((at) => stimuli.words[at]!);
  const read = layers.map(({ name, index, d }, at): Layer => ({ name, index, d, data: data[at]! }));
  look(read, words, (at) => `${source.name} ${file.placeOf(rows[at]!)}`, context);
  return {
    type: 'representation', label: params.label.trim() || source.name.replace(/(?:\.\w+)+$/, ''), words,
    language: params.language.trim() || stimuli.language,
    categories: stimuli.categories.length > 0 ? kept.map((at) => stimuli.categories[at]!) : [],
    split: stimuli.split.length > 0 ? kept.map((at) => stimuli.split[at]!) : [],
    layers: read, dimensions: [], origin: params.origin, dropped: mergeDropped([stimuli.dropped, found.dropped]),
    imported: { file: source.name, format: file.format, vectors: file.of ?? file.rows, list: found.list, of: stimuli.words.length },
  } satisfies RepresentationValue;
};

/** Words that differ only in case (Polish, polish) stay as they are written: in lower case they would be one. */
function inLowerCase(words: readonly string[]): string[] {
  const spellings = new Map<string, string>();
  const twice = new Set<string>();
  for (const word of words) {
    const key = wordKey(word);
    const fold = key.toLowerCase();
    if ((spellings.get(fold) ?? key) !== key) twice.add(fold);
    spellings.set(fold, key);
  }
  return words.map((word) => (twice.has(wordKey(word).toLowerCase()) ? word : word.toLowerCase()));
}

function fileOf(context: RunContext, name: string, address: string): InputFile {
  const file = context.files.get(name);
  if (file) return file;
  throw new Problem({
    code: 'file-missing', place: `cell ${context.cell}`, what: `${name} is not in this browser yet`,
    fix: address ? 'Fetch it from its address, or choose the file.' : 'Choose the file or drop it on the cell.',
    action: { type: 'choose-file', name, address },
  });
}

interface Sought {
  readonly params: Params;
  readonly stimuli: StimuliValue;
  /** The stimuli's words as they are looked up. */
  readonly asked: readonly string[];
  readonly file: VectorFile;
  readonly name: string;
}

interface Found {
  /** Places among the stimuli of the words that have a vector. */
  readonly kept: readonly number[];
  /** The file's row of each. */
  readonly rows: Int32Array;
  readonly dropped: readonly Dropped[];
  readonly list: string | null;
}

/** Which row of the file belongs to which word. */
async function rowsOf(sought: Sought, context: RunContext): Promise<Found> {
  const { params, stimuli, file, name } = sought;
  const place = `cell ${context.cell}`;
  // Of a long list only the words that are looked for are kept: there are no rows to count.
  if (file.of !== undefined && params.words !== 'own') {
    throw new Problem({ code: 'own-words', place, what: `words is ${params.words}, and ${name} names the word of every vector itself`, fix: 'Write words: own.' });
  }
  if (params.words === 'stimuli') {
    if (file.rows !== stimuli.words.length) {
      throw new Problem({
        code: 'words-and-rows', place, what: `${name} has ${file.rows} rows, and the stimuli of ${params.stimuli} have ${stimuli.words.length} words`,
        fix: 'Rows in the order of the stimuli need exactly as many; give a list of words in words.',
      });
    }
    return { kept: [...stimuli.words.keys()], rows: Int32Array.from(stimuli.words.keys()), dropped: [], list: null };
  }
  if (params.words === 'own') {
    if (file.words) return join(sought, file.words, name, file.placeOf, context);
    throw new Problem({ code: 'no-word-list', place, what: `${name} holds no words`, fix: 'Name a list of words in words (txt, json, csv), or write words: stimuli where its rows are in the order of the stimuli.' });
  }
  const list = fileOf(context, params.words, params.wordsAddress);
  const words = await readWordList(list.name, list.content, params.word, context.warn, context);
  if (words.length !== file.rows) {
    throw new Problem({
      code: 'words-and-rows', place, what: `${list.name} has ${words.length} words, and ${name} has ${file.rows} rows`,
      fix: `Save one word for each row, in their order${file.layers.some(({ d }) => d === words.length) || file.layers.length === words.length ? '; the words are on another axis of the array: set first, or transpose it' : ''}.`,
    });
  }
  return join(sought, words, list.name, (row) => `word ${row + 1}`, context);
}

/** Joins by word; see data/join.ts. */
function join({ asked, stimuli, name }: Sought, words: readonly string[], list: string, placeOf: (row: number) => string, context: RunContext): Found {
  const index = new WordIndex(words);
  const kept: number[] = [];
  const rows: number[] = [];
  const lost = new Map<string, string[]>();
  index.rowsOf(asked).forEach((row, at) => {
    if (row >= 0) {
      kept.push(at);
      rows.push(row);
      return;
    }
    const reason = asked[at]!.trim() === '' ? 'no translation' : row === ambiguous ? `not told apart by case in ${list}` : `not in ${list}`;
    lost.set(reason, [...(lost.get(reason) ?? []), stimuli.words[at]!]);
  });
  if (kept.length === 0) {
    throw new Problem({
      code: 'no-common-words', place: `cell ${context.cell}`,
      what: `none of the ${asked.length} words of the stimuli (${shortList(asked, 3)}) is in ${list}${words.length > 0 ? ` (${shortList(words.slice(0, 3))}, …)` : ''}`,
      fix: `Is it the list of ${name}, and in the language of the stimuli?`,
    });
  }
  const repeated = rows.filter((row) => index.repeatsOf(row).length > 0);
  if (repeated.length > 0) {
    const examples = repeated.slice(0, 3).map((row) => `${words[row]!} (${[row, ...index.repeatsOf(row)].map(placeOf).join(', ')})`);
    context.warn(`${repeated.length} ${repeated.length === 1 ? 'word stands' : 'words stand'} more than once in ${list}, and the first vector counts: ${shortList([...examples, ...repeated.slice(3).map((row) => words[row]!)], 3)}.`);
  }
  return { kept, rows: Int32Array.from(rows), dropped: [...lost].map(([reason, of]) => ({ reason, words: of })), list };
}

/** Tells of vectors that analyses cannot use, and refuses infinite numbers, of which no distance can be made. */
function look(layers: readonly Layer[], words: readonly string[], placeOf: (at: number) => string, context: RunContext): void {
  const missing = new Set<number>();
  const zero = new Set<number>();
  for (const { data, d, name } of layers) {
    for (let at = 0; at < words.length; at++) {
      let size = 0;
      for (let k = at * d; k < (at + 1) * d; k++) size += Math.abs(data[k]!);
      if (size === Infinity) {
        throw new Problem({ code: 'infinite-number', place: placeOf(at), what: `the vector of ${words[at]!} (${name}) has an infinite number`, fix: 'Write NaN, or leave the word out.' });
      }
      if (Number.isNaN(size)) missing.add(at);
      else if (size === 0) zero.add(at);
    }
  }
  const some = (which: ReadonlySet<number>): string => shortList([...which].map((at) => words[at]!));
  if (missing.size > 0) context.warn(`${missing.size} of ${words.length} words lack a number (NaN) and are left out of analyses: ${some(missing)}.`);
  if (zero.size > 0) context.warn(`${zero.size} of ${words.length} words have a vector of zeros, whose cosine with others is undefined: ${some(zero)}.`);
}
