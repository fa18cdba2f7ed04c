/** Representations from files, joined to the stimuli by word; and GloVe on the study's words (METHOD.md, last paragraph). */
import { describe, expect, test } from 'vitest';
import type { CellValue, RepresentationValue, StimuliValue } from '../../src/data/values.ts';
import { run } from '../../src/kinds/vectors/run.ts';
import { fields } from '../../src/kinds/vectors/schema.ts';
import { deep, madeFile, words as madeWords } from '../data/arrays/support.ts';
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
