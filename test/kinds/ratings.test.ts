import { expect, test } from 'vitest';
import { importTable } from '../../src/data/import/import.ts';
import type { StimuliValue, TableValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/ratings/schema.ts';
import { run } from '../../src/kinds/ratings/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { contextOf, paramsOf } from './context.ts';

const tableOf = (text: string, word = ''): Promise<TableValue> => importTable('model.csv', new Blob([text]), { word });
const stimuliOf = (inputs: Record<string, TableValue>, raw: Record<string, unknown>): Promise<StimuliValue> =>
  runStimuli(paramsOf(stimuliFields, raw), contextOf('words', { inputs }));

async function ratings(raw: Record<string, unknown>, words: StimuliValue, table?: TableValue) {
  const context = contextOf('human', { inputs: { words, ...(table ? { table } : {}) } });
  return { value: await run(paramsOf(fields, { stimuli: 'words', ...raw }), context), warnings: context.warnings };
}

const norms = 'Word,Woord,Visual.mean,Head.mean\ndog,hond,4,1\nsky,lucht,5,2\ncat,kat,3,\n';

test('the stimuli’s own ratings become a representation, exact and in the same order', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms', ratings: '*.mean', translation: 'nl: Woord' });
  const { value, warnings } = await ratings({ label: 'Human' }, words);
  expect(value).toMatchObject({ label: 'Human', words: ['dog', 'sky', 'cat'], dimensions: ['Visual', 'Head'], origin: 'human', dropped: [] });
  expect(value.layers).toHaveLength(1);
  expect(value.layers[0]).toMatchObject({ name: 'ratings', index: 0, d: 2 });
  expect(value.layers[0]!.data).toBeInstanceOf(Float64Array);
  expect(Array.from(value.layers[0]!.data)).toEqual([4, 1, 5, 2, 3, NaN]);
  expect(warnings).toEqual(['1 of 3 words lack a rating: cat']);
});

test('the demo’s ratings stay illustrative, whatever the cell says', async () => {
  const words = await stimuliOf({}, {});
  expect((await ratings({ origin: 'human' }, words)).value.origin).toBe('illustrative');
});

test('a table is joined by word; missing words stay as empty rows with a warning', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms', translation: 'nl: Woord' });
  const table = await tableOf('w,visual_base,head_base\nSKY,1,2\nbird,9,9\nDog,3,4\nsky,5,5\nsky,6,6\n');
  const { value, warnings } = await ratings({ from: 'table', columns: '*_base', origin: 'model' }, words, table);
  expect(Array.from(value.layers[0]!.data)).toEqual([3, 4, 5, 5, NaN, NaN]);
  expect(value).toMatchObject({ origin: 'model', label: 'human' });
  expect(warnings).toEqual([
    '1 of 3 words are not in model.csv: cat',
    '1 words come more than once in model.csv and the first is used: sky in line 5, again in 6',
    '1 of 3 words lack a rating: cat',
  ]);
});

test('words that only case tells apart get no ratings of one another, with a warning', async () => {
  const words = await stimuliOf({ norms: await tableOf('Word\nPolish\npolish\ndog\n') }, { norms: 'norms' });
  const { value, warnings } = await ratings({ from: 'table', columns: '*' }, words, await tableOf('Word,Visual\nPOLISH,1\nDOG,2\n'));
  expect(Array.from(value.layers[0]!.data)).toEqual([NaN, NaN, 2]);
  expect(warnings[0]).toBe('2 of 3 words would be joined to model.csv by case alone, which does not tell them apart, and stay empty: Polish, polish');
});

test('a table in another language is joined by the translations', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms', translation: 'nl: Woord' });
  const { value, warnings } = await ratings({ from: 'table', columns: '*' }, words, await tableOf('Woord,Zien\nkat,1\nlucht,2\nhond,3\n'));
  expect(Array.from(value.layers[0]!.data)).toEqual([3, 2, 1]);
  expect(warnings).toEqual(['joined to model.csv by the words\' translations (nl)']);
});

test('dimensions can be chosen by any of their names', async () => {
  const words = await stimuliOf({}, {});
  const { value } = await ratings({ dimensions: ['zien', 'Auditory', 'hand'] }, words);
  expect(value.dimensions).toEqual(['Auditory', 'Visual', 'Hand_arm']);
  expect(Array.from(value.layers[0]!.data.slice(0, 3))).toEqual([3.9, 4.7, 3.2]);
  await expect(ratings({ dimensions: ['Vizual'] }, words)).rejects.toThrow('cell human: there are no ratings of "Vizual". Did you mean Visual?');
});

test('what cannot be is named with the cell and a way out', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms' });
  await expect(ratings({}, words)).rejects.toThrow('cell human: the stimuli of words carry no ratings. Fill in ratings in cell words');
  const table = await tableOf('Word,Woord,visual_base\nhond,dog,1\nlucht,sky,2\n');
  await expect(ratings({ from: 'table' }, words, table)).rejects.toThrow('columns is empty');
  await expect(ratings({ from: 'table', columns: '*_base' }, words, table)).rejects.toThrow('The column Woord holds 2 of them: set word: Woord in cell table.');
  await expect(ratings({ from: 'table', columns: '*_bse' }, words, await tableOf(norms))).rejects.toThrow('Patterns that match here: *.mean.');
  await expect(ratings({ from: 'words', columns: '*' }, words)).rejects.toThrow('words is a stimuli cell');
});

const rated = 'Word,Visual_r1,Head_r1,Visual_r2,Head_r2,Visual_r3,Head_r3\ndog,4,1,5,,3,\nsky,5,2,4,1,,3\ncat,1,,2,,0,\n';

test('raters are kept apart, and the ratings are the means of those who answered', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms' });
  const { value, warnings } = await ratings({ from: 'table', raters: ['*_r1', '*_r2', '*_r3'] }, words, await tableOf(rated));
  expect(value.measuredBy).toEqual({ by: 'rater', names: ['r1', 'r2', 'r3'] });
  expect(Array.from(value.layers[0]!.data)).toEqual([4, 1, 4.5, 2, 1, NaN]);
  expect(value.layers[0]!.measurements!.map((own) => Array.from(own))).toEqual([[4, 1, 5, 2, 1, NaN], [5, NaN, 4, 1, 2, NaN], [3, NaN, NaN, 3, 0, NaN]]);
  expect(warnings).toEqual(['1 of 3 words lack a rating: cat']);
  const visual = (await ratings({ from: 'table', raters: ['*_r1', '*_r2'], dimensions: ['visual'] }, words, await tableOf(rated))).value;
  expect(visual.layers[0]!.measurements!.map((own) => Array.from(own))).toEqual([[4, 5, 1], [5, 4, 2]]);
});

test('raters that cannot be compared are refused with what they rate', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms', ratings: '*.mean' });
  const table = await tableOf(rated);
  await expect(ratings({ from: 'table', raters: ['*_r1'] }, words, table)).rejects.toThrow('Write a pattern for each rater');
  await expect(ratings({ from: 'table', raters: ['*_r1', 'Visual_r2'] }, words, table)).rejects.toThrow('*_r1 rates Visual, Head, and Visual_r2 rates Visual');
  await expect(ratings({ raters: ['*_r1', '*_r2'] }, words)).rejects.toThrow('Name the table of these norms in from');
});

test('SD and number of raters stand beside the means, one number of raters for senses and one for effectors too', async () => {
  const words = await stimuliOf({ norms: await tableOf(norms) }, { norms: 'norms' });
  const table = await tableOf('Word,Visual.mean,Head.mean,Visual.SD,Head.SD,N_known.perceptual,N_known.action\ndog,4,1,0.5,1,18,20\ncat,3,2,1.5,,17,21\n');
  for (const n of ['N_known.*', 'N_known.perceptual, N_known.action']) {
    const { spread } = (await ratings({ from: 'table', columns: '*.mean', sd: '*.SD', n }, words, table)).value;
    expect(Array.from(spread!.sd)).toEqual([0.5, 1, NaN, NaN, 1.5, NaN]);
    expect(Array.from(spread!.raters)).toEqual([18, 20, NaN, NaN, 17, 21]);
  }
  await expect(ratings({ from: 'table', columns: '*.mean', sd: '*.SD' }, words, table)).rejects.toThrow('n is empty');
  await expect(ratings({ from: 'table', columns: '*.mean', sd: 'Visual.SD', n: 'N_known.*' }, words, table)).rejects.toThrow('none for Head');
});

/** Rows without any missing value in all of the cells: what a listwise analysis uses. */
function complete(cells: readonly { layers: readonly { d: number; data: Float32Array | Float64Array }[] }[], n: number): number {
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (cells.every(({ layers: [layer] }) => !layer!.data.subarray(i * layer!.d, (i + 1) * layer!.d).some((value: number) => Number.isNaN(value)))) count++;
  }
  return count;
}

testWithShared('the study’s English words: 1,572 with all human ratings, n = 1,570 over all dimensions and models', async () => {
  const table = await importTable('en.xlsx', new Blob([await sharedBytes('study/En_all_models_results.xlsx')]), { scale: [0, 5] });
  const words = await stimuliOf({ norms: table }, { norms: 'norms', ratings: '*.mean', translation: 'nl: Woord' });
  expect(words.words).toHaveLength(1572);
  const human = (await ratings({}, words)).value;
  const models = await Promise.all(['*_base', '*_en_ft', '*_nl_ft', '*_QA_ft'].map(async (columns) => (await ratings({ from: 'table', columns, origin: 'model' }, words, table)).value));
  expect([human, ...models].map(({ dimensions }) => dimensions)).toEqual(Array.from({ length: 5 }, () => human.dimensions));
  expect(human.dimensions).toHaveLength(11);
  expect(complete([human, ...models], 1572)).toBe(1570);
  const sensory = { dimensions: ['Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory', 'Visual'] };
  const six = (await ratings({ from: 'table', columns: '*_base', ...sensory }, words, table)).value;
  expect(complete([six], 1572)).toBe(1571);
  const dutch = (await ratings({ from: 'table', columns: '*' }, words, table)).value;
  expect(dutch.dimensions).toEqual(sensory.dimensions);
});

testWithShared('the study’s Dutch words: n = 1,572, joined from a table in English through the translations', async () => {
  const table = await importTable('nl.xlsx', new Blob([await sharedBytes('study/Nl_all_models_results.xlsx')]), { word: 'Woord', scale: [0, 5] });
  const words = await stimuliOf({ norms: table }, { norms: 'norms', language: 'nl', ratings: '*', translation: 'en: Word' });
  expect(words.words).toHaveLength(1572);
  const base = (await ratings({ from: 'table', columns: '*_base', origin: 'model' }, words, table)).value;
  expect(complete([(await ratings({}, words)).value, base], 1572)).toBe(1572);
  const lancaster = await importTable('lancaster.csv', new Blob([await sharedBytes('norms/lancaster_union.csv')]), { scale: [0, 5] });
  const { value, warnings } = await ratings({ from: 'table', columns: '*.mean' }, words, lancaster);
  expect(value.dimensions).toHaveLength(11);
  expect(warnings).toContain('joined to lancaster.csv by the words\' translations (en)');
  expect(complete([value], 1572)).toBeGreaterThan(1500);
});
