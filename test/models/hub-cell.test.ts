/** A model cell that names a model of the hub: what it refuses beforehand, what it says, and what it does without room or network. */
import { cdp, commands } from 'vitest/browser';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ModelValue } from '../../src/data/values.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import { run } from '../../src/kinds/model/run.ts';
import { fields } from '../../src/kinds/model/schema.ts';
import { hubCacheName } from '../../src/models/files.ts';
import { besideGraph, lackingFiles } from '../../src/models/hub/info.ts';
import { freeModel, keptModels } from '../../src/models/hub/kept.ts';
import { contextOf, paramsOf, type TestContext } from '../kinds/context.ts';

const folder = 'public/models/sensorium-mini-causal';
const mini = Object.fromEntries(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'onnx/model.onnx'].map((path) => [path, `${folder}/${path}`]));
const graph = 'onnx/model.onnx';
const chat = { 'chat_template.jinja': { text: '{{ messages[0].content }}' }, 'generation_config.json': { text: '{"eos_token_id": 7}' } };
let host = '';
let plain = '';
/** A mirror without the API, whose graph is not where it is looked for first. */
let mirror = '';

beforeAll(async () => {
  const about = { pipeline_tag: 'text-generation', cardData: { license: 'mit' } };
  host = await commands.startHub({ models: {
    'lab/mini': { files: { ...mini, 'onnx/model_q8.onnx': { random: 23_000 } }, about },
    'lab/chat': { files: { ...mini, ...chat }, about },
    'lab/closed': { files: mini, about: { ...about, gated: 'auto' } },
  } });
  const { [graph]: model, ...rest } = mini;
  mirror = await commands.startHub({ models: { 'lab/chat': { files: { ...rest, ...chat, 'model.onnx': model! } } }, api: false });
  plain = await commands.startHub({ models: { 'lab/mini': { files: mini } }, api: false, commits: false });
});

afterAll(async () => {
  await commands.stopHub(host);
  await commands.stopHub(plain);
  await commands.stopHub(mirror);
});

afterEach(async () => {
  await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin });
  await caches.delete(hubCacheName);
  for (const address of [host, mirror]) await commands.hubOnline(address, true);
  for (const address of [host, plain, mirror]) await commands.hubRequests(address);
});

interface Ran {
  readonly context: TestContext;
  readonly value: ModelValue;
}

async function look(params: Readonly<Record<string, unknown>>, hub = host, context = { ...contextOf('model'), hub }): Promise<Ran> {
  return { context, value: await run(paramsOf(fields, { source: 'hub', ...params }), context) };
}

test('the cell takes ids with revisions and addresses, says what the hub says, and is pinned to the commit', async () => {
  const commit = await commands.hubCommit(host, 'lab/mini');
  const { value, context } = await look({ id: 'lab/mini' });
  expect(value).toMatchObject({ source: 'hub', id: 'lab/mini', label: 'mini', revision: commit, dtype: 'fp32', onnxFile: graph, about: { host, task: 'text-generation', licence: 'mit' } });
  expect(value.about!.download).toBeGreaterThan(5_000_000);
  expect(value.about!.memory).toBeGreaterThan(value.about!.download);
  expect(context.warnings).toEqual([]);
  // Other writings of the same find the same commit and the files that are kept.
  await commands.hubRequests(host);
  const revisions = [];
  for (const [id, hub] of [[`lab/mini@${commit}`, host], [`https://huggingface.co/lab/mini/tree/main`, host], [`${host}/lab/mini/blob/main/README.md`, 'http://127.0.0.1:9']] as const) revisions.push((await look({ id }, hub)).value.revision);
  expect(revisions).toEqual([commit, commit, commit]);
  expect((await commands.hubRequests(host)).map(({ path }) => path)).toEqual(['api/models/lab/mini', 'api/models/lab/mini']);
  // Later cells read the files from where the model was found, whatever hub is set by then.
  const files = openModelFiles(value, { ...contextOf('activations'), hub: 'http://127.0.0.1:9' });
  expect((await files.read('tokenizer.json')).length).toBeGreaterThan(1000);
});

test('what cannot work is refused before anything is downloaded', async () => {
  await expect(look({ id: 'lab/mini', dtype: 'fp16' })).rejects.toThrow(/model lab\/mini: there is no export at the precision fp16; it has fp32 \(4\.7 MB\) and q8 \(23\.0 kB\)\. Choose fp32 or q8\./);
  await expect(look({ id: 'lab/closed' })).rejects.toMatchObject({ code: 'hub-model-gated' });
  await expect(look({ id: 'lab/nothing' })).rejects.toMatchObject({ code: 'hub-model-missing' });
  await expect(look({ id: 'not a model' })).rejects.toMatchObject({ code: 'hub-id' });
  expect((await commands.hubRequests(host)).every(({ path }) => path.startsWith('api/'))).toBe(true);
  expect(await keptModels()).toEqual([]);
});

test('without a network what is kept serves, with a warning; a model that is not kept is not had', async () => {
  const { value } = await look({ id: 'lab/mini' });
  await commands.hubOnline(host, false);
  const again = await look({ id: 'lab/mini' });
  expect(again.value).toEqual(value);
  expect(again.context.warnings).toEqual([`${new URL(host).host} was not reached (Failed to fetch); the copy of lab/mini kept from commit ${value.revision.slice(0, 7)} is used`]);
  expect((await look({ id: 'lab/mini', revision: value.revision })).context.warnings).toEqual([]);
  await expect(look({ id: 'lab/other' })).rejects.toMatchObject({ code: 'hub-unreachable' });
});

test('without a network a model is whole for cells that prompt it too, also from a mirror without the API that the cell names itself', async () => {
  const nowhere = 'http://127.0.0.1:9';
  for (const [id, hub, from, onnxFile] of [['lab/chat', host, host, graph], [`${mirror}/lab/chat`, nowhere, mirror, 'model.onnx']] as const) {
    const { value } = await look({ id }, hub);
    expect(value).toMatchObject({ id: 'lab/chat', revision: await commands.hubCommit(from, 'lab/chat'), onnxFile, about: { host: from } });
    const kept = (await keptModels()).find((model) => model.host === from)!;
    expect(kept.files.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(chat)));
    expect(value.about!.download).toBe(kept.bytes);
    expect(await lackingFiles(kept)).toEqual([]);
    await commands.hubOnline(from, false);
    const again = await look({ id }, hub);
    expect(again.value).toEqual(value);
    expect(again.context.warnings).toEqual([expect.stringContaining('; the copy of lab/chat kept from commit')]);
    const files = openModelFiles(value, { ...contextOf('elicit'), hub: nowhere });
    for (const path of besideGraph) expect((await files.read(path)).length, path).toBeGreaterThan(0);
    // One that was kept before templates were is not called whole, where the list tells.
    expect(await lackingFiles({ ...kept, files: kept.files.filter(({ path }) => path !== 'chat_template.jinja') })).toEqual(from === host ? ['chat_template.jinja'] : []);
  }
});

test('without a network and without anything kept nothing is said to be used, and nobody is asked twice', async () => {
  const { value } = await look({ id: 'lab/mini' });
  await freeModel('lab/mini', value.revision);
  await commands.hubOnline(host, false);
  const unseen = 'a'.repeat(40);
  for (const revision of ['main', unseen]) {
    const context = { ...contextOf('model'), hub: host };
    const started = performance.now();
    await expect(look({ id: 'lab/mini', revision }, host, context)).rejects.toMatchObject({ code: 'hub-unreachable' });
    expect(context.warnings).toEqual([]);
    // Two attempts, half a second apart; asking again would take as long again.
    expect(performance.now() - started).toBeLessThan(4000);
  }
});

test('a mirror that has files and neither API nor commits serves, and the reader is told that it is not pinned', async () => {
  const { value, context } = await look({ id: 'lab/mini' }, plain);
  expect(value).toMatchObject({ revision: 'main', about: { host: plain, task: null, licence: null } });
  expect(value.about!.download).toBeGreaterThan(4_700_000);
  expect(context.warnings).toEqual([expect.stringContaining('does not say which commit main of lab/mini is')]);
  expect(await keptModels()).toEqual([]);
  await expect(look({ id: 'lab/mini', dtype: 'q4' }, plain)).rejects.toMatchObject({ code: 'hub-no-dtype' });
});

test('where the storage is full the model is used all the same, nothing of it stays, and the reader is told', async () => {
  const { usage = 0 } = await navigator.storage.estimate();
  await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize: usage + 1_500_000 });
  const { value, context } = await look({ id: 'lab/mini' });
  expect(value.parameters).toBeGreaterThan(1_000_000);
  expect(context.warnings).toEqual([expect.stringMatching(/^onnx\/model\.onnx could not be kept for next time: the browser’s storage is full\. It is used all the same/)]);
  expect((await keptModels()).flatMap(({ files, unfinished }) => [...files, ...unfinished]).map(({ path }) => path)).not.toContain(graph);
});
