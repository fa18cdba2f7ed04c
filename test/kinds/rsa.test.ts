/** The `rsa` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/rsa/schema.ts';
import { run } from '../../src/kinds/rsa/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, uniforms, wordList } from '../rsa/helpers.ts';

const n = 60;
const words = wordList(n);
const senses = ['Visual', 'Haptic', 'Auditory'];
const human = ratings('human', words, senses, uniforms(n * 3, 1).map((value) => value * 5), { origin: 'human' });
const close = ratings('close', words, senses, human.layers[0]!.data.map((value, k) => value + uniforms(n * 3, 2)[k]!) as Float64Array);
const noise = ratings('noise', words, senses, uniforms(n * 3, 3));
const d = 16;
/** Layer 1 holds the human ratings, layers 0 and 2 nothing. */
const hidden = states('hidden', words, d, [0, 1, 2].map((layer) => {
  const data = Float32Array.from(normals(n * d, 10 + layer));
  if (layer === 1) for (let i = 0; i < n; i++) for (let k = 0; k < 3; k++) data[i * d + k] = 20 * human.layers[0]!.data[i * 3 + k]!;
  return data;
}));

function bench(): Bench {
  const made = new Bench();
  put(made, { human, close, noise, hidden });
  return made;
}

test('a candidate that is the reference has similarity 1, and the smallest p there can be', async () => {
  const { rows } = await bench().run('gap', fields, run, { reference: 'human', candidates: ['human', 'noise'], permutations: 200, bootstrap: 50 });
  expect(rows[0]).toMatchObject({ candidate: 'human (human)', set: 'all', n, pairs: 1770, p: 1 / 200 });
  expect(rows[0]!.value).toBeCloseTo(1, 12);
  expect(rows[1]!.p).toBeGreaterThan(0.01);
});

test('every layer of hidden states is a row, and differences take the best layer, with a warning', async () => {
  const made = bench();
  const { rows, differences } = await made.run('gap', fields, run, { reference: 'human', candidates: ['noise', 'hidden'], standardise: 'none', metric: 'euclidean', permutations: 500, bootstrap: 100 });
  expect(rows.map(({ candidate, layer, layerIndex }) => [candidate, layer, layerIndex])).toEqual([
    ['noise', 'ratings', 0], ['hidden', 'embeddings', 0], ['hidden', 'layer 1', 1], ['hidden', 'layer 2', 2],
  ]);
  expect(rows[2]!.value).toBeGreaterThan(0.9);
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatchObject({ a: { candidate: 'hidden', layer: 'layer 1' }, b: { candidate: 'noise', layer: 'ratings' } });
  expect(differences[0]!.value).toBeCloseTo(rows[2]!.value - rows[0]!.value, 12);
  expect(differences[0]!.interval![0]).toBeLessThan(differences[0]!.value);
  expect(differences[0]!.interval![1]).toBeGreaterThan(differences[0]!.value);
  expect(made.warnings).toEqual([expect.stringContaining('optimistic')]);
});

test('layers can be chosen, and hidden states enter a set of dimensions whole', async () => {
  const made = bench();
  const { rows } = await made.run('gap', fields, run, { reference: 'human', candidates: ['hidden'], layers: ['last', 1], sets: ['sensory', 'all'], permutations: 0, bootstrap: 0 });
  expect(rows.map(({ set, layerIndex }) => [set, layerIndex])).toEqual([['sensory', 1], ['sensory', 2], ['all', 1], ['all', 2]]);
  expect(rows[0]!.value).toBe(rows[2]!.value);
});

test('a reference of hidden states is its last layer, which the result and a warning name', async () => {
  const made = bench();
  const value = await made.run('gap', fields, run, { reference: 'hidden', candidates: ['human'], sets: ['motor', 'all'], permutations: 0, bootstrap: 0 });
  expect(value.reference).toBe('hidden (layer 2)');
  expect(made.warnings).toEqual(['the reference hidden is hidden states: its last layer alone is used (layer 2).', 'motor: skipped, hidden has no dimension of this set.']);
});

test('the same seed gives the same numbers, another seed other intervals', async () => {
  const params = { reference: 'human', candidates: ['close', 'noise'], permutations: 300, bootstrap: 60, comparator: 'pearson', differences: 'all' };
  const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => bench().run('gap', fields, run, { ...params, seed })));
  expect(again).toEqual(one);
  expect(other!.rows.map(({ value }) => value)).toEqual(one!.rows.map(({ value }) => value));
  expect(other!.rows[0]!.interval).not.toEqual(one!.rows[0]!.interval);
});

test('a word whose vector is zero has no cosine distance: it is left out everywhere and named', async () => {
  const made = bench();
  const gap = human.layers[0]!.data.slice();
  gap.fill(0, 12, 15);
  put(made, { gap: ratings('gap', words, senses, gap as Float64Array) });
  const { rows, dropped } = await made.run('cell', fields, run, { reference: 'human', candidates: ['close', 'gap'], standardise: 'none', permutations: 0, bootstrap: 0 });
  expect(rows.map((row) => row.n)).toEqual([59, 59]);
  expect(dropped).toEqual([{ reason: 'no cosine distance, since the vector is zero in gap', words: ['w4'] }]);
});

test('few words are warned of, too few are a problem, and with five all orders are taken', async () => {
  const made = bench();
  const small = (count: number) => ratings(`first ${count}`, words.slice(0, count), senses, human.layers[0]!.data.slice(0, count * 3) as Float64Array);
  put(made, { five: small(5), three: small(3) });
  const { rows } = await made.run('cell', fields, run, { reference: 'five', candidates: ['close'], permutations: 1000, bootstrap: 0 });
  expect(rows[0]!.n).toBe(5);
  expect(rows[0]!.p! * 120).toBeCloseTo(Math.round(rows[0]!.p! * 120), 9);
  expect(made.warnings).toEqual(['all: only 5 words; intervals and p are rough.', 'all: with 5 words there are only 120 orders; all were taken, so p is exact.']);
  await expect(made.run('cell', fields, run, { reference: 'three', candidates: ['close'] })).rejects.toThrow(/cell cell: 3 words are complete.*RSA needs 4/);
});

test('a constant candidate has no correlation, no p and no interval, and the reader is told', async () => {
  const made = bench();
  put(made, { flat: ratings('flat', words, senses, new Float64Array(n * 3).map((_, k) => 1 + (k % 3))) });
  const { rows } = await made.run('cell', fields, run, { reference: 'human', candidates: ['flat'], standardise: 'none', permutations: 100, bootstrap: 20 });
  expect(rows[0]).toMatchObject({ p: null, interval: null });
  expect(rows[0]!.value).toBeNaN();
  expect(made.warnings).toEqual([expect.stringContaining('all distances are equal')]);
});

test('nothing in common is a problem that says which sets were asked', async () => {
  await expect(bench().run('cell', fields, run, { reference: 'human', candidates: ['close'], sets: ['motor'] })).rejects.toThrow(/no candidate shares dimensions of motor with human/);
});

test('cancelling ends it with an abort', async () => {
  const abort = new AbortController();
  const running = bench().run('cell', fields, run, { reference: 'human', candidates: ['close'], bootstrap: 100_000 }, abort.signal);
  setTimeout(() => abort.abort(), 30);
  await expect(running).rejects.toThrow(/abort/i);
});
