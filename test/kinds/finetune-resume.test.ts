/** What a training keeps on the way, and what it makes of that when it goes on. */
import { expect, test, vi } from 'vitest';
import { Problem, suspension } from '../../src/base/problem.ts';
import { keeping, keptStart, type KeptTraining } from '../../src/kinds/finetune/resume.ts';
import { startOptimiser } from '../../src/tuning/optimiser.ts';
import type { Checkpoint } from '../../src/tuning/checkpoint.ts';
import { startStopping } from '../../src/tuning/stopping.ts';
import type { Kept } from '../../src/worker/protocol.ts';
import { contextOf } from './context.ts';

const training: KeptTraining = { name: 'training 1', run: 'this', at: (step) => ({ label: `step ${step} of 9`, done: step, total: 9 }) };
const parameters = { w: Float32Array.of(1, -2) };
const checkpoint: Checkpoint = { run: 'this', seed: 1, step: 4, parameters, optimiser: startOptimiser(parameters), taken: { rating: 4 }, stopping: startStopping, history: [], validation: [] };

/** A page that keeps in memory. */
function page(): Kept & { readonly labels: string[] } {
  const all = new Map<string, Uint8Array<ArrayBuffer>>();
  const labels: string[] = [];
  return {
    labels,
    load: async (name) => all.get(name)?.slice() ?? null,
    save: async (name, bytes, { label }) => {
      all.set(name, bytes.slice());
      labels.push(label);
    },
  };
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a training goes on from its own state, and the seconds spent on it add up', async () => {
  const kept = page();
  const context = contextOf('taught', { kept });
  expect(await keptStart(training, context)).toEqual({ from: null, seconds: 0 });

  const watch = keeping(training, { from: null, seconds: 100 }, context);
  expect(watch.checkpointDue()).toBe(false);
  await wait(60);
  await watch.checkpoint(checkpoint);
  const { from, seconds } = await keptStart(training, context);
  expect(from).toEqual(checkpoint);
  expect(seconds).toBeGreaterThan(100.055);
  expect(seconds).toBeLessThan(110);
  expect(kept.labels).toEqual(['step 4 of 9']);
  expect(await keptStart({ ...training, name: 'training 2' }, context)).toEqual({ from: null, seconds: 0 });
  expect(context.warnings).toEqual([]);

  expect(await keptStart({ ...training, run: 'another' }, context)).toEqual({ from: null, seconds: 0 });
  expect(context.warnings).toEqual([expect.stringMatching(/^training began anew, what an unfinished one had kept could not be used: it belongs to the run this, and this is another/)]);
});

test('a checkpoint is due after a second', async () => {
  const watch = keeping(training, { from: null, seconds: 0 }, contextOf('taught', { kept: page() }));
  await wait(1050);
  expect(watch.checkpointDue()).toBe(true);
  await watch.checkpoint(checkpoint);
  expect(watch.checkpointDue()).toBe(false);
});

test('what cannot be read now is not taken for nothing, so that a good state is not replaced', async () => {
  const closed = new Problem({ code: 'store-unavailable', place: '', what: 'not read', fix: 'Reload the page.' });
  const context = contextOf('taught', { kept: { ...page(), load: () => Promise.reject(closed) } });
  await expect(keptStart(training, context)).rejects.toBe(closed);
  expect(context.warnings).toEqual([]);
});

test('on a full disk training goes on, says so and tries again; a pause keeps what was kept before and does not pass for more', async () => {
  const full = new Problem({ code: 'storage-full', place: 'here', what: 'not saved, the storage is full', fix: 'Free some.', action: { type: 'free-storage' } });
  const disk = page();
  let room = false;
  const controller = new AbortController();
  const context = contextOf('taught', { kept: { ...disk, save: (...given) => (room ? disk.save(...given) : Promise.reject(full)) }, signal: controller.signal });
  const labels: string[] = [];
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    const watch = keeping(training, { from: null, seconds: 0 }, { ...context, progress: ({ label }) => labels.push(label) });
    const tell = (): void => watch.progress({ label: 'step 4', done: 4, total: 9 });
    await watch.checkpoint(checkpoint);
    tell();
    now = 59_000;
    expect(watch.checkpointDue()).toBe(false);
    now = 60_000;
    expect(watch.checkpointDue()).toBe(true);
    room = true;
    await watch.checkpoint(checkpoint);
    tell();
    expect(labels).toEqual(['step 4, not kept: not saved, the storage is full', 'step 4']);
    expect(context.warnings).toEqual(['for a time the training could not be kept on the way, so that what came after its beginning would have been lost with the tab: not saved, the storage is full']);

    room = false;
    controller.abort(suspension());
    await expect(watch.checkpoint({ ...checkpoint, step: 7 })).rejects.toThrow(new Problem({ ...full.record, what: 'the training is kept as it was at step 4 of 9, not what came after: not saved, the storage is full' }));
    expect((await keptStart(training, context)).from?.step).toBe(4);
    await expect(keeping(training, { from: null, seconds: 0 }, context).checkpoint(checkpoint)).rejects.toThrow('nothing of the training is kept: not saved, the storage is full');
  } finally {
    clock.mockRestore();
  }
});
