/** What a leaderboard's list would download: which hosts the button names and asks, and when it asks nobody. */
import { render } from 'lit';
import { commands } from 'vitest/browser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssistContext } from '../../src/kinds/kind.ts';
import { assist } from '../../src/kinds/leaderboard/downloads.ts';
import { hubCacheName, hubFiles } from '../../src/models/files.ts';

const files = { 'config.json': { text: '{"model_type":"bert"}' }, 'tokenizer.json': { text: '{}' }, 'onnx/model.onnx': { random: 3000 }, 'onnx/model_quantized.onnx': { random: 1000 } };
let hub = '';
let mirror = '';

beforeAll(async () => {
  const models = { 'lab/small': { files } };
  [hub, mirror] = await Promise.all([commands.startHub({ models }), commands.startHub({ models })]);
});
afterAll(async () => {
  await Promise.all([commands.stopHub(hub), commands.stopHub(mirror), caches.delete(hubCacheName)]);
});

const name = (address: string): string => new URL(address).host;

test('the button names every host, also a mirror that an entry names; an untrusted notebook asks none, and a stopped one no more', async () => {
  const place = document.body.appendChild(document.createElement('div'));
  const draw = (more: Partial<AssistContext> = {}): unknown =>
    render(assist({ params: { hub: ['lab/small q8', `${mirror}/lab/small`, 'lab/small/more'] }, locked: false, trusted: true, hub, set: () => undefined, ...more }), place);
  const button = (label: string): HTMLButtonElement | undefined => [...place.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === label);
  const ask = `Ask ${name(hub)} and ${name(mirror)} for the sizes`;
  const rows = (): string[] => Array.from(place.querySelectorAll('li'), ({ textContent }) => textContent.replace(/\s+/g, ' '));

  const commit = await commands.hubCommit(mirror, 'lab/small');
  await hubFiles('lab/small', { host: mirror, revision: commit }).read('onnx/model.onnx');
  await Promise.all([commands.hubRequests(hub), commands.hubRequests(mirror)]);

  draw({ trusted: false });
  await expect.poll(() => place.textContent).toContain(`${name(hub)} and ${name(mirror)} can be asked for the sizes here once you trust this notebook.`);
  expect(place.querySelector('button')).toBeNull();

  draw();
  await expect.poll(() => button(ask)).toBeDefined();
  // Only what came from the mirror, at that precision, is marked.
  await expect.poll(() => rows().map((row) => row.endsWith('kept'))).toEqual([false, true, false]);
  expect(await commands.hubRequests(hub)).toEqual([]);
  expect(await commands.hubRequests(mirror)).toEqual([]);

  await commands.hubFault(hub, 'api/models/lab/small', { delay: 3000 });
  button(ask)!.click();
  await expect.poll(() => button('Cancel')).toBeDefined();
  button('Cancel')!.click();
  await expect.poll(() => button(ask)).toBeDefined();
  expect(await commands.hubRequests(mirror)).toEqual([]);

  await commands.hubFault(hub, 'api/models/lab/small', null);
  button(ask)!.click();
  await expect.poll(rows).toEqual([expect.stringContaining('lab/small q8 1.0 kB to download'), expect.stringMatching(/\/lab\/small fp32 3\.0 kB ?kept$/), expect.stringContaining('names no model')]);
  expect((await commands.hubRequests(mirror)).map(({ path }) => path)).toEqual(['api/models/lab/small']);
  expect((await commands.hubRequests(hub)).every(({ path }) => path === 'api/models/lab/small')).toBe(true);

  // What is kept is not downloaded, and what names no model cannot be.
  expect(place.querySelector('p')!.textContent).toContain('A run downloads about 1.0 kB (1 kept already, 1 cannot be had).');

  // Another hub is another question: the answers of the first do not stand for it.
  draw({ hub: mirror });
  await expect.poll(() => button(`Ask ${name(mirror)} for the sizes`)).toBeDefined();
  expect(rows()[0]).toContain('size not known yet');
  place.remove();
});
