import { expect, test } from 'vitest';
import { byteSize } from '../../src/base/size.ts';
import type { RdmValue } from '../../src/data/values.ts';
import { compact } from '../../src/store/compact.ts';
import { pack, unpack } from '../../src/store/pack.ts';
import { freshName, freshStore, problemOf } from './fresh.ts';

/** An RDM of n words with recognisable distances. */
function rdm(n: number, fill = 0.5): RdmValue {
  const distances = new Float32Array((n * (n - 1)) / 2).fill(fill);
  return {
    type: 'rdm', label: 'rdm', words: Array.from({ length: n }, (_, index) => `word ${index}`), categories: [], metric: 'cosine', standardise: 'none',
    layers: [{ name: 'layer 1', index: 1, distances }], order: Uint32Array.from({ length: n }, (_, index) => index), orderedBy: 'source',
    undefinedPairs: [], dropped: [], origin: 'human',
  };
}

const card = { kind: 'rdm', version: 1, warnings: ['none'] };
const wide = () => Promise.resolve({ budget: 1e9, limit: 1e9 });

test('a result comes back as it was, NaN and typed arrays included', async () => {
  const store = await freshStore();
  const value = rdm(5, NaN);
  await store.results.put('key', { value, card });
  const stored = await store.results.get('key');
  expect(stored?.value).toEqual(value);
  expect(stored?.card).toEqual(card);
  expect((stored?.value as RdmValue | undefined)?.order).toBeInstanceOf(Uint32Array);
  expect(await store.results.get('no such key')).toBeUndefined();
  expect(await store.results.has(['key', 'other'])).toEqual(new Set(['key']));
});

test('large arrays are stored as Blobs, and come back as what they were', async () => {
  const value = rdm(600);
  value.layers[0]!.distances.forEach((_, pair, all) => (all[pair] = pair % 7 === 0 ? NaN : pair / 3));
  const packed = (await pack(value)) as { layers: readonly { distances: { packed: string; content: Blob } }[]; order: unknown };
  expect(packed.layers[0]!.distances).toMatchObject({ packed: 'Float32Array', content: { size: 4 * 300 * 599 } });
  expect(packed.order).toBe(value.order);
  expect(await unpack(packed)).toEqual(value);
  // What has none is not copied.
  const small = rdm(5);
  expect(await pack(small)).toBe(small);
  expect(await unpack(small)).toBe(small);
  const store = await freshStore();
  await store.results.put('large', { value, card });
  expect((await store.results.get('large'))?.value).toEqual(value);
  expect(await store.results.bytes()).toBe(byteSize(value) + byteSize(card));
});

test('a result whose arrays the browser can no longer read is none, and its place is free for the next', async () => {
  const store = await freshStore();
  await store.results.put('large', { value: rdm(600), card });
  const { arrayBuffer } = Blob.prototype;
  const lost = (name: string): void => { Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('the file could not be read', name)); };
  try {
    lost('AbortError');
    await expect(store.results.get('large')).rejects.toThrow('could not be read');
    expect(await store.results.has(['large'])).toEqual(new Set(['large']));
    lost('NotReadableError');
    expect(await store.results.get('large')).toBeUndefined();
  } finally {
    Blob.prototype.arrayBuffer = arrayBuffer;
  }
  expect(await store.results.list()).toEqual([]);
  await store.results.put('large', { value: rdm(600, 2), card });
  expect((await store.results.get('large'))?.value).toEqual(rdm(600, 2));
});

test('a result of the same key replaces the former', async () => {
  const store = await freshStore();
  await store.results.put('key', { value: rdm(5, 1), card });
  await store.results.put('key', { value: rdm(6, 2), card });
  expect((await store.results.get('key'))?.value).toEqual(rdm(6, 2));
  expect((await store.results.list()).length).toBe(1);
});

test('a window on a larger buffer is stored as the window, not the buffer', () => {
  const large = new Float32Array(1000).fill(7);
  const { layers } = compact({ layers: [{ data: large.subarray(10, 12) }], words: ['a'] });
  expect(layers[0]?.data).toEqual(Float32Array.of(7, 7));
  expect(layers[0]?.data.buffer.byteLength).toBe(8);
  const shared = compact(new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer));
  expect(shared.buffer).toBeInstanceOf(ArrayBuffer);
  expect(compact(large)).toBe(large);
});

test('the size of a result is that of its arrays and text', () => {
  expect(byteSize(new Float32Array(100))).toBe(400);
  expect(byteSize({ words: ['ab', 'c'], data: new Float64Array(3) })).toBe(16 + 16 + 6 + 24);
  expect(byteSize([null, undefined, 1, true])).toBe(16 + 32);
});

test('over the budget the result unused for longest goes first', async () => {
  const one = byteSize(rdm(100)) + byteSize(card);
  const store = await freshStore({ resultRoom: () => Promise.resolve({ budget: one * 3.5, limit: 1e9 }) });
  for (const key of ['a', 'b', 'c']) await store.results.put(key, { value: rdm(100), card });
  await store.results.get('a');
  await store.results.put('d', { value: rdm(100), card });
  expect((await store.results.list()).map(({ key }) => key)).toEqual(['c', 'a', 'd']);
  expect(await store.results.bytes()).toBe(one * 3);
});

test('a result that a notebook needs is never evicted, also from another tab and while the notebook is closed', async () => {
  const one = byteSize(rdm(100)) + byteSize(card);
  const resultRoom = () => Promise.resolve({ budget: one * 2.5, limit: 1e9 });
  const name = freshName();
  const first = await freshStore({ name, resultRoom });
  await first.results.pin('notebook 1', new Set(['a', 'not stored yet']));
  await first.results.put('a', { value: rdm(100), card });
  first.close();
  const second = await freshStore({ name, resultRoom });
  for (const key of ['b', 'c', 'd']) await second.results.put(key, { value: rdm(100), card });
  expect(await second.results.list()).toMatchObject([{ key: 'a', pinned: true }, { key: 'd', pinned: false }]);
  await second.results.pin('notebook 1', new Set());
  await second.results.put('e', { value: rdm(100), card });
  expect((await second.results.list()).map(({ key }) => key)).toEqual(['d', 'e']);
});

test('a notebook in the bin holds no results', async () => {
  const store = await freshStore();
  const { id } = await store.notebooks.create({ title: 't', text: '', origin: 'own' });
  await store.results.put('a', { value: rdm(10), card });
  await store.results.pin(id, new Set(['a']));
  expect(await store.results.free()).toBe(0);
  await store.notebooks.remove(id);
  expect(await store.results.free()).toBeGreaterThan(0);
});

test('needed results go only when asked', async () => {
  const store = await freshStore({ resultRoom: wide });
  await store.results.pin('n', new Set(['a']));
  for (const key of ['a', 'b']) await store.results.put(key, { value: rdm(10), card });
  await store.results.free();
  expect((await store.results.list()).map(({ key }) => key)).toEqual(['a']);
  await store.results.free({ includePinned: true });
  expect(await store.results.list()).toEqual([]);
});

test('beyond the limit nothing is stored, and the message names the place and the way out', async () => {
  const one = byteSize(rdm(100)) + byteSize(card);
  const store = await freshStore({ resultRoom: () => Promise.resolve({ budget: one, limit: one * 1.5 }) });
  await store.results.pin('n', new Set(['a']));
  await store.results.put('a', { value: rdm(100), card });
  const problem = await problemOf(store.results.put('b', { value: rdm(100), card }));
  expect(problem).toMatchObject({ code: 'storage-full', place: 'result of type rdm', action: { type: 'free-storage' } });
  expect((await store.results.list()).map(({ key }) => key)).toEqual(['a']);
});

test('a result is read on a disk without room for the mark that it was used', async () => {
  const store = await freshStore();
  await store.results.put('key', { value: rdm(5), card });
  const { put } = IDBObjectStore.prototype;
  let refused = 0;
  IDBObjectStore.prototype.put = () => {
    refused += 1;
    throw new DOMException('no room', 'QuotaExceededError');
  };
  try {
    expect((await store.results.get('key'))?.value).toEqual(rdm(5));
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  expect(refused).toBe(1);
});
