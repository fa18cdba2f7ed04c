/**
 * A disk that is really full: the browser's own quota, lowered through the DevTools protocol before the database is
 * first opened (Chromium remembers the room it found for a while), on a profile that lies on the disk.
 */
import type { BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch, openPage, profileFolder, servePage } from './harness.ts';
import type { RdmValue } from '../../src/data/values.ts';

let server: Awaited<ReturnType<typeof servePage>>;
let profile: Awaited<ReturnType<typeof profileFolder>>;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await servePage();
});
afterAll(() => server.close());

beforeEach(async () => {
  profile = await profileFolder();
  context = await launch(profile.path);
  const blank = await context.newPage();
  const session = await context.newCDPSession(blank);
  // The reserve for text takes 2 MB of these 6.
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.address).origin, quotaSize: 6_000_000 });
  page = await openPage(context, server.address);
  await page.evaluate(installHelpers);
});
afterEach(async () => {
  await context.close();
  await profile.remove();
});

test('a full disk first costs results that nobody needs', async () => {
  const seen = await page.evaluate(async () => {
    const { store } = await window.api;
    for (let index = 0; index < 8; index += 1) await store.results.put(`result ${index}`, { value: window.noisyResult(1_000_000), card: {} });
    return (await store.results.list()).map(({ key }) => key);
  });
  expect(seen.at(-1)).toBe('result 7');
  expect(seen.length).toBeLessThan(4);
});

test('a result that finds no room says so, and leaves the notebook and earlier results untouched', async () => {
  const seen = await page.evaluate(async () => {
    const { store } = await window.api;
    const { id } = await store.notebooks.create({ title: 'The gap', text: 'the text', origin: 'own' });
    await store.results.pin(id, new Set(['a', 'b']));
    const a = window.noisyResult(1_000_000);
    await store.results.put('a', { value: a, card: { run: 1 } });
    await store.results.put('b', { value: window.noisyResult(1_000_000), card: {} });
    const problem = await window.problemOf(store.results.put('c', { value: window.noisyResult(3_000_000), card: {} }));
    const stored = await store.results.get('a');
    return {
      problem, text: (await store.notebooks.read(id)).text, keys: (await store.results.list()).map(({ key }) => key),
      same: stored?.value.type === 'rdm' && stored.value.order.every((value, index) => value === a.order[index]),
    };
  });
  expect(seen.problem).toMatchObject({ code: 'storage-full', place: 'result of type rdm', action: { type: 'free-storage' } });
  expect(seen.problem?.what).toMatch(/^not saved, the browser's storage is full \(\d\.\d MB stored, 3\.0 MB needed\)$/);
  expect(seen.problem?.fix).toContain('everything stored before is untouched');
  expect(seen).toMatchObject({ text: 'the text', same: true });
  expect(seen.keys.toSorted()).toEqual(['a', 'b']);
});

test('a file that finds no room says so and leaves nothing half-written', async () => {
  const seen = await page.evaluate(async () => {
    const { store } = await window.api;
    const kept = await store.files.add('kept.csv', new Blob([window.noise(1_000_000)]));
    const problem = await window.problemOf(store.files.add('large.csv', new Blob([window.noise(5_000_000)])));
    return { problem, names: (await store.files.list()).map(({ name }) => name), size: (await store.files.read(kept.sha256)).size };
  });
  expect(seen).toMatchObject({ problem: { code: 'storage-full', place: 'file large.csv' }, names: ['kept.csv'], size: 1_000_000 });
});

test('on a disk full of needed results the text still has room, and past that nothing is lost either', async () => {
  const seen = await page.evaluate(async () => {
    const { store } = await window.api;
    const { id } = await store.notebooks.create({ title: 'The gap', text: '', origin: 'own' });
    const needed = ['a', 'b', 'c', 'd'];
    await store.results.pin(id, new Set(needed));
    const refused: string[] = [];
    for (const key of needed) {
      const problem = await window.problemOf(store.results.put(key, { value: window.noisyResult(1_000_000), card: {} }));
      if (problem) refused.push(key);
    }
    // Now the disk is full up to less than one result; type on, 80 kB an edit.
    let revision = 0;
    let text = '';
    let problem: Awaited<ReturnType<typeof window.problemOf>> = null;
    while (problem === null) {
      const inserted = window.noisyText(40_000);
      problem = await window.problemOf(store.notebooks.append(id, { base: revision, at: text.length, removed: 0, inserted }));
      if (problem) break;
      text += inserted;
      revision += 1;
    }
    const kept = { text: (await store.notebooks.read(id)).text === text, keys: (await store.results.list()).length };
    // The way out that the message offers.
    await store.results.free({ includePinned: true });
    await store.notebooks.append(id, { base: revision, at: 0, removed: 0, inserted: 'room again ' });
    return { refused, problem, characters: text.length, kept, after: (await store.notebooks.read(id)).text === `room again ${text}` };
  });
  expect(seen.refused.length).toBeGreaterThan(0);
  // The reserve alone is 2 MB, that is 25 such edits.
  expect(seen.characters).toBeGreaterThanOrEqual(24 * 40_000);
  expect(seen.problem).toMatchObject({ code: 'storage-full', action: { type: 'free-storage' } });
  expect(seen.kept).toEqual({ text: true, keys: 4 - seen.refused.length });
  expect(seen.after).toBe(true);
});

declare global {
  interface Window {
    noise(bytes: number): ArrayBuffer;
    noisyText(characters: number): string;
    noisyResult(bytes: number): RdmValue;
    problemOf(promise: Promise<unknown>): Promise<{ code: string; place: string; what: string; fix: string; action?: { type: string } } | null>;
  }
}

/** Runs in the page. Noise, because what compresses would not fill a disk. */
function installHelpers(): void {
  window.noise = (bytes) => {
    const noise = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
    return noise.buffer;
  };
  window.noisyText = (characters) => Array.from(new Uint16Array(window.noise(characters * 2)), (unit) => String.fromCharCode(0x4e00 + (unit % 20_000))).join('');
  window.noisyResult = (bytes) => ({
    type: 'rdm', label: '', words: [], categories: [], metric: 'cosine', standardise: 'none', layers: [], order: new Uint32Array(window.noise(bytes)),
    orderedBy: 'source', undefinedPairs: [], dropped: [], origin: 'human',
  });
  window.problemOf = (promise) =>
    promise.then(
      () => null,
      (error: { record?: { code: string; place: string; what: string; fix: string } }) => error.record ?? { code: 'unexpected', place: '', what: String(error), fix: '' },
    );
}
