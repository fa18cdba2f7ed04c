/** The `explain` cell on the study's 1,570 words: alone its predictors have the study's RSA, and together they tell who adds what. */
import { expect } from 'vitest';
import { fields } from '../../src/kinds/explain/schema.ts';
import { run } from '../../src/kinds/explain/run.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';
import { studyBench } from './study.ts';

interface Expected {
  readonly english: { readonly all: { readonly n: number; readonly rsa: Readonly<Record<string, number>> } };
}

testWithShared('simple correlations of ranks are the study’s RSA, and the model tuned on English adds most to the others and to word form', async () => {
  // Two of the other models and one control: ranking a million pairs for each further one takes half a second.
  const candidates = ['base', 'en_ft', 'nl_ft'];
  const { english: { all } } = await sharedJson<Expected>('study/expected.json');
  const bench = await studyBench('en');
  const { rows, partitions } = await bench.run('why', fields, run, { reference: 'human', candidates, controls: ['orthography'], permutations: 0, bootstrap: 0, folds: 0 });
  expect(rows.map(({ n }) => n)).toEqual(rows.map(() => all.n));
  const own = candidates.map((name) => rows.find(({ predictor }) => predictor === name)!);
  await agree('expected.json', 'regression: RSA alone', own.map(({ simple }) => simple.value), candidates.map((name) => all.rsa[name]!), { within: 1e-7, because: 'ranks of distances that only rounding tells apart differ between machines' });
  const [split] = partitions;
  const unique = Object.fromEntries(split!.groups.map(({ group, uniqueVariance }) => [group, uniqueVariance.value]));
  expect(unique['en_ft']).toBeGreaterThan(3 * Math.max(unique['base']!, unique['nl_ft']!));
  expect(unique['controls']).toBeLessThan(0.01);
  expect(split!.r2.value).toBeGreaterThan(all.rsa['en_ft']! ** 2);
}, 20_000);
