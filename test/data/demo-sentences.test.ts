/** The demo sentences as they ship, and what the reader of such files refuses. */
import { describe, expect, test } from 'vitest';
import { loadDemo } from '../../src/data/demo.ts';
import { importTable } from '../../src/data/import/import.ts';
import { loadSentences, sentenceLanguages, sentencesOf, type WordSentence } from '../../src/data/sentences.ts';
import { textsOf } from '../../src/data/table.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';

const sentences = await loadSentences('/');
const table = await loadDemo('/');
const english = textsOf(table, 'word', 'test');
const forms = { en: english, nl: textsOf(table, 'dutch', 'test') };
const conceptOf = new Map(Object.values(forms).flatMap((words) => words.map((word, row): [string, number] => [word, row])));
const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+(?:['-]\p{L}+)*/gu) ?? [];

describe('the file', () => {
  test('is plain: LF, the agreed header, 480 lines, composed letters', async () => {
    const text = await (await fetch('/demo/sentences.csv')).text();
    expect(text).not.toMatch(/[\r\uFEFF]/);
    expect(text.split('\n')[0]).toBe('word,en,nl');
    expect(text.split('\n')).toHaveLength(482);
    expect(text.normalize('NFC')).toBe(text);
  });

  test('shows every demo word twice, in the order of the demo concepts', () => {
    expect(sentences.map(({ word }) => word)).toEqual(english.flatMap((word) => [word, word]));
  });
});

describe.each(sentenceLanguages)('in %s', (language) => {
  const texts = sentences.map(({ text }) => text[language]);

  test('every sentence names its word once, in the form that the demo concepts have', () => {
    expect(sentences.filter((_, i) => wordsOf(texts[i]!).filter((word) => word === forms[language][i >> 1]).length !== 1)).toEqual([]);
  });

  test('no sentence names another demo word of either language, so that each follows one word in a split', () => {
    const strangers = texts.flatMap((text, i) => wordsOf(text).filter((word) => (conceptOf.get(word) ?? i >> 1) !== i >> 1).map((word) => `${word}: ${text}`));
    expect(strangers).toEqual([]);
  });

  test('sentences have 6 to 14 words, begin with a capital and end', () => {
    expect(texts.filter((text) => wordsOf(text).length < 6 || wordsOf(text).length > 14)).toEqual([]);
    expect(texts.filter((text) => !/^\p{Lu}[\p{L} ,'-]+[.?]$/u.test(text))).toEqual([]);
  });

  test('no sentence comes twice, nor the same frame around two words', () => {
    const frames = texts.map((text, i) => new Set(wordsOf(text).filter((word) => word !== forms[language][i >> 1])));
    const alike: string[] = [];
    frames.forEach((one, i) => frames.slice(0, i).forEach((other, j) => {
      const shared = [...one].filter((word) => other.has(word)).length;
      if (shared / (one.size + other.size - shared) > 0.5) alike.push(`${texts[j]!} | ${texts[i]!}`);
    }));
    expect(alike).toEqual([]);
  });

  test.each(['sensorium-mini', 'sensorium-mini-causal'])('the vocabulary of %s knows all of it', async (model) => {
    const tokeniser = await loadTokenizer(bundledFiles(new URL('/', location.href).href, model));
    const known = tokeniser.encode('a');
    const unknown = tokeniser.encode('\u{10348}').find((id) => !known.includes(id));
    expect(tokeniser.encode('[UNK]')).toContain(unknown);
    expect(texts.filter((text) => tokeniser.encode(text).includes(unknown!))).toEqual([]);
  });
});

describe('reading a file of sentences', () => {
  const read = async (...lines: string[]): Promise<WordSentence[]> =>
    sentencesOf(await importTable('mine.csv', new Blob([`${lines.join('\n')}\n`]), { word: 'word' }), 'cell read');
  const good = 'dog,"The dog, again, ran off.",De hond liep weer weg.';

  test('gives the word and both texts; a word may come often', async () => {
    expect(await read('word,en,nl', good, ' dog , A dog! ,Een hond!')).toEqual([
      { word: 'dog', text: { en: 'The dog, again, ran off.', nl: 'De hond liep weer weg.' } },
      { word: 'dog', text: { en: 'A dog!', nl: 'Een hond!' } },
    ]);
  });

  test.each([
    ['a sentence missing in one language', 'cat,A cat came in., ', 'mine.csv line 3: nl is empty. Every row needs a word and a sentence with it in both languages.'],
    ['a missing word', ',A cat came in.,Er kwam een kat binnen.', 'mine.csv line 3: word is empty. Every row needs'],
    ['a sentence that comes twice', 'cat,A cat came in.,de hond liep weer weg.', 'mine.csv line 3: nl "de hond liep weer weg." stands in line 2 too. Write every sentence once.'],
  ])('%s is named with its line', async (_, line, message) => {
    await expect(read('word,en,nl', good, line)).rejects.toThrow(message);
  });

  test('a missing column is named', async () => {
    await expect(read('word,en,fr', good)).rejects.toThrow('cell read: mine.csv has no column "nl"');
  });

  test('a folder without the sentences says so', async () => {
    await expect(loadSentences('http://127.0.0.1:1/')).rejects.toThrow('http://127.0.0.1:1/demo/sentences.csv: the demo sentences cannot be fetched');
  });
});
