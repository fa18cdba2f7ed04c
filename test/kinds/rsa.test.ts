/** The `rsa` kind on small made-up representations. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/rsa/schema.ts';
import { run } from '../../src/kinds/rsa/run.ts';
import type { CeilingValue } from '../../src/data/ceiling.ts';
import { plainTreatment } from '../../src/rsa/distances/treatment.ts';
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

test('a candidate that equals the reference has similarity 1, and the smallest p there can be', async () => {
  const made = bench();
  put(made, { twin: human });
  const { rows } = await made.run('gap', fields, run, { reference: 'human', candidates: ['twin', 'noise'], permutations: 200, bootstrap: 50 });
  expect(rows[0]).toMatchObject({ candidate: 'human (twin)', set: 'all', n, pairs: 1770, p: 1 / 200 });
  expect(rows[0]!.value).toBeCloseTo(1, 12);
  expect(rows[1]!.p).toBeGreaterThan(0.01);
});

test('a cell is not compared with itself, but earlier layers of hidden states are with their last one', async () => {
  await expect(bench().run('gap', fields, run, { reference: 'human', candidates: ['close', 'human'] }))
    .rejects.toThrow('cell gap: candidates names human, which is the reference: compared with itself it says nothing. Name another cell in candidates.');
  const params = { reference: 'hidden', candidates: ['hidden'], permutations: 0, bootstrap: 0 };
  await expect(bench().run('gap', fields, run, params)).rejects.toThrow(/which is the reference, with layer 2.*or leave the last layer out of layers/);
  expect((await bench().run('gap', fields, run, { ...params, layers: [0, 1] })).rows).toHaveLength(2);
});

test('every layer of hidden states is a row, and differences take the best layer, with a warning', async () => {
  const made = bench();
  const { rows, differences } = await made.run('gap', fields, run, { reference: 'human', candidates: ['noise', 'hidden'], standardise: 'none', metric: 'euclidean', permutations: 500, bootstrap: 500 });
  expect(rows.map(({ candidate, layer, layerIndex }) => [candidate, layer, layerIndex])).toEqual([
    ['noise', 'ratings', 0], ['hidden', 'embeddings', 0], ['hidden', 'layer 1', 1], ['hidden', 'layer 2', 2],
  ]);
  expect(rows[2]!.value).toBeGreaterThan(0.9);
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatchObject({ a: { candidate: 'hidden', layer: 'layer 1' }, b: { candidate: 'noise', layer: 'ratings' } });
  expect(differences[0]!.value).toBeCloseTo(rows[2]!.value - rows[0]!.value, 12);
  expect(differences[0]!.interval![0]).toBeLessThan(differences[0]!.value);
  expect(differences[0]!.interval![1]).toBeGreaterThan(differences[0]!.value);
  expect(made.warnings).toEqual([expect.stringContaining('best layer is not corrected'), expect.stringContaining('optimistic')]);
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
  expect(made.warnings).toEqual(['the reference hidden is hidden states: its last layer alone is used (layer 2).', 'Motor dimensions: skipped, hidden has no dimension of this set.']);
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
  const { rows, orders, permutations } = await made.run('cell', fields, run, { reference: 'five', candidates: ['close'], permutations: 1000, bootstrap: 0 });
  expect(rows[0]!.n).toBe(5);
  expect({ orders, permutations }).toEqual({ orders: [{ set: 'all', permutations: 120, exact: true }], permutations: 1000 });
  expect(rows[0]!.p! * 120).toBeCloseTo(Math.round(rows[0]!.p! * 120), 9);
  expect(made.warnings).toEqual(['All dimensions: only 5 words; intervals and p are rough.', 'All dimensions: with 5 words there are only 120 orders; all were taken, so p is exact.']);
  await expect(made.run('cell', fields, run, { reference: 'three', candidates: ['close'] })).rejects.toThrow(/cell cell: 3 words are complete.*RSA needs 4/);
});

test('a constant candidate has no correlation, no p and no interval, and the reader is told', async () => {
  const made = bench();
  put(made, { flat: ratings('flat', words, senses, new Float64Array(n * 3).map((_, k) => 1 + (k % 3))) });
  const { rows } = await made.run('cell', fields, run, { reference: 'human', candidates: ['flat'], standardise: 'none', permutations: 100, bootstrap: 500 });
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

const all = ['spearman', 'pearson', 'rho-a', 'tau-a', 'tau-b', 'cosine', 'whitened-cosine', 'whitened-pearson', 'cka', 'cka-unbiased', 'procrustes'] as const;

test.each(all)('%s gives value, interval, p and differences', async (comparator) => {
  const value = await bench().run('gap', fields, run, { reference: 'human', candidates: ['close', 'noise'], comparator, permutations: 99, bootstrap: 500 });
  expect(value).toMatchObject({ comparator, resampling: ['spearman', 'pearson', 'rho-a', 'cosine'].includes(comparator) ? 'bootstrap' : 'delete-half', intervalMethod: 'corrected' });
  const [near, far] = value.rows;
  expect(near!.value).toBeGreaterThan(far!.value);
  expect(near!.p).toBe(1 / 99);
  expect(near!.se).toBeGreaterThan(0);
  expect(near!.interval![0]).toBeLessThan(near!.value);
  expect(near!.interval![1]).toBeGreaterThan(near!.value);
  const [gap] = value.differences;
  expect(gap!.value).toBeCloseTo(far!.value - near!.value, 12);
  expect(gap!.p).toBeLessThan(0.01);
  expect(gap!.interval![1]).toBeLessThan(0);
  expect(near!.angle).toBe(comparator === 'procrustes' ? Math.acos(near!.value) : undefined);
});

test('words drawn without replacement serve every comparator, and agree with the bootstrap about the error', async () => {
  const params = { reference: 'human', candidates: ['close'], permutations: 0, bootstrap: 1000 };
  const [drawn, sampled] = await Promise.all((['bootstrap', 'delete-half'] as const).map((resampling) => bench().run('gap', fields, run, { ...params, resampling })));
  expect(sampled!.resampling).toBe('delete-half');
  expect(sampled!.rows[0]!.value).toBe(drawn!.rows[0]!.value);
  expect(sampled!.rows[0]!.se! / drawn!.rows[0]!.se!).toBeGreaterThan(0.7);
  expect(sampled!.rows[0]!.se! / drawn!.rows[0]!.se!).toBeLessThan(1.4);
  await expect(bench().run('gap', fields, run, { ...params, comparator: 'tau-a', resampling: 'bootstrap' })).rejects.toThrow(/no sum over pairs/);
});

test('the three kinds of interval hold the value, and BCa without weights of words is told to be percentiles', async () => {
  const params = { reference: 'human', candidates: ['close'], permutations: 0, bootstrap: 300 };
  for (const interval of ['corrected', 'percentile', 'bca'] as const) {
    const value = await bench().run('gap', fields, run, { ...params, interval });
    expect(value.intervalMethod).toBe(interval);
    expect(value.rows[0]!.interval![0]).toBeLessThan(value.rows[0]!.value);
    expect(value.rows[0]!.interval![1]).toBeGreaterThan(value.rows[0]!.value);
  }
  const made = bench();
  const value = await made.run('gap', fields, run, { ...params, interval: 'bca', comparator: 'whitened-cosine' });
  expect(value.intervalMethod).toBe('percentile');
  expect(made.warnings).toEqual([expect.stringContaining('percentiles are given in their place'), expect.stringContaining('only 300 draws of the words')]);
});

test('p is corrected by the maximum statistic within a set, by Holm and Benjamini-Hochberg over all rows', async () => {
  const params = { reference: 'human', candidates: ['noise', 'hidden'], permutations: 200, bootstrap: 50, differences: 'all' };
  const [none, max, holm, bh] = await Promise.all((['none', 'max', 'holm', 'bh'] as const).map((correction) => bench().run('gap', fields, run, { ...params, correction })));
  expect(none!.rows.every(({ pAdjusted }) => pAdjusted === null)).toBe(true);
  for (const value of [max!, holm!, bh!]) {
    expect(value.rows.map(({ p }) => p)).toEqual(none!.rows.map(({ p }) => p));
    value.rows.forEach(({ p, pAdjusted }) => expect(pAdjusted).toBeGreaterThanOrEqual(p!));
    expect(value.differences[0]!.pAdjusted).toBe(value.differences[0]!.p);
  }
  // All four share their permutations, so the largest statistic corrects less than Holm where candidates are alike.
  expect(max!.rows[2]!.pAdjusted).toBe(1 / 200);
  expect(holm!.rows[2]!.pAdjusted).toBe(4 / 200);
});

test('many p-values without a correction are warned of, and the warning names one', async () => {
  const made = bench();
  put(made, { deep: states('deep', words, d, Array.from({ length: 12 }, (_, layer) => Float32Array.from(normals(n * d, 40 + layer)))) });
  await made.run('gap', fields, run, { reference: 'human', candidates: ['deep'], permutations: 50, bootstrap: 0, differences: 'none' });
  expect(made.warnings).toEqual([
    '12 p-values, not corrected for their number: Bonferroni asks p ≤ .0042 for .05, which 50 permutations cannot give (240 can); correction: max corrects for all candidates and layers of a set.',
    expect.stringContaining('best layer is not corrected'),
  ]);
});

test.each([
  [{ permutations: 0, correction: 'max', bootstrap: 0 }, 'permutations is 0, so that there is no p: correction max plays no part.'],
  [{ permutations: 0, correction: 'holm', differences: 'none' }, 'permutations is 0, so that there is no p: correction holm plays no part.'],
  [{ permutations: 0, correction: 'max' }, 'permutations is 0, so that values have no p: correction max is of the differences alone, by Holm.'],
  [{ permutations: 1 }, 'permutations is 1, which is the order of the words as it is: every p is 1.'],
  [{ permutations: 10 }, 'with 10 permutations no p can be below .1; 20 or more let it reach .05.'],
  [{ permutations: 20, bootstrap: 1 }, 'a single draw of the words has no spread, so intervals and p of differences say nothing; take 500 or more.'],
  [{ bootstrap: 0, interval: 'bca', level: 0.9 }, 'bootstrap is 0: interval bca and level 0.9 play no part.'],
  [{ bootstrap: 0, differences: 'all' }, 'bootstrap is 0: differences have no interval and no p.'],
])('settings %o that ask for what cannot be are told, once', async (asked, told) => {
  const made = bench();
  await made.run('gap', fields, run, { reference: 'human', candidates: ['close', 'noise'], permutations: 50, bootstrap: 500, ...asked });
  expect(made.warnings).toEqual([told]);
});

test('p of the best of a few layers is told to be too small, where it is shown and not corrected', async () => {
  const warnings = async (params: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
    const made = bench();
    await made.run('gap', fields, run, { reference: 'human', candidates: ['hidden'], permutations: 100, bootstrap: 0, ...params });
    return made.warnings;
  };
  expect(await warnings({})).toEqual([expect.stringContaining('best layer is not corrected')]);
  for (const params of [{ correction: 'max' }, { layers: ['last'] }, { permutations: 0 }]) expect(await warnings(params)).toEqual([]);
});

test('all pairs of many candidates are many differences, and without a correction the reader is told', async () => {
  const made = bench();
  const names = Array.from({ length: 6 }, (_, k) => `noise ${k}`);
  put(made, Object.fromEntries(names.map((name, k) => [name, ratings(name, words, senses, uniforms(n * 3, 60 + k))])));
  const params = { reference: 'human', candidates: names, permutations: 0, bootstrap: 500, differences: 'all' };
  expect((await made.run('gap', fields, run, params)).differences).toHaveLength(15);
  expect(made.warnings).toEqual([expect.stringContaining('15 differences, each with its p, not corrected')]);
  await made.run('gap', fields, run, { ...params, correction: 'holm' });
  expect(made.warnings.slice(1)).toEqual(['permutations is 0, so that values have no p: correction holm is of the differences alone.']);
});

test('a correction that the permutations leave no room for is told, with what would', async () => {
  const told = async (correction: string, permutations: number, first = n): Promise<readonly string[]> => {
    const made = bench();
    put(made, { few: ratings('few', words.slice(0, first), senses, human.layers[0]!.data.slice(0, first * 3) as Float64Array) });
    await made.run('gap', fields, run, { reference: 'few', candidates: ['noise', 'close', 'hidden'], permutations, bootstrap: 0, differences: 'none', correction });
    return made.warnings.filter((warning) => warning.includes('correction over'));
  };
  expect(await told('holm', 50)).toEqual(['Holm’s correction over 5 rows: with 50 permutations no corrected p can be below .1; 100 or more let it reach .05.']);
  expect(await told('bh', 50)).toEqual(['Benjamini and Hochberg’s correction over 5 rows: with 50 permutations a corrected p can reach .05 only where 2 rows have the least p there is; 100 or more let a single row reach .05.']);
  expect(await told('holm', 1000, 4)).toEqual(['Holm’s correction over 5 rows: with all 24 orders of the words no corrected p can be below .21; take more words or fewer rows.']);
  expect([...await told('holm', 100), ...await told('max', 50), ...await told('none', 50)]).toEqual([]);
});

test('Procrustes makes no RDM, so words beyond the memory of RDMs are no problem', async () => {
  const many = 20_000;
  const made = bench();
  const list = wordList(many);
  put(made, { wide: ratings('wide', list, senses, uniforms(many * 3, 1)), other: ratings('other', list, senses, uniforms(many * 3, 2)) });
  const params = { reference: 'wide', candidates: ['other'], permutations: 0, bootstrap: 0 };
  const { rows } = await made.run('gap', fields, run, { ...params, comparator: 'procrustes' });
  expect(rows[0]!.n).toBe(many);
  await expect(made.run('gap', fields, run, { ...params, comparator: 'cka' })).rejects.toThrow(/2 RDMs of 20000 words need 5 GB/);
});

test('the alternative turns the test around', async () => {
  const p = async (alternative: string): Promise<number> =>
    (await bench().run('gap', fields, run, { reference: 'human', candidates: ['close'], permutations: 200, bootstrap: 0, alternative })).rows[0]!.p!;
  expect([await p('greater'), await p('two-sided'), await p('less')]).toEqual([1 / 200, 1 / 200, 1]);
});

test('a comparator of representations says that the dissimilarity plays no part', async () => {
  const made = bench();
  const value = await made.run('gap', fields, run, { reference: 'human', candidates: ['close'], comparator: 'cka', metric: 'euclidean', removeMean: true, permutations: 0, bootstrap: 0 });
  const other = await bench().run('gap', fields, run, { reference: 'human', candidates: ['close'], comparator: 'cka', permutations: 0, bootstrap: 0 });
  expect(value.rows[0]!.value).toBe(other.rows[0]!.value);
  expect(made.warnings).toEqual(['cka compares the representations themselves: metric euclidean and removeMean true play no part in it.']);
});

test('distances that only rounding tells apart can be made to tie', async () => {
  const made = bench();
  // Ratings of 0 and 1 alone: many pairs of words are equally far apart, but for rounding.
  const few = ratings('few', words, senses, uniforms(n * 3, 9).map((value) => Math.round(value)) as Float64Array);
  put(made, { few });
  const value = async (ties: string): Promise<number> =>
    (await made.run('gap', fields, run, { reference: 'few', candidates: ['human'], standardise: 'zscore', metric: 'euclidean', permutations: 0, bootstrap: 0, ties })).rows[0]!.value;
  const [exact, rounding] = [await value('exact'), await value('rounding')];
  expect(rounding).not.toBe(exact);
  expect(Math.abs(rounding - exact)).toBeLessThan(0.01);
});

test('a noise ceiling stands beside the values, and one made another way is told to be none', async () => {
  const made = bench();
  const ceiling: CeilingValue = {
    type: 'ceiling', from: 'reliability', reference: 'human', referenceOrigin: 'human', second: null, comparator: 'spearman', metric: 'cosine', treatment: plainTreatment('cosine', 'zscore', 'none'), measuredBy: null, over: null,
    simulations: 100, bootstrap: 0, level: 0.95, dropped: [],
    rows: [{ set: 'all', n, pairs: 1770, lower: 0.8, upper: 0.9, lowerInterval: null, upperInterval: null, lowerSpread: null, upperSpread: null, raters: null, crossValidated: null, unanimous: null, reliability: [] }],
  };
  made.values.set('top', ceiling);
  const params = { reference: 'human', candidates: ['close'], permutations: 0, bootstrap: 0, ceiling: 'top' };
  expect((await made.run('gap', fields, run, params)).ceiling).toEqual({ from: 'reliability', measuredBy: null, rows: [{ set: 'all', lower: 0.8, upper: 0.9 }] });
  expect(made.warnings).toEqual([]);
  await made.run('gap', fields, run, { ...params, comparator: 'pearson' });
  expect(made.warnings).toEqual([expect.stringContaining('comparator spearman in place of pearson')]);

  const warned = async (changed: Partial<CeilingValue>, settings: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> => {
    const again = bench();
    again.values.set('top', { ...ceiling, ...changed });
    await again.run('gap', fields, run, { ...params, ...settings });
    return again.warnings;
  };
  expect(await warned({ reference: 'other norms' })).toEqual(['the noise ceiling top was computed with reference other norms in place of human: it is no bound for these values.']);
  expect(await warned({}, { standardise: 'none', removeMean: true }))
    .toEqual(['the noise ceiling top was computed with standardise zscore in place of none and removeMean false in place of true: it is no bound for these values.']);
  const whitened = { metric: 'mahalanobis', treatment: plainTreatment('mahalanobis', 'zscore', 'none') } as const;
  expect(await warned(whitened, { metric: 'mahalanobis', shrinkage: 'full' })).toContainEqual(expect.stringContaining('with shrinkage schaefer-strimmer in place of full:'));
  // What makes no difference to the reference’s distances is none; of two norms either is the reference.
  expect(await warned({}, { states: 'centre' })).toEqual([]);
  expect(await warned({ reference: 'other norms', second: 'human (human)', from: 'norms' })).toEqual([]);
});
