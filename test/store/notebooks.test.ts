import { expect, test } from 'vitest';
import { Autosave } from '../../src/store/autosave.ts';
import type { Store } from '../../src/store/database.ts';
import { keepLastWords, readLastWords } from '../../src/store/last-words.ts';
import { openNotebook } from '../../src/store/open-notebook.ts';
import { spliceBetween } from '../../src/store/splice.ts';
import { freshName, freshStore, problemOf, testClock } from './fresh.ts';

const minute = 60_000;

async function withNotebook(text = 'words', now?: () => number): Promise<{ store: Store; id: string }> {
  const store = await freshStore(now ? { now } : {});
  const { id } = await store.notebooks.create({ title: 'The gap', text, origin: 'own' });
  return { store, id };
}

async function autosaveOf(store: Store, id: string, now = Date.now): Promise<Autosave> {
  return new Autosave(store.notebooks, await store.notebooks.read(id), { now });
}

test('a new notebook is read back as written, its text the first version', async () => {
  const { store, id } = await withNotebook('# Köpfe 😀\n');
  expect(await store.notebooks.read(id)).toMatchObject({ text: '# Köpfe 😀\n', title: 'The gap', origin: 'own', revision: 0 });
  expect(await store.notebooks.history(id)).toMatchObject([{ number: 1, reason: 'created', characters: 11 }]);
});

test('edits add up across opening the database again', async () => {
  const name = freshName();
  const first = await freshStore({ name });
  const { id } = await first.notebooks.create({ title: 't', text: 'one three', origin: 'own' });
  expect(await first.notebooks.append(id, { base: 0, at: 4, removed: 0, inserted: 'two ' })).toBe(1);
  expect(await first.notebooks.append(id, { base: 1, at: 0, removed: 3, inserted: '1' })).toBe(2);
  first.close();
  const second = await freshStore({ name });
  expect(await second.notebooks.read(id)).toMatchObject({ text: '1 two three', revision: 2 });
});

test('two writers on the same revision: the second is refused and nothing is overwritten', async () => {
  const { store, id } = await withNotebook();
  await store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'my ' });
  const problem = await problemOf(store.notebooks.append(id, { base: 0, at: 0, removed: 5, inserted: 'yours' }));
  expect(problem.code).toBe('notebook-changed');
  expect((await store.notebooks.read(id)).text).toBe('my words');
});

test('keeping versions never forgets which revisions were made', async () => {
  const { store, id } = await withNotebook();
  await store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'a' });
  await store.notebooks.append(id, { base: 1, at: 0, removed: 0, inserted: 'b' });
  await store.notebooks.keepVersion(id, { reason: 'saved', summary: 'before the talk' });
  expect((await problemOf(store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'late' }))).code).toBe('notebook-changed');
  expect(await store.notebooks.history(id)).toMatchObject([{ number: 2, reason: 'saved', summary: 'before the talk' }, { number: 1 }]);
  expect((await store.notebooks.read(id)).text).toBe('bawords');
});

test.each([
  { what: 'the write under way did not arrive', arrives: null, text: 'x and last', versions: ['created'] },
  { what: 'the write under way arrived', arrives: 'x and', text: 'x and last', versions: ['created'] },
  { what: 'they had arrived themselves', arrives: 'x and last', text: 'x and last', versions: ['created'] },
  { what: 'another tab wrote since', arrives: 'x from another tab', text: 'x from another tab', versions: ['rescued', 'created'] },
])('the last words of a closing tab are put back: $what', async ({ arrives, text, versions }) => {
  const { store, id } = await withNotebook('x');
  keepLastWords(id, { base: 0, pending: 'x and', text: 'x and last' });
  if (arrives) await store.notebooks.append(id, { base: 0, ...spliceBetween('x', arrives) });
  const notebook = await openNotebook(store, id);
  await notebook.flush();
  expect((await store.notebooks.read(id)).text).toBe(text);
  expect(readLastWords(id)).toBeNull();
  const history = await store.notebooks.history(id);
  expect(history.map(({ reason }) => reason)).toEqual(versions);
  expect(notebook.message !== null).toBe(versions.includes('rescued'));
  expect(await store.notebooks.version(id, versions.length)).toBe(versions.includes('rescued') ? 'x and last' : 'x');
  await notebook.close();
});

test('a gap in the edits is reported', async () => {
  const { store, id } = await withNotebook('x');
  await store.notebooks.append(id, { base: 1, at: 0, removed: 0, inserted: '?' });
  expect((await problemOf(store.notebooks.read(id))).what).toContain('edit 1 is missing');
});

test('an edit that does not fit is reported, and every version stays readable', async () => {
  const { store, id } = await withNotebook('short');
  await store.notebooks.append(id, { base: 0, at: 90, removed: 0, inserted: '?' });
  const problem = await problemOf(store.notebooks.read(id));
  expect(problem).toMatchObject({ code: 'notebook-damaged', place: 'notebook "The gap"' });
  expect(problem.what).toContain('edit 1 does not fit');
  expect(await store.notebooks.version(id, 1)).toBe('short');
});

test('restoring adds a version; what was there stays in the history', async () => {
  const { store, id } = await withNotebook('first');
  await store.notebooks.append(id, { base: 0, at: 0, removed: 5, inserted: 'second' });
  expect(await store.notebooks.restore(id, 1)).toMatchObject({ text: 'first', revision: 2 });
  expect((await store.notebooks.history(id)).map(({ reason, summary }) => [reason, summary])).toEqual([
    ['restored', 'version 1 restored'], ['edited', '+6 -5 characters'], ['created', 'created'],
  ]);
  expect(await store.notebooks.version(id, 2)).toBe('second');
  expect((await problemOf(store.notebooks.restore(id, 9))).code).toBe('version-missing');
});

test('the list is by last edit; the bin keeps what it holds until it is erased', async () => {
  const clock = testClock();
  const { store, id: old } = await withNotebook('old', clock.now);
  clock.advance(minute);
  const { id: young } = await store.notebooks.create({ title: 'Young', text: '', origin: 'bundled' });
  expect((await store.notebooks.list()).map(({ id }) => id)).toEqual([young, old]);
  clock.advance(minute);
  await store.notebooks.append(old, { base: 0, at: 0, removed: 0, inserted: 'not ' });
  await store.notebooks.rename(old, 'Renamed');
  expect(await store.notebooks.list()).toMatchObject([{ id: old, title: 'Renamed', revision: 1, updated: '2026-01-01T00:02:00.000Z' }, { id: young }]);

  await store.notebooks.erase(old);
  expect((await store.notebooks.read(old)).text).toBe('not old');
  await store.notebooks.remove(old);
  expect([await store.notebooks.list(), await store.notebooks.bin()]).toMatchObject([[{ id: young }], [{ id: old }]]);
  await store.notebooks.recover(old);
  expect((await store.notebooks.read(old)).text).toBe('not old');
  await store.notebooks.remove(old);
  await store.notebooks.erase(old);
  expect((await problemOf(store.notebooks.read(old))).code).toBe('notebook-missing');
  expect(await store.notebooks.history(old)).toEqual([]);
  expect((await store.notebooks.history(young)).length).toBe(1);
});

test('autosave acknowledges every text it was given last, from the first keystroke', async () => {
  const { store, id } = await withNotebook('');
  const autosave = await autosaveOf(store, id);
  const states: string[] = [];
  autosave.onChange(() => states.push(autosave.state));
  autosave.edit('a');
  expect(autosave.state).toBe('saving');
  autosave.edit('ab');
  autosave.edit('abc');
  await autosave.flush();
  expect(autosave.state).toBe('saved');
  // Three keystrokes, two writes: those that came while the first was under way were joined.
  expect(autosave.acknowledged).toMatchObject({ text: 'abc', revision: 2 });
  expect(await store.notebooks.read(id)).toMatchObject({ text: 'abc', revision: 2 });
  expect(states).toContain('saved');
  await autosave.close();
});

test('leaving the page keeps the last words at once, until they are saved', async () => {
  const { store, id } = await withNotebook('');
  const autosave = await autosaveOf(store, id);
  autosave.edit('first');
  autosave.edit('first and last');
  dispatchEvent(new Event('pagehide'));
  expect(readLastWords(id)).toEqual({ base: 0, pending: 'first', text: 'first and last' });
  await autosave.flush();
  expect(readLastWords(id)).toBeNull();
  expect((await store.notebooks.read(id)).text).toBe('first and last');
  await autosave.close();
});

test('a version is kept of what was left at a pause, and after every 500 edits', async () => {
  const clock = testClock();
  const { store, id } = await withNotebook('', clock.now);
  const autosave = await autosaveOf(store, id, clock.now);
  autosave.edit('before the pause');
  await autosave.flush();
  clock.advance(6 * minute);
  autosave.edit('before the pause, after');
  await autosave.flush();
  expect(await store.notebooks.history(id)).toMatchObject([{ number: 2, summary: '+16 -0 characters' }, { number: 1 }]);
  expect(await store.notebooks.version(id, 2)).toBe('before the pause');

  let text = '';
  for (let edit = 0; edit < 501; edit += 1) {
    text += 'x';
    autosave.edit(text);
    await autosave.flush();
  }
  expect((await store.notebooks.history(id)).length).toBe(3);
  expect(await store.notebooks.read(id)).toMatchObject({ text });
  await autosave.close();
});

test('a failed save keeps the text and says why; the next flush saves it', async () => {
  const { store, id } = await withNotebook('');
  const autosave = await autosaveOf(store, id);
  await store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'from the side' });
  autosave.edit('mine');
  await autosave.flush();
  // As the writer it goes on with its own text; the other one is a version.
  expect((await store.notebooks.read(id)).text).toBe('mine');
  expect(await store.notebooks.version(id, 2)).toBe('from the side');

  store.close();
  autosave.edit('mine too');
  expect((await problemOf(autosave.flush())).code).toBe('store-closed');
  expect([autosave.state, autosave.text, autosave.acknowledged.text]).toEqual(['failed', 'mine too', 'mine']);
});

test('a tab that lost the notebook while saving keeps its newest words in the history, also those typed meanwhile', async () => {
  const { store, id } = await withNotebook('');
  const told: string[] = [];
  const autosave = new Autosave(store.notebooks, await store.notebooks.read(id), { isWriter: () => false, onKept: (message) => told.push(message) });
  await store.notebooks.append(id, { base: 0, at: 0, removed: 0, inserted: 'from another tab' });
  autosave.edit('first');
  autosave.edit('first and last');
  await autosave.flush();
  expect(autosave.text).toBe('from another tab');
  expect(told.length).toBe(1);
  expect(await store.notebooks.version(id, 2)).toBe('first and last');

  // A keystroke that comes when the words before it have just been kept.
  await store.notebooks.append(id, { base: 1, at: 0, removed: 0, inserted: 'again ' });
  let typed = false;
  const stop = store.notebooks.watch(({ what }) => {
    if (what !== 'listed' || typed) return;
    typed = true;
    autosave.edit('second and last');
  });
  autosave.edit('second');
  await autosave.flush();
  stop();
  const kept = await Promise.all((await store.notebooks.history(id)).map(({ number }) => store.notebooks.version(id, number)));
  expect(typed).toBe(true);
  expect([...kept, autosave.text]).toContain('second and last');
  await autosave.close();
});

test('a notebook that cannot be read after another tab changed it says so', async () => {
  const { store, id } = await withNotebook('x');
  const writer = await openNotebook(store, id);
  const reader = await openNotebook(store, id);
  expect(reader.role).toBe('reader');
  // An edit that does not fit: what a damaged database would hold.
  const told = new Promise<void>((resolve) => {
    reader.onChange(() => reader.message && resolve());
  });
  await store.notebooks.append(id, { base: 0, at: 90, removed: 0, inserted: '?' });
  await told;
  expect(reader.message).toContain('edit 1 does not fit');
  expect(reader.text).toBe('x');
  await reader.close();
  await writer.close();
});

test('text is saved where localStorage has no room', async () => {
  const { store, id } = await withNotebook('');
  const asked: unknown[] = [];
  const onRejection = (event: PromiseRejectionEvent) => asked.push(event.reason);
  addEventListener('unhandledrejection', onRejection);
  const filler = 'sensorium.test.filler';
  // As at the first visit.
  localStorage.removeItem('sensorium.persistence.asked');
  try {
    for (let size = 6_000_000; size >= 1; size = Math.floor(size / 2)) {
      try {
        localStorage.setItem(filler, (localStorage.getItem(filler) ?? '') + 'x'.repeat(size));
      } catch {
        // No room for that much more.
      }
    }
    expect(() => localStorage.setItem('sensorium.test', 'more than is left')).toThrow('exceeded the quota');
    const autosave = await autosaveOf(store, id);
    autosave.edit('words');
    await autosave.flush();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(autosave.state).toBe('saved');
    await autosave.close();
  } finally {
    localStorage.removeItem(filler);
    removeEventListener('unhandledrejection', onRejection);
  }
  expect(asked).toEqual([]);
});
