/** Where a model's files come from, and what happens when they do not come. */
import { afterEach, expect, test } from 'vitest';
import { bundledCachePrefix, bundledFiles, hubCacheName, hubFiles, localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { SharedReads } from '../../src/models/reads.ts';
import type { Progress } from '../../src/base/progress.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? undefined);
const blob = (content: string): Blob => new Blob([content]);

afterEach(async () => {
  await caches.delete(hubCacheName);
  for (const name of await caches.keys()) if (name.startsWith(bundledCachePrefix)) await caches.delete(name);
});

test('a local folder is read by path, with or without the folder in front', async () => {
  const files = localFiles('mine', new Map([['mine/config.json', blob('{}')], ['mine/onnx/model.onnx', blob('a')], ['mine/old/onnx/model.onnx', blob('b')], ['tokenizer.json', blob('c')]]));
  expect(text(await files.read('config.json'))).toBe('{}');
  expect(text(await files.read('tokenizer.json'))).toBe('c');
  expect(await files.readOptional('vocab.txt')).toBeNull();
  // Two files end in this path: neither is meant for certain.
  await expect(files.read('onnx/model.onnx')).rejects.toThrow(/there is no file onnx\/model\.onnx.*this one has mine\/config\.json, /);
});

test('a bundled model that is not there is missing, though the server answers with a page', async () => {
  const files = bundledFiles(new URL('/', location.href).href, 'no-such-model');
  expect(await files.readOptional('config.json')).toBeNull();
  await expect(files.read('config.json')).rejects.toThrow(/model no-such-model: there is no file config\.json\. The app should ship it at http/);
});

test('a bundled file is kept for its version of the app, and the files of other versions go', async () => {
  const base = new URL('/', location.href).href;
  const address = `${base}models/sensorium-mini/config.json`;
  const kept = async (): Promise<string[]> => (await caches.keys()).filter((name) => name.startsWith(bundledCachePrefix));
  const config = text(await bundledFiles(base, 'sensorium-mini', '1').read('config.json'));
  expect(JSON.parse(config)).toMatchObject({ vocab_size: expect.any(Number) as number });
  const cache = await caches.open(`${bundledCachePrefix}1`);
  expect(await (await cache.match(address))!.text()).toBe(config);
  await cache.put(address, new Response('kept'));
  const again = bundledFiles(base, 'sensorium-mini', '1');
  expect(text(await again.read('config.json'))).toBe('kept');
  expect(await again.readOptional('no-such-file.json')).toBeNull();
  expect((await cache.keys()).map(({ url }) => url)).toEqual([address]);

  expect(text(await bundledFiles(base, 'sensorium-mini', '2').read('config.json'))).toBe(config);
  expect(await kept()).toEqual([`${bundledCachePrefix}2`]);
  // Without a version, as on a development server, nothing is kept.
  expect(text(await bundledFiles(base, 'sensorium-mini', null).read('tokenizer_config.json'))).toContain('tokenizer_class');
  expect((await (await caches.open(`${bundledCachePrefix}2`)).keys())).toHaveLength(1);
});

test('an unreachable hub says which host, and where the files are had by hand', async () => {
  const files = hubFiles('someone/model', { host: 'http://127.0.0.1:9' });
  const failure = await files.read('config.json').catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'download-failed', record: { fix: expect.stringContaining('by hand from http://127.0.0.1:9/someone/model/resolve/main/config.json') as string } });
  expect((failure as Error).message).toContain('127.0.0.1:9 was not reached');
  // A single file of a model, chosen by hand, would be read by no cell.
  expect(failure).not.toHaveProperty('record.action');
});

test('a file kept from an earlier download needs no network', async () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const cache = await caches.open(hubCacheName);
  await cache.put(`http://127.0.0.1:9/someone/model/resolve/${commit}/tokenizer.json`, new Response('kept'));
  const pinned = hubFiles('someone/model', { host: 'http://127.0.0.1:9', revision: commit });
  expect(text(await pinned.read('tokenizer.json'))).toBe('kept');
  expect(await pinned.commit!()).toBe(commit);

  // A branch is looked up; offline its last known commit serves, with a warning.
  await cache.put('http://127.0.0.1:9/someone/model/resolve/main/config.json', new Response('{}', { headers: { 'x-repo-commit': commit } }));
  const warnings: string[] = [];
  const branch = hubFiles('someone/model', { host: 'http://127.0.0.1:9', warn: (message) => warnings.push(message) });
  expect(text(await branch.read('tokenizer.json'))).toBe('kept');
  expect(warnings).toEqual(['127.0.0.1:9 was not reached (Failed to fetch); the copy of someone/model kept from commit 0123456 is used']);
});

test('a host that does not name the commit is warned of, and nothing is kept under a branch that moves', async () => {
  // The test server hands out files without the hub's headers, as a plain mirror does.
  const host = new URL('plain-host', import.meta.url).href;
  const branch = `${host}/someone/model/resolve/main/tokenizer.json`;
  const cache = await caches.open(hubCacheName);
  await cache.put(branch, new Response('kept by an older version'));
  const warnings: string[] = [];
  const files = hubFiles('someone/model', { host, warn: (message) => warnings.push(message) });
  expect(text(await files.read('tokenizer.json'))).toContain('a plain host');
  expect(await files.commit!()).toBe('main');
  expect(warnings).toEqual([expect.stringMatching(/does not say which commit main of someone\/model is.*name a commit as the revision/)]);
  expect((await cache.keys()).map(({ url }) => url)).toEqual([branch]);
});

test('readers of a file on its way share one download and its progress; a failed one is tried anew', async () => {
  let loads = 0;
  const reads = new SharedReads(async (_path, watch) => {
    loads++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (loads === 1) throw new Error('broken');
    watch.progress?.({ label: 'download', done: 1, total: 1 });
    return Uint8Array.of(loads);
  });
  const first = await Promise.allSettled([reads.read('a'), reads.read('a')]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const seen: Progress[] = [];
  const again = await Promise.all([reads.read('a', { progress: (progress) => seen.push(progress) }), reads.read('a')]);
  expect(again).toEqual([Uint8Array.of(2), Uint8Array.of(2)]);
  expect(await reads.read('a')).toEqual(Uint8Array.of(2));
  expect(loads).toBe(2);
  expect(seen).toEqual([{ label: 'download', done: 1, total: 1 }]);
});

test('who cancels stops waiting; the download goes on while someone else wants it and stops after the last', async () => {
  let stopped = 0;
  const reads = new SharedReads((_path, { signal }) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(Uint8Array.of(1)), 50);
    signal!.addEventListener('abort', () => {
      clearTimeout(timer);
      stopped++;
      reject(signal!.reason as Error);
    });
  }));
  const impatient = new AbortController();
  const waiting = reads.read('a', { signal: impatient.signal });
  const patient = reads.read('a');
  impatient.abort();
  await expect(waiting).rejects.toThrow(/abort/);
  expect(await patient).toEqual(Uint8Array.of(1));
  expect(stopped).toBe(0);

  const alone = new AbortController();
  const lost = reads.read('b', { signal: alone.signal });
  alone.abort();
  await expect(lost).rejects.toThrow(/abort/);
  expect(stopped).toBe(1);
  expect(await reads.read('b')).toEqual(Uint8Array.of(1));
});

const config = { model_type: 'bert', architectures: ['BertModel'], hidden_size: 2, num_hidden_layers: 1, max_position_embeddings: 64 };

test('a model without a file for the chosen precision lists what it has', async () => {
  const files = localFiles('mine', new Map([['config.json', blob(JSON.stringify(config))], ['onnx/model_quantized.onnx', blob('x')]]));
  await expect(inspectModel(files, { dtype: 'fp16' })).rejects.toThrow(
    /^model mine: there is no ONNX file for the precision fp16 \(looked for onnx\/model_fp16\.onnx, model_fp16\.onnx, .*\)\. Choose the precision that fits one of onnx\/model_quantized\.onnx\.$/,
  );
});

test('a wrong value in config.json is named', async () => {
  const wrong = localFiles('mine', new Map([['config.json', blob(JSON.stringify({ ...config, num_hidden_layers: 'six' }))]]));
  await expect(inspectModel(wrong, { dtype: 'fp32' })).rejects.toThrow('model mine, config.json: num_hidden_layers is "six", not number.');
  const silent = localFiles('mine', new Map([['config.json', blob('{"model_type": "bert"}')]]));
  await expect(inspectModel(silent, { dtype: 'fp32' })).rejects.toThrow('it does not say the hidden size');
});

test('the revision of a local model changes with its bytes', async () => {
  const revisionOf = async (values: Float32Array): Promise<string> => {
    const model = tinyOnnx({ nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] }], initialisers: { table: { dims: [1, 2], values } }, inputs: ['input_ids'], output: 'last_hidden_state' });
    const files = localFiles('mine', new Map([['config.json', blob(JSON.stringify(config))], ['onnx/model.onnx', new Blob([model])]]));
    return (await inspectModel(files, { dtype: 'fp32' })).revision;
  };
  expect(await revisionOf(Float32Array.of(1, 2))).toMatch(/^[0-9a-f]{64}$/);
  expect(await revisionOf(Float32Array.of(1, 2))).toBe(await revisionOf(Float32Array.of(1, 2)));
  expect(await revisionOf(Float32Array.of(1, 2))).not.toBe(await revisionOf(Float32Array.of(1, 3)));
});
