/** The `raters` and `ceiling` kinds on made-up raters, whose truth is known. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import type { RatersValue } from '../../src/data/raters.ts';
import type { Layer, RepresentationValue } from '../../src/data/values.ts';
import { csvHeads } from '../../src/figures/figure.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { fields as ceilingFields } from '../../src/kinds/ceiling/schema.ts';
import { run as runCeiling } from '../../src/kinds/ceiling/run.ts';
import { fields as ratersFields } from '../../src/kinds/raters/schema.ts';
import { run as runRaters } from '../../src/kinds/raters/run.ts';
import { differenceColumns, rowColumns } from '../../src/kinds/raters/tables.ts';
import { view } from '../../src/kinds/raters/view.ts';
import { holm } from '../../src/rsa/inference/correct.ts';
import { madeUpRaters } from '../figures/made-up-ceiling.ts';
import { normals, ratings, wordList } from '../rsa/helpers.ts';
import { contextOf, paramsOf } from './context.ts';

const n = 40;
const words = wordList(n);
const dimensions = ['Auditory', 'Haptic', 'Visual', 'Head', 'Mouth'];
const d = dimensions.length;
const truth = normals(n * d, 1);
const noisy = (noise: number, seed: number): Float64Array => {
  const own = normals(n * d, seed);
  return truth.map((value, at) => value + noise * own[at]!);
};

/** Human ratings by several raters, each the truth with noise of its own. */
function human(raters: number, noise: number, more: Partial<RepresentationValue> = {}): RepresentationValue {
  const measurements = Array.from({ length: raters }, (_, s) => noisy(noise, 100 + s));
  const mean = truth.map((_, at) => measurements.reduce((sum, own) => sum + own[at]!, 0) / raters);
  const layer: Layer = { name: 'ratings', index: 0, d, data: mean, measurements };
  return ratings('people', words, dimensions, mean, {
    layers: [layer], origin: 'human', measuredBy: { by: 'rater', names: measurements.map((_, s) => `r${s + 1}`) }, ...more,
  });
}

const good = ratings('good', words, dimensions, noisy(0.5, 7));
const poor = ratings('poor', words, dimensions, noisy(3, 8));

async function runWith(cell: 'raters' | 'ceiling', inputs: Record<string, RepresentationValue>, raw: Record<string, unknown>) {
  const context = contextOf(cell, { inputs });
  const value = cell === 'raters' ? await runRaters(paramsOf(ratersFields, raw), context) : await runCeiling(paramsOf(ceilingFields, raw), context);
  return { value, warnings: context.warnings };
}
const byRater = async (inputs: Record<string, RepresentationValue>, raw: Record<string, unknown>) => {
  const { value, warnings } = await runWith('raters', inputs, { reference: 'people', candidates: Object.keys(inputs).slice(1), ...raw });
  if (value.type !== 'raters') throw new Error(value.type);
  return { value, warnings };
};
const ceilingOf = async (inputs: Record<string, RepresentationValue>, raw: Record<string, unknown>) => {
  const { value, warnings } = await runWith('ceiling', inputs, { reference: 'people', ...raw });
  if (value.type !== 'ceiling') throw new Error(value.type);
  return { value, warnings };
};

test('a good candidate agrees with raters in general and more than a poor one; both are told with their ceiling', async () => {
  const { value, warnings } = await byRater({ people: human(8, 1), poor, good }, { bootstrap: 200 });
  expect(value).toMatchObject({ type: 'raters', reference: 'people', referenceOrigin: 'human', measuredBy: 'rater', comparator: 'spearman', over: 'raters' });
  expect(value.raters).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8']);
  const [low, high] = value.rows as [typeof value.rows[number], typeof value.rows[number]];
  expect([low.candidate, high.candidate]).toEqual(['poor', 'good']);
  for (const row of value.rows) {
    expect(row).toMatchObject({ n, pairs: (n * (n - 1)) / 2, set: 'all' });
    expect(row.values).toHaveLength(8);
    expect(row.value).toBeCloseTo(row.values.reduce((sum, one) => sum + one, 0) / 8, 12);
    expect(row.interval![0]).toBeLessThan(row.value);
    // With many draws the bootstrap over raters gives the analytic standard error.
    expect(row.bootstrap!.se / row.se).toBeGreaterThan(0.8);
    expect(row.bootstrap!.se / row.se).toBeLessThan(1.2);
  }
  expect(high.p).toBeLessThan(1e-4);
  expect(high.pWilcoxon).toBe(2 / 256);
  expect(low.pCeiling).toBeLessThan(0.001);
  const { lower, upper } = value.ceilings[0]!.noiseCeiling;
  expect(lower).toBeGreaterThan(low.value);
  expect(upper).toBeGreaterThan(lower);
  expect(value.differences).toHaveLength(1);
  expect(value.differences[0]).toMatchObject({ a: { candidate: 'good' }, b: { candidate: 'poor' } });
  expect(value.differences[0]!.value).toBeCloseTo(high.value - low.value, 12);
  expect(value.differences[0]!.p).toBeLessThan(0.001);
  expect(value.differences[0]!.pAdjusted).toBe(value.differences[0]!.p);
  expect(warnings).toEqual([]);
});

test('generalising to words and raters at once is less certain than to raters alone', async () => {
  const inputs = { people: human(6, 1), good };
  const spread = async (over: string) => (await byRater(inputs, { over, bootstrap: 300 })).value.rows[0]!.bootstrap!;
  const [raters, withWords, both] = [await spread('raters'), await spread('words'), await spread('both')];
  expect(both.se).toBeGreaterThanOrEqual(raters.se * 0.9);
  expect(both.se).toBeGreaterThanOrEqual(withWords.se * 0.9);
  expect([raters.df, withWords.df, both.df]).toEqual([5, n - 1, 5]);
});

test('few raters are told to be few, and what Wilcoxon cannot reach', async () => {
  const { value, warnings } = await byRater({ people: human(4, 1), good }, { bootstrap: 0 });
  expect(value.rows[0]!.bootstrap).toBeNull();
  expect(warnings).toEqual(['All dimensions: only 4 raters; t tests and intervals over raters are rough.', 'All dimensions: with 4 raters no exact Wilcoxon p can be below .13.']);
});

test('a reference without raters is refused with a way to get them', async () => {
  const one = ratings('people', words, dimensions, truth);
  await expect(byRater({ people: one, good }, {})).rejects.toThrow('Name a column pattern for each rater');
  await expect(ceilingOf({ people: one }, {})).rejects.toThrow('one measurement of each word');
  await expect(ceilingOf({ people: one }, { from: 'reliability' })).rejects.toThrow('ratings without their SD and number of raters');
  await expect(ceilingOf({ people: human(3, 1) }, { metric: 'crossnobis' })).rejects.toThrow('every rater or template makes an RDM of its own');
  await expect(ceilingOf({ people: one }, { from: 'norms' })).rejects.toThrow('second names no cell');
});

test('words that a rater left out are dropped and named, with the rater', async () => {
  const people = human(3, 1);
  const [layer] = people.layers as [Layer];
  const gap = Float64Array.from(layer.measurements![1]!);
  gap[2 * d] = NaN;
  const gappy = { ...people, layers: [{ ...layer, measurements: [layer.measurements![0]!, gap, layer.measurements![2]!] }] };
  const { value } = await byRater({ people: gappy, good }, { bootstrap: 0 });
  expect(value.rows[0]!.n).toBe(n - 1);
  expect(value.dropped).toEqual([{ reason: 'empty Auditory in people, r2', words: ['w2'] }]);
  const pairwise = await byRater({ people: gappy, good }, { bootstrap: 0, missing: 'pairwise' });
  expect(pairwise.value.rows[0]!.n).toBe(n);
  expect(pairwise.warnings.some((warning) => warning.startsWith('All dimensions: people, r2: 39 of 780 distances'))).toBe(true);
});

test('the ceiling from raters holds a candidate that is the truth, and rises with better raters', async () => {
  const exact = ratings('truth', words, dimensions, Float64Array.from(truth));
  const bounds = async (noise: number) => {
    const people = human(8, noise);
    const { value } = await ceilingOf({ people }, { sets: ['all', 'sensory'], bootstrap: 50, raterFolds: 2, wordFolds: 2 });
    const best = (await byRater({ people, truth: exact }, { bootstrap: 0 })).value.rows[0]!.value;
    return { rows: value.rows, best, value };
  };
  const [rough, fine] = [await bounds(1.5), await bounds(0.5)];
  for (const { rows: [all, sensory], best } of [rough, fine]) {
    expect(all!.lower).toBeLessThan(best);
    expect(all!.upper).toBeGreaterThan(best);
    expect(all!.raters).toBe(8);
    expect(all!.lowerInterval![0]).toBeLessThan(all!.lower);
    expect(all!.lowerInterval![1]).toBeGreaterThan(all!.lower);
    expect(all!.upperInterval![1]).toBeLessThanOrEqual(1);
    expect(all!.crossValidated!.lower).toBeLessThan(all!.crossValidated!.upper);
    expect(sensory!.set).toBe('sensory');
  }
  expect(fine.rows[0]!.lower).toBeGreaterThan(rough.rows[0]!.upper);
  expect(fine.value.treatment).toEqual({ metric: 'cosine', ratings: 'zscore', states: 'none', noise: { shrinkage: 'schaefer-strimmer', perMeasurement: false }, perChannel: false, removeMean: false, missing: 'drop' });
  expect(fine.value).toMatchObject({ type: 'ceiling', from: 'raters', measuredBy: 'rater', over: 'raters', second: null, simulations: 0 });
  await expect(ceilingOf({ people: human(4, 1) }, { raterFolds: 5, bootstrap: 0 })).rejects.toThrow('raterFolds is 5, with 4 raters');
});

test('published SDs and numbers of raters give a ceiling that holds the agreement of the truth with the published means', async () => {
  const raters = 12;
  const people = human(raters, 1.2);
  const { measurements } = people.layers[0]!;
  const means = people.layers[0]!.data as Float64Array;
  const sd = means.map((mean, at) => Math.sqrt(measurements!.reduce((sum, own) => sum + (own[at]! - mean) ** 2, 0) / (raters - 1)));
  const published = ratings('people', words, dimensions, means, { origin: 'human', spread: { sd, raters: new Float64Array(n * d).fill(raters) } });
  const { value, warnings } = await ceilingOf({ people: published }, { from: 'reliability', simulations: 60 });
  const [row] = value.rows as [typeof value.rows[number]];
  const exact = ratings('truth', words, dimensions, Float64Array.from(truth));
  const { value: agreement } = await ceilingOf({ people: published, truth: exact }, { from: 'norms', second: 'truth', bootstrap: 0 });
  expect([row.lowerInterval, row.upperInterval, row.unanimous]).toEqual([null, null, 0]);
  expect(row.upperSpread![0]).toBeLessThan(agreement.rows[0]!.upper);
  expect(row.upperSpread![1]).toBeGreaterThan(agreement.rows[0]!.upper);
  expect(row.lower).toBeLessThan(row.upper);
  expect(row.reliability.map(({ dimension }) => dimension)).toEqual(dimensions);
  for (const { reliability, raters: count } of row.reliability) {
    expect(reliability).toBeGreaterThan(0.75);
    expect(reliability).toBeLessThan(0.97);
    expect(count).toBe(raters);
  }
  expect(value).toMatchObject({ from: 'reliability', simulations: 60, bootstrap: 0, over: null });
  expect(warnings).toEqual(['the spreads are of single simulated studies; they do not cover the choice of words.']);

  // The raters' own answers tell the same.
  const own = await ceilingOf({ people }, { from: 'reliability', simulations: 60 });
  expect(own.value.rows).toEqual(value.rows);

  const certain = ratings('people', words, dimensions, means, { spread: { sd: new Float64Array(n * d), raters: new Float64Array(n * d).fill(raters) } });
  const sure = (await ceilingOf({ people: certain }, { from: 'reliability', simulations: 3 })).value.rows[0]!;
  expect(sure.lower).toBeCloseTo(1, 12);
  expect(sure.upper).toBeCloseTo(1, 12);

  const alike = Float64Array.from(sd, (value, at) => (at % 5 < 2 ? 0 : value));
  const unanimous = ratings('people', words, dimensions, means, { spread: { sd: alike, raters: new Float64Array(n * d).fill(raters) } });
  const floored = await ceilingOf({ people: unanimous }, { from: 'reliability', simulations: 3 });
  expect(floored.value.rows[0]!.unanimous).toBeCloseTo(0.4, 12);
  expect(floored.value.rows[0]!.reliability.map((one) => one.unanimous)).toEqual([1, 1, 0, 0, 0]);
  expect(floored.warnings[0]).toContain('in 40 % of the ratings all raters gave the same answer (SD 0)');

  const unknown = Float64Array.from(sd);
  unknown[3 * d + 1] = NaN;
  const partly = ratings('people', words, dimensions, means, { spread: { sd: unknown, raters: new Float64Array(n * d).fill(raters) } });
  const told = (await ceilingOf({ people: partly }, { from: 'reliability', simulations: 3 })).value;
  expect(told.rows[0]!.n).toBe(n - 1);
  expect(told.dropped).toEqual([{ reason: 'no SD or number of raters of Haptic in people', words: ['w3'] }]);
});

test('templates of hidden states count as raters, and are called templates', async () => {
  const states = (seed: number): Float32Array => Float32Array.from(noisy(1, seed));
  const layer = (index: number): Layer => ({ name: `layer ${index}`, index, d, data: states(30), measurements: [states(31 + index), states(41 + index), states(51 + index)] });
  const hidden: RepresentationValue = { ...ratings('model', words, [], truth), layers: [layer(1), layer(2)], measuredBy: { by: 'template', names: ['{word}', 'the {word}', 'a {word}'] } };
  const context = contextOf('ceiling', { inputs: { model: hidden } });
  const value = await runCeiling(paramsOf(ceilingFields, { reference: 'model', bootstrap: 0, comparator: 'pearson', metric: 'euclidean' }), { ...context, compute: () => openCompute({ backend: 'cpu' }) });
  expect(value).toMatchObject({ measuredBy: 'template', reference: 'model (layer 2)' });
  expect(value.rows[0]!.raters).toBe(3);
  expect(context.warnings[0]).toBe('the reference model is hidden states: its last layer alone is used (layer 2).');
});

/** The same people, one of whom answers `answer` to everything. */
function withFlat(people: RepresentationValue, who: number, answer: number): RepresentationValue {
  const [layer] = people.layers as [Layer];
  const measurements = layer.measurements!.map((own, s) => (s === who ? new Float64Array(n * d).fill(answer) : own));
  return { ...people, layers: [{ ...layer, measurements }] };
}

test('a rater who rates all words alike is left out by name, and the numbers are those of the others', async () => {
  const people = withFlat(human(6, 1), 2, 0);
  const settings = { metric: 'euclidean', sets: ['Auditory'], bootstrap: 20 };
  for (const comparator of ['spearman', 'pearson', 'whitened-pearson', 'cosine']) {
    const { value, warnings } = await byRater({ people, poor, good }, { ...settings, comparator });
    const [row] = value.rows as [typeof value.rows[number]];
    expect(row.values[2]).toBeNaN();
    expect(row.values.filter(Number.isFinite)).toHaveLength(5);
    expect(row.raters).toBe(5);
    expect([row.value, row.se, row.p, row.pWilcoxon, row.pCeiling, ...row.interval!, row.bootstrap!.se, row.bootstrap!.p].every(Number.isFinite)).toBe(true);
    expect(value.differences[0]!.p).not.toBeNull();
    expect(warnings).toContain(`Auditory: r3 left out: all distances between words are equal there, so that ${comparator} has no value.`);
    const others = human(6, 1);
    const { measurements } = others.layers[0]!;
    const without = { ...others, layers: [{ ...others.layers[0]!, measurements: measurements!.filter((_, s) => s !== 2) }], measuredBy: { by: 'rater' as const, names: ['r1', 'r2', 'r4', 'r5', 'r6'] } };
    expect(value.ceilings).toEqual((await byRater({ people: without, poor, good }, { ...settings, comparator })).value.ceilings);
    const ceiling = await ceilingOf({ people }, { ...settings, comparator, raterFolds: 2 });
    expect(ceiling.value.rows[0]).toMatchObject({ raters: 5, lower: value.ceilings[0]!.noiseCeiling.lower });
    expect(Number.isFinite(ceiling.value.rows[0]!.crossValidated!.lower)).toBe(true);
    expect(ceiling.warnings[0]).toContain('r3 left out');
  }
  const alone = withFlat(withFlat(human(3, 1), 0, 1), 2, 5);
  await expect(byRater({ people: alone, good }, settings)).rejects.toThrow('1 of 3 raters can be compared');
  await expect(ceilingOf({ people: alone }, settings)).rejects.toThrow('Of r1 and r3, all distances between words are equal there');
});

test('a candidate that tells no words apart is told to have no value', async () => {
  const flat = ratings('flat', words, dimensions, new Float64Array(n * d).fill(3));
  const { value, warnings } = await byRater({ people: human(6, 1), good, flat }, { metric: 'euclidean', bootstrap: 20 });
  expect(value.rows[1]!.value).toBeNaN();
  expect(value.rows[1]!.p).toBeNull();
  expect(value.differences).toEqual([]);
  expect(warnings).toEqual(['All dimensions: all distances between words are equal in flat, ratings, so that spearman has no value.']);
});

test('the bootstrap’s p of differences are corrected by themselves', async () => {
  const inputs = { people: human(6, 1), good, poor, other: ratings('other', words, dimensions, noisy(1, 9)) };
  const { value } = await byRater(inputs, { over: 'words', bootstrap: 200, differences: 'all' });
  const own = value.differences.map(({ bootstrap }) => bootstrap!);
  expect(own.map(({ pAdjusted }) => pAdjusted)).toEqual(holm(own.map(({ p }) => p!)));
  expect(value.differences.map(({ pAdjusted }) => pAdjusted)).toEqual(holm(value.differences.map(({ p }) => p!)));
  expect(own[0]!.pAdjusted).not.toBe(value.differences[0]!.pAdjusted);
});

test('draws and folds that a ceiling does not make are told', async () => {
  const people = human(6, 1);
  const reliability = await ceilingOf({ people }, { from: 'reliability', simulations: 3, over: 'both', bootstrap: 500, raterFolds: 2, wordFolds: 2 });
  expect(reliability.warnings[0]).toBe('over both, bootstrap 500, wordFolds 2 and raterFolds 2 play no part in a ceiling from reliability.');
  expect((await ceilingOf({ people }, { bootstrap: 0, wordFolds: 3 })).warnings).toEqual(['wordFolds 3 plays no part without raterFolds, which asks for the cross-validated ceiling.']);
  expect((await ceilingOf({ people }, { bootstrap: 0, simulations: 7 })).warnings).toEqual(['simulations 7 plays no part in a ceiling from raters.']);
  expect((await ceilingOf({ people }, { from: 'reliability', simulations: 3, bootstrap: 0 })).warnings).toHaveLength(1);
});

test('simulations without a value, and words left out of some, are counted and not averaged', async () => {
  const few = words.slice(0, 12);
  const spread = (sd: Float64Array) => ({ spread: { sd, raters: new Float64Array(sd.length).fill(10) } });
  // All words alike, without error: no simulation has a value.
  const same = ratings('people', few, dimensions.slice(0, 2), new Float64Array(24).fill(2), spread(new Float64Array(24)));
  const none = await ceilingOf({ people: same }, { from: 'reliability', simulations: 4, metric: 'euclidean', standardise: 'none' });
  expect(none.value.rows[0]!.upper).toBeNaN();
  expect(none.warnings).toContain('All dimensions: 4 of 4 simulations have no value, as all their distances are equal; the ceiling is the mean of the others.');
  // Words of zeros that are sure have no direction.
  const means = Float64Array.from({ length: 24 }, (_, at) => (at < 4 ? 0 : 1 + normals(24, 3)[at]!));
  const zeros = ratings('people', few, dimensions.slice(0, 2), means, spread(Float64Array.from(means, (mean) => (mean === 0 ? 0 : 0.5))));
  const short = await ceilingOf({ people: zeros }, { from: 'reliability', simulations: 4, standardise: 'none' });
  expect(short.warnings).toContain('All dimensions: in 4 of 4 simulations words without a distance were left out, at most 2 of 12.');
  expect(Number.isFinite(short.value.rows[0]!.lower)).toBe(true);
});

test('draws and folds of words over which a rater tells nothing apart are counted', async () => {
  const people = withFlat(human(6, 1), 2, 0);
  // This rater answers to one word only; without it all distances are 0.
  people.layers[0]!.measurements![2]![5 * d] = 4;
  const settings = { metric: 'euclidean', sets: ['Auditory'], over: 'words', bootstrap: 60 };
  for (const comparator of ['spearman', 'pearson', 'cosine']) {
    const { value, warnings } = await byRater({ people, good }, { ...settings, comparator });
    expect(value.rows[0]!.raters).toBe(6);
    expect(Number(/^Auditory: (\d+) of 60 draws have no value/.exec(warnings.at(-1)!)?.[1])).toBeGreaterThan(10);
    expect(value.rows[0]!.bootstrap!.se).toBeGreaterThan(0);
    const ceiling = await ceilingOf({ people }, { ...settings, comparator, wordFolds: 4, raterFolds: 3 });
    expect(ceiling.warnings[0]).toMatch(/^Auditory: \d+ of 60 draws have no ceiling/);
    expect(ceiling.warnings[1]).toBe('Auditory: 3 times a rater was left out of a fold of words over which all distances are equal.');
    const [row] = ceiling.value.rows;
    expect([...row!.lowerInterval!, row!.crossValidated!.lower, row!.crossValidated!.upper].every(Number.isFinite)).toBe(true);
  }
});

test('the table has columns that say something only, the statistics before the raters, and each p is explained', () => {
  const heads = (value: RatersValue): string[] => csvHeads(rowColumns(value));
  const made = { candidates: ['one', 'two'], sets: ['all'] as const, raters: 2 };
  expect(heads(madeUpRaters({ ...made, draws: 0 }))).toEqual([
    'candidate', 'mean', 'SE', 'low', 'high', 'p (t)', 'p (Wilcoxon)', 'p (t, ceiling)', 'p (Wilcoxon, ceiling)', 'raters', 'words', 'pairs', 'r1', 'r2',
  ]);
  const full = heads(madeUpRaters({ ...made, sets: ['motor'], layers: 2 }));
  expect(full.slice(0, 4)).toEqual(['candidate', 'layer', 'layer index', 'set']);
  expect(full.slice(9, 13)).toEqual(['SE (bootstrap)', 'low (bootstrap)', 'high (bootstrap)', 'p (bootstrap)']);
  expect(new Set(full).size).toBe(full.length);
  expect(differenceColumns(madeUpRaters({ ...made, draws: 0 })).map(({ label }) => label)).toEqual(['a', 'b', 'a − b', 'SE', 'low', 'high', 'p', 'p', 'p']);
  const text = (value: RatersValue): string => {
    const host = document.createElement('div');
    render(view(value, { cell: 'by', params: {}, width: 900, update: () => undefined, state: new Map() }), host);
    return host.textContent;
  };
  expect(text(madeUpRaters(made))).toContain('In the table p by t asks whether the mean over raters is above 0 (one-sided), p of the bootstrap the same with its own SE, p by Wilcoxon');
  expect(text(madeUpRaters({ ...made, draws: 0 }))).not.toMatch(/bootstrap/);
});
