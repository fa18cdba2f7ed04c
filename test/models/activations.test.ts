/** Hidden states of words: pooling, templates, batches, cancel. Run by a real model with real weights. */
import { expect, test } from 'vitest';
import { openModel, type OpenModel, type Pooling, requireStates } from '../../src/models/activations.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { relativeError, sharedFolderFiles } from './support.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const words = ['house', 'hand', 'A CAPPELLA', 'zeeën', 'merry-go-round', 'sun'];

async function stories(): Promise<{ files: ModelFiles; model: OpenModel }> {
  const files = await sharedFolderFiles('stories260k', ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']);
  const value = await inspectModel(files, { dtype: 'fp32' });
  return { files, model: await openModel(value, files, { device: 'wasm' }) };
}

testWithShared('every layer has one vector per word, named and numbered from the embeddings to the last', async () => {
  const { model } = await stories();
  const { layers, words: kept, dropped } = await model.hiddenStates([...words, '...'], { templates: ['{word}'], pooling: 'mean' });
  expect(kept).toEqual(words);
  expect(dropped).toEqual([{ reason: 'no letter or digit in it', positions: [6] }]);
  expect(layers.map(({ name, index, d, data }) => [name, index, d, data.length])).toEqual(
    ['embeddings', 'layer 1', 'layer 2', 'layer 3', 'layer 4', 'layer 5'].map((name, index) => [name, index, 64, 64 * words.length]),
  );
  for (const { data } of layers) expect(data.every(Number.isFinite)).toBe(true);
  await model.dispose();
});

testWithShared('a lone hidden state of a model that does not count its layers is its last layer, not its embeddings', async () => {
  const bag = tinyOnnx({
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] }, { op: 'Identity', inputs: ['vectors'], outputs: ['last_hidden_state'] }],
    initialisers: { table: { dims: [512, 2], values: Float32Array.from({ length: 1024 }, (_, k) => k) } },
    inputs: ['input_ids'],
    output: 'last_hidden_state',
  });
  const layersFor = async (config: object): Promise<unknown> => {
    const entries = new Map([['config.json', new Blob([JSON.stringify({ hidden_size: 2, ...config })])], ['model.onnx', new Blob([bag])]]);
    for (const path of ['tokenizer.json', 'tokenizer_config.json']) entries.set(path, new Blob([await sharedBytes(`models/stories260k/${path}`)]));
    const files = localFiles('bag', entries);
    const model = await openModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
    const { layers } = await model.hiddenStates(['house'], { templates: ['{word}'], pooling: 'mean' });
    await model.dispose();
    return layers.map(({ name, index }) => [name, index]);
  };
  expect(await layersFor({})).toEqual([['last layer', 1]]);
  expect(await layersFor({ num_hidden_layers: 6 })).toEqual([['layer 6', 6]]);
});

testWithShared('pooling takes the tokens it says, and templates are averaged', async () => {
  const { model } = await stories();
  const word = 'merry-go-round';
  const templates = ['{word}', 'the {word}.'];
  const expected = (pooling: Pooling, [start, end]: readonly [number, number], text: readonly [number, number]): readonly [number, number] => {
    switch (pooling) {
      case 'mean': return [start, end];
      case 'first': return [start, start + 1];
      case 'last': return [end - 1, end];
      case 'all': return text;
      default: throw new Error(pooling satisfies never);
    }
  };
  for (const pooling of ['mean', 'first', 'last', 'all'] as const) {
    const mean = Array.from({ length: 6 }, () => new Float64Array(64));
    for (const template of templates) {
      const text = model.tokenizer.tokenise(word, template, 512);
      if ('reason' in text) throw new Error(text.reason);
      const [start, end] = expected(pooling, text.word, text.text);
      const states = await model.session.states({ batch: 1, tokens: text.ids.length, ids: [text.ids], padding: 0 });
      states.forEach((layer, k) => {
        for (let token = start; token < end; token++) {
          for (let column = 0; column < 64; column++) mean[k]![column]! += layer[token * 64 + column]! / (end - start) / templates.length;
        }
      });
    }
    const { layers } = await model.hiddenStates([word], { templates, pooling });
    layers.forEach(({ data }, k) => expect(relativeError(data, mean[k]!), `${pooling}, layer ${k}`).toBeLessThan(1e-5));
  }
  await model.dispose();
});

testWithShared('the same word has the same states alone, in a padded batch, and in any order', async () => {
  const { model } = await stories();
  const options = { templates: ['the {word}'], pooling: 'mean' } as const;
  const together = await model.hiddenStates(words, options);
  const split = await model.hiddenStates(words.toReversed(), { ...options, batchTokens: 1 });
  together.layers.forEach(({ data }, k) => {
    const reversed = words.flatMap((_, row) => [...split.layers[k]!.data.subarray((words.length - 1 - row) * 64, (words.length - row) * 64)]);
    expect(relativeError(data, reversed)).toBeLessThan(1e-5);
  });
  await model.dispose();
});

testWithShared('a cancel is heard between batches, and the model goes on working', async () => {
  const { model } = await stories();
  const many = Array.from({ length: 200 }, (_, number) => `word ${number}`);
  const controller = new AbortController();
  const seen: number[] = [];
  const run = model.hiddenStates(many, { templates: ['{word}'], pooling: 'mean', batchTokens: 64 }, {
    signal: controller.signal,
    progress: ({ label, done, total }) => {
      expect(label).toBe('hidden states');
      expect(total).toBe(200);
      seen.push(done);
      if (done >= 50) controller.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBeGreaterThanOrEqual(50);
  expect(seen.at(-1)).toBeLessThan(200);
  expect((await model.hiddenStates(['house'], { templates: ['{word}'], pooling: 'mean' })).words).toEqual(['house']);
  await model.dispose();
});

testWithShared('WebGPU gives the states that WebAssembly gives, pooled on the device', async () => {
  const { model, files } = await stories();
  const compute = await openCompute();
  const onGpu = await openModel(model.value, files, { device: 'webgpu', compute });
  expect(onGpu.backend).toBe('webgpu');
  const options = { templates: ['{word}', 'the {word}.'], pooling: 'mean' } as const;
  const expected = await model.hiddenStates(words, options);
  const actual = await onGpu.hiddenStates(words, options);
  actual.layers.forEach(({ data }, k) => expect(relativeError(data, expected.layers[k]!.data)).toBeLessThan(1e-4));
  compute.gpu!.check();
  // On a simulated GPU, auto stays with WebAssembly.
  const automatic = await openModel(model.value, files, { device: 'auto', compute });
  expect(automatic.backend).toBe(compute.description.isFallback ? 'wasm' : 'webgpu');
  await Promise.all([model.dispose(), onGpu.dispose(), automatic.dispose()]);
  compute.dispose();
}, 120_000);

testWithShared('a model whose file changed since it was inspected is not opened', async () => {
  const { model } = await stories();
  await model.dispose();
  const entries = new Map<string, Blob>();
  for (const path of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']) {
    const bytes = await sharedBytes(`models/stories260k/${path}`);
    if (path.endsWith('.onnx')) bytes[bytes.length - 1]! ^= 1;
    entries.set(path, new Blob([bytes]));
  }
  await expect(openModel(model.value, localFiles('stories260k', entries), { device: 'wasm' })).rejects.toThrow(/its files are of revision .* Run the model cell again\./);
});

testWithShared('WebGPU by name without a device is refused; no fed word is a problem, not an empty result', async () => {
  const { model, files } = await stories();
  await expect(openModel(model.value, files, { device: 'webgpu' })).rejects.toThrow('this browser gives no GPU device. Choose auto or wasm.');
  await expect(model.hiddenStates(['!', '?'], { templates: ['{word}'], pooling: 'mean' })).rejects.toThrow('none of the 2 words can be fed to it (2 because: no letter or digit in it)');
  await expect(model.hiddenStates(['sun'], { templates: ['sun'], pooling: 'mean' })).rejects.toThrow('does not hold {word}');
  await model.dispose();
});

test('states that do not fit are refused before they are allocated, with what would make them fit', () => {
  const size = { words: 3000, layers: 13, d: 768 };
  expect(() => { requireStates({ ...size, apart: 0 }, 'model bert'); }).not.toThrow();
  expect(() => { requireStates({ ...size, apart: 20 }, 'model bert'); }).toThrow(
    'model bert: hidden states of 3000 words in 13 layers of 768 numbers, 20 templates kept apart and their mean, need 2.5 GB. Give fewer templates, turn keepTemplates off, or draw a sample in the stimuli cell.');
  expect(() => { requireStates({ ...size, words: 60_000, apart: 1 }, 'model bert'); }).toThrow(/13 layers of 768 numbers need 2\.4 GB\. Draw a sample/);
});
