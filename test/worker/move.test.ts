import { expect, test } from 'vitest';
import { buffersOf } from '../../src/worker/move.ts';

test('every buffer of an answer is named once, shared memory and what is no plain data never', () => {
  const [a, b] = [new Float32Array(4), new Float64Array(2)];
  const shared = new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
  const answer = { value: { layers: [{ data: a }, { data: a.subarray(1) }], order: b, words: ['x', 'y'] }, shared, content: new Blob([b]), nothing: null, seed: 1 };
  expect(buffersOf(answer)).toEqual([a.buffer, b.buffer]);
  expect(buffersOf(['a', 'b'])).toEqual([]);
  expect(buffersOf(undefined)).toEqual([]);
});

test('moved buffers arrive, and are empty where they were', async () => {
  const value = { data: new Float32Array([1, 2, 3]) };
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise<typeof value>((resolve) => {
    port2.addEventListener('message', (event: MessageEvent<typeof value>) => resolve(event.data));
    port2.start();
  });
  port1.postMessage(value, buffersOf(value));
  expect((await arrived).data).toEqual(new Float32Array([1, 2, 3]));
  expect(value.data.length).toBe(0);
});
