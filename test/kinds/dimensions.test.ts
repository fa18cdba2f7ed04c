/** The `dimensions` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/dimensions/schema.ts';
import { run } from '../../src/kinds/dimensions/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, uniforms, wordList } from '../rsa/helpers.ts';

const n = 120;
const words = wordList(n);
const values = uniforms(n * 2, 1).map((value) => value * 5);
const human = ratings('human', words, ['Visual', 'Head'], values, { origin: 'human' });
const d = 12;
/** Layer 1 carries the visual rating along one direction; nothing carries the other. */
const hidden = states('hidden', words, d, [0, 1].map((layer) => {
  const data = Float32Array.from(normals(n * d, 5 + layer));
  if (layer === 1) for (let i = 0; i < n; i++) for (let k = 0; k < 4; k++) data[i * d + k]! += values[i * 2]!;
  return data;
}));

function bench(cells: Parameters<typeof put>[1]): Bench {
  const made = new Bench();
  put(made, { human, hidden, ...cells });
  return made;
}

test('ratings are compared column by column, hidden states through a probe, layer by layer', async () => {
  const model = ratings('model', words, ['Head', 'Visual'], Float64Array.from({ length: n * 2 }, (_, k) => values[k % 2 ? k - 1 : k + 1]!));
  const { rows, folds } = await bench({ model }).run('profile', fields, run, { reference: 'human', candidates: ['model', 'hidden'], bootstrap: 100 });
  expect(rows.map(({ candidate, layerIndex, dimension, method }) => [candidate, layerIndex, dimension, method])).toEqual([
    ['model', 0, 'Visual', 'direct'], ['model', 0, 'Head', 'direct'],
    ['hidden', 0, 'Visual', 'probe'], ['hidden', 0, 'Head', 'probe'], ['hidden', 1, 'Visual', 'probe'], ['hidden', 1, 'Head', 'probe'],
  ]);
  expect([rows[0]!.rho, rows[1]!.rho]).toEqual([1, 1]);
  expect(rows[4]!.rho).toBeGreaterThan(0.85);
  for (const row of [rows[2]!, rows[3]!, rows[5]!]) expect(Math.abs(row.rho)).toBeLessThan(0.3);
  expect(rows[4]!.interval![0]).toBeLessThan(rows[4]!.rho);
  expect(rows[4]!.interval![1]).toBeGreaterThan(rows[4]!.rho);
  expect(folds).toBe(5);
});

test('a missing answer costs its word that dimension only; the shared words are told apart', async () => {
  const full = ratings('full', words, ['Visual', 'Head'], values.map((value, k) => value + (k % 7)));
  const gap = ratings('gap', words, ['Visual', 'Head'], values.map((value, k) => (k === 6 ? NaN : value + (k % 5))));
  const { rows, dropped } = await bench({ full, gap }).run('profile', fields, run, { reference: 'human', candidates: ['full', 'gap'] });
  expect(rows.map((row) => row.n)).toEqual([n, n, n - 1, n]);
  expect(rows.map(({ shared }) => shared?.n)).toEqual([n - 1, undefined, undefined, undefined]);
  expect(rows[0]!.shared!.rho).not.toBe(rows[0]!.rho);
  expect(dropped).toEqual([{ reason: 'empty Visual in gap', words: ['w3'] }]);
});

test('a candidate without a dimension is told and skipped; without any in common it is a problem', async () => {
  const made = bench({
    sight: ratings('sight', words, ['Zien'], uniforms(n, 9)), other: ratings('other', words, ['Valence'], uniforms(n, 9)),
  });
  const { rows } = await made.run('profile', fields, run, { reference: 'human', candidates: ['sight'] });
  expect(rows.map(({ dimension }) => dimension)).toEqual(['Visual']);
  expect(made.warnings).toEqual(['sight has no ratings of head.']);
  await expect(made.run('profile', fields, run, { reference: 'human', candidates: ['other'] })).rejects.toThrow(/no candidate shares a dimension with human, which has Visual, Head/);
  await expect(made.run('profile', fields, run, { reference: 'hidden', candidates: ['human'] })).rejects.toThrow(/hidden has no named dimensions/);
});

test('more folds than the words allow is a problem', async () => {
  const few = states('few', words.slice(0, 6), 2, [new Float32Array(12)]);
  await expect(bench({ few }).run('profile', fields, run, { reference: 'human', candidates: ['few'] })).rejects.toThrow(/6 words cannot make 5 folds/);
});
