import { describe, expect, test } from 'vitest';
import { pairIndex } from '../../src/gpu/condensed.ts';
import { mantelRankSums, mantelSums } from '../../src/gpu/mantel.ts';
import { permutation } from '../../src/gpu/permutation.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { bothBackends, normals } from './compute.ts';

const backends = bothBackends();

/** Centred doubled ranks as a test would meet them: integers within plus or minus the number of pairs. */
function ranks(n: number, seed: number): Int32Array<ArrayBuffer> {
  const pairs = (n * (n - 1)) / 2;
  const stream = new PhiloxStream(seed);
  return Int32Array.from({ length: pairs }, () => stream.below(2 * pairs - 1) - (pairs - 1));
}

/** Mean 0, length 1. */
function standardised(n: number, seed: number): Float32Array<ArrayBuffer> {
  const values = normals(seed)((n * (n - 1)) / 2);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (value - mean) / length);
}

/** The definition: words of the reference permuted, rows and columns together. */
function sumByDefinition(n: number, reference: ArrayLike<number>, candidate: ArrayLike<number>, index: number, seed: number): number {
  const order = permutation(n, index, seed);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [order[i]!, order[j]!];
      sum += reference[pairIndex(n, Math.min(a, b), Math.max(a, b))]! * candidate[pairIndex(n, i, j)]!;
    }
  }
  return sum;
}

describe('rank sums', () => {
  test.each([1, 2, 3, 17, 63, 64, 65, 130])('%i words: kernel, twin and definition are equal, bit for bit', async (n) => {
    const seed = 2 ** 40 + 17;
    const input = { n, reference: ranks(n, 1), candidates: [2, 3, 4, 5, 6].map((s) => ranks(n, s)), permutations: 300, seed };
    const gpu = await mantelRankSums(backends.webgpu, input);
    const cpu = await mantelRankSums(backends.cpu, input);
    expect(gpu.backend).toBe(n === 1 ? 'cpu' : 'webgpu');
    expect(gpu.sums).toEqual(cpu.sums);
    for (const index of [0, 1, 2, 63, 64, 299]) {
      input.candidates.forEach((candidate, c) => {
        expect(cpu.sums[c]![index]).toBe(sumByDefinition(n, input.reference, candidate, index, seed));
      });
    }
  });

  test('256 words with the largest ranks of all do not overflow', async () => {
    const n = 256;
    const pairs = (n * (n - 1)) / 2;
    const extreme = (sign: number) => new Int32Array(pairs).fill(sign * (pairs - 1));
    const input = { n, reference: extreme(1), candidates: [extreme(1), extreme(-1), ranks(n, 9)], permutations: 3, seed: 1 };
    const { sums } = await mantelRankSums(backends.webgpu, input);
    expect([...sums[0]!]).toEqual([1, 1, 1].map(() => pairs * (pairs - 1) ** 2));
    expect([...sums[1]!]).toEqual([1, 1, 1].map(() => -pairs * (pairs - 1) ** 2));
    expect(sums).toEqual((await mantelRankSums(backends.cpu, input)).sums);
  });

  test.each([1, 4, 5, 8, 9, 13, 16, 17, 33])('%i candidates come back in order', async (count) => {
    const n = 12;
    const input = { n, reference: ranks(n, 1), candidates: Array.from({ length: count }, (_, c) => ranks(n, 100 + c)), permutations: 70, seed: 3 };
    const { sums } = await mantelRankSums(backends.webgpu, input);
    expect(sums.length).toBe(count);
    expect(sums).toEqual((await mantelRankSums(backends.cpu, input)).sums);
  });

  test('the same seed repeats, another seed differs, and more permutations begin with the same ones', async () => {
    const n = 20;
    const input = { n, reference: ranks(n, 1), candidates: [ranks(n, 2)], permutations: 500, seed: 3 };
    const first = (await mantelRankSums(backends.webgpu, input)).sums[0]!;
    expect((await mantelRankSums(backends.webgpu, input)).sums[0]).toEqual(first);
    const longer = (await mantelRankSums(backends.webgpu, { ...input, permutations: 900 })).sums[0]!;
    expect(longer.slice(0, 500)).toEqual(first);
    const other = (await mantelRankSums(backends.webgpu, { ...input, seed: 4 })).sums[0]!;
    expect(other[0]).toBe(first[0]);
    expect(other.slice(1)).not.toEqual(first.slice(1));
  });

  test('the twin takes four permutations at a time; any number of them comes out the same', async () => {
    const n = 11;
    const input = { n, reference: ranks(n, 1), candidates: [ranks(n, 2), ranks(n, 3), ranks(n, 4)], seed: 8 };
    for (let permutations = 1; permutations <= 9; permutations++) {
      const { sums } = await mantelRankSums(backends.cpu, { ...input, permutations });
      expect(sums.map((values) => [...values])).toEqual(input.candidates.map((candidate) => (
        Array.from({ length: permutations }, (_, index) => sumByDefinition(n, input.reference, candidate, index, 8))
      )));
    }
  });

  test('more words than ranks fit 16 bits are refused', async () => {
    await expect(mantelRankSums(backends.cpu, { n: 257, reference: ranks(257, 1), candidates: [], permutations: 1, seed: 1 }))
      .rejects.toThrow('256');
  });
});

describe('sums of standardised distances', () => {
  test.each([3, 64, 130, 300])('%i words: kernel and twin agree to 1e-6, correlations being at most 1', async (n) => {
    const input = { n, reference: standardised(n, 1), candidates: [2, 3, 4, 5, 6].map((s) => standardised(n, s)), permutations: 200, seed: 5 };
    const gpu = await mantelSums(backends.webgpu, input);
    const cpu = await mantelSums(backends.cpu, input);
    expect(gpu.backend).toBe('webgpu');
    let worst = 0;
    gpu.sums.forEach((sums, c) => sums.forEach((sum, index) => (worst = Math.max(worst, Math.abs(sum - cpu.sums[c]![index]!)))));
    expect(worst).toBeLessThan(1e-6);
    input.candidates.forEach((candidate, c) => {
      expect(cpu.sums[c]![7]).toBeCloseTo(sumByDefinition(n, input.reference, candidate, 7, 5), 12);
    });
  });

  test('a reference against itself: the identity gives 1', async () => {
    const reference = standardised(50, 1);
    const { sums } = await mantelSums(backends.webgpu, { n: 50, reference, candidates: [reference], permutations: 2, seed: 1 });
    expect(sums[0]![0]).toBeCloseTo(1, 5);
    expect(sums[0]![1]).toBeLessThan(0.5);
  });

  test('an RDM of the wrong size is refused', async () => {
    await expect(mantelSums(backends.cpu, { n: 4, reference: new Float32Array(6), candidates: [new Float32Array(5)], permutations: 1, seed: 1 }))
      .rejects.toThrow('6 pairs, not 5');
  });
});

test('progress reaches the end', async () => {
  for (const compute of [backends.webgpu, backends.cpu]) {
    const seen: number[] = [];
    await mantelRankSums(compute, { n: 60, reference: ranks(60, 1), candidates: [ranks(60, 2)], permutations: 1500, seed: 1 }, {
      progress: ({ done, total }) => seen.push(done / total),
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  }
});
