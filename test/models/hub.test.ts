/** Downloads from a hub on this machine: what a bad network does to them, and what the hub knows of a model. */
import { commands } from 'vitest/browser';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Progress, Watch } from '../../src/base/progress.ts';
import { download, type DownloadOptions } from '../../src/models/download.ts';
import { hubCacheName, hubFiles } from '../../src/models/files.ts';
import { dtypesOf, hubInfo, parseHubAddress } from '../../src/models/hub/info.ts';
import { freeModel, keepStatus, keptModels } from '../../src/models/hub/kept.ts';
import { KeptFile, partBytes } from '../../src/models/hub/kept-file.ts';
import type { Fault } from '../hub-server.ts';
import { Sha256 } from '../../src/models/hub/sha256.ts';

const MB = 2 ** 20;
const big = 9 * MB + 123;
const onnx = 'lab/small/onnx/model.onnx';
const weights = 'onnx/model.onnx';
let host = '';
let plain = '';

const about = { pipeline_tag: 'feature-extraction', library_name: 'transformers.js', downloads: 1234, tags: ['onnx', 'license:mit'], cardData: { license: 'apache-2.0', language: ['en', 'nl'] }, config: { architectures: ['BertModel'], model_type: 'bert' } };
const files = {
  'config.json': { text: '{"model_type":"bert"}' }, 'tokenizer.json': { text: '{}' }, 'README.md': { text: 'hello' },
  [weights]: { random: big }, 'onnx/model_quantized.onnx': { random: 3000 }, 'onnx/model_q4.onnx': { random: 1000 }, 'onnx/model_q4.onnx_data': { random: 5000 }, 'onnx/model_q4.onnx_data_1': { random: 500 },
};

const few = { 'config.json': { text: '{"model_type":"bert"}' }, [weights]: { random: 3000 } };

beforeAll(async () => {
  host = await commands.startHub({ models: {
    'lab/odd': { files: few, about: { ...about, gated: 7, tags: 'onnx', cardData: { license: ['mit', 3], language: [false, 'nn'] }, config: 'bert' } },
    'lab/elsewhere': { files: few, about: { ...about, sha: 'f'.repeat(40) } },
    'lab/small': { files, about }, 'lab/closed': { files, about: { ...about, gated: 'manual' } }, 'lab/text': { files: { 'config.json': { text: '{}' }, 'model.safetensors': { random: 10 } } },
  } });
  plain = await commands.startHub({ models: { 'lab/plain': { files: { 'config.json': { text: '{}' }, 'onnx/model_fp16.onnx': { random: 2000 }, 'onnx/model_fp16.onnx_data': { random: 300 } } } }, api: false });
});

afterAll(async () => {
  await commands.stopHub(host);
  await commands.stopHub(plain);
});

afterEach(async () => {
  await caches.delete(hubCacheName);
  for (const path of [onnx, 'lab/small/config.json', 'lab/small/tokenizer.json', 'api/models/lab/small', 'lab/odd/onnx/model.onnx', '*']) await commands.hubFault(host, path, null);
  await commands.hubOnline(host, true);
  await commands.hubRequests(host);
});

const quick = { waits: [0.05, 0.05, 0.05], unanswered: 1, stall: 0.6, longestAsked: 2 };
let content: Promise<Uint8Array<ArrayBuffer>> | null = null;

/** What the file should be. */
const expected = (): Promise<Uint8Array<ArrayBuffer>> => (content ??= fetch(`${host}/lab/small/resolve/main/${weights}`).then(async (response) => new Uint8Array(await response.arrayBuffer())));

async function same(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const whole = await expected();
  return bytes.length === whole.length && indexedDB.cmp(bytes, whole) === 0;
}

async function keptFile(): Promise<KeptFile> {
  const commit = await commands.hubCommit(host, 'lab/small');
  return new KeptFile(await caches.open(hubCacheName), `${host}/lab/small/resolve/${commit}/${weights}`, { host, id: 'lab/small', commit, path: weights });
}

const get = async (options: DownloadOptions = {}, watch: Watch = {}): Promise<Uint8Array<ArrayBuffer>> =>
  (await download(`${host}/lab/small/resolve/main/${weights}`, 'model.onnx', watch, { patience: quick, ...options })).bytes;
/** The problem or the error; nine megabytes in a message would help nobody. */
const failure = (reading: Promise<Uint8Array<ArrayBuffer>>): Promise<unknown> => reading.then((bytes) => `${bytes.length} bytes came`, (error: unknown) => error);
const saying = (message: RegExp | string, code?: string): unknown => expect.objectContaining({ message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message), ...(code ? { code } : {}) });
const rangesOf = async (): Promise<string[]> => (await commands.hubRequests(host)).filter(({ at, path }) => at === 'storage' && path === onnx).map(({ range, status }) => `${range} ${status}`.trim());

test('a download that is cut three times goes on where it broke off, and its bytes are right', async () => {
  await expected();
  await commands.hubRequests(host);
  await commands.hubFault(host, onnx, { cutAfter: 2 * MB, times: 3 });
  const seen: Progress[] = [];
  const keep = await keptFile();
  expect(await same(await get({ keep }, { progress: (progress) => seen.push(progress) }))).toBe(true);
  const ranges = await rangesOf();
  expect(ranges[0]).toBe('200');
  expect(ranges).toHaveLength(4);
  const from = ranges.slice(1).map((range) => Number(/^bytes=(\d+)- 206$/.exec(range)?.[1]));
  // What was on the wire when it was cut may be lost; nothing that came is asked for again.
  expect(from.every((at, index) => at > 0 && at <= 2 * MB * (index + 1) && at > (from[index - 1] ?? 0))).toBe(true);
  // Progress counts over all attempts, and never back.
  expect(seen.every(({ done, total }, index) => total === big && done >= (seen[index - 1]?.done ?? 0))).toBe(true);
  expect(seen.at(-1)).toEqual({ label: 'download model.onnx, 9.4 MB of 9.4 MB', done: big, total: big });
  expect(await same((await keep.whole())!)).toBe(true);
});

test('cancel keeps what has come; the next run goes on from there, and a whole file is not asked for again', async () => {
  const controller = new AbortController();
  await commands.hubFault(host, onnx, { pace: 2 });
  const cancelled = get({ keep: await keptFile() }, { signal: controller.signal, progress: ({ done }) => done > 5 * MB && controller.abort() });
  expect(await failure(cancelled)).toMatchObject({ name: 'AbortError' });
  const [model] = await keptModels();
  expect(model).toMatchObject({ host, id: 'lab/small', commit: await commands.hubCommit(host, 'lab/small'), partial: true, files: [], unfinished: [{ path: weights, total: big }] });
  const came = model!.bytes;
  expect(came).toBeGreaterThan(5 * MB);
  await commands.hubRequests(host);
  await commands.hubFault(host, onnx, null);
  const seen: Progress[] = [];
  expect(await same(await get({ keep: await keptFile() }, { progress: (progress) => seen.push(progress) }))).toBe(true);
  expect(await rangesOf()).toEqual([`bytes=${came}- 206`]);
  const there = `${(came / 1e6).toFixed(1)} MB`;
  expect(seen[0]).toEqual({ label: `download model.onnx from ${there}, ${there} of 9.4 MB`, done: came, total: big });
  expect(await keptModels()).toMatchObject([{ bytes: big, partial: false, files: [{ path: weights, bytes: big }], unfinished: [] }]);
  // Parts come back in order; without one of them the file is not whole, and what is before it still counts.
  const cache = await caches.open(hubCacheName);
  const second = (await cache.keys()).find(({ url }) => url.endsWith('part=1'))!;
  await cache.delete(second);
  const keep = await keptFile();
  expect(await keep.whole()).toBeNull();
  expect((await keep.begun())!.bytes.length).toBe(partBytes);
});

test('another file under the same address, or a host without ranges, starts over; nothing is put together from two files', async () => {
  const stop = async (): Promise<void> => {
    await commands.hubFault(host, onnx, { cutAfter: 5 * MB, times: 1, next: { status: 503 } });
    expect(await failure(get({ keep: await keptFile(), patience: { ...quick, waits: [] } }))).toEqual(saying(/the download broke off: \d\.\d MB of 9\.4 MB came.*it goes on from there/));
    await commands.hubRequests(host);
  };
  await stop();
  await commands.hubFault(host, onnx, { etag: 'another', times: 1 });
  expect(await same(await get({ keep: await keptFile() }))).toBe(true);
  expect((await rangesOf()).map((range) => range.replace(/\d+-/, 'N-'))).toEqual(['bytes=N- 206', '200']);
  await freeModel('lab/small');
  await stop();
  await commands.hubFault(host, onnx, { noRanges: true });
  expect(await same(await get({ keep: await keptFile() }))).toBe(true);
  expect((await rangesOf()).map((range) => range.replace(/\d+-/, 'N-'))).toEqual(['bytes=N- 200']);
  await freeModel('lab/small');
  await stop();
  // Pages may not see the range that is answered everywhere; the length that follows still tells.
  await commands.hubFault(host, onnx, { hideHeaders: true });
  expect(await same(await get({ keep: await keptFile() }))).toBe(true);
  expect(await keptModels()).toMatchObject([{ partial: false }]);
});

test('a stalled connection counts as broken; one that never gets on is given up, and what came is kept', async () => {
  await commands.hubFault(host, onnx, { stallAfter: 6 * MB, times: 1 });
  expect(await same(await get({ keep: await keptFile() }))).toBe(true);
  expect(await rangesOf()).toHaveLength(2);
  await caches.delete(hubCacheName);
  const started = performance.now();
  await commands.hubFault(host, onnx, { status: 503, retryAfter: 1, times: 1, next: { status: 503, times: 1 } });
  expect(await same(await get({ keep: await keptFile() }))).toBe(true);
  expect(await rangesOf()).toEqual(['503', '503', '200']);
  expect(performance.now() - started).toBeGreaterThan(1000);
  await freeModel('lab/small');
  await commands.hubFault(host, onnx, { status: 429, retryAfter: 600 });
  expect(await failure(get())).toEqual(saying('(status 429) and asks to come back in 10 minutes', 'download-failed'));
  expect(await rangesOf()).toHaveLength(1);
  await commands.hubFault(host, onnx, { status: 503 });
  expect(await failure(get())).toEqual(saying('status 503', 'download-failed'));
  expect(await rangesOf()).toHaveLength(4);
  await commands.hubFault(host, onnx, { status: 403 });
  expect(await failure(get())).toEqual(saying('refuses it without an account (status 403)', 'download-failed'));
  expect(await rangesOf()).toHaveLength(1);
});

test('a file that is not what the hub lists is refused and thrown away', async () => {
  const id = 'lab/small';
  const read = async (): Promise<Uint8Array<ArrayBuffer>> => hubFiles(id, { host }).read(weights);
  await commands.hubFault(host, onnx, { corrupt: true });
  expect(await failure(read())).toEqual(saying(/its SHA-256 is [0-9a-f]{12}…, and the hub lists it with/, 'download-wrong'));
  expect((await keptModels()).flatMap((model) => [...model.files, ...model.unfinished]).map(({ path }) => path)).toEqual(['config.json']);
  await commands.hubFault(host, onnx, { shortBy: 7 });
  expect(await failure(read())).toEqual(saying(`the host has ${big - 7} bytes of it, and the hub lists it with ${big}`));
  // Parts of a wrong file lead to a wrong whole, which is not kept either.
  await commands.hubFault(host, onnx, null);
  const keep = await keptFile();
  await keep.savePart(0, new Uint8Array(partBytes), big, '');
  expect(await failure(read())).toEqual(saying('SHA-256', 'download-wrong'));
  expect(await keep.begun()).toBeNull();
  expect(await same(await read())).toBe(true);
  expect((await keepStatus()).state).toBe('best-effort');
});

test('facts that cannot be read cost neither the list nor its checks; a list of another commit is none', async () => {
  expect(await hubInfo('lab/odd', { host })).toMatchObject({ task: 'feature-extraction', licence: 'mit', languages: ['nn'], architecture: null, gated: false });
  await commands.hubFault(host, 'lab/odd/onnx/model.onnx', { corrupt: true });
  expect(await failure(hubFiles('lab/odd', { host }).read(weights))).toEqual(saying('SHA-256', 'download-wrong'));
  const commit = await commands.hubCommit(host, 'lab/elsewhere');
  expect(await hubInfo('lab/elsewhere', { host, revision: commit })).toMatchObject({ commit, task: null });
  expect((await hubFiles('lab/elsewhere', { host, revision: commit }).read(weights)).length).toBe(3000);
});

test('a web page in place of a file is never kept, be the commit pinned or not', async () => {
  const commit = await commands.hubCommit(host, 'lab/elsewhere');
  const files = (revision?: string, warn?: (message: string) => void): ReturnType<typeof hubFiles> => hubFiles('lab/elsewhere', { host, ...(revision ? { revision } : {}), ...(warn ? { warn } : {}) });
  await commands.hubFault(host, '*', { page: true });
  await expect(files(commit).read('config.json')).rejects.toMatchObject({ code: 'model-file-missing' });
  // The list is asked for before the first file, so that this is checked too.
  expect((await commands.hubRequests(host)).map(({ path }) => path)).toEqual(['api/models/lab/elsewhere', 'lab/elsewhere/config.json']);
  await expect(files().read('config.json')).rejects.toThrow(/answered with a web page in place of the file\. Open .* the network may ask to sign in first/);
  await expect(hubInfo('lab/elsewhere', { host })).rejects.toMatchObject({ code: 'hub-unreachable', message: expect.stringContaining('answered with a web page in place of config.json') as string });
  expect(await (await caches.open(hubCacheName)).keys()).toEqual([]);
  await commands.hubFault(host, '*', null);
  expect((await files().read(weights)).length).toBe(3000);
  // Later, what is kept serves, and what the hub lists is not taken for missing.
  await commands.hubFault(host, '*', { page: true });
  const warnings: string[] = [];
  expect((await files('main', (message) => warnings.push(message)).read('config.json')).length).toBe(21);
  expect(warnings).toEqual([expect.stringMatching(/answered with a web page in place of the file; the copy of lab\/elsewhere kept from commit/)]);
  await commands.hubFault(host, '*', null);
  const { commit: listed } = await hubInfo('lab/small', { host });
  await commands.hubFault(host, '*', { page: true });
  await expect(hubFiles('lab/small', { host, revision: listed }).readOptional('tokenizer.json')).rejects.toThrow('answered with a web page');
});

test('a host without ranges that breaks off each time is given up, though more comes now and then', async () => {
  let fault: Fault = {};
  for (let k = 0; k < 20; k++) fault = { noRanges: true, cutAfter: k % 2 ? 1000 : 500, times: 1, next: fault };
  await commands.hubFault(host, onnx, fault);
  expect(await failure(get({ keep: await keptFile() }))).toEqual(saying(/broke off 4 times, and the host begins at the beginning each time|and then nothing more in 4 attempts/, 'download-incomplete'));
  expect((await rangesOf()).length).toBeLessThanOrEqual(5);
});

test('kept files serve without a network, absent ones included, and go when they are let go', async () => {
  const read = async (warn?: (message: string) => void): Promise<(string | null)[]> => {
    const model = hubFiles('lab/small', { host, ...(warn ? { warn } : {}) });
    const found = [];
    for (const path of ['onnx/model_quantized.onnx', 'tokenizer.json', 'special_tokens_map.json']) found.push((await model.readOptional(path))?.length.toString() ?? null);
    return found;
  };
  expect(await read()).toEqual(['3000', '2', null]);
  await commands.hubOnline(host, false);
  const warnings: string[] = [];
  expect(await read((message) => warnings.push(message))).toEqual(['3000', '2', null]);
  const commit = await commands.hubCommit(host, 'lab/small');
  expect(warnings).toEqual([`${new URL(host).host} was not reached (Failed to fetch); the copy of lab/small kept from commit ${commit.slice(0, 7)} is used`]);
  expect(await keptModels()).toMatchObject([{ id: 'lab/small', commit, bytes: 3000 + 2 + 21, partial: false }]);
  expect(await freeModel('lab/small', commit)).toBe(3023);
  expect(await keptModels()).toEqual([]);
  await expect(hubFiles('lab/small', { host, revision: commit }).read('tokenizer.json')).rejects.toMatchObject({ code: 'download-failed' });
});

test('the hub tells task, licence and precisions with their sizes, weights beside the graph included, in one request', async () => {
  const info = await hubInfo('lab/small', { host });
  expect(info).toMatchObject({ id: 'lab/small', commit: await commands.hubCommit(host, 'lab/small'), task: 'feature-extraction', library: 'transformers.js', licence: 'apache-2.0', gated: false, downloads: 1234, architecture: 'BertModel', modelType: 'bert', languages: ['en', 'nl'], otherBytes: 23 });
  expect(info.dtypes.map(({ dtype, onnxFile, bytes }) => [dtype, onnxFile, bytes])).toEqual([
    ['fp32', weights, big], ['q8', 'onnx/model_quantized.onnx', 3000], ['q4', 'onnx/model_q4.onnx', 6500],
  ]);
  expect(info.dtypes.every(({ bytes, memory }) => memory > bytes)).toBe(true);
  expect(await commands.hubRequests(host)).toHaveLength(1);
  // A commit does not change: it is not asked again.
  await hubInfo('lab/small', { host, revision: info.commit });
  expect(await commands.hubRequests(host)).toHaveLength(0);
  expect((await hubInfo('lab/closed', { host })).gated).toBe(true);
  await expect(hubInfo('lab/none', { host })).rejects.toMatchObject({ code: 'hub-model-missing' });
  await expect(hubInfo('lab/small', { host, revision: 'v9' })).rejects.toThrow(/has no such model, or no revision v9 of it/);
  await expect(hubInfo('lab/text', { host })).rejects.toMatchObject({ code: 'hub-no-onnx' });
  await commands.hubFault(host, 'api/models/lab/closed', { status: 403 });
  await expect(hubInfo('lab/closed', { host })).rejects.toMatchObject({ code: 'hub-model-gated' });
  await commands.hubOnline(host, false);
  await expect(hubInfo('lab/other', { host })).rejects.toMatchObject({ code: 'hub-unreachable' });
});

test('a mirror without the hub’s API is asked for the heads of likely files', async () => {
  const info = await hubInfo('lab/plain', { host: plain });
  expect(info).toMatchObject({ commit: await commands.hubCommit(plain, 'lab/plain'), task: null, licence: null, otherBytes: 2 });
  expect(info.dtypes.map(({ dtype, onnxFile, bytes }) => [dtype, onnxFile, bytes])).toEqual([['fp16', 'onnx/model_fp16.onnx', 2300]]);
  await expect(hubInfo('lab/none', { host: plain })).rejects.toMatchObject({ code: 'hub-model-missing' });
  expect((await hubFiles('lab/plain', { host: plain }).read('onnx/model_fp16.onnx')).length).toBe(2000);
});

test('the precision of a file is told by its name; of an encoder and a decoder the encoder is taken', () => {
  const listed = (...paths: string[]): string[] => dtypesOf(new Map(paths.map((path) => [path, { bytes: 1, sha256: null }]))).map(({ dtype, onnxFile }) => `${dtype} ${onnxFile}`);
  expect(listed('onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx', 'onnx/encoder_model_q4f16.onnx')).toEqual(['fp32 onnx/encoder_model.onnx', 'q4f16 onnx/encoder_model_q4f16.onnx']);
  expect(listed('onnx/text_model.onnx', 'onnx/vision_model.onnx')).toEqual(['fp32 onnx/text_model.onnx']);
  expect(listed('weights.onnx')).toEqual(['fp32 weights.onnx']);
  expect(listed('model.onnx', 'model.onnx.data')).toEqual(['fp32 model.onnx']);
  const sized = dtypesOf(new Map([['model.onnx', { bytes: 5e9, sha256: null }], ['model_q4.onnx', { bytes: 8e8, sha256: null }]]));
  expect(sized.map(({ dtype, fits }) => [dtype, fits])).toEqual([['fp32', false], ['q4', true]]);
});

test('a model is named by its id, with a revision, or by an address of the hub or a mirror', () => {
  const parsed = (text: string): unknown[] => Object.values(parseHubAddress(text));
  expect(parsed(' Xenova/all-MiniLM-L6-v2 ')).toEqual(['Xenova/all-MiniLM-L6-v2', null, null]);
  expect(parsed('gpt2')).toEqual(['gpt2', null, null]);
  expect(parsed('lab/small@v1.0')).toEqual(['lab/small', 'v1.0', null]);
  expect(parsed('https://huggingface.co/lab/small')).toEqual(['lab/small', null, null]);
  expect(parsed('huggingface.co/lab/small/tree/refs%2Fpr%2F1')).toEqual(['lab/small', 'refs/pr/1', null]);
  expect(parsed('https://hf.co/lab/small/blob/main/onnx/model.onnx?x=1#top')).toEqual(['lab/small', 'main', null]);
  expect(parsed('http://10.0.0.7:8080/hub/lab/small/tree/v2')).toEqual(['lab/small', 'v2', 'http://10.0.0.7:8080/hub']);
  expect(parsed('https://mirror.lab/lab/small')).toEqual(['lab/small', null, 'https://mirror.lab']);
  for (const wrong of ['', 'a/b/c', '../etc', 'lab/sm all', 'https://huggingface.co/datasets/lab/words', 'https://user:secret@huggingface.co/lab/small', 'lab/..']) {
    expect(() => parseHubAddress(wrong), wrong).toThrow(expect.objectContaining({ code: 'hub-id' }) as Error);
  }
});

test('SHA-256 of pieces is that of the whole', async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000]) {
    const whole = bytes.subarray(0, length);
    const digest = Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const cut = Math.floor(length / 3);
    expect(new Sha256().update(whole.subarray(0, cut)).update(whole.subarray(cut, cut + 1)).update(whole.subarray(cut + 1)).hex(), `${length} bytes`).toBe(digest);
  }
});
