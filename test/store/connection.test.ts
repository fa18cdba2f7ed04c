/** A database that the browser closed by itself, as Chromium does on a full disk, is opened again by whoever needs it. */
import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import { Changes } from '../../src/store/changes.ts';
import { Connection } from '../../src/store/connection.ts';
import { FileStore } from '../../src/store/files.ts';
import { NotebookStore } from '../../src/store/notebooks.ts';
import { ResultStore } from '../../src/store/results.ts';
import type { SensoriumSchema } from '../../src/store/schema.ts';
import { freshName, freshStore, problemOf } from './fresh.ts';

/** A database with a notebook and a file in it, and the connection of a tab to it. */
async function connected(): Promise<{ connection: Connection; id: string; opened: () => number }> {
  const name = freshName();
  const store = await freshStore({ name });
  const { id } = await store.notebooks.create({ title: 'The gap', text: 'words', origin: 'own' });
  await store.files.add('norms.csv', new Blob(['a,b']));
  store.close();
  const changes = new Changes(name);
  const connection = new Connection(await openDB<SensoriumSchema>(name), false, changes, Date.now);
  let opened = 0;
  connection.reopen = () => {
    opened += 1;
    return openDB<SensoriumSchema>(name);
  };
  onTestFinished(() => {
    changes.close();
    connection.database.close();
  });
  return { connection, id, opened: () => opened };
}

test('reads open a lost database again, together once', async () => {
  const { connection, id, opened } = await connected();
  connection.database.close();
  connection.lose();
  const [file, notebook, result] = await Promise.all([
    new FileStore(connection).byName('norms.csv'), new NotebookStore(connection).read(id), new ResultStore(connection).get('no such key'),
  ]);
  expect([file?.bytes, notebook.text, result]).toEqual([3, 'words', undefined]);
  expect(opened()).toBe(1);
});

test('a read under way when the database is lost is made again', async () => {
  const { connection, opened } = await connected();
  let attempts = 0;
  const read = connection.read('files', () => {
    attempts += 1;
    // The answer of a lost database never comes.
    return attempts === 1 ? new Promise<number>(() => undefined) : connection.database.count('files');
  });
  connection.database.close();
  connection.lose();
  expect([await read, attempts, opened()]).toEqual([1, 2, 1]);
});

test('a database that does not open again, or was closed for good, is a problem for the reader', async () => {
  const { connection, id } = await connected();
  const notebooks = new NotebookStore(connection);
  connection.database.close();
  expect(await problemOf(notebooks.read(id))).toMatchObject({ code: 'store-closed', place: `notebook ${id}` });
  connection.reopen = () => Promise.reject(new DOMException('Internal error opening backing store', 'UnknownError'));
  connection.lose();
  const problem = await problemOf(notebooks.read(id));
  expect(problem).toMatchObject({ code: 'store-unavailable', place: `notebook ${id}` });
  expect(problem.what).toContain('Internal error opening backing store');
});
