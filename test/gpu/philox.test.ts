import { describe, expect, test } from 'vitest';
import { permutation } from '../../src/gpu/permutation.ts';
import { mulhi, philox4x32, PhiloxStream } from '../../src/gpu/philox.ts';

describe('Philox4x32-10', () => {
  test('gives the known answers of Random123', () => {
    expect(philox4x32([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox4x32([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))
      .toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
  });

  test('multiply-high equals exact integer arithmetic', () => {
    const stream = new PhiloxStream(5);
    for (let trial = 0; trial < 2000; trial++) {
      const a = stream.uint32();
      const b = stream.uint32();
      expect(mulhi(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
    }
    expect(mulhi(0xffffffff, 0xffffffff)).toBe(0xfffffffe);
  });
});

describe('a stream', () => {
  test('repeats with its seed and id, and differs from the other streams', () => {
    const take = (seed: number, id: number) => {
      const stream = new PhiloxStream(seed, id);
      return Array.from({ length: 12 }, () => stream.uint32());
    };
    expect(take(7, 1)).toEqual(take(7, 1));
    const all = [...take(7, 1), ...take(7, 2), ...take(8, 1), ...take(7 + 2 ** 32, 1)];
    expect(new Set(all).size).toBe(48);
  });

  test('is uniform on [0, 1) and below a bound', () => {
    const stream = new PhiloxStream(11);
    const counts = new Uint32Array(7);
    let sum = 0;
    for (let draw = 0; draw < 70_000; draw++) {
      const u = stream.uniform();
      expect(u >= 0 && u < 1).toBe(true);
      sum += u;
      counts[stream.below(7)]!++;
    }
    // Six standard errors.
    expect(Math.abs(sum / 70_000 - 0.5)).toBeLessThan((6 * Math.sqrt(1 / 12)) / Math.sqrt(70_000));
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(6 * Math.sqrt(10_000 * (6 / 7)));
  });

  test('refuses a seed it cannot hold', () => {
    expect(() => new PhiloxStream(-1)).toThrow(RangeError);
    expect(() => new PhiloxStream(0.5)).toThrow(RangeError);
  });
});

describe('a permutation', () => {
  test('number 0 is the identity, every other holds each word once', () => {
    expect([...permutation(5, 0, 42)]).toEqual([0, 1, 2, 3, 4]);
    for (const n of [1, 2, 3, 64, 257]) {
      for (const index of [1, 2, 9999]) expect([...permutation(n, index, 42)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  test('reaches all orders of four words equally often', () => {
    const seen = new Map<string, number>();
    for (let index = 1; index <= 24_000; index++) {
      const key = permutation(4, index, 3).join('');
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(1000));
  });

  test('changes with the seed', () => {
    expect([...permutation(20, 1, 1)]).not.toEqual([...permutation(20, 1, 2)]);
  });
});
