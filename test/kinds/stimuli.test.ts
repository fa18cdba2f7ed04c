import { expect, test } from 'vitest';
import { importTable } from '../../src/data/import/import.ts';
import type { TableValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/stimuli/schema.ts';
import { run } from '../../src/kinds/stimuli/run.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { contextOf, paramsOf } from './context.ts';

async function stimuli(raw: Record<string, unknown>, text?: string) {
  const inputs: Record<string, TableValue> = text === undefined ? {} : { norms: await importTable('norms.csv', new Blob([text]), { scale: [0, 5] }) };
  const context = contextOf('words', { inputs });
  return { value: await run(paramsOf(fields, text === undefined ? raw : { norms: 'norms', ...raw }), context), warnings: context.warnings };
}

test('the demo: 240 English words with Dutch translations, categories and illustrative ratings', async () => {
  const { value } = await stimuli({});
  expect(value.words).toHaveLength(240);
  expect([value.words[0], value.translations['nl']![0], value.categories[0], value.language]).toEqual(['dog', 'hond', 'animal', 'en']);
  expect(value.ratings).toMatchObject({ origin: 'illustrative', scale: [0, 5] });
  expect(value.ratings!.dimensions).toHaveLength(11);
  expect(value.ratings!.values).toHaveLength(240 * 11);
  expect(value.ratings!.dimensions[0]).toBe('Auditory');
  expect(value.ratings!.values[0]).toBe(3.9);
  expect(value.dropped).toEqual([]);
});

test('the demo in Dutch, by language or by column', async () => {
  const { value } = await stimuli({ language: 'nl' });
  expect([value.words[0], value.translations['en']![0], value.language]).toEqual(['hond', 'dog', 'nl']);
  expect((await stimuli({ word: 'dutch' })).value).toEqual(value);
  await expect(stimuli({ language: 'fr' })).rejects.toThrow('cell words: language is "fr". The demo concepts have English');
});

test('the same seed gives the same words, whatever the order of the filters', async () => {
  const filter = ['Visual >= 2', 'category != tool'];
  const one = (await stimuli({ filter, sample: 40, seed: 5 })).value;
  const other = (await stimuli({ filter: filter.toReversed(), sample: 40, seed: 5 })).value;
  expect(one.words).toHaveLength(40);
  expect(other.words).toEqual(one.words);
  expect((await stimuli({ filter, sample: 40, seed: 6 })).value.words).not.toEqual(one.words);
  // English and Dutch cells of one table draw the same concepts and split them alike.
  const english = (await stimuli({ sample: 50, test: 0.4 })).value;
  const dutch = (await stimuli({ language: 'nl', sample: 50, test: 0.4 })).value;
  expect(dutch.translations['en']).toEqual(english.words);
  expect(dutch.split).toEqual(english.split);
  expect(english.split.filter((side) => side === 'test')).toHaveLength(20);
});

test('n is explained: empty words, filters, repeats and the sample', async () => {
  const text = 'Word,Visual.mean,PoS\ndog,4,N\n,3,N\nrun,2,V\ndog,1,N\nsky,5,N\ncat,,N\nbank,3,V\nbank,4,N\n';
  const { value, warnings } = await stimuli({ filter: ['PoS = N'], ratings: '*.mean' }, text);
  expect(value.words).toEqual(['dog', 'sky', 'cat', 'bank']);
  expect(value.dropped).toEqual([
    { reason: 'no word in the word column', words: ['(line 3)'] },
    { reason: 'not PoS = N', words: ['run', 'bank'] },
    { reason: 'appears again in line 5', words: ['dog'] },
  ]);
  expect(Array.from(value.ratings!.values)).toEqual([4, 5, NaN, 4]);
  expect(value.ratings).toMatchObject({ dimensions: ['Visual'], origin: 'human', scale: [0, 5] });
  expect(warnings).toEqual(['1 of 4 words lack a rating']);
  const sampled = (await stimuli({ sample: 2 }, text)).value;
  expect(sampled.words).toHaveLength(2);
  const counted = sampled.words.length + sampled.dropped.reduce((sum, { words }) => sum + words.length, 0);
  expect(counted).toBe(8);
  expect((await stimuli({ sample: 100 }, text)).warnings).toEqual(['only 5 words to sample 100 from: all are kept']);
});

test('without a pattern there are no ratings; translations and categories come from columns', async () => {
  const text = 'Woord,English_Word,Zien,PoS\nhond,DOG,4,N\nlopen,,2,WW\n';
  const { value } = await stimuli({ language: 'nl', translation: 'en: English_Word', category: 'pos' }, text);
  expect(value).toMatchObject({ ratings: null, language: 'nl', translations: { en: ['DOG', ''] }, categories: ['N', 'WW'], split: [], label: 'norms' });
  await expect(stimuli({ translation: 'English_Word' }, text)).rejects.toThrow('Write the language before the column');
});

test('what cannot be is named with the cell', async () => {
  const text = 'Word,Visual.mean\ndog,4\n';
  await expect(stimuli({ word: 'Wrod' }, text)).rejects.toThrow('cell words: norms.csv has no column "Wrod". Did you mean Word?');
  await expect(stimuli({ filter: ['Visual.mean > 4'] }, text)).rejects.toThrow('no word of norms.csv is left. Left out: 1 by not Visual.mean > 4.');
  await expect(stimuli({ ratings: '*_base' }, text)).rejects.toThrow('no column of norms.csv matches "*_base"');
  expect((await stimuli({ test: 0.5 }, text)).warnings).toEqual([expect.stringContaining('every word is on one side of the split')]);
});

testWithShared('Lancaster words: filtered, sampled and split, with human ratings', async () => {
  const table = await importTable('lancaster.csv', new Blob([await sharedBytes('norms/lancaster_union.csv')]), { scale: [0, 5] });
  const context = contextOf('words', { inputs: { norms: table } });
  const value = await run(paramsOf(fields, { norms: 'norms', ratings: '*.mean', filter: ['Visual.mean >= 3'], sample: 500, test: 0.4 }), context);
  expect(value.words).toHaveLength(500);
  const [k, visual] = [value.ratings!.dimensions.length, value.ratings!.dimensions.indexOf('Visual')];
  expect(k).toBe(11);
  expect(value.words.every((_, i) => value.ratings!.values[i * k + visual]! >= 3)).toBe(true);
  expect(value.split.filter((side) => side === 'test')).toHaveLength(200);
  expect(context.warnings).toEqual([]);
});
