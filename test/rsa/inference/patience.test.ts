/** Loops that a comparator makes very long. */
import { afterEach, expect, test, vi } from 'vitest';
import { Patience } from '../../../src/rsa/inference/patience.ts';

afterEach(() => { vi.restoreAllMocks(); });

/** What is told when `done` of `total` permutations have taken `seconds`. */
function told(done: number, total: number, seconds: number): string[] {
  const warnings: string[] = [];
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const patience = new Patience({ steps: 'permutations', comparator: 'tau-a', place: 'cell gap', warn: (message) => { warnings.push(message); } });
  clock.mockReturnValue(seconds * 1000);
  patience.check(done, total);
  patience.check(done + 1, total);
  return warnings;
}

test('a loop of minutes is not talked about, one of more than ten is told once', () => {
  expect(told(10, 1000, 5)).toEqual([]);
  expect(told(10, 10_000, 1)).toEqual([]);
  expect(told(10, 10_000, 3)).toEqual(['10000 permutations under tau-a take about 50 minutes on this machine.']);
});

test('one of more than six hours is refused, with what would fit into ten minutes', () => {
  expect(() => told(10, 100_000, 3)).toThrow(/100000 permutations under tau-a would take about 8 hours.*at most 2000 permutations/);
});

test('where no comparator is slow, fewer words are the way out', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const patience = new Patience({ steps: 'permutations' });
  clock.mockReturnValue(3000);
  expect(() => { patience.check(10, 100_000); }).toThrow(/^(?!.*under).*100000 permutations would take about 8 hours.*at most 2000 permutations, or take fewer words/);
});
