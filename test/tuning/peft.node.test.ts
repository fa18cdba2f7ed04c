/**
 * Exported adapters in Python's peft against merged models in ONNX Runtime. Runs where Python has peft, transformers and
 * onnx, and ../shared is there; nothing stored stands in for either side.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as ort from 'onnxruntime-web';
import { afterAll, describe, expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { findHiddenStates } from '../../src/models/onnx/blocks.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { withOutputs } from '../../src/models/onnx/patch.ts';
import type { Adapter, AdapterSite } from '../../src/tuning/adapter.ts';
import { mergeAdapters } from '../../src/tuning/files/merge.ts';
import { peftConfigFile, peftWeightsFile, readPeft, writePeft } from '../../src/tuning/files/peft.ts';
import { findSites } from '../../src/tuning/gradient/sites.ts';
import { askPython, findPython } from '../python.ts';

const models = resolve('../shared/models');
const folder = join(models, 'random-bert');
const llama = join(models, 'random-llama');

const python = existsSync(folder) && findPython() !== null;
const here = mkdtempSync(join(tmpdir(), 'sensorium-peft-'));
afterAll(() => rmSync(here, { recursive: true, force: true }));

type States = readonly (readonly (readonly (readonly number[])[])[])[];
const layers = 4;
const bertIds = [[2, 45, 1200, 7, 999, 3], [2, 17, 64, 3, 0, 0]];
/** Of a smaller vocabulary. */
const llamaIds = bertIds.map((row) => row.map((id) => id % 500));
const mask = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]];

const read = (file: string, from = folder): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(from, file)));
const bytes = existsSync(folder) ? read('torchscript_opset14.onnx') : new Uint8Array(0);

/** Sites inside the blocks, under the names that PyTorch has for them. */
function sitesOf(file: Uint8Array<ArrayBuffer>): AdapterSite[] {
  const index = indexOnnx(file, 'model.onnx');
  const { hiddenStates } = findHiddenStates(index, layers);
  return findSites(index, hiddenStates, hiddenStates.at(-1)!).sites.map(({ site }) => site).filter(({ layer }) => layer !== null);
}

function adapterOf(site: AdapterSite, seed: number, rank: number, scale: number): Adapter {
  const stream = new PhiloxStream(seed);
  const random = (size: number): Float32Array => Float32Array.from({ length: size }, () => 0.4 * stream.uniform() - 0.2);
  return { site, rank, scale, a: random(site.inputs * rank), b: random(rank * site.outputs) };
}

/** Hidden states of every layer of an ONNX file, as ONNX Runtime computes them. */
async function statesOf(file: Uint8Array<ArrayBuffer>, ids: readonly (readonly number[])[] = bertIds): Promise<Float32Array[]> {
  const index = indexOnnx(file, 'random-bert');
  const { hiddenStates } = findHiddenStates(index, layers);
  const session = await ort.InferenceSession.create(withOutputs(index, hiddenStates), { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const values: Readonly<Record<string, readonly (readonly number[])[]>> = { input_ids: ids, attention_mask: mask, token_type_ids: ids.map((row) => row.map(() => 0)), position_ids: ids.map((row) => row.map((_, at) => at)) };
  const feeds = index.inputs.map(({ name }) => [name, new ort.Tensor('int64', BigInt64Array.from(values[name]!.flat(), BigInt), [ids.length, ids[0]!.length])] as const);
  const output = await session.run(Object.fromEntries(feeds));
  const states = hiddenStates.map((name) => output[name]!.data as Float32Array);
  await session.release();
  return states;
}

/** Largest difference over tokens that are not padding, of the last layers most. */
function difference(actual: readonly Float32Array[], expected: States): number {
  expect(actual).toHaveLength(expected.length);
  const kept = mask.flat();
  return Math.max(...expected.flatMap((layer, k) => {
    const flat = layer.flat(2);
    const d = flat.length / kept.length;
    expect(actual[k]).toHaveLength(flat.length);
    return flat.map((value, at) => kept[Math.floor(at / d)]! * Math.abs(value - actual[k]![at]!));
  }));
}

function store(name: string, files: Record<string, Uint8Array>): string {
  const path = join(here, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

describe.skipIf(!python)('with Python and peft (skipped where either, or ../shared, is missing)', () => {
  test('adapters of all sizes give the same states in peft and merged into the ONNX file', { timeout: 240_000 }, async () => {
    const sites = sitesOf(bytes);
    expect(sites).toHaveLength(6 * layers);
    const chosen = sites.filter(({ module }) => /query|value|intermediate|layer\.2\.output/.test(module));
    const adapters = chosen.map((site, i) => adapterOf(site, i, site.module.endsWith('value') ? 2 : 4, site.layer === 3 ? 0.5 : 2));
    const adapter = store('ours', writePeft(adapters, { base: 'random-bert', taskType: 'FEATURE_EXTRACTION' }));
    const inPeft = await askPython<{ states: States; changed: string[] }>({ task: 'states', class: 'BertModel', model: folder, adapter, ids: bertIds, mask });
    expect(inPeft.changed).toHaveLength(chosen.length);
    const base = await askPython<{ states: States }>({ task: 'states', class: 'BertModel', model: folder, adapter: null, ids: bertIds, mask });

    const unmerged = await statesOf(bytes);
    const merged = await statesOf(mergeAdapters({ index: indexOnnx(bytes, 'random-bert'), external: [] }, adapters).bytes);
    expect(difference(unmerged, base.states)).toBeLessThan(1e-4);
    expect(difference(merged, inPeft.states)).toBeLessThan(1e-4);
    // The adapters do something.
    expect(difference(merged, base.states)).toBeGreaterThan(0.1);
  });

  test('the same for a decoder', { timeout: 240_000 }, async () => {
    const file = read('dynamo.onnx', llama);
    const sites = sitesOf(file).filter(({ module }) => /q_proj|v_proj|down_proj/.test(module));
    expect(sites).toHaveLength(3 * layers);
    const adapters = sites.map((site, i) => adapterOf(site, 40 + i, 4, 1));
    const adapter = store('llama', writePeft(adapters, { base: 'random-llama', taskType: 'CAUSAL_LM' }));
    const inPeft = await askPython<{ states: States; changed: string[] }>({ task: 'states', class: 'LlamaForCausalLM', model: llama, adapter, ids: llamaIds, mask });
    expect(inPeft.changed).toHaveLength(sites.length);
    const merged = await statesOf(mergeAdapters({ index: indexOnnx(file, 'model.onnx'), external: [] }, adapters).bytes, llamaIds);
    expect(difference(merged, inPeft.states)).toBeLessThan(1e-4);
    expect(difference(await statesOf(file, llamaIds), inPeft.states)).toBeGreaterThan(0.1);
  });

  test('an adapter that peft saved gives here what it gives there', { timeout: 240_000 }, async () => {
    const adapter = join(here, 'theirs');
    const { states } = await askPython<{ states: States }>({ task: 'save', class: 'BertModel', model: folder, adapter, ids: bertIds, mask });
    const files = { [peftConfigFile]: new Uint8Array(readFileSync(join(adapter, peftConfigFile))), [peftWeightsFile]: new Uint8Array(readFileSync(join(adapter, peftWeightsFile))) };
    // As sites of a model with a head would be called.
    const sites = sitesOf(bytes).map((site) => ({ ...site, module: `bert.${site.module}` }));
    const { adapters, ignored } = readPeft(files, sites);
    expect(ignored).toEqual([]);
    expect(adapters.map(({ rank, scale }) => `${rank} ${scale.toFixed(4)}`).sort()).toEqual([...Array.from({ length: 4 }, () => '3 0.8333'), ...Array.from({ length: 3 }, () => '3 2.3333'), '2 3.5000'].sort());
    const merged = await statesOf(mergeAdapters({ index: indexOnnx(bytes, 'random-bert'), external: [] }, adapters).bytes);
    expect(difference(merged, states)).toBeLessThan(1e-4);
    expect(difference(await statesOf(bytes), states)).toBeGreaterThan(0.01);
  });

  test('weights in a file beside the model are changed there', { timeout: 240_000 }, async () => {
    const file = read('dynamo_external.onnx');
    const index = indexOnnx(file, 'dynamo_external.onnx');
    const [node] = index.nodes.filter(({ op, inputs }) => op === 'MatMul' && index.initialisers.get(inputs[1] ?? '')?.dims.join() === '128,512');
    const site: AdapterSite = { node: node!.name, weight: node!.inputs[1]!, module: 'up', layer: 0, inputs: 128, outputs: 512 };
    const adapter = adapterOf(site, 3, 4, 2);
    const original = read('model.onnx.data');
    const merged = mergeAdapters({ index, external: [{ path: 'model.onnx.data', data: original }] }, [adapter]);
    // Compared as buffers: element by element takes half a minute.
    expect(Buffer.from(merged.bytes).equals(file)).toBe(true);
    expect(Buffer.from(original).equals(read('model.onnx.data'))).toBe(true);
    const data = merged.external[0]!.data;
    const path = store('external', { 'dynamo_external.onnx': merged.bytes, 'model.onnx.data': data });
    const { change } = await askPython<{ change: readonly (readonly number[])[] }>({ task: 'weights', before: join(folder, 'dynamo_external.onnx'), after: join(path, 'dynamo_external.onnx'), name: site.weight });
    let largest = 0;
    change.forEach((row, i) => row.forEach((value, o) => {
      let expected = 0;
      for (let r = 0; r < 4; r++) expected += 2 * adapter.a[i * 4 + r]! * adapter.b[r * 512 + o]!;
      largest = Math.max(largest, Math.abs(value - expected));
    }));
    expect(largest).toBeLessThan(1e-7);
    expect(data.reduce((count, byte, at) => count + Number(byte !== original[at]), 0)).toBeGreaterThan(128 * 512);
    expect(data.length).toBe(original.length);
  });
});
