/**
 * A WebGPU device whose errors reach the reader: loss and uncaptured errors are kept and thrown at the next awaiting
 * call, never dropped. The device may be shared with ONNX Runtime.
 */
import { Problem } from '../base/problem.ts';
import type { Kernel } from './kernel.ts';

/** Limits asked for as high as the adapter goes: hidden states are large, and ORT's kernels want the same ones. */
const wantedLimits = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupSizeZ', 'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Asked for only where the adapter has them. */
const wantedFeatures = ['timestamp-query', 'subgroups', 'shader-f16'] as const satisfies readonly GPUFeatureName[];

/** Which GPU it is, as far as the browser says. */
export interface AdapterFacts {
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A software adapter such as SwiftShader. */
  readonly isFallback: boolean;
}

/** What an adapter says about itself; browsers leave fields out for privacy. */
export function adapterFacts(info: Partial<GPUAdapterInfo> | undefined): AdapterFacts {
  const vendor = info?.vendor ?? '';
  const architecture = info?.architecture ?? '';
  const adapter = info?.description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
  return { adapter, vendor, architecture, isFallback: info?.isFallbackAdapter ?? architecture === 'swiftshader' };
}

/** What float32 results depend on, of which keys of results are made; 'cpu' without an adapter. */
export function deviceClassOf(info: Partial<GPUAdapterInfo> | undefined): string {
  if (!info) return 'cpu';
  return ['webgpu', info.vendor, info.architecture, info.isFallbackAdapter ? 'software' : ''].filter(Boolean).join(' ');
}

/** A device of our own with the limits and features above; null with the reason where there is none. */
export async function requestDevice(gpu: GPU | undefined): Promise<{ device: GPUDevice; deviceClass: string } | { device: null; reason: string }> {
  if (!gpu) return { device: null, reason: 'this browser has no WebGPU' };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { device: null, reason: 'the browser has WebGPU but offers no adapter' };
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = wantedFeatures.filter((feature) => adapter.features.has(feature));
  try {
    // The class is the adapter's, which the page asks, too: not all browsers tell of which adapter a device is.
    return { device: await adapter.requestDevice({ requiredLimits, requiredFeatures, label: 'sensorium' }), deviceClass: deviceClassOf(adapter.info) };
  } catch (error) {
    return { device: null, reason: `the adapter gives no device: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A device, its state and its compiled kernels. */
export class Gpu {
  readonly device: GPUDevice;
  readonly facts: AdapterFacts;
  /** Settles when the device is lost, with the problem to show. */
  readonly lost: Promise<Problem>;
  /** Compiled kernels by name and constants; see kernel.ts. */
  readonly kernels = new Map<string, Promise<Kernel>>();
  readonly #rejectOnLoss: Promise<never>;
  readonly #onError = (event: GPUUncapturedErrorEvent): void => {
    event.preventDefault();
    this.#uncaptured ??= new Problem({
      code: 'gpu-error', place: this.facts.adapter, what: `the graphics device reports "${event.error.message}"`,
      fix: 'Run the cell again; if it stays, report it with the run card',
    });
  };
  #loss: Problem | null = null;
  #uncaptured: Problem | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
    this.facts = adapterFacts(device.adapterInfo);
    device.addEventListener('uncapturederror', this.#onError);
    this.lost = device.lost.then((info) => {
      this.#loss = new Problem({
        code: 'gpu-lost', place: this.facts.adapter,
        what: `the graphics device was lost (${info.message || info.reason || 'no reason given'})`,
        fix: 'Run the cell again; after a second loss the CPU is used',
      });
      return this.#loss;
    });
    this.#rejectOnLoss = this.lost.then((problem) => Promise.reject(problem));
    this.#rejectOnLoss.catch(() => undefined);
  }

  get isLost(): boolean {
    return this.#loss !== null;
  }

  /** Throws what has gone wrong since the last call: loss each time, an uncaptured error once. */
  check(): void {
    if (this.#loss) throw this.#loss;
    const error = this.#uncaptured;
    this.#uncaptured = null;
    if (error) throw error;
  }

  /** Waits for GPU work, and no longer than the device lives. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await Promise.race([work, this.#rejectOnLoss]);
    } catch (error) {
      // A lost device rejects pending work with errors of its own, sometimes before it says that it is lost.
      if (error instanceof DOMException) await Promise.race([this.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      this.check();
      throw error;
    }
    this.check();
    return result;
  }

  /**
   * Makes synchronous calls within error scopes.
   *
   * @param fail turns the browser's message into the problem to throw
   */
  async scoped<T>(calls: () => T, fail: (message: string) => Problem): Promise<T> {
    this.check();
    const { device } = this;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    let result: T;
    let popped: Promise<GPUError | null>[];
    try {
      result = calls();
    } finally {
      popped = [device.popErrorScope(), device.popErrorScope()];
      for (const promise of popped) promise.catch(() => undefined);
    }
    const errors = await this.wait(Promise.all(popped));
    const error = errors.find((found) => found !== null);
    if (error) throw fail(error.message);
    return result;
  }

  /** Encodes and submits commands; resolves when the device has done them. */
  async submit(label: string, encode: (encoder: GPUCommandEncoder) => void): Promise<void> {
    await this.scoped(
      () => {
        const encoder = this.device.createCommandEncoder({ label });
        encode(encoder);
        this.device.queue.submit([encoder.finish()]);
      },
      (message) => new Problem({
        code: 'gpu-error', place: label, what: `the graphics device refuses the commands: ${message}`,
        fix: 'Run the cell again with fewer words; if it stays, report this with the run card',
      }),
    );
    await this.wait(this.device.queue.onSubmittedWorkDone());
  }

  /** Stops listening; the device itself stays, its owner destroys it. */
  release(): void {
    this.device.removeEventListener('uncapturederror', this.#onError);
    this.kernels.clear();
  }
}
