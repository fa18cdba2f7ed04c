/** The study's tables through the kinds themselves; the numbers are in ../shared/study/expected.json and METHOD.md. */
import { beforeAll, expect } from 'vitest';
import { fields as dimensionsFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { fields as wordsFields } from '../../src/kinds/words/schema.ts';
import { run as runWords } from '../../src/kinds/words/run.ts';
import type { WordsValue } from '../../src/data/values.ts';
import { type DimensionSet, dimensionNamed } from '../../src/data/dimensions.ts';
import { type Bench, studyBench } from '../reference/study.ts';
import { sharedFile, sharedFolder, sharedJson, testWithShared } from '../shared.ts';

type ByModel = Readonly<Record<string, number>>;
interface Expected {
  readonly english: Readonly<Record<DimensionSet, { readonly n: number; readonly rsa: ByModel; readonly word_similarity_mean: ByModel; readonly rank_correlation_of_word_similarity: ByModel }>>
    & { readonly dimension_spearman: Readonly<Record<string, ByModel>> };
  readonly dutch: { readonly n: number; readonly rsa: ByModel; readonly word_similarity_mean: ByModel; readonly dimension_spearman: Readonly<Record<string, ByModel>> };
}

const sets = ['motor', 'sensory', 'all'] as const;
const english = { reference: 'human', candidates: ['base', 'en_ft', 'nl_ft', 'qa_ft'] };
const dutch = { reference: 'human', candidates: ['base', 'en_ft', 'nl_ft'] };
let en: Bench;
let nl: Bench;
let expected: Expected;

beforeAll(async () => {
  if (!sharedFolder) return;
  [en, nl, expected] = await Promise.all([studyBench('en'), studyBench('nl'), sharedJson<Expected>('study/expected.json')]);
});

testWithShared('RSA of every set and model is the study’s', async () => {
  const { rows, dropped, referenceOrigin } = await en.run('gap', rsaFields, runRsa, { ...english, sets, permutations: 0, bootstrap: 0, differences: 'none' });
  expect(rows).toHaveLength(12);
  for (const row of rows) {
    expect(row.n).toBe(expected.english[row.set].n);
    expect(row.pairs).toBe((row.n * (row.n - 1)) / 2);
    expect(Math.abs(row.value - expected.english[row.set].rsa[row.candidate]!)).toBeLessThan(1e-7);
    expect([row.interval, row.p]).toEqual([null, null]);
  }
  expect(dropped.map(({ reason }) => reason).every((reason) => reason.startsWith('empty '))).toBe(true);
  expect(new Set(dropped.flatMap(({ words }) => words)).size).toBe(2);
  expect(referenceOrigin).toBe('human');
  // Where a model answers 0 to most questions, rounding decides the order of many pairs: the reader is told.
  expect(en.warnings.filter((warning) => warning.includes('but for rounding'))).toEqual([expect.stringMatching(/^Motor dimensions: .* nl_ft .* ties they give \.3452 instead of \.3451/)]);
});

testWithShared('the Dutch RSA is the study’s, and sets the Dutch norms lack are skipped', async () => {
  const { rows } = await nl.run('gap', rsaFields, runRsa, { ...dutch, sets, permutations: 0, bootstrap: 0 });
  expect(rows.map(({ set }) => set)).toEqual([...Array(3).fill('sensory'), ...Array(3).fill('all')]);
  for (const row of rows) {
    expect(row.n).toBe(expected.dutch.n);
    expect(Math.abs(row.value - expected.dutch.rsa[row.candidate]!)).toBeLessThan(1e-7);
  }
  expect(nl.warnings).toContain('Motor dimensions: skipped, human has no dimension of this set.');
});

testWithShared('p, intervals and differences of the whole table are all there', async () => {
  const started = performance.now();
  const value = await en.run('gap', rsaFields, runRsa, { ...english, sets, permutations: 1000, bootstrap: 200, interval: 'percentile', differences: 'all' });
  const seconds = (performance.now() - started) / 1000;
  console.info(`rsa, 4 candidates x 3 sets, n 1570, 1000 permutations, 200 resamples: ${seconds.toFixed(1)} s`);
  for (const row of value.rows) {
    expect(row.p).toBe(0.001);
    expect(row.interval![0]).toBeLessThan(row.value);
    expect(row.interval![1]).toBeGreaterThan(row.value);
    expect(row.interval![1] - row.interval![0]).toBeLessThan(0.1);
  }
  expect(value.differences).toHaveLength(18);
  const gain = value.differences.find(({ set, a, b }) => set === 'all' && a.candidate === 'en_ft' && b.candidate === 'base')!;
  expect(gain.value).toBeCloseTo(0.7236 - 0.1918, 4);
  expect(gain.interval![0]).toBeGreaterThan(0.45);
  expect(gain.p).toBeLessThan(1e-6);
  expect(en.warnings.some((warning) => warning.startsWith('12 p-values'))).toBe(true);
  expect([...en.labels]).toEqual(expect.arrayContaining(['motor: permutations', 'all: bootstrap over words']));
}, 600_000);

testWithShared('each dimension’s Spearman is that of expected.json: pairwise, every word that has both numbers', async () => {
  for (const [bench, input, table] of [[en, english, expected.english.dimension_spearman], [nl, dutch, expected.dutch.dimension_spearman]] as const) {
    const { rows } = await bench.run('profile', dimensionsFields, runDimensions, input);
    expect(rows).toHaveLength(Object.keys(table).length * input.candidates.length);
    for (const [name, models] of Object.entries(table)) {
      for (const [model, rho] of Object.entries(models)) {
        const row = rows.find(({ candidate, dimension }) => candidate === model && dimension === dimensionNamed(name)!.id)!;
        expect(Math.abs(row.rho - rho), `${name} ${model}`).toBeLessThan(1e-9);
      }
    }
  }
});

testWithShared('over the words all models answered, each dimension’s Spearman is the published table’s', async () => {
  const { rows } = await en.run('profile', dimensionsFields, runDimensions, english);
  const lines = (await (await sharedFile('study/en_correlation_comparison_results.csv')).text()).trim().split('\n').slice(1);
  for (const line of lines) {
    const [name, ...numbers] = line.split(',').map((cell) => cell.replaceAll('"', ''));
    english.candidates.forEach((model, k) => {
      const { rho, shared } = rows.find(({ candidate, dimension }) => candidate === model && dimension === dimensionNamed(name!)!.id)!;
      expect(Math.abs((shared?.rho ?? rho) - Number(numbers[k])), `${name} ${model}`).toBeLessThan(1e-9);
    });
  }
  expect(lines).toHaveLength(11);
});

testWithShared('bootstrap intervals of dimensions hold their values', async () => {
  const { rows } = await nl.run('profile', dimensionsFields, runDimensions, { ...dutch, bootstrap: 200 });
  expect(rows.every(({ rho, interval }) => interval![0] < rho && rho < interval![1] && interval![1] - interval![0] < 0.15)).toBe(true);
});

testWithShared('word by word: similarities, their rank correlations three ways, and how the scale is used', async () => {
  const started = performance.now();
  const value = await en.run('similarity', wordsFields, runWords, { ...english, sets });
  console.info(`words, 4 candidates x 3 sets, n 1570: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  for (const { candidate, set, n, mean } of value.similarities) {
    expect(n).toBe(expected.english[set].n);
    expect(Math.abs(mean - expected.english[set].word_similarity_mean[candidate]!)).toBeLessThan(1e-9);
  }
  // The study adds eleven squares in pandas' order; similarities that are equal on paper then differ in the last digit.
  for (const { a, b, set, raw } of value.rankCorrelations) {
    expect(Math.abs(raw - expected.english[set].rank_correlation_of_word_similarity[`${a}~${b}`]!)).toBeLessThan(1e-6);
  }
  expect([value.similarities.length, value.rankCorrelations.length]).toEqual([12, 18]);

  // METHOD.md, analyses 3 and 4.
  const pair = (b: string): WordsValue['rankCorrelations'][number] => value.rankCorrelations.find((row) => row.set === 'all' && row.a === 'base' && row.b === b)!;
  expect(pair('en_ft').zscored).toBeCloseTo(0.157, 3);
  expect(pair('en_ft').rows).toBeCloseTo(0.180, 3);
  expect(pair('en_ft').t).toBeCloseTo(-110.7, 1);
  expect(pair('nl_ft').t).toBeCloseTo(-47.4, 1);
  expect(pair('qa_ft').t).toBeCloseTo(-5.95, 2);
  const scale = { human: 1.35, base: 2.76, en_ft: 1.23, nl_ft: 0.65, qa_ft: 1.99 };
  expect(value.scaleUse.map(({ label, mean }) => [label, Math.round(mean * 100) / 100])).toEqual(Object.entries(scale));

  expect(value.words).toHaveLength(1570);
  expect(value.perWord.map(({ candidate, values }) => [candidate, values.length])).toEqual(english.candidates.map((model) => [model, 1570]));
  expect(value.movers.map(({ a, b }) => [a, b])).toEqual([['base', 'en_ft'], ['base', 'nl_ft'], ['base', 'qa_ft']]);
  const [{ gains, losses }] = value.movers as [WordsValue['movers'][number]];
  // Tuning on English ratings takes nearly every word closer to people: only four lose.
  expect([gains.length, losses.length]).toEqual([10, 4]);
  expect(gains.every(({ from, to }, k) => to > from && (k === 0 || to - from <= gains[k - 1]!.to - gains[k - 1]!.from))).toBe(true);
  expect(losses.every(({ from, to }) => to < from)).toBe(true);
}, 120_000);

testWithShared('Dutch word similarities are the study’s', async () => {
  const value = await nl.run('similarity', wordsFields, runWords, { ...dutch, sets: ['sensory'] });
  for (const { candidate, mean } of value.similarities) expect(Math.abs(mean - expected.dutch.word_similarity_mean[candidate]!)).toBeLessThan(1e-9);
  expect(value.similarities).toHaveLength(3);
}, 60_000);

testWithShared('people to people, English to Dutch: 0.555 on the six senses', async () => {
  const { run: runRatings } = await import('../../src/kinds/ratings/run.ts');
  const { fields: ratingsFields } = await import('../../src/kinds/ratings/schema.ts');
  await nl.run('people_en', ratingsFields, runRatings, {
    stimuli: 'words', from: 'table', columns: '*.mean', dimensions: ['Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory', 'Visual'],
  });
  const { rows } = await nl.run('people', rsaFields, runRsa, { reference: 'human', candidates: ['people_en'], sets: ['sensory'], permutations: 0, bootstrap: 0 });
  expect(rows[0]!.value).toBeCloseTo(0.555, 3);
});
