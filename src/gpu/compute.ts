/** The machine as the kernels see it: a GPU or none, and for each kernel the backend that measured faster. */
import * as v from 'valibot';
import { Problem } from '../base/problem.ts';
import type { Backend, KernelName, Measurement, Trial } from './choose.ts';
import { measureKernel, predicted } from './choose.ts';
import { adapterFacts, deviceClassOf, Gpu, requestDevice } from './device.ts';
import { hasWasmSimd } from './wasm/memory.ts';

export type { Backend, KernelName } from './choose.ts';

/** What a run card and the settings show. */
export interface DeviceDescription {
  /** 'webgpu' where a device is there and at least one kernel may use it. */
  readonly backend: 'webgpu' | 'cpu';
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A software adapter. */
  readonly isFallback: boolean;
  /** What float32 results depend on; 'cpu' without a device. */
  readonly deviceClass: string;
  readonly features: readonly string[];
  /** Why this backend, for the reader. */
  readonly reason: string;
  /** What has been measured in this session. */
  readonly measurements: readonly Measurement[];
}

export interface Compute {
  /** The device while it lives; null without WebGPU and after loss. */
  readonly gpu: Gpu | null;
  readonly description: DeviceDescription;
  /**
   * Where to run `work` multiply-adds of a kernel. Without a measurement (see {@link Compute.measure}) it is the CPU:
   * that a browser has WebGPU does not make it fast.
   *
   * @param fits false when the device turned out to lack the memory: then it is the CPU, whatever was measured
   * @param fitsWasm false when WebAssembly has no room for it: then it is the twin rather than WebAssembly
   */
  backendFor(kernel: KernelName, work: number, fits?: boolean, fitsWasm?: boolean): Backend;
  /**
   * Measures a kernel on the GPU and on the CPU, once; nothing to do without a GPU or when the backend is fixed.
   *
   * @param signal ends the waiting, not the measurement: another computation may wait for the same one
   */
  measure(kernel: KernelName, trial: (gpu: Gpu) => Trial, signal?: AbortSignal): Promise<void>;
  /** The GPU variant that measured fastest; '' before a measurement. */
  variantOf(kernel: KernelName): string;
  /** Lets go of the device, and destroys it if it is our own. */
  dispose(): void;
}

export interface ComputeOptions {
  /** A device to share, such as ONNX Runtime's; its owner keeps it. */
  readonly device?: GPUDevice;
  /**
   * 'measured' (default), or one backend whatever it costs: 'wasm' is the CPU as fast as it can, 'cpu' the twins alone.
   * 'webgpu' still gives way when there is no device.
   */
  readonly backend?: 'measured' | Backend;
  /** The browser's entry to WebGPU; `navigator.gpu` by default, null for none. */
  readonly gpu?: GPU | null;
}

/** Kernels that WebAssembly SIMD runs; see src/gpu/wasm. */
const inWasm: ReadonlySet<KernelName> = new Set<KernelName>(['rdm', 'mantel']);

/** Measurements by kernel, CPU side and adapter: a second notebook does not measure again. */
const session = new Map<string, Promise<Measurement>>();

/** Measurements under their names, as plain data to keep. */
export type Measurements = Readonly<Record<string, Measurement>>;

/**
 * What has been measured so far. Kept by the page and given back to {@link recallMeasurements} at the next visit, so
 * that the same machine keeps choosing the same backend: a choice that wavered would change the last digits of results.
 */
export async function takenMeasurements(): Promise<Measurements> {
  const taken: Record<string, Measurement> = {};
  for (const [key, running] of session) {
    const measurement = await running.catch(() => null);
    if (measurement) taken[key] = measurement;
  }
  return taken;
}

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const cost = v.object({ fixed: milliseconds, perMillion: milliseconds });
const costs = { cpu: cost, webgpu: cost };
/** With the variants that the trials in rdm.ts, mantel.ts and pool.ts name: another one could not be run. */
const measurementSchema = v.variant('kernel', [
  v.object({ kernel: v.literal('rdm'), ...costs, variant: v.picklist(['panel', 'staged']) }),
  v.object({ kernel: v.literal('mantel'), ...costs, variant: v.literal('ranks') }),
  v.object({ kernel: v.literal('pool'), ...costs, variant: v.literal('pool') }),
]);

/**
 * Takes over measurements of an earlier visit; what is already measured here stays.
 *
 * @param measurements as {@link takenMeasurements} gave them. The page kept them where anything may have changed them:
 *   what does not look like a measurement of its kernel is left out, and measured again.
 */
export function recallMeasurements(measurements: unknown): void {
  if (typeof measurements !== 'object' || measurements === null) return;
  for (const [key, entry] of Object.entries(measurements)) {
    const parsed = v.safeParse(measurementSchema, entry);
    if (!parsed.success || !key.startsWith(`${parsed.output.kernel}|`) || session.has(key)) continue;
    session.set(key, Promise.resolve(parsed.output));
  }
}

/** Opens the GPU if there is one; never throws for the lack of it. */
export async function openCompute(options: ComputeOptions = {}): Promise<Compute> {
  const preference = options.backend ?? 'measured';
  if (options.device) return new OpenCompute(new Gpu(options.device), false, preference, '', deviceClassOf(options.device.adapterInfo));
  if (preference === 'cpu' || preference === 'wasm') return new OpenCompute(null, false, preference, 'the CPU was chosen');
  const entry = options.gpu === undefined ? globalThis.navigator?.gpu : (options.gpu ?? undefined);
  const answer = await requestDevice(entry);
  if (answer.device === null) return new OpenCompute(null, false, preference, answer.reason);
  return new OpenCompute(new Gpu(answer.device), true, preference, '', answer.deviceClass);
}

/** What the work resolves to, unless the signal comes first; the work goes on either way. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

class OpenCompute implements Compute {
  readonly #gpu: Gpu | null;
  readonly #owned: boolean;
  readonly #preference: 'measured' | Backend;
  readonly #absence: string;
  readonly #deviceClass: string;
  readonly #measured = new Map<KernelName, Measurement>();
  /** Kernels that this GPU could not run in their trial, and why. */
  readonly #failed = new Map<KernelName, string>();

  constructor(gpu: Gpu | null, owned: boolean, preference: 'measured' | Backend, absence: string, deviceClass = 'cpu') {
    this.#gpu = gpu;
    this.#owned = owned;
    this.#preference = preference;
    this.#absence = absence;
    this.#deviceClass = deviceClass;
  }

  get gpu(): Gpu | null {
    return this.#gpu?.isLost ? null : this.#gpu;
  }

  get description(): DeviceDescription {
    const facts = this.#gpu?.facts ?? { ...adapterFacts(undefined), adapter: 'none' };
    const usable = this.gpu !== null && this.#usesGpu();
    return {
      ...facts,
      backend: usable ? 'webgpu' : 'cpu',
      deviceClass: this.#deviceClass,
      features: this.#gpu ? [...this.#gpu.device.features].sort() : [],
      reason: this.#reason(),
      measurements: [...this.#measured.values()],
    };
  }

  #reason(): string {
    if (!this.#gpu) return this.#absence;
    if (this.#gpu.isLost) return 'the graphics device was lost; everything runs on the CPU';
    if (!this.#usesGpu()) return 'the CPU was chosen';
    if (this.#preference === 'webgpu') return 'the GPU was chosen';
    if (this.#measured.size + this.#failed.size === 0) return 'nothing measured yet; small work runs on the CPU';
    // Million multiply-adds per ms are billions per second.
    const rate = (cost: { perMillion: number }) => (1 / cost.perMillion).toPrecision(2);
    const measured = [...this.#measured.values()]
      .map((m) => `${m.kernel}: ${rate(m.webgpu)} billion multiply-adds a second on the GPU (${m.variant}), ${rate(m.cpu)} on the CPU`);
    const failed = [...this.#failed].map(([kernel, why]) => `${kernel}: on the CPU, its trial on the GPU failed (${why})`);
    return [...measured, ...failed].join('; ');
  }

  /** A shared device may be there although the CPU was chosen. */
  #usesGpu(): boolean {
    return this.#preference === 'measured' || this.#preference === 'webgpu';
  }

  /** How the CPU runs a kernel. */
  #withoutGpu(kernel: KernelName, fits: boolean): 'wasm' | 'cpu' {
    return fits && this.#preference !== 'cpu' && inWasm.has(kernel) && hasWasmSimd() ? 'wasm' : 'cpu';
  }

  backendFor(kernel: KernelName, work: number, fits = true, fitsWasm = true): Backend {
    const otherwise = this.#withoutGpu(kernel, fitsWasm);
    if (!fits || !this.gpu || !this.#usesGpu()) return otherwise;
    if (this.#preference === 'webgpu') return 'webgpu';
    const measurement = this.#measured.get(kernel);
    if (!measurement) return otherwise;
    return predicted(measurement.webgpu, work) < predicted(measurement.cpu, work) ? 'webgpu' : otherwise;
  }

  async measure(kernel: KernelName, trial: (gpu: Gpu) => Trial, signal?: AbortSignal): Promise<void> {
    const { gpu } = this;
    if (!gpu || this.#preference !== 'measured' || this.#measured.has(kernel) || this.#failed.has(kernel)) return;
    // The CPU side is part of the name: what was measured against the twin says nothing about WebAssembly.
    const side = this.#withoutGpu(kernel, true);
    const key = [kernel, ...(side === 'wasm' ? [side] : []), gpu.facts.vendor, gpu.facts.architecture, gpu.facts.adapter, String(gpu.facts.isFallback)].join('|');
    let running = session.get(key);
    if (!running) {
      running = measureKernel(kernel, trial(gpu));
      session.set(key, running);
      running.catch(() => session.delete(key));
    }
    try {
      this.#measured.set(kernel, await unlessAborted(running, signal));
    } catch (error) {
      signal?.throwIfAborted();
      // A GPU that cannot run the kernel loses the trial; the CPU does the work and the description says why.
      if (!(error instanceof Problem)) throw error;
      this.#failed.set(kernel, error.message);
    }
  }

  variantOf(kernel: KernelName): string {
    return this.#measured.get(kernel)?.variant ?? '';
  }

  dispose(): void {
    this.#gpu?.release();
    if (this.#owned) this.#gpu?.device.destroy();
  }
}
