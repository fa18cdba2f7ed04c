/** Which files from the reader's disk make a model, and what is said of one that is not whole. */
import { expect, test } from 'vitest';
import { sortIncoming } from '../../src/app/bringing-in.ts';
import { areModel, checkLocalModel, missingParts, refusePointers, worthKeeping } from '../../src/models/local.ts';

const incoming = (...names: string[]) => names.map((name) => ({ name, file: new File(['x'], name) }));

test('a graph makes a model of what came with it; tables and questions stay what they are', () => {
  const sorted = sortIncoming(incoming('model.onnx', 'model.onnx_data', 'config.json', 'tokenizer.json', 'norms.csv', 'questions.json', 'readme.md', 'LICENSE.txt', 'model.safetensors'));
  expect(sorted.parts.map(({ name }) => name)).toEqual(['model.onnx', 'model.onnx_data', 'config.json', 'tokenizer.json']);
  expect(sorted.tables.map(({ name }) => name)).toEqual(['norms.csv']);
  expect(sorted.questions.map(({ name }) => name)).toEqual(['questions.json']);
  expect(sorted.notebooks.map(({ name }) => name)).toEqual(['readme.md']);
  // The licence and the weights for other programs are left behind.
  expect([...sorted.arrays, ...sorted.unknown]).toEqual([]);
});

test('parts may come one by one, but words in vocab.txt or questions beside a config are no model', () => {
  expect(areModel(['tokenizer.json'])).toBe(true);
  expect(areModel(['vocab.txt'])).toBe(false);
  expect(areModel(['config.json', 'questions.json'])).toBe(false);
});

test('of a clone the weights for other programs are left behind, unless there is nothing else', () => {
  expect(worthKeeping(['m/onnx/model.onnx', 'm/model.safetensors', 'm/config.json', 'm/pytorch_model.bin'])).toEqual(['m/onnx/model.onnx', 'm/config.json']);
  expect(worthKeeping(['m/model.safetensors', 'm/config.json'])).toEqual(['m/model.safetensors', 'm/config.json']);
});

test('what a model lacks is named all at once; without a tokenizer it can be looked at', () => {
  expect(missingParts(['onnx/model_q4.onnx', 'config.json', 'tokenizer.json'])).toEqual([]);
  expect(() => checkLocalModel('mine', ['tokenizer.json'])).toThrow('the folder lacks an ONNX file (model.onnx, or onnx/model.onnx), config.json; it has tokenizer.json');
  expect(checkLocalModel('mine', ['model.onnx', 'config.json'])).toContain('mine has no tokenizer.json');
});

test('a pointer of Git LFS is not taken for the file', async () => {
  const pointer = new Blob(['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 90387630\n']);
  await expect(refusePointers([{ name: 'm/onnx/model.onnx', file: pointer }])).rejects.toThrow('git lfs pull');
  await expect(refusePointers([{ name: 'm/README.md', file: pointer }])).resolves.toBeUndefined();
});
