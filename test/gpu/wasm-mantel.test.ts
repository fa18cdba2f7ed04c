import { afterEach, describe, expect, test, vi } from 'vitest';
import { openCompute, type Compute } from '../../src/gpu/compute.ts';
import { pairCount } from '../../src/gpu/condensed.ts';
import { mantelRankSums, mantelSums } from '../../src/gpu/mantel.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { assemble, i32, Routine, signed, unsigned, v128, f64x2, repeatWhile, when } from '../../src/gpu/wasm/assemble.ts';
import { fitsWasm } from '../../src/gpu/wasm/mantel.ts';
import { compiled, hasWasmSimd, isWasmOutOfMemory } from '../../src/gpu/wasm/memory.ts';
import { bothBackends, normals, worstRelative } from './compute.ts';

const backends = bothBackends();
const open = (): Promise<Compute> => openCompute({ backend: 'wasm' });

function ranks(n: number, seed: number): Int32Array<ArrayBuffer> {
  const stream = new PhiloxStream(seed);
  return Int32Array.from({ length: pairCount(n) }, () => stream.below(2 * pairCount(n) - 1) - (pairCount(n) - 1));
}

/** Mean 0, length 1. */
function standardised(n: number, seed: number): Float32Array<ArrayBuffer> {
  const values = normals(seed)(pairCount(n));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (value - mean) / length);
}

test('this browser has what the kernel needs', () => expect(hasWasmSimd()).toBe(true));

describe('sums of ranks in WebAssembly', () => {
  test.each([2, 3, 5, 17, 64, 256])('%i words: equal to the twin, bit for bit', async (n) => {
    const input = { n, reference: ranks(n, 1), candidates: [2, 3, 4, 5, 6].map((seed) => ranks(n, seed)), permutations: 130, seed: 2 ** 40 + 17 };
    const wasm = await mantelRankSums(await open(), input);
    expect(wasm.backend).toBe('wasm');
    expect(wasm.sums).toEqual((await mantelRankSums(backends.cpu, input)).sums);
  });

  test('ranks with many ties are equal to the twin and to the GPU', async () => {
    const n = 33;
    const tied = (seed: number) => ranks(n, seed).map((rank) => Math.round(rank / 200) * 200);
    const input = { n, reference: tied(1), candidates: [tied(2), tied(3), new Int32Array(pairCount(n))], permutations: 200, seed: 4 };
    const { sums } = await mantelRankSums(await open(), input);
    expect(sums).toEqual((await mantelRankSums(backends.cpu, input)).sums);
    expect(sums).toEqual((await mantelRankSums(backends.webgpu, input)).sums);
    expect([...sums[2]!].every((sum) => sum === 0)).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 12, 13, 25])('%i candidates come back in order', async (count) => {
    const n = 12;
    const input = { n, reference: ranks(n, 1), candidates: Array.from({ length: count }, (_, c) => ranks(n, 100 + c)), permutations: 70, seed: 3 };
    expect((await mantelRankSums(await open(), input)).sums).toEqual((await mantelRankSums(backends.cpu, input)).sums);
  });

  test('any number of permutations begins with the same ones', async () => {
    const n = 11;
    const input = { n, reference: ranks(n, 1), candidates: [ranks(n, 2), ranks(n, 3), ranks(n, 4)], seed: 8 };
    const compute = await open();
    const all = (await mantelRankSums(compute, { ...input, permutations: 60 })).sums;
    for (const permutations of [1, 2, 3, 4, 23, 24, 25, 26, 47, 48, 49]) {
      const { sums } = await mantelRankSums(compute, { ...input, permutations });
      expect(sums).toEqual(all.map((values) => values.slice(0, permutations)));
    }
  });
});

describe('sums of distances in WebAssembly', () => {
  test.each([[3, 4], [5, 5], [17, 13], [64, 9], [257, 12], [300, 5]])('%i words, %i candidates: the twin to 1e-7 and the GPU to 1e-6, correlations being at most 1', async (n, count) => {
    const input = {
      n, reference: standardised(n, 1), candidates: Array.from({ length: count }, (_, c) => standardised(n, c + 2)), permutations: 50, seed: 5,
    };
    const wasm = await mantelSums(await open(), input);
    expect(wasm.backend).toBe('wasm');
    const twin = await mantelSums(backends.cpu, input);
    const gpu = await mantelSums(backends.webgpu, input);
    const worst = (sums: readonly Float64Array[]) => Math.max(...sums.map((values, c) => values.reduce((most, sum, k) => Math.max(most, Math.abs(sum - wasm.sums[c]![k]!)), 0)));
    expect(worst(twin.sums)).toBeLessThan(1e-7);
    expect(worst(gpu.sums)).toBeLessThan(1e-6);
  });

  test('zeros stay zeros, a NaN stays with its candidate, and large values keep their size', async () => {
    const n = 20;
    const large = normals(3)(pairCount(n)).map((value) => value * 1e18);
    const broken = standardised(n, 4);
    broken[7] = NaN;
    const input = { n, reference: large, candidates: [new Float32Array(pairCount(n)), broken, large], permutations: 30, seed: 1 };
    const { sums } = await mantelSums(await open(), input);
    const twin = (await mantelSums(backends.cpu, input)).sums;
    expect([...sums[0]!].every((sum) => sum === 0)).toBe(true);
    expect([...sums[1]!].every(Number.isNaN)).toBe(true);
    // Relative to the identity's sum, of squares: others may cancel.
    expect(worstRelative(sums[2]!, twin[2]!, twin[2]![0])).toBeLessThan(1e-6);
  });

  test('a reference with a NaN gives NaN in every sum', async () => {
    const n = 9;
    const reference = standardised(n, 1);
    reference[3] = NaN;
    const { sums } = await mantelSums(await open(), { n, reference, candidates: [standardised(n, 2)], permutations: 10, seed: 1 });
    expect([...sums[0]!].every(Number.isNaN)).toBe(true);
  });
});

describe('the backend', () => {
  afterEach(() => { vi.restoreAllMocks(); });

  test('is the twin where the browser does not start the kernel, and WebAssembly again as soon as it does', async () => {
    const n = 30;
    const input = { n, reference: ranks(n, 1), candidates: [ranks(n, 2)], permutations: 40, seed: 6 };
    const compute = await open();
    vi.spyOn(WebAssembly, 'instantiate').mockRejectedValueOnce(new RangeError('Out of memory: Cannot allocate Wasm memory for new instance'));
    const without = await mantelRankSums(compute, input);
    const after = await mantelRankSums(compute, input);
    expect([without.backend, after.backend]).toEqual(['cpu', 'wasm']);
    expect(without.sums).toEqual(after.sums);
  });

  test('a kernel that did not compile is compiled anew by the next run, and only once when it does', async () => {
    const bytes = (): Uint8Array<ArrayBuffer> => assemble([new Routine('nothing', 0)]);
    const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValueOnce(new RangeError('no room for code'));
    const failure = await compiled('nothing', bytes).catch((error: unknown) => error);
    expect([isWasmOutOfMemory(failure), String(failure)]).toEqual([true, expect.stringContaining('no room for code')]);
    expect(await compiled('nothing', bytes)).toBeInstanceOf(WebAssembly.Module);
    await compiled('nothing', bytes);
    expect(compile).toHaveBeenCalledTimes(2);
  });

  test('is the twin where WebAssembly has no room, and the card is told', async () => {
    expect([fitsWasm(4000, 'float32'), fitsWasm(20_000, 'float32')]).toEqual([true, false]);
    const compute = await open();
    expect([compute.backendFor('mantel', 1e9), compute.backendFor('mantel', 1e9, true, false), compute.backendFor('pool', 1e9)]).toEqual(['wasm', 'cpu', 'cpu']);
  });

  test('is WebAssembly after a browser without graphics was asked for the best', async () => {
    const compute = await openCompute({ gpu: null });
    const n = 30;
    expect((await mantelRankSums(compute, { n, reference: ranks(n, 1), candidates: [ranks(n, 2)], permutations: 5, seed: 1 })).backend).toBe('wasm');
  });
});

test('runs at the same time, and runs after larger ones, do not disturb each other', async () => {
  const compute = await open();
  const inputs = [200, 20, 90, 4].map((n) => ({ n, reference: ranks(n, 1), candidates: [ranks(n, 2), ranks(n, 3), ranks(n, 4)], permutations: 200, seed: n }));
  const together = await Promise.all(inputs.map((input) => mantelRankSums(compute, input)));
  for (const [k, input] of inputs.entries()) {
    const { sums } = await mantelRankSums(backends.cpu, input);
    expect(together[k]!.sums).toEqual(sums);
    expect((await mantelRankSums(compute, input)).sums).toEqual(sums);
  }
});

test('cancel stops in the middle, and progress reaches the end', async () => {
  const n = 900;
  const input = { n, reference: standardised(n, 1), candidates: [standardised(n, 2)], permutations: 2000, seed: 1 };
  const controller = new AbortController();
  const compute = await open();
  await expect(mantelSums(compute, input, { signal: controller.signal, progress: () => controller.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  const seen: number[] = [];
  await mantelSums(compute, { ...input, permutations: 300 }, { progress: ({ done, total }) => seen.push(done / total) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

describe('the assembler', () => {
  test('writes numbers as LEB128', () => {
    expect([unsigned(0), unsigned(127), unsigned(128), unsigned(624_485)]).toEqual([[0], [127], [128, 1], [229, 142, 38]]);
    expect([signed(0), signed(-1), signed(63), signed(64), signed(-64), signed(-123_456), signed(0x80000000)])
      .toEqual([[0], [127], [63], [192, 0], [64], [192, 187, 120], [128, 128, 128, 128, 120]]);
  });

  test('makes modules that compute: the sum of a list of doubles, two at a time', async () => {
    const routine = new Routine('add', 3);
    const [from, to, out] = [routine.parameter(0), routine.parameter(1), routine.parameter(2)];
    const total = routine.local('v128');
    routine.add(
      when(i32.less(from.get, to.get), [
        repeatWhile(i32.less(from.get, to.get), [total.set(f64x2.add(total.get, v128.load(from.get))), from.set(i32.add(from.get, i32.const(16)))]),
      ]),
      v128.store(out.get, total.get),
    );
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiate(assemble([routine]), { kernel: { memory } });
    new Float64Array(memory.buffer, 0, 6).set([1, 2, 3, 4, 5, 6]);
    (instance.exports['add'] as (from: number, to: number, out: number) => void)(0, 48, 64);
    expect([...new Float64Array(memory.buffer, 64, 2)]).toEqual([9, 12]);
    (instance.exports['add'] as (from: number, to: number, out: number) => void)(48, 48, 64);
    expect([...new Float64Array(memory.buffer, 64, 2)]).toEqual([0, 0]);
  });
});
