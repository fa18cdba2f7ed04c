/** What the WebAssembly kernels share: whether the browser runs them, their modules, and memory. */
import { Problem } from '../../base/problem.ts';
import { assemble, f64x2, Routine, v128 } from './assemble.ts';

/** A page of WebAssembly's memory. */
const pageBytes = 65_536;
/** A memory up to this size is kept for the next run: browsers reserve gigabytes of addresses for each. */
const keptBytes = 32 * 2 ** 20;
/** Bytes of one run; with the RDMs themselves beside it, a page of 4 GB has room. */
export const mostBytes = 1.25 * 2 ** 30;

let simd: boolean | null = null;

/** True where the browser compiles WebAssembly with SIMD: all since 2023. */
export function hasWasmSimd(): boolean {
  if (simd === null) {
    const routine = new Routine('add', 1);
    const address = routine.parameter(0).get;
    routine.add(v128.store(address, f64x2.add(v128.load(address), v128.load(address))));
    simd = typeof WebAssembly === 'object' && WebAssembly.validate(assemble([routine]));
  }
  return simd;
}

const modules = new Map<string, Promise<WebAssembly.Module>>();

/**
 * Compiled once a session: some milliseconds. What failed is tried anew by the next run.
 *
 * @throws Problem `wasm-memory` where the browser does not compile it: it found no room, or a policy forbids it
 */
export function compiled(key: string, bytes: () => Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const known = modules.get(key);
  if (known) return known;
  const module = WebAssembly.compile(bytes()).catch((error: unknown) => {
    modules.delete(key);
    throw noKernel(key, error);
  });
  modules.set(key, module);
  return module;
}

/**
 * A kernel on its memory.
 *
 * @throws Problem `wasm-memory` where the browser has no room for it
 */
export async function instantiated(module: WebAssembly.Module, memory: WebAssembly.Memory, place: string): Promise<WebAssembly.Exports> {
  try {
    return (await WebAssembly.instantiate(module, { kernel: { memory } })).exports;
  } catch (error) {
    throw noKernel(place, error);
  }
}

/** The same problem as no memory: the twin does the work in either case. */
function noKernel(place: string, error: unknown): Problem {
  return new Problem({ code: 'wasm-memory', place, what: `the browser does not start the kernel: ${error instanceof Error ? error.message : String(error)}`, fix: 'Close other tabs, or take fewer words.' });
}

let spare: WebAssembly.Memory | null = null;

/**
 * A memory of at least so many bytes, with anything in it; nobody else has it until {@link giveBack}.
 *
 * @throws Problem `wasm-memory` where the browser gives none
 */
export function memoryOf(bytes: number, place: string): WebAssembly.Memory {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    const memory = (bytes <= keptBytes ? spare : null) ?? new WebAssembly.Memory({ initial: pages });
    if (memory === spare) spare = null;
    const missing = pages - memory.buffer.byteLength / pageBytes;
    if (missing > 0) memory.grow(missing);
    return memory;
  } catch {
    throw new Problem({ code: 'wasm-memory', place, what: `the browser gives no ${Math.round(bytes / 2 ** 20)} MB`, fix: 'Close other tabs, or take fewer words.' });
  }
}

/** The memory will not be used any more. */
export function giveBack(memory: WebAssembly.Memory): void {
  if (memory.buffer.byteLength <= keptBytes) spare = memory;
}

/** True for the problem of a browser that gives no memory or starts no kernel: the twin then does the work. */
export function isWasmOutOfMemory(error: unknown): boolean {
  return error instanceof Problem && error.code === 'wasm-memory';
}
