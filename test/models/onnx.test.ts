/** Reading and patching ONNX files on the wire. */
import { expect, test } from 'vitest';
import { Problem } from '../../src/base/problem.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { countParameters } from '../../src/models/onnx/parameters.ts';
import { withOutputs } from '../../src/models/onnx/patch.ts';
import { integerField, messageField, readVarint, varint } from '../../src/models/onnx/wire.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const bert = 'models/random-bert/torchscript_opset14.onnx';

test('numbers of any length survive writing and reading; negative ones are read', () => {
  for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 40 + 7, 2 ** 53 - 1]) {
    const bytes = Uint8Array.from(varint(value));
    expect(readVarint(bytes, 0)).toEqual([value, bytes.length]);
  }
  const minusTwo = Uint8Array.of(0xfe, 255, 255, 255, 255, 255, 255, 255, 255, 1);
  expect(readVarint(minusTwo, 0)).toEqual([-2, 10]);
});

testWithShared('a model is indexed by name, size and place, weights untouched', async () => {
  const index = indexOnnx(await sharedBytes(bert), 'bert.onnx');
  expect(index.opset).toEqual({ '': 14 });
  expect(index.producer).toBe('pytorch');
  expect(index.inputs.map(({ name, dtype, dims }) => [name, dtype, dims?.length])).toEqual([['input_ids', 7, 2], ['attention_mask', 7, 2], ['token_type_ids', 7, 2]]);
  expect(index.outputs[0]).toMatchObject({ name: 'last_hidden_state', dtype: 1, dims: ['batch_size', 'sequence_length', 128] });
  const embeddings = index.initialisers.get('embeddings.word_embeddings.weight')!;
  expect(embeddings).toMatchObject({ dims: [2000, 128], dtype: 1, externalFile: null });
  expect(embeddings.data![1] - embeddings.data![0]).toBe(2000 * 128 * 4);
});

testWithShared('weights beside the file are told by the file that holds them', async () => {
  const index = indexOnnx(await sharedBytes('models/random-bert/dynamo_external.onnx'), 'bert.onnx');
  expect(index.externalFiles).toEqual(['model.onnx.data']);
  expect(index.initialisers.get('embeddings.word_embeddings.weight')).toMatchObject({ data: null, externalFile: 'model.onnx.data' });
});

testWithShared('parameters are counted as PyTorch counts them, in full and reduced precision', async () => {
  const hints = { hiddenSize: 128, vocabularySize: 2000, tied: true };
  for (const name of ['torchscript_opset14', 'q8', 'q4', 'fused_attention']) {
    expect(countParameters(indexOnnx(await sharedBytes(`models/random-bert/${name}.onnx`), name), hints)).toBe(1_115_136);
  }
  const stories = indexOnnx(await sharedBytes('models/stories260k/onnx/model.onnx'), 'stories');
  expect(countParameters(stories, { hiddenSize: 64, vocabularySize: 512, tied: true })).toBe(260_032);
  const llama = indexOnnx(await sharedBytes('models/random-llama/genai_like.onnx'), 'llama');
  expect(countParameters(llama, { hiddenSize: 64, vocabularySize: 512, tied: false })).toBe(213_568);
});

test('other outputs replace those the graph has, without the nodes that only those needed, and the weights stay where they were', () => {
  const bytes = tinyOnnx({
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] }, { op: 'Identity', inputs: ['vectors'], outputs: ['logits'] }],
    initialisers: { table: { dims: [2, 1], values: Float32Array.of(1, 2) } },
    inputs: ['input_ids'],
    output: 'logits',
  });
  const index = indexOnnx(bytes, 'tiny.onnx');
  const patched = indexOnnx(withOutputs(index, ['vectors']), 'tiny.onnx');
  expect(patched.outputs.map(({ name }) => name)).toEqual(['vectors']);
  expect(patched.nodes.map(({ op }) => op)).toEqual(['Gather']);
  expect(patched.initialisers.get('table')!.data).toEqual(index.initialisers.get('table')!.data);
  expect(index.outputs.map(({ name }) => name)).toEqual(['logits']);
  expect(indexOnnx(withOutputs(index, ['vectors', 'logits']), 'tiny.onnx').outputs.map(({ name }) => name).toSorted()).toEqual(['logits', 'vectors']);
  expect(() => withOutputs(index, ['elsewhere'])).toThrow('the graph has no tensor elsewhere');
});

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('no problem was thrown');
}

testWithShared('a truncated model is refused at the byte where it breaks off, wherever that is', async () => {
  const whole = await sharedBytes(bert);
  for (const share of [0.1, 0.5, 0.9, 0.9999]) {
    const problem = problemOf(() => indexOnnx(whole.slice(0, Math.floor(share * whole.length)), 'model.onnx'));
    expect(problem.code).toBe('onnx-unreadable');
    expect(problem.message).toMatch(/^model\.onnx: this is not a whole ONNX model: .*at byte \d+ of \d+.*Download the file again/);
  }
});

test('files that are no ONNX model are refused: a page, a Git LFS pointer, nothing, another protobuf', () => {
  const texts = ['<!doctype html><html></html>', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90387606\n', ''];
  for (const text of texts) {
    expect(problemOf(() => indexOnnx(new TextEncoder().encode(text), 'model.onnx')).code).toBe('onnx-unreadable');
  }
  const other = Uint8Array.from([...integerField(1, 8), ...messageField(7, messageField(2, 'no nodes'))]);
  expect(problemOf(() => indexOnnx(other, 'model.onnx')).message).toContain('no graph was found in its 14 bytes');
});
