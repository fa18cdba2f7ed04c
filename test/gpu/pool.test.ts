import { describe, expect, test } from 'vitest';
import { openCompute, type Compute } from '../../src/gpu/compute.ts';
import { poolTokens } from '../../src/gpu/pool.ts';
import { bothBackends, normals, worstRelative } from './compute.ts';

const backends = bothBackends();

describe('pooling', () => {
  test('mean, first and last token of one word, by hand', async () => {
    const states = new Float32Array([1, 2, 3, 4, 5, 12, 1, 2, 3, 4, 5, 12, 1, 2, 3, 4, 5, 12]);
    const weights = new Float32Array([1, 1, 1, 1, 0, 0, 0, 0, 1]);
    for (const compute of [backends.webgpu, backends.cpu]) {
      const pooled = await poolTokens(compute, states, { batch: 3, tokens: 3, d: 2 }, weights);
      expect(worstRelative(pooled, [3, 6, 1, 2, 5, 12])).toBeLessThan(1e-6);
    }
  });

  test('kernel and twin agree, with weights of any sum, where sizes do not fill workgroups', async () => {
    for (const [batch, tokens, d] of [[1, 1, 1], [2, 3, 63], [5, 7, 65], [70, 4, 130]] as const) {
      const states = normals(batch)(batch * tokens * d);
      const weights = normals(d)(batch * tokens).map((value) => Math.abs(value) + 0.01);
      const shape = { batch, tokens, d };
      const gpu = await poolTokens(backends.webgpu, states, shape, weights);
      expect(worstRelative(gpu, await poolTokens(backends.cpu, states, shape, weights), 1)).toBeLessThan(1e-6);
    }
  });

  test('a token of weight 0 is not read, whatever the padding holds; an item without weight is NaN', async () => {
    const states = new Float32Array([1, 2, NaN, Infinity, 3, 4, 5, 6]);
    const weights = new Float32Array([1, 0, 0, 0]);
    for (const compute of [backends.webgpu, backends.cpu]) {
      expect([...(await poolTokens(compute, states, { batch: 2, tokens: 2, d: 2 }, weights))]).toEqual([1, 2, NaN, NaN]);
    }
  });

  test('states that are on the device stay there and may be in a larger buffer', async () => {
    const { device } = backends.webgpu.gpu!;
    const states = normals(4)(3 * 5 * 20);
    const buffer = device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, states);
    const shape = { batch: 3, tokens: 5, d: 20 };
    const weights = new Float32Array(15).fill(1);
    const pooled = await poolTokens(backends.webgpu, buffer, shape, weights);
    expect(worstRelative(pooled, await poolTokens(backends.cpu, states, shape, weights), 1)).toBeLessThan(1e-6);
    // Still usable: it belongs to the caller.
    expect(await poolTokens(backends.webgpu, buffer, shape, weights)).toEqual(pooled);
    buffer.destroy();
  });

  test('a buffer too small for its shape is a problem, not silence', async () => {
    const { device } = backends.webgpu.gpu!;
    const buffer = device.createBuffer({ size: 64, usage: GPUBufferUsage.STORAGE });
    await expect(poolTokens(backends.webgpu, buffer, { batch: 3, tokens: 5, d: 20 }, new Float32Array(15).fill(1)))
      .rejects.toMatchObject({ code: 'gpu-error' });
    buffer.destroy();
  });

  test.each([
    // 3 x 20 pooled numbers take 240 bytes.
    ['the pooled states', { maxBufferSize: 200, maxStorageBufferBindingSize: 4096 }],
    ['the states themselves', { maxBufferSize: 4096, maxStorageBufferBindingSize: 1000 }],
  ])('where the device has no room for %s, the CPU pools what is read back', async (_what, limits) => {
    const compute = await openCompute({ backend: 'webgpu' });
    const { device } = compute.gpu!;
    const states = normals(6)(3 * 5 * 20);
    const buffer = device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
    device.queue.writeBuffer(buffer, 0, states);
    Object.defineProperty(device, 'limits', { value: { maxComputeWorkgroupsPerDimension: 65_535, ...limits } });
    const asked: boolean[] = [];
    const watched: Compute = Object.assign(Object.create(compute) as Compute, {
      backendFor: (...[kernel, work, fits]: Parameters<Compute['backendFor']>) => {
        asked.push(fits ?? true);
        return compute.backendFor(kernel, work, fits);
      },
    });
    Object.defineProperty(watched, 'gpu', { value: compute.gpu });
    const shape = { batch: 3, tokens: 5, d: 20 };
    const weights = new Float32Array(15).fill(1).fill(0, 10);
    const expected = await poolTokens(backends.cpu, states, shape, weights);
    // NaN where the last item has no weight, on this way too.
    expect(expected[59]).toBeNaN();
    expect(await poolTokens(watched, buffer, shape, weights)).toEqual(expected);
    expect(asked).toEqual([false]);
    expect(await poolTokens(watched, states, shape, weights)).toEqual(expected);
    expect(asked).toEqual([false, true, false]);
    buffer.destroy();
    compute.dispose();
  });

  test('a buffer without a device is a problem', async () => {
    const { device } = backends.webgpu.gpu!;
    const buffer = device.createBuffer({ size: 64, usage: GPUBufferUsage.STORAGE });
    await expect(poolTokens(await openCompute({ gpu: null }), buffer, { batch: 1, tokens: 1, d: 16 }, new Float32Array(1)))
      .rejects.toMatchObject({ code: 'gpu-missing' });
    buffer.destroy();
  });
});
