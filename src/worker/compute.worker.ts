/**
 * The compute worker: owns the GPU device, ONNX Runtime and the kernels, runs one cell at a time and keeps recent
 * results for the cells that follow. An entry point like the page itself, so it may import the kinds.
 */
import { publicHub } from '../base/hub.ts';
import { isCancelled, Problem } from '../base/problem.ts';
import type { CellValue } from '../data/values.ts';
import { openCompute, recallMeasurements, takenMeasurements, type Compute, type Measurements } from '../gpu/compute.ts';
import { kinds } from '../kinds/index.ts';
import type { InputFile, RunContext } from '../kinds/kind.ts';
import { BoundedMemory, handedOver } from './memory.ts';
import { buffersOf } from './move.ts';
import type { ComputeService, DeviceLost, DeviceOpened, Job, Kept, KeptService, Measured, Settings } from './protocol.ts';
import { connect, serve, type Port } from './rpc.ts';

/** Enough for the hidden states of a dozen layers of a few thousand words. */
const memoryBudget = 512 * 2 ** 20;

const scope = self as unknown as Port & DedicatedWorkerGlobalScope;
const memory = new BoundedMemory<CellValue>(memoryBudget);
let settings: Settings = { type: 'settings', base: new URL('./', location.href).href, hub: publicHub, gpu: true, measurements: {} };
let opening: Promise<Compute> | null = null;
/** Settles when the device is lost. */
let loss: Promise<Problem> | null = null;

scope.addEventListener('message', (event: MessageEvent) => {
  const message = event.data as Settings;
  if (message.type !== 'settings') return;
  settings = message;
  // The page kept what this code told it; it does not look inside.
  recallMeasurements(message.measurements as Measurements);
});

/** The device, opened on first use; its loss is told to the page, which replaces this worker. */
function compute(): Promise<Compute> {
  opening ??= open().catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** The same device, noting which backend each kernel was given, for the run card. */
function recorded(opened: Compute, ranOn: (what: string) => void): Compute {
  return {
    get gpu() {
      return opened.gpu;
    },
    get description() {
      return opened.description;
    },
    backendFor: (kernel, work, fits, fitsWasm) => {
      const backend = opened.backendFor(kernel, work, fits, fitsWasm);
      ranOn(`${kernel}: ${backend === 'webgpu' ? opened.description.adapter : backend}`);
      return backend;
    },
    measure: (kernel, trial, signal) => opened.measure(kernel, trial, signal),
    variantOf: (kernel) => opened.variantOf(kernel),
    dispose: () => opened.dispose(),
  };
}

async function open(): Promise<Compute> {
  const opened = await openCompute(settings.gpu ? {} : { backend: 'wasm' });
  loss = opened.gpu?.lost ?? null;
  scope.postMessage({ type: 'device', deviceClass: opened.description.deviceClass } satisfies DeviceOpened, []);
  void loss?.then((problem) => scope.postMessage({ type: 'device-lost', problem: problem.record } satisfies DeviceLost, []));
  return opened;
}

/** Refuses a job whose key is made for another class of device than this worker has: its result would bear the wrong name. */
async function checkDevice({ cell, deviceClass }: Job<CellValue>): Promise<void> {
  if (deviceClass === '') return;
  const own = (await compute()).description.deviceClass;
  if (own === deviceClass) return;
  throw new Problem({ code: 'other-device', place: `cell ${cell}`, what: `the graphics device is another now (${own}, and not ${deviceClass})`, fix: 'Run the cell again.' });
}

/** What a run failed with. When the device goes, the runtime may complain of something else first, and a moment earlier. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  if (isCancelled(thrown) || !loss) return thrown;
  return (await Promise.race([loss, new Promise<null>((resolve) => setTimeout(resolve, 100, null))])) ?? thrown;
}

/** What the run keeps lies with the page, which alone reads and writes the store. */
function keptBehind(port: MessagePort): Kept {
  const page = connect<KeptService>(port);
  port.start();
  return {
    load: (name) => page.call('load', name),
    save: async (name, bytes, at) => void (await page.call('save', { name, bytes, at })),
  };
}

serve<ComputeService<CellValue>>(scope, {
  missing: async (keys) => {
    // What the coming job needs must not push itself out while it is handed over.
    memory.keep(keys);
    return keys.filter((key) => !memory.has(key));
  },

  provide: async ({ key, value }) => {
    memory.set(key, value);
    return null;
  },

  run: async (job, watch) => {
    const kind = kinds.get(job.kind);
    if (!kind) throw new Problem({ code: 'unknown-kind', place: `cell ${job.cell}`, what: `no cell kind ${job.kind}`, fix: 'Choose a kind from the menu.' });
    const inputs = new Map<string, CellValue>();
    for (const [name, key] of Object.entries(job.inputs)) {
      const value = memory.get(key);
      if (!value) throw new Problem({ code: 'input-missing', place: `cell ${job.cell}`, what: `the result of ${name} is not here`, fix: 'Run the cell again.' });
      inputs.set(name, value);
    }
    const warnings: string[] = [];
    const used = new Set<string>();
    const resumed: string[] = [];
    const ranOn = (what: string): void => void used.add(what);
    const context: RunContext = {
      cell: job.cell,
      inputs,
      files: new Map(job.files.map((file): [string, InputFile] => [file.name, file])),
      base: settings.base,
      hub: settings.hub,
      signal: watch.signal,
      progress: watch.progress,
      warn: (message) => {
        if (!warnings.includes(message)) warnings.push(message);
      },
      ranOn,
      kept: keptBehind(job.kept),
      resumedAt: (where) => void resumed.push(where),
      compute: async () => recorded(await compute(), ranOn),
    };
    const { run } = await kind.run();
    const value = await checkDevice(job)
      .then(() => run(job.params as never, context))
      .catch(async (error: unknown) => {
        throw await reasonOf(error);
      })
      .finally(() => job.kept.close());
    scope.postMessage({ type: 'measured', measurements: await takenMeasurements() } satisfies Measured, []);
    // The worker keeps the value for cells to come, and copies it here so that the page need not.
    return { value: handedOver(memory, job.key, value, inputs.values()), warnings, device: used.size > 0 ? [...used].sort().join(', ') : 'cpu', resumed };
  },

  export: async ({ kind, cell, what, value, files }, { signal, progress }) => {
    const load = kinds.get(kind)?.exports?.[what];
    if (!load) throw new Problem({ code: 'unknown-export', place: `cell ${cell}`, what: `a ${kind} cell has no export ${what}`, fix: 'Reload the page, and report it if it stays.' });
    const warnings = new Set<string>();
    const { make } = await load();
    const content = await make(value as never, {
      cell, base: settings.base, hub: settings.hub, signal, progress, files: new Map(files.map((file): [string, InputFile] => [file.name, file])), warn: (message) => void warnings.add(message),
    });
    return { content, warnings: [...warnings] };
  },
}, buffersOf);
