/** A list of words from a file of its own: text with one a line, a JSON list, or a column of a table. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { decode } from '../import/csv.ts';
import { importTable } from '../import/import.ts';
import { textsOf } from '../table.ts';
import { readNpyText } from './npy.ts';

/**
 * Reads words in the order of the file. Lines of a text count as they are: an empty one is a row without a word, but for
 * those at the end.
 *
 * @param column of a table; '' takes the first text column
 * @throws Problem `no-word-list`, and as importTable and readNpyText do
 */
export async function readWordList(file: string, content: Blob, column: string, warn: (message: string) => void, watch: Watch = {}): Promise<readonly string[]> {
  const words = await wordsOf(file, content, column, warn, watch);
  if (words.some((word) => word.trim() !== '')) return words;
  throw new Problem({ code: 'no-word-list', place: file, what: 'there are no words in it', fix: 'Write one word a line, or a JSON list of words.' });
}

async function wordsOf(file: string, content: Blob, column: string, warn: (message: string) => void, watch: Watch): Promise<readonly string[]> {
  if (/\.npy$/i.test(file)) return readNpyText(content, file);
  if (/\.(?:csv|tsv|xlsx)$/i.test(file)) {
    const table = await importTable(file, content, { word: column, warn }, watch);
    return textsOf(table, table.wordColumn, file);
  }
  const text = decode(file, new Uint8Array(await content.arrayBuffer()), warn).replace(/^\ufeff/, '');
  if (/\.json$/i.test(file) || /^\s*\[\s*"/.test(text)) return jsonList(file, text);
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

function jsonList(file: string, text: string): readonly string[] {
  const wrong = (what: string): Problem => new Problem({ code: 'no-word-list', place: file, what, fix: 'Write a list of texts: ["apple", "bread"].' });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw wrong(`this is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!Array.isArray(list)) throw wrong('the JSON is not a list');
  const other = list.findIndex((word) => typeof word !== 'string');
  if (other >= 0) throw wrong(`entry ${other + 1} is ${JSON.stringify(list[other])?.slice(0, 40)}, not a text`);
  return list as string[];
}
