import { expect, test } from 'vitest';
import { matchColumns, ratingColumnNames, ratingName } from '../../src/data/columns.ts';
import { parseFilter } from '../../src/data/filter.ts';
import { importTable } from '../../src/data/import/import.ts';
import { absent, ambiguous, WordIndex } from '../../src/data/join.ts';
import { closeNames } from '../../src/data/names.ts';
import { formsOf, linkedGroups, sampleRows, splitRows } from '../../src/data/sample.ts';
import { textsOf } from '../../src/data/table.ts';
import type { TableValue } from '../../src/data/values.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const tableOf = (text: string): Promise<TableValue> => importTable('norms.csv', new Blob([text]));
const sharedTable = async (path: string): Promise<TableValue> => importTable(path.split('/').at(-1)!, new Blob([await sharedBytes(path)]));

test('a column’s name tells its dimension, in English or Dutch, short or long', () => {
  const parsed = (name: string) => [ratingName(name)?.dimension.id, ratingName(name)?.suffix];
  expect(parsed('Foot_leg.mean')).toEqual(['Foot_leg', '.mean']);
  expect(parsed('mouth_base')).toEqual(['Mouth', '_base']);
  expect(parsed('Visual_en_ft')).toEqual(['Visual', '_en_ft']);
  expect(parsed('Horen_base|text')).toEqual(['Auditory', '_base|text']);
  expect(parsed('Sensaties')).toEqual(['Interoceptive', '']);
  expect(ratingName('Headache')).toBeNull();
  expect(ratingName('N_known.action')).toBeNull();
});

test('spread, counts and lone measures are not ratings', () => {
  const names = ['Word', 'Visual.mean', 'Visual.SD', 'Head.SD', 'Visual_N', 'visual_complexity', 'hand_base', 'foot_base', 'Zien'];
  expect([...ratingColumnNames(names)]).toEqual(['Visual.mean', 'hand_base', 'foot_base', 'Zien']);
});

test('a pattern finds one column per dimension, in the order of the dimensions', () => {
  const names = ['Word', 'mouth_QA_ft', 'Visual.mean', 'AUDITORY_QA_ft', 'Zien', 'horen', 'hand_QA_ft'];
  expect(matchColumns('*_QA_ft', names, 'f.csv', '')).toEqual([
    { dimension: 'Auditory', column: 'AUDITORY_QA_ft' }, { dimension: 'Hand_arm', column: 'hand_QA_ft' }, { dimension: 'Mouth', column: 'mouth_QA_ft' },
  ]);
  expect(matchColumns('*', names, 'f.csv', '').map((match) => match.column)).toEqual(['horen', 'Zien']);
  expect(matchColumns('Visual.mean, hand_qa_ft', names, 'f.csv', '').map((match) => match.dimension)).toEqual(['Visual', 'Hand_arm']);
  expect(matchColumns('*_M', ['Words', 'AROU_M', 'VAL_M', 'VAL_SD'], 'f.csv', '').map((match) => match.dimension)).toEqual(['AROU', 'VAL']);
  expect(matchColumns('Conc.M', ['Word', 'Conc.M'], 'f.csv', '')).toEqual([{ dimension: 'Conc.M', column: 'Conc.M' }]);
});

test('a pattern that finds nothing, or two columns for one dimension, says what there is', () => {
  const names = ['Word', 'Visual.mean', 'Head.mean', 'Foot.mean', 'Foot_leg.mean', 'Visual.SD', 'Zien'];
  expect(() => matchColumns('*.means', names, 'norms.csv', 'cell human')).toThrow('cell human: no column of norms.csv matches "*.means". Patterns that match here: *.mean, *.SD, *.');
  expect(() => matchColumns('*.mean', names, 'norms.csv', 'cell human')).toThrow('two columns of norms.csv are Foot_leg: Foot.mean and Foot_leg.mean');
  expect(() => matchColumns('Visual.men', names, 'norms.csv', 'cell human')).toThrow('Did you mean Visual.mean');
  expect(() => matchColumns('*_*', names, 'norms.csv', '')).toThrow('2 stars');
});

test('close names are those a slip of the finger away', () => {
  expect(closeNames('wrod', ['Frequency', 'WORD', 'PoS'])).toEqual(['WORD']);
  expect(closeNames('freq', ['Word', 'Frequency', 'PoS'])).toEqual(['Frequency']);
  expect(closeNames('Imageability', ['Word', 'PoS'])).toEqual([]);
});

test('words are found exactly first, then whatever their case and composition', () => {
  const index = new WordIndex(['Polish', 'ski\u00ebn', '', 'dog ', 'dog']);
  expect([...index.rowsOf(['Polish', 'skie\u0308n', 'DOG', 'cat', ''])]).toEqual([0, 1, 3, absent, absent]);
  expect([...index.rowsOf(['POLISH', 'POLISH'])]).toEqual([0, 0]);
  expect(index.repeatsOf(3)).toEqual([4]);
  expect(index.count(['dog', '', 'cat', 'SKIËN'])).toBe(2);
});

test('case joins no word where two on either side differ in nothing else', () => {
  const both = new WordIndex(['Polish', 'polish', 'DOG']);
  expect([...both.rowsOf(['polish', 'Polish', 'dog'])]).toEqual([1, 0, 2]);
  expect([...both.rowsOf(['POLISH'])]).toEqual([ambiguous]);
  expect([...new WordIndex(['polish']).rowsOf(['Polish', 'polish'])]).toEqual([ambiguous, 0]);
  expect([...new WordIndex(['POLISH']).rowsOf(['Polish', 'polish'])]).toEqual([ambiguous, ambiguous]);
});

test('filters compare numbers and text and know empty cells', async () => {
  const table = await tableOf('Word,Visual.mean,PoS,a<b\ndog,4.5,N,1\nrun,2,V,2\nsky,,n,3\nodd,3,,4\n');
  const words = textsOf(table, 'Word', '');
  const kept = (text: string) => words.filter((_, row) => parseFilter(text, table, 'cell words').holds(row));
  expect(kept('Visual.mean >= 3')).toEqual(['dog', 'odd']);
  expect(kept('visual.mean<3')).toEqual(['run']);
  expect(kept('Visual.mean ≠ 3')).toEqual(['dog', 'run']);
  expect(kept('PoS = N')).toEqual(['dog', 'sky']);
  expect(kept('PoS != "N"')).toEqual(['run']);
  expect(kept('PoS is empty')).toEqual(['odd']);
  expect(kept('Visual.mean is not empty')).toEqual(['dog', 'run', 'odd']);
  expect(kept('"a<b" > 2')).toEqual(['sky', 'odd']);
  expect(kept('a<b <= 2')).toEqual(['dog', 'run']);
});

test('a filter that makes no sense says why', async () => {
  const table = await tableOf('Word,Visual.mean,PoS\ndog,4.5,N\nrun,2,V\n');
  const parse = (text: string) => () => parseFilter(text, table, 'cell words');
  expect(parse('Visual.mean')).toThrow('cell words: the filter "Visual.mean" is not a comparison');
  expect(parse('Visual.mean >=')).toThrow('is not a comparison');
  expect(parse('Visual >= 3')).toThrow('Did you mean Visual.mean?');
  expect(parse('Visual.mean >= high')).toThrow('compares numbers with "high"');
  expect(parse('PoS > 3')).toThrow('norms.csv line 2: PoS is "N", not a number');
  expect(parse('Imageability is empty')).toThrow('norms.csv has no column "Imageability"');
});

const numbered = (n: number): string[][] => Array.from({ length: n }, (_, i) => [`word${i}`]);

test('a sample depends on seed and words alone, and samples of one seed nest', () => {
  const forms = numbered(500);
  const chosen = sampleRows(forms, 100, 7).map((i) => forms[i]![0]);
  expect(new Set(chosen).size).toBe(100);
  const reversed = forms.toReversed();
  expect(sampleRows(reversed, 100, 7).map((i) => reversed[i]![0]).toSorted()).toEqual(chosen.toSorted());
  const larger = new Set(sampleRows(forms, 200, 7).map((i) => forms[i]![0]));
  expect(chosen.every((word) => larger.has(word))).toBe(true);
  expect(sampleRows(forms, 100, 8).map((i) => forms[i]![0])).not.toEqual(chosen);
});

test('every word is as likely to be drawn', () => {
  const forms = numbered(20);
  const counts = Array.from({ length: 20 }, () => 0);
  for (let seed = 0; seed < 2000; seed++) for (const i of sampleRows(forms, 5, seed)) counts[i]!++;
  // 500 expected; 4.5 standard deviations of a binomial on either side.
  expect(Math.min(...counts)).toBeGreaterThan(500 - 4.5 * Math.sqrt(375));
  expect(Math.max(...counts)).toBeLessThan(500 + 4.5 * Math.sqrt(375));
});

test('words linked through shared translations fall on one side of the split', () => {
  // The first three chain through "bank" and "oever"; "hand" is a word of both languages.
  const forms = [['bank', 'oever'], ['bank', 'shore'], ['oever', 'rand'], ['hand', 'main'], ['palm', 'hand'], ['dog', 'hond'], ['cat', 'kat']].map((row) => formsOf(row));
  expect(Array.from(linkedGroups(forms))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  for (let seed = 0; seed < 50; seed++) {
    const sides = splitRows(forms, 0.4, seed);
    expect(new Set(sides.slice(0, 3)).size).toBe(1);
    expect(sides[3]).toBe(sides[4]);
    // Three are asked for; a group that no longer fits is passed over.
    expect([2, 3]).toContain(sides.filter((side) => side === 'test').length);
  }
});

test('the split is the same whichever language is studied', () => {
  const pairs = Array.from({ length: 300 }, (_, i) => [`english${i}`, `dutch${i % 290}`]);
  const english = splitRows(pairs.map((pair) => formsOf(pair)), 0.4, 3);
  const dutch = splitRows(pairs.map((pair) => formsOf(pair.toReversed())), 0.4, 3);
  expect(dutch).toEqual(english);
  expect(english.filter((side) => side === 'test')).toHaveLength(120);
});

testWithShared('a 40 % split of the 7,861 pairs leaks no word in either language', async () => {
  const table = await sharedTable('study/common_norms_en_nl.xlsx');
  const [english, dutch] = [textsOf(table, 'Word', ''), textsOf(table, 'Woord', '')];
  const forms = english.map((word, i) => formsOf([word, dutch[i]!]));
  const sides = splitRows(forms, 0.4, 1);
  const on = (side: string) => new Set(forms.flatMap((row, i) => (sides[i] === side ? row : [])));
  const train = on('train');
  expect([...on('test')].filter((form) => train.has(form))).toEqual([]);
  expect(sides.filter((side) => side === 'test').length).toBe(Math.round(0.4 * 7861));
  const sizes = new Map<number, number>();
  for (const group of linkedGroups(forms)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  console.info(`groups: ${sizes.size}, largest ${Math.max(...sizes.values())}`);
});
