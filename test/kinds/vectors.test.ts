/** Representations from files, joined to the stimuli by word; and GloVe on the study's words (METHOD.md, last paragraph). */
import { describe, expect, test } from 'vitest';
import { fields as dimensionsFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import type { InputFile } from '../../src/kinds/kind.ts';
import { fields as ratingsFields } from '../../src/kinds/ratings/schema.ts';
import { run as runRatings } from '../../src/kinds/ratings/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { fields as tableFields } from '../../src/kinds/table/schema.ts';
import { run as runTable } from '../../src/kinds/table/run.ts';
import type { CellValue, RepresentationValue, StimuliValue } from '../../src/data/values.ts';
import { run } from '../../src/kinds/vectors/run.ts';
import { fields } from '../../src/kinds/vectors/schema.ts';
import { deep, madeFile, words as madeWords } from '../data/arrays/support.ts';
import { studyBench } from '../reference/study.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { contextOf, paramsOf, type TestContext } from './context.ts';

const stimuli = (words: readonly string[], more: Partial<StimuliValue> = {}): StimuliValue => ({
  type: 'stimuli', label: 'words', words, language: 'en', translations: {}, categories: [], split: [], ratings: null, dropped: [], ...more,
});

interface Given {
  readonly words: CellValue;
  readonly files: Record<string, string | Blob>;
}

async function take({ words, files }: Given, params: Record<string, unknown>): Promise<{ value: RepresentationValue; context: TestContext }> {
  const context = contextOf('v', { inputs: { words }, files });
  return { value: await run(paramsOf(fields, { stimuli: 'words', file: Object.keys(files)[0], ...params }), context), context };
}

const glove = 'apple 1 2\nBrot 3 4\nbrot 3 5\nPolish 5 6\npolish 7 8\nZERO 0 0\napple 9 9\n';

describe('words of the file', () => {
  test('are found by the rules of every join, and who is left out is said with the reason', async () => {
    const words = stimuli(['APPLE', 'pear', 'POLISH', 'zero', 'Brot'], { categories: ['f', 'f', 'c', 'c', 'f'], split: ['train', 'test', 'train', 'test', 'train'], dropped: [{ reason: 'before', words: ['x'] }] });
    const { value, context } = await take({ words, files: { 'g.txt': glove } }, { lowercase: false });
    expect([value.words, value.categories, value.split]).toEqual([['APPLE', 'zero', 'Brot'], ['f', 'c', 'f'], ['train', 'test', 'train']]);
    expect([...value.layers[0]!.data]).toEqual([1, 2, 0, 0, 3, 4]);
    expect(value.dropped).toEqual([{ reason: 'before', words: ['x'] }, { reason: 'not in g.txt', words: ['pear'] }, { reason: 'not told apart by case in g.txt', words: ['POLISH'] }]);
    expect(value).toMatchObject({ label: 'g', dimensions: [], origin: 'model', imported: { file: 'g.txt', format: 'text', vectors: 7, list: 'g.txt', of: 5 } });
    expect(context.warnings).toEqual([
      '1 word stands more than once in g.txt, and the first vector counts: apple (line 1, line 7).',
      '1 of 3 words have a vector of zeros, whose cosine with others is undefined: zero.',
    ]);
  });

  test('in lower case find their own spelling first', async () => {
    const { value } = await take({ words: stimuli(['POLISH', 'BROT', 'Apple']), files: { 'g.txt': glove } }, {});
    expect([value.words, [...value.layers[0]!.data]]).toEqual([['POLISH', 'BROT', 'Apple'], [7, 8, 3, 5, 1, 2]]);
  });

  test('in lower case stay apart where the stimuli tell them apart by case', async () => {
    const { value } = await take({ words: stimuli(['Polish', 'polish', 'APPLE', 'Zero', 'zero']), files: { 'g.txt': glove } }, {});
    expect([value.words, [...value.layers[0]!.data]]).toEqual([['Polish', 'polish', 'APPLE'], [5, 6, 7, 8, 1, 2]]);
    // The file writes ZERO alone, which may be either.
    expect(value.dropped).toEqual([{ reason: 'not told apart by case in g.txt', words: ['Zero', 'zero'] }]);
  });

  test('can be looked up in a translation; results keep the stimuli’s own words', async () => {
    const words = stimuli(['bread', 'apple'], { translations: { de: ['Brot', ''] } });
    const { value } = await take({ words, files: { 'g.txt': glove } }, { language: 'de', lowercase: false });
    expect([value.words, value.language, value.dropped]).toEqual([['bread'], 'de', [{ reason: 'no translation', words: ['apple'] }]]);
  });

  test('where none is found both lists are shown', async () => {
    await expect(take({ words: stimuli(['pear', 'plum']), files: { 'layers.npz': madeFile('layers.npz') } }, {})).rejects.toThrow('none of the 2 words of the stimuli (pear, plum) is in layers.npz (apple, Brot, naïve, …)');
  });
});

describe('layers', () => {
  const words = stimuli(['ice cream', 'naïve', 'tea']);
  const rows = (layer: number): number[] => [...deep[layer]!.slice(9, 12), ...deep[layer]!.slice(6, 9)];

  test('of npz, safetensors and parquet come with the words of the file, all or only those asked for', async () => {
    for (const name of ['layers.npz', 'layers.safetensors']) {
      const { value } = await take({ words, files: { [name]: madeFile(name) } }, { label: 'mine' });
      expect([value.label, value.words, value.layers.map(({ name: layer, index, d, data }) => [layer, index, d, [...data]])], name).toEqual(['mine', ['ice cream', 'naïve'], [0, 1, 2].map((layer) => [`layer ${layer}`, layer, 3, rows(layer)])]);
    }
    const { value } = await take({ words, files: { 'lists.parquet': madeFile('lists.parquet') } }, { layers: ['last'] });
    expect(value.layers.map(({ index, data }) => [index, [...data]])).toEqual([[1, rows(1)]]);
    await expect(take({ words, files: { 'layers.npz': madeFile('layers.npz') } }, { layers: ['7'] })).rejects.toThrow('layers has "7", but layers.npz has the layers 0, 1, 2');
  });

  test('of an array without words take a list of them, or the order of the stimuli', async () => {
    const list = JSON.stringify(madeWords);
    const { value } = await take({ words, files: { 'deep.npy': madeFile('deep.npy'), 'list.json': list } }, { words: 'list.json' });
    expect(value.layers.map(({ data }) => [...data])).toEqual([0, 1, 2].map(rows));
    expect(value.imported).toEqual({ file: 'deep.npy', format: 'npy, float32', vectors: 4, list: 'list.json', of: 3 });
    const ordered = await take({ words: stimuli(['a', 'b', 'c', 'd']), files: { 'deep.npy': madeFile('deep.npy') } }, { words: 'stimuli', layers: ['1'] });
    expect([ordered.value.words, [...ordered.value.layers[0]!.data], ordered.value.imported!.list]).toEqual([['a', 'b', 'c', 'd'], deep[1], null]);
  });

  test('with another number of rows than words are refused, with a hint where it is that of another axis', async () => {
    const files = { 'deep.npy': madeFile('deep.npy'), 'list.txt': 'a\nb\nc\n' };
    await expect(take({ words, files }, { words: 'stimuli' })).rejects.toThrow('deep.npy has 4 rows, and the stimuli of words have 3 words');
    await expect(take({ words, files }, { words: 'list.txt' })).rejects.toThrow(/list\.txt has 3 words, and deep\.npy has 4 rows.* on another axis/);
    await expect(take({ words, files }, {})).rejects.toThrow(/deep\.npy holds no words\. Name a list/);
    await expect(take({ words, files: { 'g.txt': glove } }, { words: 'stimuli' })).rejects.toThrow(/names the word of every vector itself\. Write words: own/);
    await expect(take({ words, files: {} }, { file: 'gone.npy' })).rejects.toThrow(expect.objectContaining({ code: 'file-missing' }));
  });

  test('with a missing number keep the word and say so', async () => {
    const { value, context } = await take({ words: stimuli(['a', 'b', 'c', 'd']), files: { 'hole.npy': madeFile('hole.npy') } }, { words: 'stimuli' });
    expect([value.words.length, Number.isNaN(value.layers[0]!.data[5])]).toEqual([4, true]);
    expect(context.warnings).toEqual(['1 of 4 words lack a number (NaN) and are left out of analyses: b.']);
  });
});

const folder = 'models/glove_twitter_25d_subset';
const file = async (path: string): Promise<InputFile> => ({ name: path.split('/').at(-1)!, sha256: '', content: new Blob([await sharedBytes(path)]) });

testWithShared('GloVe on the study’s words: RSA .154 on the 676 test words it covers, and a probe trained on the covered training words .468', async () => {
  const bench = await studyBench('en');
  for (const path of [`${folder}/vectors.float32.npy`, `${folder}/words.json`, 'study/train_words.xlsx', 'study/common_norms_en_nl.xlsx']) {
    const one = await file(path);
    bench.files.set(one.name, one);
  }
  const from = { file: 'vectors.float32.npy', words: 'words.json', label: 'GloVe' };
  const glove = await bench.run('glove', fields, run, { ...from, stimuli: 'words' });
  expect([glove.words.length, glove.layers[0]!.d, glove.imported]).toEqual([676, 25, { file: 'vectors.float32.npy', format: 'npy, float32', vectors: 11_925, list: 'words.json', of: 1572 }]);
  expect(glove.dropped).toEqual([{ reason: 'not in words.json', words: expect.objectContaining({ length: 896 }) }]);

  const gap = await bench.run('gap', rsaFields, runRsa, { reference: 'human', candidates: ['glove'], sets: ['all'], permutations: 0, bootstrap: 0 });
  expect(gap.rows.map(({ n, value }) => [n, value.toFixed(3)])).toEqual([[676, '0.154']]);

  await bench.run('training', tableFields, runTable, { file: 'train_words.xlsx', word: 'Word' });
  await bench.run('training_words', stimuliFields, runStimuli, { norms: 'training', ratings: '*.mean' });
  await bench.run('taught', ratingsFields, runRatings, { stimuli: 'training_words' });
  await bench.run('norms', tableFields, runTable, { file: 'common_norms_en_nl.xlsx', word: 'Word' });
  await bench.run('every_word', stimuliFields, runStimuli, { norms: 'norms' });
  await bench.run('glove_all', fields, run, { ...from, stimuli: 'every_word' });
  const probe = await bench.run('probe', dimensionsFields, runDimensions, { reference: 'human', candidates: ['glove_all'], train: 'taught', tests: 'none' });
  const mean = probe.rows.reduce((sum, { rho }) => sum + rho, 0) / probe.rows.length;
  expect([probe.rows.length, probe.rows[0]!.n, probe.training]).toEqual([11, 676, { label: 'taught', fewest: 987, most: 987 }]);
  expect(mean.toFixed(3)).toBe('0.468');

  // Cross-validated within the covered test words, with fewer to learn from, it is lower.
  const folds = await bench.run('folds', dimensionsFields, runDimensions, { reference: 'human', candidates: ['glove'], tests: 'none' });
  expect((folds.rows.reduce((sum, { rho }) => sum + rho, 0) / 11).toFixed(2)).toBe('0.45');
});
