/** The `explain` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/explain/schema.ts';
import { run } from '../../src/kinds/explain/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, uniforms } from '../rsa/helpers.ts';

const n = 60;
const senses = ['Visual', 'Haptic', 'Auditory'];
/** Invented words of 2 to 9 letters. */
const words = Array.from({ length: n }, (_, i) => `${'abcdefghijklmnopqrstuvwxyz'[i % 26]!}${'oeaiu'[i % 5]!.repeat(1 + ((i * 7) % 8))}${i % 7}${i % 11}`);
const human = ratings('human', words, senses, uniforms(n * 3, 1).map((value) => value * 5), { origin: 'human' });
const near = (to: Float64Array, by: number, seed: number): Float64Array => {
  const noisy = uniforms(n * 3, seed);
  return to.map((value, k) => value + by * noisy[k]!);
};
const close = ratings('close', words, senses, near(human.layers[0]!.data as Float64Array, 2, 2));
/** What close has, with more noise. */
const far = ratings('far', words, senses, near(close.layers[0]!.data as Float64Array, 5, 3));
const noise = ratings('noise', words, senses, uniforms(n * 3, 4).map((value) => value * 5));
/** One column that the human ratings hold as well. */
const concreteness = ratings('concreteness', words, ['Concreteness', 'LogFrequency'], Float64Array.from({ length: n * 2 }, (_, k) => (k % 2 ? uniforms(n, 6)[(k - 1) / 2]! : human.layers[0]!.data[(k / 2) * 3]!)));
const d = 16;
const hidden = states('hidden', words, d, [0, 1, 2].map((layer) => {
  const data = Float32Array.from(normals(n * d, 10 + layer));
  if (layer > 0) for (let i = 0; i < n; i++) for (let k = 0; k < 3; k++) data[i * d + k]! += layer * human.layers[0]!.data[i * 3 + k]!;
  return data;
}));

const plain = { standardise: 'none', metric: 'euclidean', permutations: 0, bootstrap: 0 };

function bench(): Bench {
  const made = new Bench();
  put(made, { human, close, far, noise, concreteness, hidden });
  return made;
}

test('a candidate that only repeats another with more noise adds little, one that is noise nothing', async () => {
  const { rows, partitions, weighted } = await bench().run('why', fields, run, {
    reference: 'human', candidates: ['close', 'far', 'noise'], controls: ['length', 'orthography'], ...plain, permutations: 200, bootstrap: 50,
  });
  expect(rows.map(({ predictor, group, control }) => [predictor, group, control])).toEqual([
    ['close', 'close', false], ['far', 'far', false], ['noise', 'noise', false], ['length', 'controls', true], ['orthography', 'controls', true],
  ]);
  const [one, two, three] = rows;
  expect(one).toMatchObject({ n, pairs: 1770, partial: { p: 1 / 200, pAdjusted: 5 / 200 } });
  expect(two!.simple.value).toBeGreaterThan(0.2);
  expect(two!.partial.value).toBeLessThan(0.5 * two!.simple.value);
  expect(Math.abs(three!.partial.value)).toBeLessThan(0.1);
  expect(three!.partial.p).toBeGreaterThan(0.05);
  for (const { partial, semipartial, uniqueVariance } of rows) {
    expect(uniqueVariance.value).toBeCloseTo(semipartial.value ** 2, 12);
    expect(partial.interval![0]).toBeLessThan(partial.interval![1]);
    expect(uniqueVariance.interval![1]).toBeCloseTo(Math.max(...semipartial.interval!.map((end) => end ** 2)), 12);
    expect(uniqueVariance.interval![0] === 0).toBe(semipartial.interval![0] < 0 && semipartial.interval![1] > 0);
  }
  const [split] = partitions;
  expect(split!.groups.map(({ group }) => group)).toEqual(['close', 'far', 'noise', 'controls']);
  expect(split!.subsets).toHaveLength(15);
  expect(split!.terms.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(split!.r2.value, 12);
  expect(split!.r2.value).toBeCloseTo(split!.shared + split!.groups.reduce((sum, { uniqueVariance }) => sum + uniqueVariance.value, 0), 12);
  const way = (scheme: string) => weighted[0]!.schemes.find((own) => own.scheme === scheme)!;
  expect(weighted[0]!.folds.map(({ words: held, selected }) => [held, selected])).toEqual(Array.from({ length: 5 }, () => [12, 'close']));
  expect(way('weighted').value).toBeGreaterThan(way('equal').value);
  expect(way('weighted').folds).toHaveLength(5);
});

test('each column of a control cell is a control, and what it explains is taken from the candidates', async () => {
  const given = { reference: 'human', candidates: ['close', 'noise'], folds: 0, ...plain };
  const [without, withControl] = [await bench().run('why', fields, run, given), await bench().run('why', fields, run, { ...given, controlCells: ['concreteness'] })];
  expect(withControl.rows.map(({ predictor, group }) => [predictor, group])).toEqual([
    ['close', 'close'], ['noise', 'noise'], ['concreteness: Concreteness', 'controls'], ['concreteness: LogFrequency', 'controls'],
  ]);
  expect(withControl.rows[2]!.partial.value).toBeGreaterThan(0.1);
  expect(withControl.rows[0]!.uniqueVariance.value).toBeLessThan(without.rows[0]!.uniqueVariance.value);
  expect(withControl.weighted).toEqual([]);
});

test('layers of hidden states are predictors of one group, and neighbouring ones can be mixed', async () => {
  const { rows, partitions, weighted } = await bench().run('why', fields, run, { reference: 'human', candidates: ['hidden', 'noise'], layers: ['all'], folds: 4, comparator: 'whitened-pearson', scale: 'values', ...plain });
  expect(rows.map(({ predictor, group, layerIndex }) => [predictor, group, layerIndex])).toEqual([
    ['hidden, embeddings', 'hidden', 0], ['hidden, layer 1', 'hidden', 1], ['hidden, layer 2', 'hidden', 2], ['noise', 'noise', 0],
  ]);
  expect(partitions[0]!.groups).toHaveLength(2);
  expect(weighted[0]!.schemes.map(({ scheme }) => scheme)).toEqual(['weighted', 'selected', 'interpolated', 'equal', 'single', 'single', 'single', 'single']);
  expect(weighted[0]!.folds[0]!.selected).toBe('hidden, layer 2');
});

test('a cell in two roles is refused by name, unless other layers of it take part', async () => {
  const made = bench();
  await expect(made.run('why', fields, run, { reference: 'human', candidates: ['close', 'hidden'], controlCells: ['hidden'], ...plain })).rejects.toThrow('cell why: hidden is both candidate and control, with layer 2. Keep it in one of the two, or leave its last layer out of layers.');
  await expect(made.run('why', fields, run, { reference: 'human', candidates: ['human', 'noise'], ...plain })).rejects.toThrow('cell why: human is both reference and candidate. Keep it in one of the two.');
  await expect(made.run('why', fields, run, { reference: 'hidden', candidates: ['noise'], controlCells: ['hidden'], ...plain })).rejects.toThrow('cell why: hidden is both reference and control. Keep it in one of the two.');
  const earlier = await made.run('why', fields, run, { reference: 'human', candidates: ['hidden'], controlCells: ['hidden'], layers: ['0', '1'], ...plain, folds: 0 });
  expect(earlier.rows.map(({ layerIndex, control }) => [layerIndex, control])).toEqual([[0, false], [1, false], [2, true]]);
});

test('a reference is wholly explained by its like', async () => {
  const made = bench();
  put(made, { again: human });
  const { rows, partitions } = await made.run('why', fields, run, { reference: 'human', candidates: ['again', 'noise'], folds: 0, ...plain });
  expect(partitions[0]!.r2.value).toBeCloseTo(1, 12);
  expect(rows[0]!.beta).toBeCloseTo(1, 12);
  expect(rows[0]!.partial.value).toBeCloseTo(1, 9);
});

test('predictors that tell each other are a problem that names them, and so is a control that tells nothing', async () => {
  const made = bench();
  put(made, { twin: ratings('twin', words, senses, close.layers[0]!.data.map((value) => 2 * value) as Float64Array) });
  await expect(made.run('why', fields, run, { reference: 'human', candidates: ['close', 'noise', 'twin'], ...plain })).rejects.toThrow(/cell why: all: the RDM of (twin is told by close|close is told by twin) \(R² = 1\.00000\)/);
  const alike = words.map((_, i) => String(1000 + i));
  put(made, { one: { ...human, words: alike }, two: { ...close, words: alike } });
  await expect(made.run('why', fields, run, { reference: 'one', candidates: ['two'], controls: ['length'], ...plain })).rejects.toThrow(/all distances of length are equal/);
});

test('few words are warned of, too few for the predictors or the folds are a problem', async () => {
  const made = bench();
  const first = (count: number) => ratings(`first ${count}`, words.slice(0, count), senses, human.layers[0]!.data.slice(0, count * 3) as Float64Array);
  put(made, { few: first(12), three: first(4) });
  await made.run('why', fields, run, { reference: 'few', candidates: ['close', 'far'], ...plain, folds: 2 });
  expect(made.warnings).toEqual(['All dimensions: only 12 words; intervals and p are rough.']);
  await expect(made.run('why', fields, run, { reference: 'few', candidates: ['close', 'far'], ...plain, folds: 4 })).rejects.toThrow(/12 words in 4 folds leave 3 held-out words/);
  await expect(made.run('why', fields, run, { reference: 'three', candidates: ['close', 'far', 'noise'], controls: ['length'], ...plain })).rejects.toThrow(/6 pairs for 4 predictors/);
});

test('more than six groups are told without shared parts, and one candidate without weights, with a warning each', async () => {
  const made = bench();
  const more = Object.fromEntries([20, 21, 22, 23].map((seed) => [`x${seed}`, ratings(`x${seed}`, words, senses, uniforms(n * 3, seed))]));
  put(made, more);
  const { partitions } = await made.run('why', fields, run, { reference: 'human', candidates: ['close', 'far', 'noise', ...Object.keys(more)], ...plain, folds: 0 });
  expect(partitions[0]).toMatchObject({ subsets: [], terms: [] });
  expect(partitions[0]!.groups).toHaveLength(7);
  const { weighted } = await made.run('why', fields, run, { reference: 'human', candidates: ['close'], ...plain });
  expect(weighted).toEqual([]);
  expect(made.warnings).toEqual([expect.stringContaining('7 groups of predictors'), 'All dimensions: weighted RSA needs two candidate RDMs or more; there is one.']);
});

test('too few permutations for the correction are warned of, with how many it takes', async () => {
  const made = bench();
  await made.run('why', fields, run, { reference: 'human', candidates: ['close', 'far'], ...plain, permutations: 30, folds: 0 });
  expect(made.warnings).toEqual(['Holm’s correction over 2 rows: with 30 permutations no corrected p can be below .067; 40 or more let it reach .05.']);
});

test('p of simple correlations is that of an rsa cell on the same words, whatever speaks against chance', async () => {
  const made = bench();
  const first = (count: number) => ratings(`first ${count}`, words.slice(0, count), senses, human.layers[0]!.data.slice(0, count * 3) as Float64Array);
  put(made, { few: first(6) });
  for (const [reference, scale, comparator] of [['human', 'ranks', 'spearman'], ['human', 'values', 'pearson'], ['few', 'ranks', 'spearman'], ['few', 'values', 'pearson']] as const) {
    for (const alternative of ['greater', 'two-sided', 'less'] as const) {
      const given = { reference, candidates: ['far', 'noise'], ...plain, permutations: 800, alternative, seed: 4 };
      const own = await made.run('why', fields, run, { ...given, scale, folds: 0 });
      const rsa = await made.run('rsa', rsaFields, runRsa, { ...given, comparator, differences: 'none' });
      expect(own.rows.map(({ simple }) => simple.p)).toEqual(rsa.rows.map(({ p }) => p));
      expect(own).toMatchObject({ alternative, permutations: 800, orders: [{ set: 'all', permutations: reference === 'few' ? 720 : 800, exact: reference === 'few' }] });
    }
  }
  expect(made.warnings).toContain('All dimensions: with 6 words there are only 720 orders; all were taken, so p is exact.');
});

test('with all orders of a few words only more words let a corrected p reach .05', async () => {
  const made = bench();
  put(made, { few: ratings('few', words.slice(0, 4), senses, human.layers[0]!.data.slice(0, 12) as Float64Array) });
  const { orders } = await made.run('why', fields, run, { reference: 'few', candidates: ['close', 'noise'], ...plain, permutations: 1000, folds: 0 });
  expect(orders).toEqual([{ set: 'all', permutations: 24, exact: true }]);
  expect(made.warnings.at(-1)).toMatch(/Holm’s correction over 2 rows: with all 24 orders of the words no corrected p can be below \.083; take more words/);
});

test('the same seed gives the same numbers, another seed other intervals, p and folds', async () => {
  const given = { reference: 'human', candidates: ['close', 'far'], standardise: 'zscore', permutations: 100, bootstrap: 30 };
  const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => bench().run('why', fields, run, { ...given, seed })));
  expect(again).toEqual(one);
  expect(other!.rows.map(({ beta }) => beta)).toEqual(one!.rows.map(({ beta }) => beta));
  expect(other!.rows[0]!.partial.interval).not.toEqual(one!.rows[0]!.partial.interval);
  expect(other!.weighted[0]!.schemes[0]!.folds).not.toEqual(one!.weighted[0]!.schemes[0]!.folds);
});

test('words that a control lacks are dropped everywhere and named', async () => {
  const made = bench();
  const gap = concreteness.layers[0]!.data.slice() as Float64Array;
  gap[7] = NaN;
  put(made, { gap: ratings('gap', words, concreteness.dimensions, gap) });
  const { rows, dropped } = await made.run('why', fields, run, { reference: 'human', candidates: ['close'], controlCells: ['gap'], ...plain, folds: 0 });
  expect(rows.map((row) => row.n)).toEqual([59, 59, 59]);
  expect(dropped).toEqual([{ reason: 'empty LogFrequency in gap: LogFrequency', words: [words[3]] }]);
});

test('cancelling ends it with an abort', async () => {
  const abort = new AbortController();
  const running = bench().run('why', fields, run, { reference: 'human', candidates: ['close', 'far'], bootstrap: 100_000, permutations: 0 }, abort.signal);
  setTimeout(() => abort.abort(), 30);
  await expect(running).rejects.toThrow(/abort/i);
});
