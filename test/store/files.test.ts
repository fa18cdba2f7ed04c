import { expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { freshName, freshStore, problemOf } from './fresh.ts';

const csv = (text: string) => new Blob([text], { type: 'text/csv' });

test('a file is stored under the hash of its content and read back byte for byte', async () => {
  const name = freshName();
  const store = await freshStore({ name });
  const entry = await store.files.add('norms.csv', csv('word,Visual\nkop,3.4\n'));
  expect(entry).toEqual({ name: 'norms.csv', bytes: 20, type: 'text/csv', sha256: await sha256('word,Visual\nkop,3.4\n') });
  store.close();
  const again = await freshStore({ name });
  expect(await (await again.files.read(entry.sha256)).text()).toBe('word,Visual\nkop,3.4\n');
  expect((await again.files.read(entry.sha256)).type).toBe('text/csv');
  expect(await again.files.byHash(entry.sha256)).toEqual(entry);
});

test('of several files of one name the newest counts; case matters', async () => {
  const store = await freshStore();
  const first = await store.files.add('norms.csv', csv('1'));
  const second = await store.files.add('norms.csv', csv('2'));
  expect(await store.files.byName('norms.csv')).toEqual(second);
  expect(await store.files.byName('Norms.csv')).toBeUndefined();
  await store.files.add('norms.csv', csv('1'));
  expect(await store.files.byName('norms.csv')).toEqual(first);
  expect((await store.files.list()).map((entry) => entry.sha256)).toEqual([first.sha256, second.sha256]);
});

test('one content under two names is stored once and removed as one', async () => {
  const store = await freshStore();
  const { sha256: hash } = await store.files.add('a.csv', csv('same'));
  await store.files.add('b.csv', csv('same'));
  expect([(await store.files.list()).length, await store.files.bytes()]).toEqual([2, 4]);
  await store.files.remove(hash);
  expect(await store.files.list()).toEqual([]);
  expect((await problemOf(store.files.read(hash))).code).toBe('file-missing');
});

test('one of two names can go alone; the content goes with the last', async () => {
  const store = await freshStore();
  const { sha256: hash } = await store.files.add('mine/model.onnx', csv('same'));
  await store.files.add('yours/model.onnx', csv('same'));
  await store.files.remove(hash, 'mine/model.onnx');
  expect((await store.files.list()).map(({ name }) => name)).toEqual(['yours/model.onnx']);
  expect(await (await store.files.read(hash)).text()).toBe('same');
  await store.files.remove(hash, 'yours/model.onnx');
  expect((await problemOf(store.files.read(hash))).code).toBe('file-missing');
});

test('an empty file is a file', async () => {
  const store = await freshStore();
  const { sha256: hash } = await store.files.add('empty.csv', new Blob([]));
  expect((await store.files.read(hash)).size).toBe(0);
});
