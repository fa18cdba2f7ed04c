import { expect, test } from 'vitest';
import { isCancelled, Problem } from '../../src/base/problem.ts';
import { fields } from '../../src/kinds/table/schema.ts';
import { run } from '../../src/kinds/table/run.ts';
import { contextOf, paramsOf } from './context.ts';

test('a table cell imports the file it names', async () => {
  const context = contextOf('norms', { files: { 'norms.csv': 'Word,Visual.mean\ndog,4.5\n' } });
  const table = await run(paramsOf(fields, { file: 'norms.csv' }), context);
  expect(table).toMatchObject({ type: 'table', file: 'norms.csv', rows: 1, wordColumn: 'Word', scale: [0, 5] });
});

test('a file that is not there yet can be chosen or fetched', async () => {
  const address = 'https://osf.io/download/48wsc/';
  const error: unknown = await run(paramsOf(fields, { file: 'norms.csv', address }), contextOf('norms')).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).record).toMatchObject({ place: 'cell norms', action: { type: 'choose-file', name: 'norms.csv', address } });
});

test('word vectors are no table', async () => {
  const context = contextOf('norms', { files: { 'glove.txt': 'the 0.1 0.2 0.3\nof 0.4 0.5 0.6\n' } });
  await expect(run(paramsOf(fields, { file: 'glove.txt' }), context)).rejects.toThrow('glove.txt holds a word and its vector on each line');
});

test('the scale is checked, taken as written, or left out', async () => {
  const files = { 'norms.csv': 'Word,Visual.mean\ndog,6.5\n' };
  const imported = (scale: string[]) => run(paramsOf(fields, { file: 'norms.csv', scale }), contextOf('norms', { files }));
  await expect(imported(['0', '5'])).rejects.toThrow('norms.csv line 2: Visual.mean is 6.5, outside 0-5');
  expect((await imported(['1', '7'])).scale).toEqual([1, 7]);
  expect((await imported([])).scale).toBeUndefined();
  await expect(imported(['5', '0'])).rejects.toThrow('cell norms: scale is 5, 0');
  await expect(imported(['5'])).rejects.toThrow('cell norms: scale is 5,');
  await expect(imported(['low', 'high'])).rejects.toThrow('cell norms: scale is low, high');
});

test('a cancelled import gives nothing', async () => {
  const controller = new AbortController();
  controller.abort();
  const context = contextOf('norms', { files: { 'norms.csv': 'Word\ndog\n' }, signal: controller.signal });
  const error: unknown = await run(paramsOf(fields, { file: 'norms.csv' }), context).catch((reason: unknown) => reason);
  expect(isCancelled(error)).toBe(true);
});
