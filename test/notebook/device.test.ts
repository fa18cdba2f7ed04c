/** Results bear the name of the device that made them, also where the worker was given another than the page knows of. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEnvironment, type AppEnvironment } from '../../src/app/environment.ts';
import { publicHub } from '../../src/base/hub.ts';
import type { Environment } from '../../src/notebook/execute.ts';
import { Session } from '../../src/notebook/session.ts';
import { ComputeHost } from '../../src/worker/host.ts';
import type { CellValue } from '../../src/data/values.ts';

const words = `---
sensorium: 1
---
\`\`\`cell stimuli words
sample: 20
\`\`\`
\`\`\`cell ratings rated
stimuli: words
origin: illustrative
\`\`\`
`;
const short = `${words}
\`\`\`cell rdm map
of: rated
\`\`\`
`;
/** Takes longer than the test waits. */
const long = `${words}
\`\`\`cell ratings again
stimuli: words
origin: illustrative
\`\`\`
\`\`\`cell rsa map
reference: rated
candidates: [again]
permutations: 1000000
bootstrap: 0
\`\`\`
`;

const withoutGpu = (): Worker => new Worker(new URL('no-gpu.worker.ts', import.meta.url), { type: 'module' });
const withGpu = (): Worker => new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), { type: 'module' });

let base: AppEnvironment;

beforeAll(async () => (base = await openEnvironment('device-test')));
afterAll(() => {
  base.host.stop();
  base.store.close();
  indexedDB.deleteDatabase('device-test');
});

/** The page's environment over these workers, one after the other. */
function environmentOf(...workers: readonly (() => Worker)[]): { readonly host: ComputeHost<CellValue>; readonly environment: Environment } {
  let next = 0;
  const host = new ComputeHost<CellValue>(() => workers[Math.min(next++, workers.length - 1)]!(), new URL('/', location.href).href, { read: () => ({}), write: () => undefined }, () => publicHub);
  const { deviceClass } = base;
  return { host, environment: { ...base, compute: host, get deviceClass() { return host.deviceClass ?? deviceClass; } } };
}

test('where the worker gets no GPU, the result is stored as the CPU’s and found as such, not as the GPU’s', { timeout: 60_000 }, async () => {
  expect(base.deviceClass).toMatch(/^webgpu/);
  const { host, environment } = environmentOf(withoutGpu);
  const session = new Session(short, environment, 'live', 'this notebook');
  await session.settled();
  const before = session.cell('map')!.key!;
  session.run('map');
  await session.settled();
  const { key, status, valueKey, problem } = session.cell('map')!;
  expect([status, problem]).toEqual(['clean', null]);
  expect(key).not.toBe(before);
  expect(valueKey).toBe(key);
  expect(host.deviceClass).toBe('cpu');
  expect(await base.store.results.get(before)).toBeUndefined();
  await session.close();

  // What does not depend on the device is found under its one name by everybody; what does is run anew on a GPU.
  const other = new Session(short, base, 'live', 'this notebook');
  await other.settled();
  expect(other.cell('rated')!.status).toBe('clean');
  expect(other.cell('map')).toMatchObject({ key: before, value: null });
  await other.close();
  host.stop();
});

test('a run whose device is lost, and comes back as another, is left to the reader; nothing is stored under the lost device’s name', { timeout: 60_000 }, async () => {
  let lose: () => void = () => undefined;
  const losing = (): Worker => {
    const worker = withGpu();
    // What the worker says when its device goes, said while it computes.
    lose = () => worker.dispatchEvent(new MessageEvent('message', { data: { type: 'device-lost', problem: { code: 'gpu-lost', place: '', what: 'the graphics device was lost', fix: 'Run the cell again.' } } }));
    return worker;
  };
  const { host, environment } = environmentOf(losing, withoutGpu);
  const session = new Session(long, environment, 'live', 'this notebook');
  await session.settled();
  const before = session.cell('map')!.key!;
  session.run('map');
  await expect.poll(() => session.cell('map')!.progress?.done ?? 0).toBeGreaterThan(0);
  lose();
  await session.settled();
  const lost = session.cell('map')!;
  expect(lost).toMatchObject({ status: 'failed', problem: { code: 'gpu-lost' }, value: null });
  expect(lost.key).not.toBe(before);
  expect(await base.store.results.get(before)).toBeUndefined();
  expect([host.gpuAllowed, host.deviceClass]).toEqual([true, 'cpu']);
  await session.close();
  host.stop();
});
