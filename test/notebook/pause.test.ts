/** Trainings that are paused, stopped or broken off, and go on: the session over the real worker and the real store. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openEnvironment, type AppEnvironment } from '../../src/app/environment.ts';
import { Problem } from '../../src/base/problem.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { Session, type Mode } from '../../src/notebook/session.ts';
import { long } from '../shared.ts';

const steps = 80;
const notebook = (seed: number, changes = ''): string => `---
sensorium: 1
---
\`\`\`cell stimuli words
sample: 12
\`\`\`
\`\`\`cell model base
id: sensorium-mini-causal
\`\`\`
\`\`\`cell finetune taught
model: base
stimuli: words
steps: ${steps}
every: 8
batch: 4
dropout: 0.1
device: wasm
seed: ${seed}
${changes}
\`\`\`
\`\`\`cell activations states
model: taught
stimuli: words
device: wasm
\`\`\`
`;

let environment: AppEnvironment;
const open: Session[] = [];

beforeAll(async () => (environment = await openEnvironment('pause-test')));
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  await environment.store.kept.free({ includeNeeded: true });
});
afterAll(() => {
  environment.host.stop();
  environment.store.close();
  indexedDB.deleteDatabase('pause-test');
});

async function start(text: string, mode: Mode = 'live'): Promise<Session> {
  const session = new Session(text, environment, mode, 'this notebook');
  open.push(session);
  await session.settled();
  return session;
}

const taught = (session: Session): NonNullable<ReturnType<Session['cell']>> => session.cell('taught')!;
const tuned = (session: Session): ModelValue => taught(session).value as ModelValue;

/** Name of what is learnt with a seed in one go: a hash over every bit of it. */
const whole = new Map<number, Promise<string>>();
function inOneGo(seed: number): Promise<string> {
  const run = async (): Promise<string> => {
    const session = await start(notebook(seed));
    session.run('taught', { force: true });
    await session.settled();
    expect(taught(session)).toMatchObject({ status: 'done', card: { warnings: [] } });
    expect(taught(session).card?.resumed).toBeUndefined();
    return tuned(session).revision;
  };
  const known = whole.get(seed) ?? run();
  whole.set(seed, known);
  return known;
}

/** Runs until the training has taken so many steps. */
async function trainTo(session: Session, step: number): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    const stop = session.onChange(() => {
      const { progress, status } = taught(session);
      if (status !== 'running' || !progress || !/step \d+ of/.test(progress.label) || progress.done < step) return;
      stop();
      resolve();
    });
  });
  session.run('taught');
  await reached;
}

async function paused(session: Session, step: number): Promise<number> {
  await trainTo(session, step);
  session.pause('taught');
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'paused', progress: null, problem: null, unfinished: { paused: true, cell: 'taught', at: { total: steps } } });
  const { done, label } = taught(session).unfinished!.at;
  expect(label).toBe(`step ${done} of ${steps}`);
  expect(done).toBeGreaterThanOrEqual(step);
  return done;
}

async function finished(session: Session): Promise<string> {
  session.run('taught');
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'done', unfinished: null, problem: null });
  expect(await environment.store.kept.list()).toEqual([]);
  return tuned(session).revision;
}

test('paused twice, once over a reopening with another worker, a training ends with the bits of one in one go', { timeout: 180_000 }, async () => {
  const first = await start(notebook(1));
  const at = await paused(first, 3);
  expect(taught(first).value).toBeNull();
  expect(first.cell('states')?.status).toBe('stale');
  const later = await paused(first, at + 3);
  await first.close();
  environment.host.stop();

  const second = await start(notebook(1));
  expect(taught(second)).toMatchObject({ status: 'paused', unfinished: { at: { done: later } } });
  const revision = await finished(second);
  expect(taught(second).card).toMatchObject({ resumed: [`step ${later} of ${steps}`], warnings: [] });
  expect(tuned(second).tuned!.rounds[0]!.card.history.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, step) => step + 1));
  expect(revision).toBe(await inOneGo(1));
});

test('another setting starts anew; with the former one the training goes on', { timeout: 180_000 }, async () => {
  const session = await start(notebook(2));
  const at = await paused(session, 3);
  session.setParameter('taught', 'rank', 2);
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'stale', unfinished: null });
  await trainTo(session, 1);
  // The text moves on under the run: what it has keeps waits, should the change come back.
  session.setParameter('taught', 'rank', undefined);
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'paused', unfinished: { at: { done: at } } });
  expect(await environment.store.kept.list()).toHaveLength(2);
  session.runAll();
  await session.settled();
  expect(session.cells.map(({ name, status }) => `${name} ${status}`)).toEqual(['words clean', 'base clean', 'taught done', 'states done']);
  expect(taught(session).card?.resumed).toEqual([`step ${at} of ${steps}`]);
});

test('a paused cell can wait its turn, be read elsewhere, be discarded; what is unreadable or run again starts anew', { timeout: 180_000 }, async () => {
  const session = await start(notebook(3));
  const at = await paused(session, 3);
  session.run('words', { force: true });
  session.run('taught');
  session.cancel('taught');
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'paused', unfinished: { at: { done: at } } });

  // Where another tab may be at it, nothing is offered; once this one may run, it is.
  const reader = await start(notebook(3), 'preview');
  expect(taught(reader)).toMatchObject({ status: 'stale', unfinished: null });
  expect(() => reader.run('taught')).toThrow('only shown');
  await expect(reader.discard('taught')).rejects.toThrow('only shown');
  reader.trust();
  await reader.settled();
  expect(taught(reader)).toMatchObject({ status: 'paused', unfinished: { at: { done: at } } });

  const { key } = taught(session);
  const bytes = (await environment.store.kept.load(key!, 'training 1'))!;
  await environment.store.kept.save(key!, 'training 1', bytes.slice(0, bytes.length / 2), { owner: '', ...taught(session).unfinished! });
  await finished(session);
  expect(taught(session).card?.warnings).toEqual([expect.stringMatching(/^training began anew, what an unfinished one had kept could not be used: /)]);
  expect(taught(session).card?.resumed).toBeUndefined();

  // Run again, and paused: the result is there all the while.
  const before = taught(session).value;
  session.run('taught', { force: true });
  await paused(session, 1);
  expect(taught(session).value).toBe(before);
  await session.discard('taught');
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'clean', unfinished: null });
  expect(await environment.store.kept.list()).toEqual([]);
});

test('after a crash of the worker a training goes on from what it kept on the way, and one that is left keeps its state', { timeout: 180_000 }, async () => {
  const session = await start(notebook(4, 'patience: 0').replace(`steps: ${steps}`, 'steps: 5000'));
  session.run('taught');
  await vi.waitFor(async () => expect(await environment.store.kept.list()).toMatchObject([{ cell: 'taught', paused: false }]), { timeout: 120_000, interval: 50 });
  environment.host.stop();
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'failed', problem: { code: 'worker-crashed' }, unfinished: { paused: false } });
  const { at } = taught(session).unfinished!;
  await trainTo(session, at.done + 1);
  const { done } = taught(session).progress!;
  await session.close();
  expect((await environment.store.kept.list())[0]!.at.done).toBeGreaterThanOrEqual(done);
});

test('a cancel after a pause keeps nothing; a text that moves on before the run stops is not said to be paused', { timeout: 180_000 }, async () => {
  const session = await start(notebook(5));
  await trainTo(session, 3);
  session.pause('taught');
  session.cancel('taught');
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'cancelled', unfinished: null, problem: null });
  expect(await environment.store.kept.list()).toEqual([]);

  await trainTo(session, 3);
  session.pause('taught');
  session.setParameter('taught', 'rank', 2);
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'stale', unfinished: null, problem: null });
  session.setParameter('taught', 'rank', undefined);
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'paused', unfinished: { paused: true } });
});

test('a pause that finds no room goes back to what was kept before, and tells', { timeout: 180_000 }, async () => {
  const session = await start(notebook(6, 'patience: 0').replace(`steps: ${steps}`, 'steps: 5000'));
  session.run('taught');
  await vi.waitFor(async () => expect(await environment.store.kept.list()).toHaveLength(1), { timeout: 120_000, interval: 50 });
  const full = new Problem({ code: 'storage-full', place: '', what: 'not saved, the storage is full', fix: 'Free some.' });
  const save = vi.spyOn(environment.store.kept, 'save').mockRejectedValue(full);
  try {
    const [before] = await environment.store.kept.list();
    session.pause('taught');
    await session.settled();
    expect(taught(session)).toMatchObject({ status: 'paused', unfinished: { at: before!.at }, problem: { code: 'storage-full', what: `the training is kept as it was at ${before!.at.label}, not what came after: not saved, the storage is full` } });
  } finally {
    save.mockRestore();
  }
});

test('once the GPU is given up, what failed says that it starts anew and is asked for under its new name', { timeout: 180_000 }, async () => {
  let { deviceClass } = environment;
  const session = new Session(notebook(7, 'patience: 0').replace(`steps: ${steps}`, 'steps: 5000'), {
    ...environment,
    get deviceClass() {
      return deviceClass;
    },
  }, 'live', 'this notebook');
  open.push(session);
  await session.settled();
  const { key } = taught(session);
  session.run('taught');
  await vi.waitFor(async () => expect(await environment.store.kept.list()).toHaveLength(1), { timeout: 120_000, interval: 50 });
  deviceClass = 'cpu';
  environment.host.stop({ code: 'gpu-lost', place: '', what: 'the graphics device was lost', fix: 'Run the cell again.' });
  await session.settled();
  expect(taught(session)).toMatchObject({ status: 'failed', unfinished: null, problem: { code: 'gpu-lost', fix: 'Run the cell again. It is run on another device then and starts from the beginning.' } });
  expect(taught(session).key).not.toBe(key);
});

test.runIf(long)('of several trainings in one cell, those that are done are not done again (SENSORIUM_LONG)', { timeout: 180_000 }, async () => {
  const session = await start(notebook(1, 'repeats: 2'));
  await trainTo(session, steps + 3);
  session.pause('taught');
  await session.settled();
  const { at } = taught(session).unfinished!;
  expect(at.label).toMatch(/^training 2 of 2, step \d+ of 80$/);
  expect(at.total).toBe(2 * steps);
  const revision = await finished(session);
  expect(taught(session).card?.resumed).toEqual([`training 1 of 2, step ${steps} of ${steps}`, at.label]);
  expect(revision).toBe(await inOneGo(1));
  expect(tuned(session).tuned!.repeats).toHaveLength(1);
});
