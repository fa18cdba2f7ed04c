import { expect, test } from 'vitest';
import { BoundedMemory, handedOver } from '../../src/worker/memory.ts';

/** A value of about `kilobytes`. */
function value(kilobytes: number): Uint8Array {
  return new Uint8Array(kilobytes * 1024);
}

test('results over the budget go, the least recently used first', () => {
  const memory = new BoundedMemory<Uint8Array>(100 * 1024);
  memory.set('a', value(40));
  memory.set('b', value(40));
  memory.get('a');
  memory.set('c', value(40));
  expect(['a', 'b', 'c'].map((key) => memory.has(key))).toEqual([true, false, true]);
});

test('what the coming job needs stays together, even beyond the budget', () => {
  const memory = new BoundedMemory<Uint8Array>(100 * 1024);
  memory.set('old', value(40));
  memory.keep(['ratings', 'states']);
  memory.set('ratings', value(10));
  memory.set('states', value(300));
  expect(['old', 'ratings', 'states'].map((key) => memory.has(key))).toEqual([false, true, true]);
  memory.keep(['next']);
  memory.set('next', value(10));
  expect(['ratings', 'states', 'next'].map((key) => memory.has(key))).toEqual([false, false, true]);
});

test('a result is remembered and given as a copy; one beyond the budget is given away instead of being there twice', () => {
  const memory = new BoundedMemory<Uint8Array>(100 * 1024);
  const [small, large] = [value(10), value(300)];
  const given = handedOver(memory, 'small', small, []);
  expect([given === small, given.length, memory.get('small') === small]).toEqual([false, small.length, true]);
  expect(handedOver(memory, 'large', large, [small])).toBe(large);
  expect([memory.has('large'), memory.has('small')]).toEqual([false, true]);
});

test('a result beyond the budget that holds an input’s numbers is copied, since moving it would empty the input', () => {
  const memory = new BoundedMemory<{ readonly rows: Uint8Array }>(100 * 1024);
  const input = { rows: value(300) };
  const result = { rows: input.rows.subarray(0, 200 * 1024) };
  expect(handedOver(memory, 'result', result, [input])).not.toBe(result);
  expect(memory.get('result')).toBe(result);
});
