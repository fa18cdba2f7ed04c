/**
 * The page's side of the compute worker: starts it, and starts it anew after a crash or a lost device. Whatever was
 * running then fails with a problem that says so; the notebook and stored results are untouched.
 */
import { publicHub } from '../base/hub.ts';
import type { ProblemRecord } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ComputeService, DeviceLost, DeviceOpened, Exported, ExportJob, Job, Kept, KeptService, Measured, Outcome, Settings } from './protocol.ts';
import { connect, serve, type Client } from './rpc.ts';

/** After this many lost devices the worker runs on the CPU: Chromium blocks WebGPU for a site after repeated losses. */
const lossesBeforeCpu = 2;

const crashed: ProblemRecord = {
  code: 'worker-crashed',
  place: '',
  what: 'the compute worker stopped',
  fix: 'It has been started again; run the cell once more, with fewer words or a smaller model if memory was short.',
};

/** Where measurements of the machine are kept between visits. */
export interface MeasurementMemory {
  read(): Readonly<Record<string, unknown>>;
  write(measurements: Readonly<Record<string, unknown>>): void;
}

/** Runs jobs in a worker that is replaced when it breaks. */
export class ComputeHost<Value> {
  #worker: Worker | null = null;
  #client: Client<ComputeService<Value>> | null = null;
  #losses = 0;
  #deviceClass: string | null = null;
  readonly #spawn: () => Worker;
  readonly #base: string;
  readonly #memory: MeasurementMemory;
  readonly #hub: () => string;
  /** The hub that the worker was told. */
  #toldHub = '';

  /**
   * @param spawn makes a fresh worker.
   * @param base address of the app's folder, ending in '/'.
   * @param hub where models are downloaded from, asked before every job: another address holds from the next one on.
   */
  constructor(spawn: () => Worker, base: string, memory: MeasurementMemory, hub: () => string = () => publicHub) {
    this.#spawn = spawn;
    this.#base = base;
    this.#memory = memory;
    this.#hub = hub;
  }

  /** Whether the next job may use the GPU. */
  get gpuAllowed(): boolean {
    return this.#losses < lossesBeforeCpu;
  }

  /** Class of the device that the worker was given; null before it said. 'cpu' once the GPU is given up. */
  get deviceClass(): string | null {
    return this.gpuAllowed ? this.#deviceClass : 'cpu';
  }

  /**
   * Runs one cell; `valueOf` supplies the inputs that the worker does not hold, `kept` what an earlier run has kept.
   * Rejects with a Problem, or an AbortError after cancel.
   */
  async run(job: Job<Value>, valueOf: (key: string) => Promise<Value>, kept: Kept, watch?: Watch): Promise<Outcome<Value>> {
    const client = this.#connected();
    const missing = await client.call('missing', Object.values(job.inputs), watch);
    for (const key of missing) await client.call('provide', { key, value: await valueOf(key) }, watch);
    const { port1, port2 } = new MessageChannel();
    serve<KeptService>(port1, {
      load: (name) => kept.load(name),
      save: ({ name, bytes, at }) => kept.save(name, bytes, at).then(() => null),
    });
    port1.start();
    try {
      return await client.call('run', { ...job, kept: port2 }, watch, [port2]);
    } finally {
      port1.close();
    }
  }

  /** Makes a file of a value in the worker, beside whatever runs. Rejects as {@link run} does. */
  async export(job: ExportJob<Value>, watch?: Watch): Promise<Exported> {
    return this.#connected().call('export', job, watch);
  }

  /** Ends the worker; the next job starts a fresh one. */
  stop(problem: ProblemRecord = crashed): void {
    this.#worker?.terminate();
    this.#client?.fail(problem);
    this.#worker = null;
    this.#client = null;
  }

  #connected(): Client<ComputeService<Value>> {
    if (this.#client) {
      // What runs keeps the hub that it began with.
      if (this.#worker && this.#hub() !== this.#toldHub) this.#tell(this.#worker);
      return this.#client;
    }
    const worker = this.#spawn();
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.stop({ ...crashed, what: `the compute worker stopped (${event.message || 'no reason given'})` });
    });
    worker.addEventListener('messageerror', () => {
      if (worker === this.#worker) this.stop({ ...crashed, what: 'an answer of the compute worker could not be read' });
    });
    worker.addEventListener('message', (event: MessageEvent) => {
      const message = event.data as DeviceLost | DeviceOpened | Measured;
      if (message.type === 'measured') this.#memory.write(message.measurements);
      if (message.type === 'device' && worker === this.#worker) this.#deviceClass = message.deviceClass;
      if (message.type !== 'device-lost' || worker !== this.#worker) return;
      this.#losses += 1;
      this.stop(message.problem);
    });
    this.#tell(worker);
    this.#worker = worker;
    this.#client = connect<ComputeService<Value>>(worker);
    return this.#client;
  }

  #tell(worker: Worker): void {
    this.#toldHub = this.#hub();
    worker.postMessage({ type: 'settings', base: this.#base, hub: this.#toldHub, gpu: this.gpuAllowed, measurements: this.#memory.read() } satisfies Settings);
  }
}
