/** The demo concepts as they ship: what the README beside them promises, and how they compare with human norms. */
import { expect, test } from 'vitest';
import { matchColumns } from '../../src/data/columns.ts';
import { loadDemo } from '../../src/data/demo.ts';
import { dimensions } from '../../src/data/dimensions.ts';
import { importTable } from '../../src/data/import/import.ts';
import { WordIndex } from '../../src/data/join.ts';
import { columnNames, numbersOf, textsOf } from '../../src/data/table.ts';
import { spearman } from '../../src/rsa/comparators/correlate.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const textOf = async (name: string): Promise<string> => (await fetch(`/demo/${name}`)).text();
const lines = (await textOf('concepts.csv')).split('\n');
const rows = lines.slice(1, -1).map((line) => line.split(','));
const column = (at: number): string[] => rows.map((row) => row[at]!);
/** Ratings by dimension. */
const ratings = new Map(dimensions.map(({ id }, k) => [id, column(3 + k).map(Number)]));

/** The dimensions of a set on which a row is highest. */
function strongest(row: number, set: 'sensory' | 'motor'): string[] {
  const ids = dimensions.filter((dimension) => dimension.set === set).map(({ id }) => id);
  const highest = Math.max(...ids.map((id) => ratings.get(id)![row]!));
  return ids.filter((id) => ratings.get(id)![row] === highest);
}

test('the file is plain: LF, one header, 240 rows of 14 cells, nothing quoted', () => {
  const text = lines.join('\n');
  expect(text).not.toMatch(/[\r"\uFEFF]/);
  expect(lines.at(-1)).toBe('');
  expect(lines[0]).toBe(['word', 'dutch', 'category', ...dimensions.map(({ id }) => id)].join(','));
  expect(rows).toHaveLength(240);
  expect(rows.filter((row) => row.length !== 14)).toEqual([]);
});

test('words are single, lower case and unique in each language', () => {
  for (const words of [column(0), column(1)]) {
    expect(words.filter((word) => !/^\p{Ll}+$/u.test(word) || word !== word.normalize('NFC'))).toEqual([]);
    expect(new Set(words).size).toBe(240);
  }
});

test('the README lists the categories in the order of the rows, 12 words each, and the words spelled alike', async () => {
  const readme = await textOf('README.md');
  const listed = [...readme.slice(readme.indexOf('## Categories')).matchAll(/^\|[^|]*\| `([a-z ]+)` \|/gm)].map((match) => match[1]!);
  expect(column(2)).toEqual(listed.flatMap((category) => Array<string>(12).fill(category)));
  expect(listed).toHaveLength(20);
  const alike = /words are spelled alike in both languages: ([^.]+)\./.exec(readme)![1]!.split(/,\s+/);
  expect(rows.filter(([english, dutch]) => english === dutch).map(([english]) => english)).toEqual(alike);
});

test('every rating is written with one decimal, from 0.0 to 5.0', () => {
  expect(rows.flatMap((row) => row.slice(3).filter((cell) => !/^(?:[0-4]\.\d|5\.0)$/.test(cell)).map((cell) => `${row[0]} ${cell}`))).toEqual([]);
});

test('no sense and no part of the body is thin', () => {
  for (const { id, set } of dimensions) {
    const values = ratings.get(id)!;
    const bands = [0, 1, 2, 3, 4].map((low) => values.filter((value) => value >= low && (low === 4 || value < low + 1)).length);
    expect(Math.min(...bands), `${id}: words in each band of the scale, ${bands.join(' ')}`).toBeGreaterThanOrEqual(5);
    expect(bands[4], `${id}: words rated 4 or more`).toBeGreaterThanOrEqual(12);
    const first = values.filter((_, row) => strongest(row, set).join() === id).length;
    expect(first, `${id}: words on which it alone is strongest of its set`).toBeGreaterThanOrEqual(15);
  }
});

test('a category named after a sense or a part of the body is highest there', () => {
  const meant: readonly (readonly [string, 'sensory' | 'motor', string])[] = [
    ['sight', 'sensory', 'Visual'], ['sound', 'sensory', 'Auditory'], ['touch', 'sensory', 'Haptic'], ['scent', 'sensory', 'Olfactory'],
    ['emotion', 'sensory', 'Interoceptive'], ['sensation', 'sensory', 'Interoceptive'],
    ['hand action', 'motor', 'Hand_arm'], ['foot action', 'motor', 'Foot_leg'], ['mouth action', 'motor', 'Mouth'], ['head action', 'motor', 'Head'],
  ];
  const elsewhere = meant.flatMap(([category, set, id]) =>
    rows.flatMap((row, at) => (row[2] === category && !strongest(at, set).includes(id) ? [`${row[0]} of ${category}: ${strongest(at, set).join()}`] : [])));
  expect(elsewhere).toEqual([]);
});

test('the app reads the same 240 rows and eleven dimensions', async () => {
  const table = await loadDemo('/');
  expect(table.rows).toBe(240);
  expect(columnNames(table)).toEqual(lines[0]!.split(','));
  for (const { id } of dimensions) expect(Array.from(numbersOf(table, id, ''))).toEqual(ratings.get(id));
});

test('without the file the reader is told what is missing', async () => {
  await expect(loadDemo('http://127.0.0.1:1/')).rejects.toThrow('http://127.0.0.1:1/demo/concepts.csv: the demo concepts cannot be fetched');
});

/**
 * Lowest agreement, rounded down, that the final ratings had with either norm (tools/demo/agreement.py, docs/demo.md).
 * The ratings are not adjusted to norms: where this fails, a file was damaged or columns were exchanged.
 */
const floors: Readonly<Record<string, number>> = {
  Auditory: 0.8, Gustatory: 0.6, Haptic: 0.9, Interoceptive: 0.7, Olfactory: 0.7, Visual: 0.8,
  Foot_leg: 0.7, Hand_arm: 0.8, Head: 0.7, Mouth: 0.8, Torso: 0.8,
};

for (const [language, file, word, pattern, words, shared] of [
  ['English', 'lancaster_union.csv', 'Word', '*.mean', column(0), 235],
  ['Dutch', 'speed_brysbaert_dutch_subset.csv', 'Woord', '*', column(1), 209],
] as const) {
  testWithShared(`${language}: every dimension agrees with the human norms`, async () => {
    const table = await importTable(file, new Blob([await sharedBytes(`norms/${file}`)]), { scale: [0, 5] });
    const found = new WordIndex(textsOf(table, word, '')).rowsOf(words);
    const pairs = [...found].flatMap((theirs, ours) => (theirs >= 0 ? [{ theirs, ours }] : []));
    expect(pairs).toHaveLength(shared);
    const matches = matchColumns(pattern, columnNames(table), file, '');
    expect(matches).toHaveLength(language === 'English' ? 11 : 6);
    for (const { dimension, column: name } of matches) {
      const norms = numbersOf(table, name, '');
      const mine = Float64Array.from(pairs, ({ ours }) => ratings.get(dimension)![ours]!);
      expect(spearman(mine, Float64Array.from(pairs, ({ theirs }) => norms[theirs]!)), dimension).toBeGreaterThan(floors[dimension]!);
    }
  });
}
