/** What the tests of the kernels share: seeded data, and a machine with each backend. */
import { afterAll, beforeAll } from 'vitest';
import type { Compute } from '../../src/gpu/compute.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';

/** A function that gives n numbers, roughly normal (mean 0, SD 1), from a seed. */
export function normals(seed: number): (count: number) => Float32Array<ArrayBuffer> {
  const stream = new PhiloxStream(seed);
  return (count) => Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
    return radius * Math.cos(2 * Math.PI * stream.uniform());
  });
}

/** Opens WebGPU and the CPU for a test file; `webgpu` must be there, Chromium brings a software adapter. */
export function bothBackends(): { webgpu: Compute; cpu: Compute } {
  const backends = {} as { webgpu: Compute; cpu: Compute };
  beforeAll(async () => {
    backends.webgpu = await openCompute({ backend: 'webgpu' });
    backends.cpu = await openCompute({ backend: 'cpu' });
    if (!backends.webgpu.gpu) throw new Error(`no WebGPU here: ${backends.webgpu.description.reason}`);
  });
  afterAll(() => {
    backends.webgpu.dispose();
    backends.cpu.dispose();
  });
  return backends;
}

/** Largest |actual - expected| / max(|expected|, floor); infinite where only one of them is NaN. */
export function worstRelative(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const b = expected[i]!;
    if (Object.is(a, b) || a === b) continue;
    if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
    worst = Math.max(worst, Math.abs(a - b) / Math.max(Math.abs(b), floor));
  }
  return worst;
}
