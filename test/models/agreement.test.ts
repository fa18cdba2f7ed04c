/** Hidden states against PyTorch's, for every layer. */
import { expect } from 'vitest';
import { openSession } from '../../src/models/session.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import dynamoBert from './references/dynamo_external.json';
import genaiLlama from './references/genai_like.json';
import stories from './references/stories260k.json';
import { inspectShared, relativeError } from './support.ts';

interface References {
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  /** layer, text, token, dimension. */
  readonly hidden_states: number[][][][];
}

/** Largest relative error of each layer at the tokens that are not padding. */
async function errorsAgainst(folder: string, onnxFile: string): Promise<number[]> {
  const references = await sharedJson<References>(`models/${folder}/hidden_states.json`);
  const { files, value } = await inspectShared(folder, onnxFile);
  const session = await openSession(value, files, { device: 'wasm' });
  const ids = references.input_ids.map((row, text) => row.filter((_, token) => references.attention_mask[text]![token]));
  const tokens = references.input_ids[0]!.length;
  const states = await session.states({ batch: ids.length, tokens, ids, padding: 0 });
  await session.dispose();
  expect(states).toHaveLength(references.hidden_states.length);
  const real = (position: number): boolean => {
    const token = Math.floor(position / value.hiddenSize);
    return references.attention_mask[Math.floor(token / tokens)]![token % tokens] === 1;
  };
  return states.map((layer, k) => relativeError(layer, references.hidden_states[k]!.flat(2), real));
}

const exact = [
  ['random-bert', 'torchscript_opset14.onnx'], ['random-bert', 'torchscript_opset17.onnx'], 
  ['random-bert', 'ort_optimised.onnx'], ['random-bert', 'fused_attention.onnx'], ['random-bert', 'fused_mha.onnx'],
  ['random-llama', 'dynamo.onnx'],
] as const;

for (const [folder, file] of exact) {
  testWithShared(`hidden states of ${folder}/${file} agree with PyTorch to 1e-4 in every layer`, async () => {
    for (const error of await errorsAgainst(folder, file)) expect(error).toBeLessThan(1e-4);
  });
}

for (const [file, tolerance] of [['q8.onnx', 0.05], ['q4.onnx', 0.2]] as const) {
  testWithShared(`hidden states of the quantised export ${file} lie near PyTorch's in every layer`, async () => {
    for (const error of await errorsAgainst('random-bert', file)) expect(error).toBeLessThan(tolerance);
  });
}

const referenced = [
  ['stories260k', 'onnx/model.onnx', [], stories],
  // These two exports hold other weights than the hidden_states.json beside them; see make_references.py.
  ['random-llama', 'genai_like.onnx', [], genaiLlama],
  ['random-bert', 'dynamo_external.onnx', ['model.onnx.data'], dynamoBert],
] as const;

for (const [folder, file, others, { sequences, means }] of referenced) {
  testWithShared(`pooled hidden states of ${folder}/${file} agree with PyTorch to 1e-4 in every layer`, async () => {
    const { files, value } = await inspectShared(folder, file, others);
    const session = await openSession(value, files, { device: 'wasm' });
    const tokens = Math.max(...sequences.map(({ length }) => length));
    const weights = Float32Array.from({ length: sequences.length * tokens }, (_, at) => (at % tokens < sequences[Math.floor(at / tokens)]!.length ? 1 : 0));
    const pooled = await session.pooled({ batch: sequences.length, tokens, ids: sequences, padding: 0 }, weights);
    await session.dispose();
    expect(pooled).toHaveLength(means.length);
    pooled.forEach((layer, k) => expect(relativeError(layer, means[k]!.flat())).toBeLessThan(1e-4));
  });
}
