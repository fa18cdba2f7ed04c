/** The `rdm` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/rdm/schema.ts';
import { run } from '../../src/kinds/rdm/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, wordList } from '../rsa/helpers.ts';

const words = wordList(4);
const human = ratings('human', words, ['Visual', 'Head'], Float64Array.of(0, 0, 3, 4, 0, 1, 3, 0), { categories: ['b', 'a', 'b', 'a'] });

function bench(cells: Parameters<typeof put>[1]): Bench {
  const made = new Bench();
  put(made, cells);
  return made;
}

test('distances are condensed, and words of a category lie together', async () => {
  const value = await bench({ human }).run('map', fields, run, { of: 'human', metric: 'euclidean', standardise: 'none' });
  expect([...value.layers[0]!.distances]).toEqual([5, 1, 3, Math.fround(Math.sqrt(18)), 4, Math.fround(Math.sqrt(10))]);
  expect(value).toMatchObject({ label: 'human', words, orderedBy: 'category', standardise: 'none', undefinedPairs: [0], dropped: [] });
  expect([...value.order]).toEqual([0, 2, 1, 3]);
});

test('auto z-scores ratings and leaves hidden states', async () => {
  const hidden = states('hidden', words, 3, [Float32Array.from(normals(12, 1)), Float32Array.from(normals(12, 2))]);
  const made = bench({ human, hidden });
  expect((await made.run('map', fields, run, { of: 'human' })).standardise).toBe('zscore');
  const value = await made.run('map', fields, run, { of: 'hidden' });
  expect(value).toMatchObject({ standardise: 'none', orderedBy: 'clustering' });
  expect(value.layers.map(({ name, index, distances }) => [name, index, distances.length])).toEqual([['embeddings', 0, 6], ['layer 1', 1, 6]]);
  expect([...value.order].sort()).toEqual([0, 1, 2, 3]);
});

test('a set keeps its dimensions only; a set without any is a problem', async () => {
  const made = bench({ human });
  const value = await made.run('map', fields, run, { of: 'human', set: 'motor', metric: 'euclidean', standardise: 'none' });
  expect([...value.layers[0]!.distances]).toEqual([4, 1, 0, 3, 4, 1]);
  put(made, { sight: ratings('sight', words, ['Visual'], new Float64Array(4)) });
  await expect(made.run('map', fields, run, { of: 'sight', set: 'motor' })).rejects.toThrow(/sight has no dimension of the set motor; it has Visual/);
});

test('words with an empty cell are left out, undefined pairs stay and are counted', async () => {
  const gaps = ratings('gaps', words, ['Visual', 'Head'], Float64Array.of(0, 0, NaN, 4, 0, 1, 3, 0));
  const made = bench({ gaps });
  const value = await made.run('map', fields, run, { of: 'gaps', standardise: 'none', order: 'source' });
  expect(value.words).toEqual(['w0', 'w2', 'w3']);
  expect(value.dropped).toEqual([{ reason: 'empty Visual in gaps', words: ['w1'] }]);
  expect([...value.layers[0]!.distances]).toEqual([NaN, NaN, 1]);
  expect(value.undefinedPairs).toEqual([2]);
  expect(made.warnings).toEqual([expect.stringContaining('2 pairs have no cosine distance')]);
});

test('ordering by category without categories falls back to clustering, and says so', async () => {
  const plain = { ...human, categories: [] };
  const made = bench({ plain });
  expect((await made.run('map', fields, run, { of: 'plain', order: 'category' })).orderedBy).toBe('clustering');
  expect(made.warnings).toEqual(['the words have no categories, so they are ordered by clustering.']);
});
