/** Sentences that show the demo words in use, in English and Dutch, without saying anything about their ratings. */
import * as v from 'valibot';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { demoFile } from './demo.ts';
import { importTable } from './import/import.ts';
import { placeOf } from './import/grid.ts';
import { lineOf, textsOf } from './table.ts';
import type { TableValue } from './values.ts';

/** Languages in which every sentence is written. */
export const sentenceLanguages = ['en', 'nl'] as const;
export type SentenceLanguage = (typeof sentenceLanguages)[number];

/** One sentence in both languages. */
export interface WordSentence {
  /** The word that it shows, as the table's word column names it, whatever the language of the text. */
  readonly word: string;
  readonly text: Readonly<Record<SentenceLanguage, string>>;
}

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('Every row needs a word and a sentence with it in both languages.'));
const row = v.object({ word: text, en: text, nl: text });

/**
 * The 480 sentences that ship with the app, two for each demo word, in the order of the words.
 *
 * @param base address of the app's folder, ending in '/'
 * @throws Problem `demo-missing` where the file cannot be fetched
 */
export async function loadSentences(base: string, watch: Watch = {}): Promise<readonly WordSentence[]> {
  const content = await demoFile(base, 'sentences.csv', 'sentences', watch);
  return sentencesOf(await importTable('sentences.csv', content, { word: 'word' }, watch), 'sentences.csv');
}

/**
 * Reads a table with the columns word, en and nl. A word may have any number of rows, a sentence one.
 *
 * @param place who asks: "cell read"
 * @throws Problem `unknown-column` where a column is missing; `bad-sentence` naming the line, the column and the value
 */
export function sentencesOf(table: TableValue, place: string): WordSentence[] {
  const columns = Object.keys(row.entries).map((name) => [name, textsOf(table, name, place)] as const);
  const lines = new Map<string, number>();
  return Array.from({ length: table.rows }, (_, at) => {
    const line = lineOf(table, at);
    const parsed = v.safeParse(row, Object.fromEntries(columns.map(([name, values]) => [name, values[at]])));
    if (!parsed.success) throw badSentence(table, line, `${v.getDotPath(parsed.issues[0])} is empty`, parsed.issues[0].message);
    const { word, en, nl } = parsed.output;
    for (const [language, sentence] of [['en', en], ['nl', nl]] as const) {
      const key = `${language} ${sentence.toLowerCase()}`;
      const before = lines.get(key);
      if (before !== undefined) throw badSentence(table, line, `${language} ${JSON.stringify(sentence)} stands in line ${before} too`, 'Write every sentence once.');
      lines.set(key, line);
    }
    return { word, text: { en, nl } };
  });
}

function badSentence(table: TableValue, line: number, what: string, fix: string): Problem {
  return new Problem({ code: 'bad-sentence', place: placeOf(table, line), what, fix });
}
