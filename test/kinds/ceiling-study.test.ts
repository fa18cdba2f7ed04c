/** Ceilings of the study's norms: people to people across languages, and from the Lancaster norms' own SDs and numbers of raters. */
import { expect } from 'vitest';
import { fields } from '../../src/kinds/ceiling/schema.ts';
import { run } from '../../src/kinds/ceiling/run.ts';
import { fields as ratingsFields } from '../../src/kinds/ratings/schema.ts';
import { run as runRatings } from '../../src/kinds/ratings/run.ts';
import { fields as tableFields } from '../../src/kinds/table/schema.ts';
import { run as runTable } from '../../src/kinds/table/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { agree } from '../reference/agree.ts';
import { Bench, studyBench } from '../reference/study.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const senses = ['Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory', 'Visual'];

testWithShared('Dutch people agree with English people to 0.555 on the six senses', async () => {
  const nl = await studyBench('nl');
  await nl.run('english', ratingsFields, runRatings, { stimuli: 'words', from: 'table', columns: '*.mean', dimensions: senses });
  const { rows, second } = await nl.run('ceiling', fields, run, { reference: 'human', from: 'norms', second: 'english', sets: ['sensory'], bootstrap: 20 });
  expect(rows[0]!.n).toBe(1572);
  expect(rows[0]!.lower).toBe(rows[0]!.upper);
  await agree('study/METHOD.md', 'cross-language-ceiling', rows[0]!.upper, 0.555, { within: 5e-4, because: 'published to three decimals' });
  const [low, high] = rows[0]!.upperInterval!;
  expect(low).toBeLessThan(rows[0]!.upper);
  expect(high).toBeGreaterThan(rows[0]!.upper);
  expect(high - low).toBeLessThan(0.1);
  expect(second).toBe('english');
});

testWithShared('the Lancaster norms’ SDs and numbers of raters give a ceiling well above what people of two languages share', async () => {
  const bench = new Bench();
  bench.files.set('norms.csv', { name: 'norms.csv', sha256: '', content: new Blob([await sharedBytes('norms/lancaster_union.csv')]) });
  await bench.run('lancaster', tableFields, runTable, { file: 'norms.csv' });
  await bench.run('words', stimuliFields, runStimuli, { norms: 'lancaster', ratings: '*.mean', sample: 400 });
  const human = await bench.run('human', ratingsFields, runRatings, { stimuli: 'words', from: 'lancaster', columns: '*.mean', sd: '*.SD', n: 'N_known.*' });
  const known = human.words.filter((_, i) => human.spread!.raters.subarray(i * 11, (i + 1) * 11).every((count) => count > 1)).length;
  expect(known).toBeGreaterThan(200);
  const { rows } = await bench.run('ceiling', fields, run, { reference: 'human', from: 'reliability', sets: ['sensory', 'motor', 'all'], simulations: 10 });
  for (const { n, lower, upper, reliability } of rows) {
    expect(n).toBeGreaterThanOrEqual(known);
    expect(lower).toBeGreaterThan(0.555);
    expect(upper).toBeGreaterThan(lower);
    expect(upper).toBeLessThan(1);
    for (const one of reliability) expect(one.reliability).toBeGreaterThan(0.6);
  }
});
