/** Vectors as text, in word2vec's binary form and in tables; lists of words. */
import { describe, expect, test } from 'vitest';
import { readWordList } from '../../../src/data/arrays/word-list.ts';
import { all, madeFile, open, refusal, table, words } from './support.ts';

const text = (...lines: string[]): Blob => new Blob([lines.join('\n')]);
const joined = words.map((word) => word.replace(' ', '_'));

describe('vectors as text', () => {
  test('GloVe’s form: a word and its numbers, with any line ends and spaces at the end', async () => {
    for (const end of ['\n', '\r\n', ' \n']) {
      const lines = joined.map((word, row) => `${word} ${table.slice(3 * row, 3 * row + 3).join(' ')}${end}`);
      const file = await open('glove.txt', {}, new Blob(lines));
      expect([file.words, file.of, file.layers]).toEqual([joined, 4, [{ name: 'vectors', index: 0, d: 3 }]]);
      expect(await all(file)).toEqual([table]);
    }
  });

  test('word2vec’s first line is no word, and tells where the file is cut off', async () => {
    const file = await open('v.vec', {}, text('2 3', 'een 1 2 3', 'twee -4e-1 .5 +6', ''));
    expect([file.words, (await all(file))[0]]).toEqual([['een', 'twee'], [1, 2, 3, -0.4, 0.5, 6].map(Math.fround)]);
    expect(await refusal(open('v.vec', {}, text('3 3', 'een 1 2 3', 'twee 4 5 6')))).toMatch(/^vector-count: v\.vec: its first line promises 3 words, and 2 follow/);
    const said: string[] = [];
    await open('v.vec', { warn: (message) => said.push(message) }, text('1 3', 'een 1 2 3', 'twee 4 5 6'));
    expect(said).toEqual(['v.vec: its first line promises 1 words, and 2 follow.']);
  });

  test('a word may have spaces, be a number, or hold signs of other scripts', async () => {
    const file = await open('glove.840B.txt', {}, text(', 1 2 3', '. . . 4 5 6', 'at name@domain.com 7 8 9', '1997 1 1 1', 'naïve 2 2 2', '日本 3 3 3', '😀 4 4 4'));
    expect(file.words).toEqual([',', '. . .', 'at name@domain.com', '1997', 'naïve', '日本', '😀']);
    expect((await all(file))[0]!.slice(3, 9)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test('only what is looked for is kept, whatever is wrong in the numbers of others; pieces of any size give the same', async () => {
    const lines = Array.from({ length: 3000 }, (_, row) => `wörd${row} ${row} ${row / 2} ${-row}`);
    lines[10] = 'broken x y z';
    const content = text(...lines);
    const file = await open('long.txt', { wanted: (word) => word === 'wörd7' || word === 'wörd2999' }, content);
    expect([file.words, file.of, file.placeOf(1)]).toEqual([['wörd7', 'wörd2999'], 3000, 'line 3000']);
    expect((await all(file))[0]).toEqual([7, 3.5, -7, 2999, 1499.5, -2999]);
    // As a stream may come: cut within a letter of two bytes, and within a line.
    const bytes = new Uint8Array(await content.arrayBuffer());
    const slow = Object.assign(new Blob([content]), {
      stream: () => new ReadableStream<Uint8Array>({ start: (controller) => { for (let at = 0; at < bytes.length; at += 37) controller.enqueue(bytes.slice(at, at + 37)); controller.close(); } }),
    });
    expect(await all(await open('long.txt', { wanted: (word) => word === 'wörd2999' }, slow))).toEqual([[2999, 1499.5, -2999]]);
  });

  test('a line with too few numbers, or something else among them, is told with its number', async () => {
    expect(await refusal(open('v.vec', {}, text('3 3', 'een 1 2 3', 'twee 4 5', 'drie 7 8 9')))).toBe('vector-line: v.vec line 3: it has 2 numbers, and 3 are expected. Every line is a word and its numbers, with single spaces; is the file cut off?');
    expect(await refusal(open('v.txt', {}, text(...Array.from({ length: 25 }, (_, row) => `w${row} 1 2 3`), 'last 1')))).toMatch(/^vector-line: v\.txt line 26: it has 1 numbers/);
    expect(await refusal(open('v.txt', {}, text('een 1 2 3', 'twee 4 x 6')))).toMatch(/^vector-line: v\.txt line 2: "x" of "twee" is not a number/);
    expect(await refusal(open('v.vec', {}, text('0 3', '')))).toMatch(/^empty-file/);
  });

  test('packed with gzip it is the same; a cut packed file is refused', async () => {
    expect((await all(await open('words.vec.gz')))[0]).toEqual(table);
    expect(await refusal(open('words.vec.gz', {}, madeFile('words.vec.gz').slice(0, 60)))).toMatch(/^gzip-unreadable/);
  });

  test('reading stops when it is cancelled, and tells how far it is', async () => {
    const pieces = Array.from({ length: 20 }, (_, piece) => new TextEncoder().encode(Array.from({ length: 1000 }, (_row, row) => `word${piece}-${row} 0.25 0.5 0.75\n`).join('')));
    // A browser hands a file on in pieces of its own choice; these are twenty.
    const lines = Object.assign(new Blob(pieces), {
      stream: () => new ReadableStream<Uint8Array>({ start: (controller) => { for (const piece of pieces) controller.enqueue(piece); controller.close(); } }),
    });
    const abort = new AbortController();
    const seen: number[] = [];
    const reading = open('long.txt', { wanted: () => false }, lines, {
      signal: abort.signal,
      progress: ({ done, total }) => { seen.push(done / total); if (seen.length === 3) abort.abort(); },
    });
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(seen).toHaveLength(3);
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[2]).toBeLessThan(0.9);
  });
});

describe('word2vec’s binary form', () => {
  test('is read with line ends after the numbers', async () => {
    const file = await open('words.bin');
    expect([file.words, file.of, file.format, (await all(file))[0]]).toEqual([joined, 4, 'word2vec binary, float32', table]);
  });

  test('cut off it is refused with the word', async () => {
    const whole = madeFile('words.bin');
    expect(await refusal(open('words.bin', {}, whole.slice(0, whole.size - 3)))).toMatch(/^word2vec-unreadable: words\.bin byte \d+: the numbers of word 4 of 4, "ice_cream", are cut off/);
  });
});

describe('tables', () => {
  const csv = text('word,a,b,note', 'apple,1,2,x', 'Brot,3,,y', '"ice cream",5,6,z');

  test('every column of numbers is a dimension, and an empty cell is missing', async () => {
    const file = await open('v.csv', {}, csv);
    expect([file.words, file.layers, file.placeOf(1), (await all(file))[0]]).toEqual([['apple', 'Brot', 'ice cream'], [{ name: 'vectors', index: 0, d: 2 }], 'line 3', [1, 2, 3, Number.NaN, 5, 6]]);
  });

  test('a pattern with {n} and * takes layers from columns', async () => {
    const file = await open('v.csv', { keys: 'l{n}_*' }, text('word,l10_0,l10_1,l2_0,l2_1,freq', 'a,1,2,3,4,9', 'b,5,6,7,8,9'));
    expect(file.layers).toEqual([{ name: 'layer 2', index: 2, d: 2 }, { name: 'layer 10', index: 10, d: 2 }]);
    expect(await all(file)).toEqual([[3, 4, 7, 8], [1, 2, 5, 6]]);
    expect(await refusal(open('v.csv', { keys: 'h*' }, csv))).toMatch(/^no-such-array: v\.csv: no column of numbers fits h\*\. Columns: a, b\./);
  });

  test('tabs in place of spaces are still vectors, names in the first line a table', async () => {
    expect((await open('v.tsv', {}, text('een\t1\t2', 'twee\t3\t4'))).of).toBe(2);
    expect((await open('v.tsv', {}, text('word\ta\tb', 'een\t1\t2', 'twee\t3\t4'))).of).toBeUndefined();
  });
});

test('a list of words is lines, a JSON list or the column of a table, and nothing else', async () => {
  const list = (name: string, content: string, column = ''): Promise<readonly string[]> => readWordList(name, new Blob([content]), column, () => undefined);
  expect(await list('w.txt', '\ufeffapple\r\nBrot \r\n\r\nnaïve\r\n\r\n')).toEqual(['apple', 'Brot', '', 'naïve']);
  expect(await list('w.json', JSON.stringify(words))).toEqual(words);
  expect(await list('w.csv', 'id,form,word\n1,apples,apple\n2,breads,bread\n', 'word')).toEqual(['apple', 'bread']);
  await expect(list('w.json', '["a", 2]')).rejects.toThrow('entry 2 is 2, not a text');
  await expect(list('w.json', '{"a": 1}')).rejects.toThrow('the JSON is not a list');
  await expect(list('w.json', '["a"')).rejects.toThrow('this is not JSON');
  await expect(list('w.txt', '\n\n')).rejects.toThrow('there are no words in it');
});
