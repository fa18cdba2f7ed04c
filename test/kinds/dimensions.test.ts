/** The `dimensions` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/dimensions/schema.ts';
import { run } from '../../src/kinds/dimensions/run.ts';
import type { DimensionRow } from '../../src/data/agreement.ts';
import { holm } from '../../src/rsa/inference/correct.ts';
import { fisherInterval } from '../../src/rsa/dimensions/fisher.ts';
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

test('correlations of fewer than four words are refused', async () => {
  const elsewhere = ratings('elsewhere', ['w1', ...wordList(9).map((word) => `other ${word}`)], ['Visual', 'Head'], uniforms(20, 3));
  await expect(bench({ elsewhere }).run('profile', fields, run, { reference: 'human', candidates: ['elsewhere'] })).rejects.toThrow('human and elsewhere share 1 word of 120');
  const empty = ratings('empty', words, ['Visual', 'Head'], values.map((value, k) => (k % 2 && k > 6 ? NaN : value)));
  await expect(bench({ empty }).run('profile', fields, run, { reference: 'human', candidates: ['empty'] })).rejects.toThrow('3 words have ratings of head in human and empty; a correlation takes 4');
});

test('the reference is no candidate of its own', async () => {
  await expect(bench({}).run('profile', fields, run, { reference: 'human', candidates: ['hidden', 'human'] })).rejects.toThrow('candidates names human, which is the reference');
});

test('more folds than the words allow is a problem', async () => {
  const few = states('few', words.slice(0, 6), 2, [new Float32Array(12)]);
  await expect(bench({ few }).run('profile', fields, run, { reference: 'human', candidates: ['few'] })).rejects.toThrow(/6 words cannot make 5 folds/);
});

/** Ratings that follow the first human dimension more or less closely, and the second not at all. */
const rater = (label: string, noise: number, seed: number) => ratings(label, words, ['Visual', 'Head'],
  normals(n * 2, seed).map((error, k) => (k % 2 ? error : values[k]! + noise * error)));

test('the first candidate is tested against each other one, per dimension, over the words that all of them have', async () => {
  const short = ratings('gap', words.slice(0, 100), ['Visual', 'Head'], Float64Array.from(rater('gap', 2, 33).layers[0]!.data.subarray(0, 200)));
  const made = bench({ near: rater('near', 0.4, 31), far: rater('far', 3, 32), gap: short });
  const candidates = ['near', 'far', 'gap'];
  const { tests, test: kind } = await made.run('profile', fields, run, { reference: 'human', candidates });
  expect(kind).toBe('jackknife');
  expect(tests.every(({ df }) => df === 99)).toBe(true);
  expect(tests.map(({ dimension, a, b, n: size }) => [dimension, a.candidate, b.candidate, size])).toEqual([
    ['Visual', 'near', 'far', 100], ['Visual', 'near', 'gap', 100], ['Head', 'near', 'far', 100], ['Head', 'near', 'gap', 100],
  ]);
  expect(tests[0]!.rhoA).toBeGreaterThan(tests[0]!.rhoB);
  expect(tests[0]!.statistic).toBeGreaterThan(3);
  expect(tests[0]!.pAdjusted).toBeLessThan(0.001);
  expect(tests[2]!.pAdjusted).toBeGreaterThan(0.05);
  expect(tests.map(({ pAdjusted }) => pAdjusted)).toEqual(holm(tests.map(({ p }) => p!)));

  const pairs = await made.run('profile', fields, run, { reference: 'human', candidates, compare: 'all', tests: 'williams', correction: 'none' });
  expect(pairs.tests.map(({ a, b }) => `${a.candidate} ${b.candidate}`)).toEqual(['near far', 'near gap', 'near far', 'near gap', 'far gap', 'far gap']);
  expect(pairs.tests.every(({ df, pAdjusted }) => df === 97 && pAdjusted === null)).toBe(true);
  expect(made.warnings.filter((warning) => warning.includes('without correction'))).toHaveLength(1);
  const { tests: meng } = await made.run('profile', fields, run, { reference: 'human', candidates, tests: 'meng' });
  // An interval without 0 where p without correction is below .05.
  for (const { interval, p } of meng) expect(interval![0] > 0 || interval![1] < 0).toBe(p! < 0.05);
  const none = await made.run('profile', fields, run, { reference: 'human', candidates, tests: 'none' });
  expect(none.tests).toEqual([]);
});

test('hidden states are tested layer by layer, ratings against every layer, and it is told that predictions are taken as they are', async () => {
  const other = { ...hidden, label: 'other', layers: hidden.layers.map((layer) => ({ ...layer, data: layer.data.map((value, k) => value + (k % 5) / 3) })) };
  const made = bench({ other, model: rater('model', 1, 41) });
  const { tests } = await made.run('profile', fields, run, { reference: 'human', candidates: ['hidden', 'other', 'model'], compare: 'all' });
  const visual = tests.filter(({ dimension }) => dimension === 'Visual').map(({ a, b }) => `${a.candidate} ${a.layer}, ${b.candidate} ${b.layer}`);
  expect(visual.toSorted()).toEqual([
    'hidden embeddings, model ratings', 'hidden embeddings, other embeddings', 'hidden layer 1, model ratings', 'hidden layer 1, other layer 1',
    'other embeddings, model ratings', 'other layer 1, model ratings',
  ]);
  expect(made.warnings).toContainEqual(expect.stringMatching(/take the predictions of a probe as they are/));
  expect(made.warnings).not.toContainEqual(expect.stringMatching(/different words/));
  const fewer = states('fewer', words.slice(0, 110), d, hidden.layers.map(({ data }) => Float32Array.from(data.subarray(0, 110 * d))));
  put(made, { fewer });
  await made.run('profile', fields, run, { reference: 'human', candidates: ['hidden', 'fewer'], layers: ['1'] });
  expect(made.warnings).toContainEqual(expect.stringMatching(/^candidates are probed over different words/));
});

test('a constant candidate, and the reference as its own candidate, have no test; the others are still corrected', async () => {
  const flat = ratings('flat', words, ['Visual', 'Head'], new Float64Array(n * 2).fill(2));
  const copy = ratings('copy', words, ['Visual', 'Head'], values);
  const made = bench({ flat, copy, near: rater('near', 0.4, 31), far: rater('far', 3, 32) });
  const given = { reference: 'human', candidates: ['near', 'far', 'flat', 'copy'] };
  const { tests } = await made.run('profile', fields, run, { ...given, tests: 'steiger' });
  const without = tests.filter(({ p }) => p === null);
  expect(without.map(({ b }) => b.candidate)).toEqual(['flat', 'copy', 'flat', 'copy']);
  expect(without.every(({ statistic, pAdjusted }) => statistic === null && pAdjusted === null)).toBe(true);
  expect(tests.filter(({ b }) => b.candidate === 'far').every(({ pAdjusted }) => pAdjusted! >= 0 && pAdjusted! <= 1)).toBe(true);
  expect(made.warnings).toContain('4 of 6 tests could not be made: a candidate is constant, or equals the reference.');
  // The jackknife needs no transformed correlation, so a perfect one can be tested too.
  const { tests: jackknifed } = await made.run('profile', fields, run, given);
  expect(jackknifed.filter(({ p }) => p === null).map(({ b }) => b.candidate)).toEqual(['flat', 'flat']);
  expect(made.warnings).toContain('2 of 6 tests could not be made: a candidate is constant, or would be without one of the words.');
});

test('tests that take ratings as normal are told to find too much where ρ is high; the jackknife is not', async () => {
  const made = bench({ near: rater('near', 0.4, 31), close: rater('close', 0.5, 32) });
  const given = { reference: 'human', candidates: ['near', 'close'] };
  await made.run('profile', fields, run, given);
  expect(made.warnings).toEqual([]);
  await made.run('profile', fields, run, { ...given, tests: 'williams' });
  expect(made.warnings).toEqual([expect.stringMatching(/^1 of 2 tests compare a ρ above \.7: there williams.*tests: jackknife/)]);
});

test('of a probe ρ within folds comes along, and few words are told', async () => {
  const made = bench({ rated: human });
  const { rows } = await made.run('profile', fields, run, { reference: 'human', candidates: ['hidden', 'rated'], layers: ['1'], control: true, foldings: 3 });
  const [visual, head, own] = rows as [DimensionRow, DimensionRow, DimensionRow];
  expect(visual.rhoWithin).toBeGreaterThan(0.8);
  expect(visual.rhoWithin).not.toBe(visual.rho);
  // Nothing to read: pooling pulls down.
  expect(head.rho).toBeLessThan(head.rhoWithin!);
  expect(head.controlRho).toBeLessThan(head.controlRhoWithin!);
  expect([own.rhoWithin, own.controlRhoWithin]).toEqual([null, null]);
  expect(made.warnings.filter((warning) => /a probe of 120 words/.test(warning))).toHaveLength(1);
});

test('further partitions leave the first as it is and tell their spread; R² and the control come along', async () => {
  const given = { reference: 'human', candidates: ['hidden'], layers: ['1'], bootstrap: 50 };
  const one = await bench({}).run('profile', fields, run, given);
  const several = await bench({}).run('profile', fields, run, { ...given, foldings: 4, control: true });
  expect([one.rows[0]!.sd, one.rows[0]!.controlRho, several.foldings]).toEqual([null, null, 4]);
  const [visual, head] = several.rows as [DimensionRow, DimensionRow];
  expect(Math.abs(visual.rho - one.rows[0]!.rho)).toBeLessThan(3 * visual.sd!);
  expect(visual.rho).not.toBe(one.rows[0]!.rho);
  expect(visual.sd).toBeGreaterThan(0);
  expect(visual.sd).toBeLessThan(0.05);
  expect(visual.r2).toBeGreaterThan(0.7);
  expect(head.r2).toBeLessThan(0.1);
  for (const row of several.rows) expect(Math.abs(row.controlRho!)).toBeLessThan(0.3);
  expect(visual.interval![0]).toBeLessThan(visual.rho);
});

test('the nested choice of the penalty predicts about as well as generalised cross-validation', async () => {
  const given = { reference: 'human', candidates: ['hidden'], layers: ['1'] };
  const made = bench({});
  const [gcv, nested] = [await made.run('profile', fields, run, given), await made.run('profile', fields, run, { ...given, penalty: 'nested' })];
  expect(nested.penalty).toBe('nested');
  expect(Math.abs(nested.rows[0]!.rho - gcv.rows[0]!.rho)).toBeLessThan(0.02);
});

test('a penalty at the end of those that are tried is told', async () => {
  // States that hold the ratings themselves: the less penalty, the better.
  const exact = states('exact', words, 2, [Float32Array.from(values)]);
  const made = bench({ exact });
  const { rows } = await made.run('profile', fields, run, { reference: 'human', candidates: ['exact'] });
  expect(rows[0]!.r2).toBeGreaterThan(0.99);
  expect(made.warnings).toContain('exact: in 10 of 10 fits the smallest penalty that is tried was chosen; a smaller one might predict better.');
});

test('without a bootstrap intervals follow a formula, and none are given where none are asked for', async () => {
  const made = bench({ near: rater('near', 0.4, 31) });
  const given = { reference: 'human', candidates: ['near'] };
  const [wide, narrow, none] = [await made.run('a', fields, run, given), await made.run('b', fields, run, { ...given, interval: 'fisher' }), await made.run('c', fields, run, { ...given, interval: 'none' })];
  expect(wide.rows[0]!.interval).toEqual(fisherInterval(wide.rows[0]!.rho, n, 0.95, 'bonett-wright'));
  expect(narrow.rows[0]!.interval![0]).toBeGreaterThan(wide.rows[0]!.interval![0]);
  expect(none.rows[0]!.interval).toBeNull();
  const drawn = await made.run('d', fields, run, { ...given, bootstrap: 50 });
  expect([wide, narrow, none, drawn].map(({ intervalMethod }) => intervalMethod)).toEqual(['bonett-wright', 'fisher', 'none', 'percentile']);
});
