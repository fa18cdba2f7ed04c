import { describe, expect, test } from 'vitest';
import { isSuspension, Problem, suspension } from '../../src/base/problem.ts';
import type { Progress } from '../../src/base/progress.ts';
import { connect, serve, type Client, type Handlers } from '../../src/worker/rpc.ts';

type Demo = {
  readonly sum: { readonly argument: Float32Array; readonly answer: number };
  readonly fail: { readonly argument: 'problem' | 'error'; readonly answer: null };
  readonly forever: { readonly argument: null; readonly answer: null };
  readonly count: { readonly argument: number; readonly answer: null };
};

/** Steps of `forever`, to see that it really stops, and whether it was suspended. */
let steps = 0;
let suspended = false;

const handlers: Handlers<Demo> = {
  sum: async (values) => values.reduce((total, value) => total + value, 0),
  fail: async (how) => {
    if (how === 'problem') throw new Problem({ code: 'too-hot', place: 'oven', what: '300 is above 250', fix: 'Turn it down.' });
    throw new Error('plain');
  },
  forever: async (_, { signal }) => {
    for (;;) {
      suspended = isSuspension(signal.reason);
      signal.throwIfAborted();
      steps += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
  count: async (total, { progress }) => {
    for (let done = 1; done <= total; done++) progress({ label: 'counting', done, total });
    return null;
  },
};

function connected(): Client<Demo> {
  const { port1, port2 } = new MessageChannel();
  serve<Demo>(port1, handlers);
  port1.start();
  port2.start();
  return connect<Demo>(port2);
}

describe('a call across the port', () => {
  test('answers, and moves buffers where asked', async () => {
    const values = new Float32Array([1, 2, 3]);
    expect(await connected().call('sum', values, undefined, [values.buffer])).toBe(6);
    expect(values.byteLength).toBe(0);
  });

  test('brings a problem back whole, and an unforeseen error with its message', async () => {
    const client = connected();
    const problem = await client.call('fail', 'problem').catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).message).toBe('oven: 300 is above 250. Turn it down.');
    await expect(client.call('fail', 'error')).rejects.toThrow('plain');
  });

  test('stops when cancelled, and other calls go on', async () => {
    const client = connected();
    const controller = new AbortController();
    const running = client.call('forever', null, { signal: controller.signal });
    expect(await client.call('sum', new Float32Array([4]))).toBe(4);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const stopped = steps;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(steps).toBe(stopped);
  });

  test('knows a suspension from a cancel', async () => {
    for (const reason of [suspension(), undefined]) {
      const client = connected();
      const controller = new AbortController();
      const running = client.call('forever', null, { signal: controller.signal });
      controller.abort(reason);
      await expect(running).rejects.toMatchObject({ name: 'AbortError' });
      expect(suspended).toBe(reason !== undefined);
    }
  });

  test('reports progress without flooding, and always the end', async () => {
    const seen: Progress[] = [];
    await connected().call('count', 100_000, { progress: (progress) => seen.push(progress) });
    expect(seen.at(-1)?.done).toBe(100_000);
    expect(seen.length).toBeLessThan(1000);
  });

  test('rejects everything under way when the other side is gone', async () => {
    const client = connected();
    const running = client.call('forever', null);
    client.fail({ code: 'gone', place: '', what: 'it stopped', fix: 'Try again.' });
    await expect(running).rejects.toMatchObject({ record: { code: 'gone' } });
    await expect(client.call('sum', new Float32Array(1))).rejects.toMatchObject({ record: { code: 'gone' } });
  });
});
