/** A tuned model saved whole: a folder of its own that opens as any other and gives what the tuned model gives. */
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import type { Adapter, TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { make } from '../../src/kinds/finetune/merged.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel, readOnnx } from '../../src/models/inspect.ts';
import { openSession } from '../../src/models/session.ts';
import { findSites, isUsualSite } from '../../src/tuning/gradient/sites.ts';
import { tunedModel } from '../../src/tuning/tuned.ts';
import { tinyTransformer, transformerConfig } from '../models/tiny-transformer.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { contextOf } from './context.ts';

const card: TuningCard = { base: 'base', seed: 1, settings: { rank: 2 }, parameters: 1, history: [], validation: [], parts: [], steps: 5, keptStep: 5, stoppedEarly: false, device: 'wasm', seconds: 1 };

/** A folder of imported files as a model, and that model tuned by random adapters. */
async function tunedFolder(folder: Readonly<Record<string, string | Blob>>, onnxFile: string): Promise<{ taught: ModelValue; files: Record<string, string | Blob> }> {
  const files = Object.fromEntries(Object.entries(folder).map(([path, content]) => [`mine/${path}`, content]));
  const own = openModelFiles({ source: 'local', id: 'mine', revision: '' }, contextOf('base', { files }));
  const base = await inspectModel(own, { dtype: 'fp32', onnxFile });
  const { index } = await readOnnx(own, onnxFile);
  const stream = new PhiloxStream(3);
  const random = (size: number): Float32Array => Float32Array.from({ length: size }, () => 0.4 * stream.uniform() - 0.2);
  const adapters = findSites(index, base.hiddenStates, base.hiddenStates.at(-1)!).sites.filter(({ site }) => isUsualSite(site))
    .map(({ site }): Adapter => ({ site, rank: 2, scale: 1.5, a: random(site.inputs * 2), b: random(2 * site.outputs) }));
  expect(adapters.length).toBeGreaterThan(3);
  return { taught: await tunedModel(base, { adapters, heads: [], card }, 'taught'), files };
}

async function statesOf(value: ModelValue, files: ModelFiles): Promise<Float32Array[]> {
  const session = await openSession(value, files, { device: 'wasm' });
  const states = await session.states({ batch: 2, tokens: 3, ids: [[1, 5, 9], [30, 2, 2]], padding: 0 });
  await session.dispose();
  return states;
}

/** The zip's files, and the folder that they are opened as a model. */
async function unpacked(taught: ModelValue, files: Readonly<Record<string, string | Blob>>): Promise<{ entries: Record<string, Uint8Array<ArrayBuffer>>; folder: ModelFiles }> {
  const blob = await make(taught, contextOf('taught', { files }));
  expect(blob.type).toBe('application/zip');
  const entries = Object.fromEntries(Object.entries(unzipSync(new Uint8Array(await blob.arrayBuffer()))).map(([path, bytes]) => [path, new Uint8Array(bytes)]));
  return { entries, folder: localFiles('elsewhere', new Map(Object.entries(entries).map(([path, bytes]) => [path, new Blob([bytes])]))) };
}

test('half-precision weights and their widened sums: the folder is a model whose states are equal to the last bit', async () => {
  const onnx = tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state', 'logits'] });
  const { taught, files } = await tunedFolder({ 'config.json': JSON.stringify(transformerConfig), 'tokenizer.json': '{}', 'vocab.txt': 'one', 'secret.txt': 'ratings', 'onnx/model.onnx': new Blob([onnx]) }, 'onnx/model.onnx');
  const { entries, folder } = await unpacked(taught, files);
  // What the model needs, and nothing else that lies in its folder.
  expect(Object.keys(entries).sort()).toEqual(['README.md', 'config.json', 'onnx/model.onnx', 'tokenizer.json', 'vocab.txt']);
  const value = await inspectModel(folder, { dtype: 'fp32' });
  const before = await statesOf(taught, openModelFiles(taught, contextOf('taught', { files })));
  expect(await statesOf(value, folder)).toEqual(before);
  expect(value.tuned).toBeUndefined();
  const text = strFromU8(entries['README.md']!);
  for (const part of [taught.revision, taught.tuned!.base.revision, 'source: local', 'Steps: 5', 'Licence and terms of the base model']) expect(text).toContain(part);
  // The same model gives the same bytes.
  expect((await unpacked(taught, files)).entries).toEqual(entries);
});

testWithShared('weights in a file beside the model come along, with the adapters in them', async () => {
  const given: Record<string, Blob> = {};
  for (const path of ['config.json', 'dynamo_external.onnx', 'model.onnx.data']) given[path] = new Blob([await sharedBytes(`models/random-bert/${path}`)]);
  const { taught, files } = await tunedFolder(given, 'dynamo_external.onnx');
  const { entries, folder } = await unpacked(taught, files);
  expect(Object.keys(entries).sort()).toEqual(['README.md', 'config.json', 'dynamo_external.onnx', 'model.onnx.data']);
  const value = await inspectModel(folder, { dtype: 'fp32', onnxFile: 'dynamo_external.onnx' });
  const after = await statesOf(value, folder);
  expect(after).toEqual(await statesOf(taught, openModelFiles(taught, contextOf('taught', { files }))));
  const { tuned: _tuned, ...plain } = taught;
  const base = { ...plain, revision: taught.tuned!.base.revision };
  const before = await statesOf(base, openModelFiles(base, contextOf('base', { files })));
  expect(Math.max(...after.at(-1)!.map((state, at) => Math.abs(state - before.at(-1)![at]!)))).toBeGreaterThan(0.01);
});

test('a base that has changed since is refused, and so is a model that was never tuned', async () => {
  const onnx = tinyTransformer({ weights: 'full', outputs: ['last_hidden_state'] });
  const { taught, files } = await tunedFolder({ 'config.json': JSON.stringify(transformerConfig), 'onnx/model.onnx': new Blob([onnx]) }, 'onnx/model.onnx');
  const other = { ...files, 'mine/onnx/model.onnx': new Blob([onnx, new Uint8Array([10, 0])]) };
  await expect(make(taught, contextOf('taught', { files: other }))).rejects.toThrow(/its files are of revision/);
  const { tuned: _tuned, ...plain } = taught;
  await expect(make(plain, contextOf('taught', { files }))).rejects.toThrow('taught is not a tuned model');
});
