/** The machine: with and without WebGPU, measured, shared, cancelled, broken and lost. */
import { describe, expect, test } from 'vitest';
import { Buffers, largestBinding } from '../../src/gpu/buffers.ts';
import type { Compute } from '../../src/gpu/compute.ts';
import { openCompute, recallMeasurements, takenMeasurements } from '../../src/gpu/compute.ts';
import { kernelOf } from '../../src/gpu/kernel.ts';
import { mantelRankSums, mantelSums } from '../../src/gpu/mantel.ts';
import { computeRdms } from '../../src/gpu/rdm.ts';
import { nextChunk, runChunks } from '../../src/gpu/scheduler.ts';
import { normals } from './compute.ts';

const shape = { n: 400, d: 64 };
const layers = Array.from({ length: 4 }, (_, layer) => normals(layer)(shape.n * shape.d));

const mantelInput = {
  n: 120, reference: new Int32Array(7140).map((_, pair) => pair - 3570), candidates: [new Int32Array(7140).map((_, pair) => ((pair * 7) % 7140) - 3570)],
  permutations: 20_000, seed: 1,
};

/** Counts the live buffers of a device from now on. */
function countBuffers(device: GPUDevice): { live: number; made: number } {
  const count = { live: 0, made: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    count.live++;
    count.made++;
    buffer.destroy = () => {
      if (alive) count.live--;
      alive = false;
      return destroy();
    };
    return buffer;
  };
  return count;
}

async function withCompute(body: (compute: Compute) => Promise<void>): Promise<void> {
  const compute = await openCompute({ backend: 'webgpu' });
  try {
    await body(compute);
  } finally {
    compute.dispose();
  }
}

describe('without WebGPU', () => {
  test('everything runs on the CPU and says why', async () => {
    const compute = await openCompute({ gpu: null });
    expect(compute.gpu).toBeNull();
    expect(compute.description).toMatchObject({ backend: 'cpu', reason: 'this browser has no WebGPU' });
    const { backend, distances } = await computeRdms(compute, layers.slice(0, 1), shape, 'cosine');
    expect(backend).toBe('wasm');
    expect(distances[0]!.length).toBe((400 * 399) / 2);
    compute.dispose();
  });

  test('an entry that offers no adapter is no WebGPU either', async () => {
    const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
    expect((await openCompute({ gpu: none })).description.reason).toContain('no adapter');
  });
});

describe('the backend', () => {
  test('is the CPU until measured, then the one with the lower predicted time', async () => {
    const compute = await openCompute();
    expect(compute.gpu).not.toBeNull();
    expect(compute.backendFor('rdm', 1e12)).toBe('wasm');
    // Enough work to be worth a measurement.
    const many = Array.from({ length: 20 }, (_, k) => layers[k % layers.length]!);
    const { backend } = await computeRdms(compute, many, shape, 'cosine');
    const [measurement] = compute.description.measurements;
    const work = 20 * ((400 * 399) / 2) * 64;
    const cost = (side: 'cpu' | 'webgpu') => measurement![side].fixed + (measurement![side].perMillion * work) / 1e6;
    expect(backend).toBe(cost('webgpu') < cost('cpu') ? 'webgpu' : 'wasm');
    expect(['panel', 'staged']).toContain(measurement!.variant);
    expect(compute.description.reason).toMatch(/rdm: .* on the GPU .* on the CPU/);
    // Tiny work never pays for a trip to the GPU.
    expect(measurement!.webgpu.fixed > measurement!.cpu.fixed).toBe(compute.backendFor('rdm', 1) === 'wasm');

    const second = await openCompute();
    await computeRdms(second, many, shape, 'cosine');
    expect(second.description.measurements).toEqual(compute.description.measurements);
    compute.dispose();
    second.dispose();
  });

  test('is the CPU for a kernel that fails its trial on the GPU, and the description says why', async () => {
    const compute = await openCompute();
    await compute.measure('pool', (gpu) => ({
      software: false,
      cpu: { name: 'cpu', run: () => Promise.resolve() },
      webgpu: [{ name: 'none', run: async () => {
        await kernelOf(gpu, { file: 'pool.wgsl', entryPoint: 'no such entry', bindings: ['uniform'] });
      } }],
    }));
    expect(compute.backendFor('pool', 1e12)).toBe('cpu');
    expect(compute.description.reason).toMatch(/pool: on the CPU, its trial on the GPU failed \(shaders\/pool\.wgsl/);
    compute.dispose();
  });

  test('is chosen by what an earlier visit measured, as far as that can be a measurement', async () => {
    const fast = { fixed: 0, perMillion: 0.001 };
    const slow = { fixed: 0, perMillion: 10 };
    const good = { kernel: 'mantel', cpu: slow, webgpu: fast, variant: 'ranks' };
    const malformed = {
      'mantel|no cost': { kernel: 'mantel', cpu: slow, variant: 'ranks' },
      'mantel|no number': { ...good, cpu: { fixed: 0, perMillion: '10' } },
      'mantel|below zero': { ...good, cpu: { fixed: -1, perMillion: 1 } },
      'rdm|no such variant': { ...good, kernel: 'rdm', variant: 'former' },
      'pool|another kernel': good,
      'mantel|nothing': null,
    };
    for (const broken of [null, 'text', 7, malformed]) recallMeasurements(broken);
    recallMeasurements({ 'mantel|an adapter|of|a test|false': good });
    const taken = await takenMeasurements();
    expect(Object.keys(taken).filter((key) => key in malformed)).toEqual([]);
    expect(taken['mantel|an adapter|of|a test|false']).toEqual(good);

    const { facts } = (await openCompute()).gpu!;
    const key = ['pool', facts.vendor, facts.architecture, facts.adapter, String(facts.isFallback)].join('|');
    recallMeasurements({ [key]: { kernel: 'pool', webgpu: null } });
    recallMeasurements({ [key]: { kernel: 'pool', cpu: slow, webgpu: fast, variant: 'pool' } });
    const compute = await openCompute();
    await compute.measure('pool', () => {
      throw new Error('it was measured at the earlier visit');
    });
    expect(compute.backendFor('pool', 1e9)).toBe('webgpu');
    expect(compute.backendFor('pool', 1e9, false)).toBe('cpu');
    compute.dispose();
  });

  test('can be fixed', async () => {
    const cpu = await openCompute({ backend: 'cpu' });
    expect(cpu.backendFor('mantel', 1e12)).toBe('cpu');
    expect(cpu.description.reason).toBe('the CPU was chosen');
    const wasm = await openCompute({ backend: 'wasm' });
    expect([wasm.backendFor('mantel', 1e12), wasm.backendFor('rdm', 1), wasm.backendFor('pool', 1), wasm.backendFor('rdm', 1, true, false)]).toEqual(['wasm', 'wasm', 'cpu', 'cpu']);
    await withCompute(async (compute) => {
      expect(compute.backendFor('mantel', 1)).toBe('webgpu');
      expect(compute.description.adapter).not.toBe('none');
    });
  });
});

test('a shared device stays its owner\'s', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const compute = await openCompute({ device, backend: 'webgpu' });
  expect((await computeRdms(compute, layers, shape, 'cosine')).backend).toBe('webgpu');
  compute.dispose();
  const again = await openCompute({ device, backend: 'webgpu' });
  expect((await computeRdms(again, layers, shape, 'cosine')).backend).toBe('webgpu');
  again.dispose();
  device.destroy();
});

describe('buffers', () => {
  test('are all destroyed after a computation', () => withCompute(async (compute) => {
    const count = countBuffers(compute.gpu!.device);
    await computeRdms(compute, layers, shape, 'euclidean');
    await mantelRankSums(compute, { ...mantelInput, permutations: 200 });
    expect(count.made).toBeGreaterThan(10);
    expect(count.live).toBe(0);
  }));

  test('beyond the limits of the device give a problem that names the size', () => withCompute(async (compute) => {
    const buffers = new Buffers(compute.gpu!);
    await expect(buffers.storage('hidden states', largestBinding(compute.gpu!) + 4)).rejects.toMatchObject({
      code: 'gpu-memory', message: expect.stringMatching(/hidden states: .* MB on the graphics device.*fewer words/s) as string,
    });
    expect(buffers.bytes).toBe(0);
    // The device is as good as before.
    const small = await buffers.upload('few', new Float32Array([1, 2, 3]));
    expect([...new Float32Array(await buffers.read(small, 12))]).toEqual([1, 2, 3]);
    buffers.dispose();
  }));
});

describe('cancel', () => {
  test.each([
    ['distances', 'webgpu'], ['permutations', 'webgpu'], ['distances', 'cpu'], ['permutations', 'cpu'],
  ] as const)('in the middle of %s on %s rejects with AbortError, frees buffers, and later calls work', async (label, backend) => {
    const compute = await openCompute({ backend });
    const count = compute.gpu ? countBuffers(compute.gpu.device) : { live: 0 };
    const controller = new AbortController();
    let reports = 0;
    const watch = {
      signal: controller.signal,
      progress: ({ done, total }: { done: number; total: number }) => {
        reports++;
        if (done < total) controller.abort();
      },
    };
    const large = { n: 1200, d: 256 };
    const start = () => (label === 'distances'
      ? computeRdms(compute, [normals(1)(large.n * large.d)], large, 'cosine', watch)
      : mantelRankSums(compute, mantelInput, watch));
    await expect(start()).rejects.toMatchObject({ name: 'AbortError' });
    expect(reports).toBe(1);
    expect(count.live).toBe(0);
    // Already cancelled: nothing starts.
    await expect(start()).rejects.toMatchObject({ name: 'AbortError' });
    expect(reports).toBe(1);
    expect((await computeRdms(compute, layers, shape, 'cosine')).backend).toBe(backend);
    compute.dispose();
  });
});

describe('a device without the memory gives way to the CPU', () => {
  /** A device with the least limits that WebGPU allows: 128 MB in a binding. */
  async function smallDevice(): Promise<{ compute: Compute; count: { live: number; made: number }; asked: string[] }> {
    const adapter = (await navigator.gpu.requestAdapter())!;
    const compute = await openCompute({ device: await adapter.requestDevice(), backend: 'webgpu' });
    expect(largestBinding(compute.gpu!)).toBe(128 * 2 ** 20);
    const asked: string[] = [];
    const backendFor = compute.backendFor.bind(compute);
    compute.backendFor = (...about) => {
      const backend = backendFor(...about);
      asked.push(backend);
      return backend;
    };
    return { compute, count: countBuffers(compute.gpu!.device), asked };
  }

  test('for permutations of 16 RDMs of 2100 words', async () => {
    const { compute, count, asked } = await smallDevice();
    const n = 2100;
    const reference = normals(1)((n * (n - 1)) / 2);
    const { backend, sums } = await mantelSums(compute, { n, reference, candidates: Array.from({ length: 16 }, () => reference), permutations: 2, seed: 1 });
    const observed = reference.reduce((sum, value) => sum + value * value, 0);
    expect(backend).toBe('wasm');
    expect(asked).toEqual(['webgpu', 'wasm']);
    expect(Math.abs(sums[15]![0]! / observed - 1)).toBeLessThan(1e-6);
    expect(count.made).toBeGreaterThan(0);
    expect(count.live).toBe(0);
    compute.gpu!.device.destroy();
  });

  test('for distances of 8300 words', async () => {
    const { compute, count, asked } = await smallDevice();
    const { backend, distances } = await computeRdms(compute, [Float32Array.from({ length: 8300 }, (_, row) => row)], { n: 8300, d: 1 }, 'euclidean');
    expect(backend).toBe('wasm');
    expect(asked).toEqual(['webgpu', 'wasm']);
    expect([distances[0]![0], distances[0]![8298]]).toEqual([1, 8299]);
    expect(count.live).toBe(0);
    compute.gpu!.device.destroy();
  });
});

describe('errors', () => {
  test('a device lost in the middle gives a problem; the next call runs on the CPU and the description says so', async () => {
    const compute = await openCompute({ backend: 'webgpu' });
    const gpu = compute.gpu!;
    const count = countBuffers(gpu.device);
    const running = mantelRankSums(compute, mantelInput, { progress: () => gpu.device.destroy() });
    await expect(running).rejects.toMatchObject({ code: 'gpu-lost' });
    expect((await gpu.lost).code).toBe('gpu-lost');
    expect(count.live).toBe(0);
    expect(compute.gpu).toBeNull();
    expect((await computeRdms(compute, layers, shape, 'cosine')).backend).toBe('wasm');
    expect(compute.description).toMatchObject({ backend: 'cpu', reason: expect.stringContaining('lost') as string });
    compute.dispose();
  });

  test('a device lost before the kernel is compiled gives a problem too', async () => {
    const compute = await openCompute({ backend: 'webgpu' });
    const running = computeRdms(compute, layers, shape, 'cosine');
    compute.gpu!.device.destroy();
    await expect(running).rejects.toMatchObject({ code: 'gpu-lost' });
    compute.dispose();
  });

  test('an error that nobody caught is thrown by the next call, once', () => withCompute(async (compute) => {
    const { device } = compute.gpu!;
    const seen = new Promise((resolve) => {
      device.addEventListener('uncapturederror', resolve, { once: true });
    });
    device.createShaderModule({ code: 'no kernel' });
    device.queue.submit([]);
    await seen;
    await expect(computeRdms(compute, layers, shape, 'cosine')).rejects.toMatchObject({ code: 'gpu-error' });
    expect((await computeRdms(compute, layers, shape, 'cosine')).backend).toBe('webgpu');
  }));

  test('a kernel that does not fit its layout is a problem, and is compiled anew next time', () => withCompute(async (compute) => {
    const spec = { file: 'pool.wgsl', entryPoint: 'pool', bindings: ['uniform', 'read', 'read', 'read'] } as const;
    await expect(kernelOf(compute.gpu!, spec)).rejects.toMatchObject({ code: 'gpu-kernel' });
    const right = { ...spec, bindings: ['uniform', 'read', 'read', 'write'] } as const;
    const kernel = await kernelOf(compute.gpu!, right);
    expect(await kernelOf(compute.gpu!, right)).toBe(kernel);
  }));
});

describe('the scheduler', () => {
  test('aims at 50 ms a chunk, grows at most twofold, and never stops', () => {
    expect(nextChunk(16, 5, 1000)).toBe(32);
    expect(nextChunk(16, 40, 1000)).toBe(20);
    expect(nextChunk(16, 100, 1000)).toBe(8);
    expect(nextChunk(1, 5000, 1000)).toBe(1);
    expect(nextChunk(800, 1, 1000)).toBe(1000);
  });

  test('covers everything once, in order, two in flight', () => withCompute(async (compute) => {
    const ranges: [number, number][] = [];
    let flying = 0;
    let most = 0;
    await runChunks(compute.gpu!, {
      label: 'distances', total: 1000, first: 3, largest: 100,
      submit: async (from, count) => {
        ranges.push([from, count]);
        most = Math.max(most, ++flying);
        await new Promise((resolve) => setTimeout(resolve, 1));
        flying--;
      },
    });
    expect(most).toBe(2);
    let next = 0;
    for (const [from, count] of ranges) {
      expect(from).toBe(next);
      expect(count).toBeLessThanOrEqual(100);
      next += count;
    }
    expect(next).toBe(1000);
  }));

  test('throws what a chunk throws, after the other chunk has ended', () => withCompute(async (compute) => {
    let ended = 0;
    const running = runChunks(compute.gpu!, {
      label: 'distances', total: 10, first: 1, largest: 1,
      submit: async (from) => {
        await new Promise((resolve) => setTimeout(resolve, from * 20));
        ended++;
        if (from === 0) throw new Error('chunk 0');
      },
    });
    await expect(running).rejects.toThrow('chunk 0');
    expect(ended).toBe(2);
  }));
});
