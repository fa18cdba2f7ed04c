/** Which backend: what a measurement finds, when it ends early, and what cancel does to it. */
import { describe, expect, test } from 'vitest';
import type { Contender, Trial } from '../../src/gpu/choose.ts';
import { measureKernel } from '../../src/gpu/choose.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { mantelRankSums } from '../../src/gpu/mantel.ts';

/** Takes as long as it says: `fixed` + `perMillion` ms; keeps the sizes it was asked for. */
function clockwork(name: string, fixed: number, perMillion: number): Contender & { readonly sizes: number[] } {
  const sizes: number[] = [];
  return {
    name, sizes,
    run: (work) => {
      sizes.push(work);
      const end = performance.now() + fixed + (perMillion * work) / 1e6;
      while (performance.now() < end);
      return Promise.resolve();
    },
  };
}

const largest = (contender: { readonly sizes: readonly number[] }): number => Math.max(...contender.sizes);

describe('a measurement', () => {
  test('finds the cost of each side and the faster variant', async () => {
    const cpu = clockwork('cpu', 0, 4);
    const slow = clockwork('slow', 3, 6);
    const fast = clockwork('fast', 3, 0.5);
    const { variant, ...measured } = await measureKernel('rdm', { software: false, cpu, webgpu: [slow, fast] });
    expect(variant).toBe('fast');
    // Never less than the clockwork; more when the machine is busy.
    expect(measured.cpu.perMillion).toBeGreaterThan(2);
    expect(measured.webgpu.fixed).toBeGreaterThan(1.5);
    expect(measured.webgpu.perMillion).toBeLessThan(measured.cpu.perMillion);
    expect(largest(slow)).toBe(largest(cpu));
  });

  test('ends early for a software adapter that is far slower, and still says how slow', async () => {
    const cpu = clockwork('cpu', 0, 0.5);
    const gpu = clockwork('ranks', 2, 20);
    const measured = await measureKernel('mantel', { software: true, cpu, webgpu: [gpu] });
    expect(largest(gpu)).toBeLessThan(largest(cpu) / 5);
    expect(measured.webgpu.perMillion).toBeGreaterThan(3 * measured.cpu.perMillion);
  });

  test('goes on where the software adapter may win, and always on a real GPU', async () => {
    const even = clockwork('even', 1, 2);
    const cpu = clockwork('cpu', 0, 4);
    await measureKernel('mantel', { software: true, cpu, webgpu: [even] });
    expect(largest(even)).toBe(largest(cpu));
    const slow = clockwork('slow', 2, 16);
    await measureKernel('mantel', { software: false, cpu, webgpu: [slow] });
    expect(largest(slow)).toBe(largest(cpu));
  });
});

test('cancel does not wait for a measurement, which goes on for whoever else needs it', async () => {
  const compute = await openCompute();
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => { release = resolve; });
  const trial = (): Trial => ({
    software: true, cpu: { name: 'cpu', run: () => gate }, webgpu: [{ name: 'pool', run: () => gate }],
  });
  const controller = new AbortController();
  const cancelled = compute.measure('pool', trial, controller.signal);
  const patient = compute.measure('pool', trial, new AbortController().signal);
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect(compute.description.measurements).toEqual([]);
  release();
  await patient;
  expect(compute.description.measurements).toMatchObject([{ kernel: 'pool', variant: 'pool' }]);
  compute.dispose();
});

test('cancel during the measurement of a kernel rejects, and the next call still measures and answers', async () => {
  const compute = await openCompute();
  const n = 120;
  const ranks = new Int32Array((n * (n - 1)) / 2).map((_, pair) => pair - 3570);
  const input = { n, reference: ranks, candidates: [ranks], permutations: 10_000, seed: 1 };
  const controller = new AbortController();
  const running = mantelRankSums(compute, input, { signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(compute.description.measurements).toEqual([]);
  const { backend } = await mantelRankSums(compute, input);
  expect(compute.description.measurements).toMatchObject([{ kernel: 'mantel' }]);
  expect(backend).toBe(compute.backendFor('mantel', 1e4 * ranks.length));
  compute.dispose();
});
