/** One file, several tabs: downloads of the same file take turns, and nothing is freed under one. */
import { commands } from 'vitest/browser';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { download, type DownloadOptions } from '../../src/models/download.ts';
import { hubCacheName } from '../../src/models/files.ts';
import { freeModel, keptModels } from '../../src/models/hub/kept.ts';
import { KeptFile, partBytes } from '../../src/models/hub/kept-file.ts';
import type { Watch } from '../../src/base/progress.ts';

const MB = 2 ** 20;
const id = 'lab/shared';
const path = 'onnx/model.onnx';
const size = 2 * partBytes + 1000;
let host = '';
let commit = '';

beforeAll(async () => {
  host = await commands.startHub({ models: { [id]: { files: { 'config.json': { text: '{}' }, [path]: { random: size } } } } });
  commit = await commands.hubCommit(host, id);
});

afterAll(() => commands.stopHub(host));

afterEach(async () => {
  await caches.delete(hubCacheName);
  await commands.hubFault(host, `${id}/${path}`, null);
  await commands.hubRequests(host);
});

const keptFile = async (): Promise<KeptFile> => new KeptFile(await caches.open(hubCacheName), `${host}/${id}/resolve/${commit}/${path}`, { host, id, commit, path });
const get = async (watch: Watch = {}, options: DownloadOptions = {}): Promise<number> => (await download(`${host}/${id}/resolve/${commit}/${path}`, 'model.onnx', watch, { keep: await keptFile(), ...options })).bytes.length;
/** A download that has come beyond the first part, slowly. */
async function begun(options: DownloadOptions = {}): Promise<{ readonly bytes: Promise<number> }> {
  await commands.hubFault(host, `${id}/${path}`, { pace: 4 });
  return new Promise((resolve) => {
    const bytes = get({ progress: ({ done }) => done > 5 * MB && resolve({ bytes }) }, options);
  });
}

test('a second download of the same file waits, can be cancelled while it waits, and finds the file kept; it is not freed meanwhile', async () => {
  const first = await begun();
  const cancel = new AbortController();
  const labels: string[] = [];
  const cancelled = get({ signal: cancel.signal, progress: ({ label }) => {
    labels.push(label);
    cancel.abort();
  } });
  const second = get();
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect(labels).toEqual(['model.onnx is being downloaded by another tab or cell, waiting']);
  await expect(freeModel(id)).rejects.toThrow(expect.objectContaining({ code: 'model-in-use', message: expect.stringContaining(`${path} is being downloaded`) as string }) as Error);
  expect(await Promise.all([first.bytes, second])).toEqual([size, size]);
  expect((await commands.hubRequests(host)).filter(({ at }) => at === 'storage').map(({ status }) => status)).toEqual([200]);
  expect((await (await keptFile()).whole())?.length).toBe(size);

  // What is kept is listed and freed by what its entries say, not by reading it.
  const read = [vi.spyOn(Response.prototype, 'blob'), vi.spyOn(Response.prototype, 'arrayBuffer')];
  expect(await keptModels()).toMatchObject([{ id, bytes: size, files: [{ path, bytes: size }], partial: false }]);
  expect(await freeModel(id)).toBe(size);
  for (const reading of read) expect(reading).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  expect(await (await caches.open(hubCacheName)).keys()).toEqual([]);
});

test('a file of which a part was cleared while the rest came is used, and not said to be kept', async () => {
  const warnings: string[] = [];
  const coming = await begun({ warn: (message) => warnings.push(message) });
  const cache = await caches.open(hubCacheName);
  // As the browser's own "delete site data" does, which asks for no lock.
  await vi.waitFor(async () => expect(await cache.delete(`${host}/${id}/resolve/${commit}/${path}?sensorium-part=0`)).toBe(true));
  expect(await coming.bytes).toBe(size);
  expect(warnings).toEqual([expect.stringContaining('model.onnx could not be kept for next time: a part of it was cleared while the rest came')]);
  expect(await keptModels()).toEqual([]);

  // Cleared later, it is listed as what it is: unfinished.
  await commands.hubFault(host, `${id}/${path}`, null);
  await get();
  await cache.delete(`${host}/${id}/resolve/${commit}/${path}?sensorium-part=1`);
  expect(await keptModels()).toMatchObject([{ bytes: partBytes + 1000, files: [], unfinished: [{ path, bytes: partBytes + 1000, total: size }], partial: true }]);
});
