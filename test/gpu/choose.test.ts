/** Which backend: what a measurement finds, when it ends early, and what cancel does to it. */
import { describe, expect, test } from 'vitest';
import type { Contender, Trial } from '../../src/gpu/choose.ts';
import { measureKernel } from '../../src/gpu/choose.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { mantelRankSums } from '../../src/gpu/mantel.ts';

/** A clock that only the contenders move: `fixed` + `perMillion` ms a run. They keep the sizes they were asked for. */
function workshop() {
  let now = 0;
  const contender = (name: string, fixed: number, perMillion: number): Contender & { readonly sizes: number[] } => {
    const sizes: number[] = [];
    return {
      name, sizes,
      run: (work) => {
        sizes.push(work);
        now += fixed + (perMillion * work) / 1e6;
        return Promise.resolve();
      },
    };
  };
  return { contender, clock: () => now };
}

const largest = (contender: { readonly sizes: readonly number[] }): number => Math.max(...contender.sizes);

describe('a measurement', () => {
  test('finds the cost of each side and the fastest variant', async () => {
    const { contender, clock } = workshop();
    const cpu = contender('cpu', 0, 2);
    const webgpu = [contender('slow', 3, 3), contender('fast', 5, 0.5), contender('middling', 1, 1)];
    const measured = await measureKernel('rdm', { software: false, cpu, webgpu }, clock);
    expect(measured.variant).toBe('fast');
    expect(measured.cpu.fixed).toBeCloseTo(0);
    expect(measured.cpu.perMillion).toBeCloseTo(2);
    expect(measured.webgpu.fixed).toBeCloseTo(5);
    expect(measured.webgpu.perMillion).toBeCloseTo(0.5);
  });

  test('ends early for a software adapter more than three times as slow, and still says how slow', async () => {
    const { contender, clock } = workshop();
    const cpu = contender('cpu', 0, 1);
    const gpu = contender('ranks', 6, 3.1);
    const measured = await measureKernel('mantel', { software: true, cpu, webgpu: [gpu] }, clock);
    expect(largest(gpu)).toBe(largest(cpu) / 8);
    expect(measured.webgpu.fixed).toBeCloseTo(6);
    expect(measured.webgpu.perMillion).toBeCloseTo(3.1);
  });

  test.each([[true, 2.9], [false, 2.9], [false, 50]])('goes on otherwise: software %s, cost ratio %d', async (software, ratio) => {
    const { contender, clock } = workshop();
    const cpu = contender('cpu', 0, 1);
    const gpu = contender('ranks', 6, ratio);
    const measured = await measureKernel('mantel', { software, cpu, webgpu: [gpu] }, clock);
    expect(largest(gpu)).toBe(largest(cpu));
    expect(measured.webgpu.perMillion).toBeCloseTo(ratio);
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
  const input = { n, reference: ranks, candidates: [ranks], permutations: 40_000, seed: 1 };
  const controller = new AbortController();
  const running = mantelRankSums(compute, input, { signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(compute.description.measurements).toEqual([]);
  const { backend } = await mantelRankSums(compute, input);
  expect(compute.description.measurements).toMatchObject([{ kernel: 'mantel' }]);
  expect(backend).toBe(compute.backendFor('mantel', 4e4 * ranks.length));
  compute.dispose();
});
