/** The estimate of memory, against the size that the runtime's WebAssembly memory really grows to. */
import { expect, test } from 'vitest';
import { bundledFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { estimateMemory, requireRoom, wasmLimit, type MemoryNeeds } from '../../src/models/memory.ts';
import type { HiddenStateSession } from '../../src/models/session.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { testWithShared } from '../shared.ts';
import { sharedFolderFiles } from './support.ts';

/** Every WebAssembly memory that is made from here on: the runtime is loaded with the first session. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct: (target, given: ConstructorParameters<typeof WebAssembly.Memory>) => {
    const made = new target(...given);
    memories.push(made);
    return made;
  },
});

const measured = (): number => Math.max(...memories.map(({ buffer }) => buffer.byteLength));

const batch = { batch: 64, tokens: 8, ids: Array.from({ length: 64 }, (_, row) => Array.from({ length: 8 }, (_id, column) => 5 + ((row + column) % 40))), padding: 0 };

async function afterRun(value: ModelValue, files: ModelFiles): Promise<number> {
  const { openSession } = await import('../../src/models/session.ts');
  const session: HiddenStateSession = await openSession(value, files, { device: 'wasm' });
  await session.states(batch);
  await session.dispose();
  return measured();
}

function needsOf(value: ModelValue): MemoryNeeds {
  const dtype = value.precision?.stored === 'float16' ? 'fp16' : value.dtype;
  return { fileBytes: value.bytes, dtype, backend: 'wasm', layers: value.hiddenStates.length - 1, hiddenSize: value.hiddenSize, vocabularySize: 0, batchTokens: 512 };
}

testWithShared('the runtime\'s memory is estimated to a quarter, for a model of two megabytes and then for one of ten', async () => {
  const small = await sharedFolderFiles('stories260k', ['config.json', 'onnx/model.onnx']);
  const larger = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
  for (const files of [small, larger]) {
    const value = await inspectModel(files, { dtype: 'fp32' });
    const share = estimateMemory(needsOf(value)).wasm / (await afterRun(value, files));
    expect(share, value.id).toBeGreaterThan(0.75);
    expect(share, value.id).toBeLessThan(1.3);
  }
});

const base: MemoryNeeds = { fileBytes: 100e6, dtype: 'fp32', backend: 'wasm', layers: 12, hiddenSize: 512, vocabularySize: 0, batchTokens: 512 };

test('a model that WebAssembly cannot address does not fit; weights beside the file take less', () => {
  expect(estimateMemory(base)).toMatchObject({ fits: true, gpu: 0 });
  const large = { ...base, fileBytes: 2e9 };
  expect(estimateMemory(large).wasm).toBeGreaterThan(wasmLimit);
  expect(estimateMemory(large).fits).toBe(false);
  expect(estimateMemory({ ...large, fileBytes: 1e6, externalBytes: 2e9 }).fits).toBe(true);
  expect(() => requireRoom(large, 'model large')).toThrow('model large: it takes about 5.4 GB to open, and the runtime can address 4.3 GB');
  // In half precision there is room on a GPU only, where it is not widened.
  requireRoom({ ...base, dtype: 'fp16', fileBytes: 1.2e9 }, 'model half');
  expect(estimateMemory({ ...base, dtype: 'fp16', fileBytes: 1.2e9 }).fits).toBe(false);
});

test('the estimate grows with the batch, the logits, the texts that are kept, and with weights that must be widened', () => {
  const peak = (change: Partial<MemoryNeeds>): number => estimateMemory({ ...base, ...change }).peak;
  expect(peak({ batchTokens: 16_384 })).toBeGreaterThan(peak({ batchTokens: 8192 }));
  expect(peak({ batchTokens: 2048, vocabularySize: 150_000 }) - peak({ batchTokens: 2048 })).toBeGreaterThan(1e9);
  expect(peak({ texts: 10_000 }) - peak({})).toBe(10_000 * 13 * 512 * 4);
  expect(peak({ dtype: 'fp16' })).toBeGreaterThan(peak({}));
  // On the GPU half precision stays as it is; the weights are there besides.
  expect(estimateMemory({ ...base, dtype: 'fp16', backend: 'webgpu' }).wasm).toBeLessThan(estimateMemory({ ...base, dtype: 'fp16' }).wasm);
  expect(estimateMemory({ ...base, backend: 'webgpu' }).gpu).toBeGreaterThan(100e6);
});
