import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/database.ts';
import { migrations, type Migration } from '../../src/store/schema.ts';
import { openNotebook } from '../../src/store/open-notebook.ts';
import { freshName, freshStore, problemOf } from './fresh.ts';

/** What a later version might do: one more migration. */
const nextVersion: readonly Migration[] = [...migrations, (database) => void database.createObjectStore('later' as 'reserve')];

/** For each older version: a database of that version with something in it, and what there is to read after. */
const older: readonly { readonly version: number; readonly fill: (name: string) => Promise<void>; readonly titles: readonly string[] }[] = [
  { version: 0, fill: () => Promise.resolve(), titles: [] },
  {
    version: 1,
    async fill(name) {
      const old = await freshStore({ name, migrations: migrations.slice(0, 1) });
      const { id } = await old.notebooks.create({ title: 'from before training could be resumed', text: 'a', origin: 'own' });
      await old.notebooks.append(id, { base: 0, at: 1, removed: 0, inserted: 'b' });
      old.close();
    },
    titles: ['from before training could be resumed'],
  },
];

test.each(older)('version $version migrates to the current one', async ({ fill, titles }) => {
  const name = freshName();
  await fill(name);
  const store = await freshStore({ name });
  expect((await store.notebooks.list()).map(({ title }) => title)).toEqual(titles);
  for (const { id } of await store.notebooks.list()) expect((await store.notebooks.read(id)).text).toBe('ab');
  // What later versions added works.
  await store.kept.save('key', 'name', new Uint8Array([1]), { owner: '', cell: 'c', at: { label: '', done: 0, total: 1 }, paused: false });
  expect(await store.kept.load('key', 'name')).toEqual(new Uint8Array([1]));
});

test('there is a migration test from every older version', () => {
  expect(older.map(({ version }) => version)).toEqual(migrations.map((_, version) => version));
});

test('one more migration keeps everything', async () => {
  const name = freshName();
  const now = await freshStore({ name });
  const { id } = await now.notebooks.create({ title: 'kept', text: 'text', origin: 'own' });
  now.close();
  const later = await freshStore({ name, migrations: nextVersion });
  expect(later.readOnly).toBe(false);
  expect(await later.notebooks.read(id)).toMatchObject({ title: 'kept', text: 'text' });
});

test('a migration that fails leaves the older version whole', async () => {
  const name = freshName();
  const now = await freshStore({ name });
  const { id } = await now.notebooks.create({ title: 'kept', text: 'text', origin: 'own' });
  now.close();
  const failing: Migration = async (database, transaction) => {
    database.deleteObjectStore('versions');
    await transaction.objectStore('notebooks').clear();
    throw new Error('a bug');
  };
  expect(await problemOf(openStore(name, { migrations: [...migrations, failing] }))).toMatchObject({ code: 'store-unavailable', what: "the browser's database did not open: a bug" });
  expect((await (await freshStore({ name })).notebooks.read(id)).text).toBe('text');
});

test('a newer version is opened for reading only', async () => {
  const name = freshName();
  const newer = await freshStore({ name, migrations: nextVersion });
  const { id } = await newer.notebooks.create({ title: 't', text: 'from the future', origin: 'own' });
  newer.close();
  const store = await freshStore({ name });
  expect(store.readOnly).toBe(true);
  expect((await store.notebooks.read(id)).text).toBe('from the future');
  expect((await problemOf(store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'x' }))).code).toBe('store-newer');
  expect((await problemOf(store.files.add('a.csv', new Blob(['x'])))).code).toBe('store-newer');
  const notebook = await openNotebook(store, id);
  expect(notebook.role).toBe('reader');
  await notebook.close();
});

test('a tab with the older version saves its last words and makes way for a newer one', async () => {
  const name = freshName();
  const old = await freshStore({ name });
  const { id } = await old.notebooks.create({ title: 't', text: '', origin: 'own' });
  const notebook = await openNotebook(old, id);
  notebook.edit('a');
  notebook.edit('a last word');
  const newer = await freshStore({ name, migrations: nextVersion });
  expect(await old.closed).toBe('newer-version');
  expect((await newer.notebooks.read(id)).text).toBe('a last word');
});

test('an opening that is held up by another tab says so', async () => {
  const name = freshName();
  (await freshStore({ name })).close();
  const stubborn = await openDB(name);
  let blocked = 0;
  const store = await freshStore({
    name,
    migrations: nextVersion,
    onBlocked: () => {
      blocked += 1;
      stubborn.close();
    },
  });
  expect([blocked, store.readOnly]).toEqual([1, false]);
});

test('usage names the bytes of each kind', async () => {
  const store = await freshStore();
  await store.notebooks.create({ title: 't', text: 'x'.repeat(1000), origin: 'own' });
  await store.files.add('a.csv', new Blob(['word,rating\n']));
  expect(await store.usage()).toMatchObject({ notebooks: 2000, files: 12, results: 0 });
  expect((await store.usage()).usedBytes).toBeGreaterThan(0);
});
