import { expect, test } from 'vitest';
import type { Keeping } from '../../src/store/kept.ts';
import type { Store } from '../../src/store/database.ts';
import { freshName, freshStore, problemOf, testClock } from './fresh.ts';

const half: Keeping = { owner: 'notebook 1', cell: 'taught', at: { label: 'step 5 of 10', done: 5, total: 10 }, paused: false };
const bytes = (length: number, fill = 7): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill);
const keys = async (store: Store): Promise<string[]> => (await store.kept.list()).map(({ key }) => key);

test('what a run keeps comes back in another tab, each name for itself, the latest of a name', async () => {
  const name = freshName();
  const first = await freshStore({ name });
  await first.kept.save('key', 'training 1', bytes(3, 1), half);
  await first.kept.save('key', 'training 1', bytes(4, 2), half);
  await first.kept.save('key', 'training 2', bytes(5, 3), { ...half, at: { label: 'step 2 of 10', done: 2, total: 10 }, paused: true });
  first.close();
  const second = await freshStore({ name });
  expect(await second.kept.load('key', 'training 1')).toEqual(bytes(4, 2));
  expect(await second.kept.load('key', 'training 2')).toEqual(bytes(5, 3));
  expect(await second.kept.load('key', 'training 3')).toBeNull();
  expect(await second.kept.load('another key', 'training 1')).toBeNull();
  expect(await second.kept.find('key')).toMatchObject({ key: 'key', cell: 'taught', at: { done: 2 }, paused: true, bytes: 9, needed: false });
  expect(await second.kept.find('another key')).toBeUndefined();
  expect((await second.usage()).kept).toBe(9);
});

test('removing a run removes all its names and nothing of another', async () => {
  const store = await freshStore();
  for (const [key, name] of [['a', '1'], ['a', '2'], ['ab', '1']] as const) await store.kept.save(key, name, bytes(10), half);
  await store.kept.remove('a');
  await store.kept.remove('never kept');
  expect(await keys(store)).toEqual(['ab']);
  expect(await store.kept.load('a', '2')).toBeNull();
  expect(await store.kept.load('ab', '1')).toEqual(bytes(10));
  expect(await store.kept.bytes()).toBe(10);
});

test('freeing takes runs that no text asks for, those kept longest ago first, and others only when asked', async () => {
  const clock = testClock();
  const store = await freshStore({ now: clock.now });
  for (const key of ['a', 'b', 'c']) {
    await store.kept.save(key, '', bytes(10), half);
    clock.advance(1000);
  }
  await store.results.pin('notebook 1', new Set(['a']));
  expect(await store.kept.free({ bytes: 5 })).toBe(10);
  expect(await keys(store)).toEqual(['a', 'c']);
  expect(await store.kept.free()).toBe(10);
  expect(await store.kept.list()).toMatchObject([{ key: 'a', needed: true }]);
  expect(await store.kept.free({ includeNeeded: true })).toBe(10);
  expect(await keys(store)).toEqual([]);
});

test('runs that no text asks for do not pile up', async () => {
  const clock = testClock();
  const store = await freshStore({ now: clock.now, spareRuns: 25 });
  await store.results.pin('notebook 1', new Set(['needed']));
  for (const key of ['needed', 'a', 'b', 'c', 'd']) {
    await store.kept.save(key, '', bytes(10), half);
    clock.advance(1000);
  }
  // The run that keeps is itself not counted: it is under way.
  expect(await keys(store)).toEqual(['needed', 'b', 'c', 'd']);
});

test('what is kept is kept, though runs that no text asks for cannot be tidied up', async () => {
  const store = await freshStore({ spareRuns: 5 });
  await store.kept.save('spare', '', bytes(10), half);
  const { delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = () => {
    throw new DOMException('no room to delete', 'QuotaExceededError');
  };
  try {
    await store.kept.save('key', '', bytes(10, 2), half);
  } finally {
    IDBObjectStore.prototype.delete = remove;
  }
  expect(await store.kept.load('key', '')).toEqual(bytes(10, 2));
  await store.kept.save('key', '', bytes(10, 3), half);
  expect(await keys(store)).toEqual(['key']);
});

/** A disk without room for kept bytes until a result is deleted. */
async function onFullDisk(task: () => Promise<void>): Promise<void> {
  const { put, delete: remove } = IDBObjectStore.prototype;
  let room = false;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
    if (this.name === 'keptContents' && !room) throw new DOMException('no room', 'QuotaExceededError');
    return put.apply(this, given);
  };
  IDBObjectStore.prototype.delete = function (this: IDBObjectStore, ...given: Parameters<typeof remove>) {
    room ||= this.name === 'resultContents';
    return remove.apply(this, given);
  };
  try {
    await task();
  } finally {
    Object.assign(IDBObjectStore.prototype, { put, delete: remove });
  }
}

test('on a full disk results that nobody needs give way to it; without any it says what it was and changes nothing', async () => {
  const store = await freshStore();
  await store.kept.save('a', '', bytes(10, 1), half);
  await store.results.pin('notebook 1', new Set(['a', 'needed']));
  for (const key of ['needed', 'spare']) await store.results.put(key, { value: { type: 'table', label: key } as never, card: {} });
  await onFullDisk(() => store.kept.save('a', '', bytes(20, 2), half));
  expect(await store.kept.load('a', '')).toEqual(bytes(20, 2));
  expect(await store.results.has(['needed', 'spare'])).toEqual(new Set(['needed']));

  await onFullDisk(async () => {
    expect(await problemOf(store.kept.save('a', '', bytes(30, 3), half))).toMatchObject({ code: 'storage-full', place: 'the unfinished run of cell taught', action: { type: 'free-storage' } });
  });
  expect(await store.kept.load('a', '')).toEqual(bytes(20, 2));
  expect(await store.kept.find('a')).toMatchObject({ bytes: 20 });
});

test('text that finds no room takes it from results first, then from unfinished runs that nobody needs', async () => {
  const store = await freshStore();
  for (const key of ['needed', 'spare']) await store.kept.save(key, '', bytes(10), half);
  await store.results.pin('notebook 1', new Set(['needed']));
  await store.results.put('result', { value: { type: 'table', label: 'x' } as never, card: {} });
  const { id } = await store.notebooks.create({ title: 't', text: '', origin: 'own' });
  const { add } = IDBObjectStore.prototype;
  let refused = 0;
  IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...given: Parameters<typeof add>) {
    if (this.name === 'edits' && refused === 0) {
      refused += 1;
      throw new DOMException('no room', 'QuotaExceededError');
    }
    return add.apply(this, given);
  };
  try {
    await store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'saved all the same' });
  } finally {
    IDBObjectStore.prototype.add = add;
  }
  expect(refused).toBe(1);
  expect(await store.results.list()).toEqual([]);
  expect(await keys(store)).toEqual(['needed']);
  expect((await store.notebooks.read(id)).text).toBe('saved all the same');
});

test('with a notebook go its unfinished runs, but not those that its copy goes on with', async () => {
  const store = await freshStore();
  const [original, copy] = await Promise.all(['original', 'copy'].map((title) => store.notebooks.create({ title, text: '', origin: 'own' })));
  await store.kept.save('only here', '', bytes(10), { ...half, owner: original!.id });
  await store.kept.save('in both', '', bytes(10), { ...half, owner: original!.id });
  await store.kept.save('of the copy', '', bytes(10), { ...half, owner: copy!.id });
  await store.results.pin(original!.id, new Set(['only here', 'in both']));
  await store.results.pin(copy!.id, new Set(['in both', 'of the copy']));
  // Not in the bin, it is not erased.
  await store.notebooks.erase(original!.id);
  expect((await keys(store)).sort()).toEqual(['in both', 'of the copy', 'only here']);
  await store.notebooks.remove(original!.id);
  expect(await store.kept.load('only here', '')).not.toBeNull();
  await store.notebooks.erase(original!.id);
  expect((await keys(store)).sort()).toEqual(['in both', 'of the copy']);
  expect(await store.kept.load('only here', '')).toBeNull();
});
