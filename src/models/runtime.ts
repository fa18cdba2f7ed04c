/**
 * ONNX Runtime Web in the compute worker: loaded when the first model runs, always from our own files, on the same GPU
 * device as our kernels.
 *
 * The runtime is imported here as transformers.js imports it, so both share one copy of it and one WebAssembly file.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
// Addresses of the files as they are: the loader starts its threads from the .mjs, so that must stay a file of its own.
import loaderUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { Problem } from '../base/problem.ts';
import { integerField, messageField } from './onnx/wire.ts';

export type Ort = typeof import('onnxruntime-web/webgpu');
export type { InferenceSession, Tensor };

/** What runs the model. 'auto': the GPU, unless it is only simulated. */
export type ModelDevice = 'auto' | 'webgpu' | 'wasm';
export type ModelBackend = 'webgpu' | 'wasm';

/** More threads than this gain little on the small models of a browser and starve the page. */
const mostThreads = 8;

let loading: Promise<Ort> | null = null;

/** ONNX Runtime, configured. The second call costs nothing; a failed load is tried anew. */
export function loadRuntime(): Promise<Ort> {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load(): Promise<Ort> {
  const ort = await import('onnxruntime-web/webgpu');
  const { wasm } = ort.env;
  wasm.wasmPaths = { mjs: new URL(loaderUrl, import.meta.url).href, wasm: new URL(wasmUrl, import.meta.url).href };
  // Threads need shared memory, which the browser gives only to cross-origin isolated pages. One core is left to the page
  // and to whatever else runs: threads that wait for each other spin, and where one has no core of its own the others
  // spend theirs on waiting.
  wasm.numThreads = globalThis.crossOriginIsolated ? Math.max(1, Math.min(mostThreads, (navigator.hardwareConcurrency || 1) - 1)) : 1;
  wasm.proxy = false;
  ort.env.logLevel = 'error';
  return ort;
}

let warming: Promise<void> | null = null;

/**
 * Loads and compiles the runtime's WebAssembly ahead of the first model, so that it is ready when the model's files
 * are: a session of one node makes the runtime start. Failure is left to the first real session to report.
 */
export function warmRuntime(): Promise<void> {
  warming ??= inTurn(async () => {
    const ort = await loadRuntime();
    await (await ort.InferenceSession.create(oneNode(), { executionProviders: ['wasm'], logSeverityLevel: 3 })).release();
  }).catch(() => {
    warming = null;
  });
  return warming;
}

/** An ONNX model that hands its input on: IR version 8, opset 17. */
function oneNode(): Uint8Array {
  const float = messageField(2, messageField(1, [...integerField(1, 1), ...messageField(2, messageField(1, messageField(2, 'n')))]));
  const node = [...messageField(1, 'x'), ...messageField(2, 'y'), ...messageField(4, 'Identity')];
  const graph = [...messageField(1, node), ...messageField(2, 'warm'), ...messageField(11, [...messageField(1, 'x'), ...float]), ...messageField(12, [...messageField(1, 'y'), ...float])];
  return Uint8Array.from([...integerField(1, 8), ...messageField(8, integerField(2, 17)), ...messageField(7, graph)]);
}

/** The runtime does one thing after the other: it cannot start two sessions at once, nor run one while another starts. */
let previous: Promise<unknown> = Promise.resolve();

function inTurn<T>(make: () => Promise<T>): Promise<T> {
  const made = previous.then(make, make);
  previous = made.catch(() => undefined);
  return made;
}

/**
 * Chooses the backend.
 * @param gpu the shared device, null where there is none.
 * @throws Problem `no-webgpu` when WebGPU was asked for by name and there is none.
 */
export function chooseBackend(device: ModelDevice, gpu: GPUDevice | null): ModelBackend {
  if (device === 'wasm') return 'wasm';
  if (device === 'webgpu') {
    if (gpu) return 'webgpu';
    throw new Problem({ code: 'no-webgpu', place: 'device', what: 'the cell asks for webgpu, but this browser gives no GPU device', fix: 'Choose auto or wasm.' });
  }
  // A simulated GPU is several times slower than WebAssembly.
  const { adapterInfo } = gpu ?? {};
  const simulated = adapterInfo ? (adapterInfo.isFallbackAdapter ?? adapterInfo.architecture === 'swiftshader') : false;
  return gpu && !simulated ? 'webgpu' : 'wasm';
}

export interface SessionOptions {
  readonly backend: ModelBackend;
  /** Needed for 'webgpu'. */
  readonly gpu: GPUDevice | null;
  readonly external: readonly { readonly path: string; readonly data: Uint8Array<ArrayBuffer> }[];
  /** Where outputs stay, all or by name; 'gpu-buffer' only with 'webgpu'. */
  readonly outputs: 'cpu' | Readonly<Record<string, 'cpu' | 'gpu-buffer'>>;
  /** The file's name, for messages. */
  readonly file: string;
  /** Without it a session starts sooner and runs slower. True by default. */
  readonly optimise?: boolean;
}

/** Makes a session of a whole model. Throws Problem `model-not-runnable` with the runtime's own words. */
export async function createSession(bytes: Uint8Array<ArrayBuffer>, options: SessionOptions): Promise<InferenceSession> {
  const ort = await loadRuntime().catch((error: unknown) => {
    throw new Problem({ code: 'runtime-not-loaded', place: 'ONNX Runtime', what: `it could not be loaded: ${text(error)}`, fix: 'Reload the page while you are online.' });
  });
  const webgpu = { name: 'webgpu', device: options.gpu } as InferenceSession.WebGpuExecutionProviderOption;
  const create = (): Promise<InferenceSession> =>
    ort.InferenceSession.create(bytes, {
      executionProviders: options.backend === 'webgpu' ? [webgpu] : ['wasm'],
      preferredOutputLocation: options.outputs,
      graphOptimizationLevel: options.optimise === false ? 'disabled' : 'all',
      logSeverityLevel: 3,
      ...(options.external.length > 0 ? { externalData: [...options.external] } : {}),
    });
  return inTurn(create).catch((error: unknown) => {
    throw new Problem({
      code: 'model-not-runnable',
      place: options.file,
      what: `ONNX Runtime cannot run it on ${options.backend}: ${text(error)}`,
      fix: options.backend === 'webgpu' ? 'Set the device to wasm, or choose another precision.' : 'Choose another precision, or download the file again.',
    });
  });
}

/** Runs a session once the runtime has nothing else to do. */
export function runSession(session: InferenceSession, feeds: Record<string, Tensor>, outputs: readonly string[] = session.outputNames): Promise<Record<string, Tensor>> {
  return inTurn(() => session.run(feeds, [...outputs]));
}

function text(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replace(/\.$/, '');
}
