/**
 * Hidden states of every layer against PyTorch's, for the architectures and kinds of export that the hub has. The rows
 * make the tables of docs/layers.md, which `SENSORIUM_LAYERS=write` writes anew:
 *
 *     SENSORIUM_LAYERS=write npx vitest run --project browser test/models/architectures.test.ts
 */
import { expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { openCompute } from '../../src/gpu/compute.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import type { OpenOptions } from '../../src/models/graph.ts';
import { openSession } from '../../src/models/session.ts';
import { relativeError } from './support.ts';
import { loadTiny, type TinyModel } from './tiny/loadTiny.ts';
import { tables, tablesOf, type Row } from './tiny/tables.ts';

const architectures = [
  'bert', 'roberta', 'distilbert', 'modernbert', 'albert', 'mpnet', 'deberta-v2', 'electra', 't5', 'clip',
  'gpt2', 'gpt-neox', 'phi', 'falcon', 'opt', 'bloom', 'llama', 'qwen3', 'gemma3',
] as const;

/**
 * What is allowed, by how weights are stored: of a layer as a whole (length of the difference over length), and of its
 * worst number (over the layer's largest).
 */
function boundsOf(name: string): { readonly layer: number; readonly number: number } {
  if (/q4|bnb4/.test(name)) return { layer: 0.4, number: 0.8 };
  if (name === 'q8') return { layer: 0.1, number: 0.2 };
  return name === 'fp16' ? { layer: 1e-3, number: 2e-3 } : { layer: 1e-4, number: 1e-4 };
}

/** States of the real tokens, layer by layer, in the order of the references. */
async function statesOf(tiny: TinyModel, name: string, options: OpenOptions): Promise<{ states: Float32Array[]; notes: readonly string[] }> {
  const onnxFile = `${name}.onnx`;
  const files = tiny.folder(onnxFile, ...tiny.paths.filter((path) => path === `${onnxFile}_data`));
  const value = await inspectModel(files, { dtype: 'fp32', onnxFile });
  const session = await openSession(value, files, options);
  const { sequences, padding, d } = tiny.states;
  const tokens = Math.max(...sequences.map(({ length }) => length));
  const padded = await session.states({ batch: sequences.length, tokens, ids: sequences, padding });
  await session.dispose();
  const states = padded.map((layer) => {
    const real = sequences.map(({ length }, text) => layer.subarray(text * tokens * d, (text * tokens + length) * d));
    return Float32Array.from(real.flatMap((text) => [...text]));
  });
  return { states, notes: value.notes };
}

/** Length of the difference of two layers. */
function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, at) => value - b[at]!));
}

/** Which of PyTorch's layers a layer is nearest to. */
function nearest(layer: Float32Array, layers: readonly Float32Array[]): number {
  const distances = layers.map((other) => distance(layer, other));
  return distances.indexOf(Math.min(...distances));
}

const rows: Row[] = [];

for (const architecture of architectures) {
  test(`hidden states of every layer of ${architecture} are PyTorch's, in every export`, async () => {
    const tiny = await loadTiny(architecture);
    const { layers } = tiny.states;
    for (const name of tiny.exports) {
      const { states, notes } = await statesOf(tiny, name, { device: 'wasm' });
      const which = `${architecture}, ${name}`;
      expect(notes, which).toEqual([]);
      expect(states, which).toHaveLength(layers.length);
      expect(states.map((layer) => nearest(layer, layers)), which).toEqual([...layers.keys()]);
      const bounds = boundsOf(name);
      const error = Math.max(...states.map((layer, k) => distance(layer, layers[k]!) / Math.hypot(...layers[k]!)));
      expect(error, which).toBeLessThan(bounds.layer);
      states.forEach((layer, k) => expect(relativeError(layer, layers[k]!), which).toBeLessThan(bounds.number));
      rows.push({ architecture, export: name, layers: layers.length - 1, error });
    }
  }, 180_000);
}

test('the tables of docs/layers.md name these architectures and exports, with these errors within a factor of two', async () => {
  const made = tables(rows);
  const page = tablesOf(await commands.layersPage(made));
  expect(withoutFigures(page)).toBe(withoutFigures(made));
  const [told, found] = [figures(page), figures(made)];
  // Where in the table a pair that differs stands: its row.
  const lines = made.split('\n').flatMap((line) => figures(line).map(() => line));
  const apart = told.flatMap((figure, at) => (Math.max(figure / found[at]!, found[at]! / figure) > 2 ? [`${figure} is told: ${lines[at]}`] : []));
  expect(apart).toEqual([]);
});

const figure = /\d\.\de[+-]\d+/g;

/** Errors differ in their last bits from machine to machine, those of float32 most, which are a few times its precision. */
function figures(text: string): number[] {
  return [...text.matchAll(figure)].map(([found]) => Number(found));
}

function withoutFigures(text: string): string {
  return text.replaceAll(figure, '#');
}

test('on WebGPU, too, the states of two float32 exports are PyTorch\'s to 1e-4 in every layer', async () => {
  const compute = await openCompute({ backend: 'webgpu' });
  for (const [architecture, name] of [['bert', 'torchscript'], ['qwen3', 'genai']] as const) {
    const tiny = await loadTiny(architecture);
    const { states } = await statesOf(tiny, name, { device: 'webgpu', compute });
    expect(states, architecture).toHaveLength(tiny.states.layers.length);
    states.forEach((layer, k) => expect(relativeError(layer, tiny.states.layers[k]!), `${architecture}, layer ${k}`).toBeLessThan(1e-4));
  }
  compute.dispose();
}, 180_000);
