/** Memory stays flat over a training: the runtime's and the page's own, with validation and checkpoints on the way. */
import { cdp } from 'vitest/browser';
import { expect, test } from 'vitest';
import { loadDemo } from '../../src/data/demo.ts';
import { ratingsOf } from '../../src/data/ratings.ts';
import { textsOf } from '../../src/data/table.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { defaultOptimiser } from '../../src/tuning/optimiser.ts';
import { openTrainingStep } from '../../src/tuning/step.ts';
import { planMixture } from '../../src/tuning/tasks/mixture.ts';
import { ratingTask } from '../../src/tuning/tasks/rating.ts';
import { train } from '../../src/tuning/trainer.ts';

/** The runtime's memory: it is made before the runtime is loaded, which this test does. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

interface Size {
  readonly step: number;
  /** Bytes of WebAssembly memory, which never shrinks. */
  readonly wasm: number;
  /** Bytes of live JavaScript objects after a collection, and of the arrays behind them. */
  readonly objects: number;
  readonly arrays: number;
}

async function sizeAt(step: number): Promise<Size> {
  const session = cdp() as unknown as { send(method: string): Promise<{ usedSize: number; backingStorageSize?: number }> };
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
  return { step, wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0), objects: usedSize, arrays: backingStorageSize };
}

const steps = 200;

test(`neither the runtime nor the page grows from step ${steps / 5} to ${steps}`, { timeout: 1_200_000 }, async () => {
  const files = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
  const value = await inspectModel(files, { dtype: 'fp32' });
  const table = await loadDemo('/');
  const words = textsOf(table, 'word', '').map((word, row) => (row % 3 === 0 ? `the ${word} and the ${word}` : word));
  const ratings = ratingsOf(table, words.map((_, row) => row), '*', 'illustrative', '');
  const task = ratingTask(
    { words, ratings, train: words.map((_, row) => row) },
    { name: 'rating', seed: 1, batchSize: 4, contextLength: value.contextLength, dimensions: ratings.dimensions, scaling: 'zscore', templates: ['{word}', 'it is {word}'], pooling: 'mean' }, await loadTokenizer(files),
  );
  const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions: ratings.dimensions.length }, rank: 8, scale: 2, dropout: 0.1, seed: 1 });
  const sizes: Size[] = [];
  await train({
    run: 'memory', seed: 1, clip: 1, plan: planMixture([{ steps, shares: { rating: 1 } }], ['rating'], ''), schedule: { decay: 'linear', peak: 0.001, warmUp: 0, steps },
    optimiser: defaultOptimiser, stopping: { patience: null, improvement: 0 }, evaluateEvery: steps / 10, checkpointEvery: steps / 5,
  }, [{ task, step, validation: task.evaluation([0, 1, 2, 3, 4, 5]) }], {
    progress: () => undefined,
    checkpoint: async (checkpoint) => void sizes.push(await sizeAt(checkpoint.step)),
  });
  await step.dispose();
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  expect(first.wasm).toBeGreaterThan(20e6);
  // The allocator keeps what it once had: what one step leaks, 160 do not hide.
  expect(last.wasm).toBe(first.wasm);
  // A step adds a point to the curve, some hundred bytes, and no more.
  expect(last.objects - first.objects).toBeLessThan(1500 * (last.step - first.step));
  expect(last.arrays - first.arrays).toBeLessThan(100 * (last.step - first.step));
});
