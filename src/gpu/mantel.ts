/** Permutation tests of RDMs: sums over pairs of the reference, its words permuted, times each candidate. */
import type { Watch } from '../base/progress.ts';
import { Buffers, isOutOfMemory, largestBinding } from './buffers.ts';
import type { Backend, Trial } from './choose.ts';
import type { Compute } from './compute.ts';
import { pairCount } from './condensed.ts';
import type { PreparedMantel } from './cpu/mantel.ts';
import { MantelPass, permutationsPerPass, prepareMantel } from './cpu/mantel.ts';
import type { Gpu } from './device.ts';
import { dispatch, kernelOf, type Kernel } from './kernel.ts';
import { Breather, pause } from './pause.ts';
import { PhiloxStream, seedKey } from './philox.ts';
import { runChunks } from './scheduler.ts';
import type { Precision } from './wasm/mantel-kernel.ts';
import { fitsWasm, mantelOnWasm } from './wasm/mantel.ts';
import { hasWasmSimd, isWasmOutOfMemory } from './wasm/memory.ts';

/** A Mantel test on distances, or on ranks: all vectors condensed, n(n-1)/2 long. */
export interface MantelInput<Values> {
  /** Words. */
  readonly n: number;
  readonly reference: Values;
  readonly candidates: readonly Values[];
  /** How many, the identity counted. */
  readonly permutations: number;
  /** Integer, 0 to 2^53 - 1. */
  readonly seed: number;
}

export interface MantelResult {
  /** Per candidate, one sum per permutation; entry 0 is the identity, the observed sum. */
  readonly sums: Float64Array<ArrayBuffer>[];
  readonly backend: Backend;
}

type Mode = 'distances' | 'ranks';

/** Below this many multiply-adds the CPU needs some 50 ms; a measurement costs more. */
const worthMeasuring = 2e8;

/**
 * Sums of float32 products, added per row and then in float64. The caller standardises (mean 0, length 1 or SD 1):
 * permuting words leaves mean and length as they are, so each sum is a correlation up to a constant.
 *
 * A device without the memory gives way to the CPU, and there WebAssembly to the twin.
 *
 * @throws Problem `gpu-lost`, `gpu-error`; the signal's reason when cancelled
 */
export function mantelSums(compute: Compute, input: MantelInput<Float32Array>, watch: Watch = {}): Promise<MantelResult> {
  return run(compute, input, 'distances', watch);
}

/**
 * The same on centred doubled ranks (2 rank - (pairs + 1), average ranks for ties): integer sums, exact, the same on
 * every device and backend.
 *
 * @param input n at most 256, so that ranks fit 16 bits and the kernel's halves of sums 32
 */
export async function mantelRankSums(compute: Compute, input: MantelInput<Int32Array>, watch: Watch = {}): Promise<MantelResult> {
  if (input.n > 256) throw new RangeError(`exact rank sums take at most 256 words, not ${input.n}`);
  for (const ranks of [input.reference, ...input.candidates]) {
    if (ranks.some((rank) => rank > 32_767 || rank < -32_768)) throw new RangeError('a centred doubled rank leaves 16 bits');
  }
  return run(compute, input, 'ranks', watch);
}

async function run(
  compute: Compute, input: MantelInput<Float32Array> | MantelInput<Int32Array>, mode: Mode, watch: Watch,
): Promise<MantelResult> {
  const { n, permutations, reference, candidates } = input;
  const pairs = pairCount(n);
  for (const vector of [reference, ...candidates]) {
    if (vector.length !== pairs) throw new RangeError(`an RDM of ${n} words has ${pairs} pairs, not ${vector.length}`);
  }
  watch.signal?.throwIfAborted();
  const work = permutations * pairs * candidates.length;
  if (work > worthMeasuring) await compute.measure('mantel', mantelTrial, watch.signal);
  const sums = candidates.map(() => new Float64Array(permutations));
  const precision = precisionOf(mode);
  let fits = true;
  let fitsInWasm = fitsWasm(n, precision);
  for (;;) {
    // Asked again after a failure, so that the run card says where it ran. Every sum is set anew.
    const backend = work === 0 ? 'cpu' : compute.backendFor('mantel', work, fits, fitsInWasm);
    try {
      if (backend === 'webgpu' && compute.gpu) await onGpu(compute.gpu, prepareMantel(n, reference, candidates), input.seed, sums, permutations, mode, watch);
      else if (backend === 'wasm') await mantelOnWasm(input, precision, sums, watch);
      else await onTwin(prepareMantel(n, reference, candidates), input.seed, sums, permutations, watch);
      return { sums, backend };
    } catch (error) {
      if (backend === 'webgpu' && isOutOfMemory(error)) fits = false;
      else if (backend === 'wasm' && isWasmOutOfMemory(error)) fitsInWasm = false;
      else throw error;
    }
  }
}

/** Ranks need sums up to 2^45, exactly. */
function precisionOf(mode: Mode): Precision {
  return mode === 'ranks' ? 'float64' : 'float32';
}

async function onTwin(prepared: PreparedMantel, seed: number, sums: readonly Float64Array[], permutations: number, watch: Watch): Promise<void> {
  const breather = new Breather();
  const pass = new MantelPass(prepared);
  for (let first = 0; first < permutations; first += permutationsPerPass) {
    pass.begin(first, seed);
    for (let i = 0; i + 1 < prepared.n; i++) {
      pass.addRow(i);
      // A pass over thousands of words takes longer than a reader waits for cancel; the clock is not free for few.
      if (i % 32 !== 0 || !breather.due()) continue;
      watch.progress?.({ label: 'permutations', done: first, total: permutations });
      await pause();
      watch.signal?.throwIfAborted();
    }
    pass.finish(first, sums);
  }
  watch.progress?.({ label: 'permutations', done: permutations, total: permutations });
}

/** Up to 16 candidates as one array: pair, then candidate, filled up with zeros to whole quads. */
function interleave(candidates: readonly Float32Array[], pairs: number): Float32Array<ArrayBuffer> {
  const width = Math.ceil(candidates.length / 4) * 4;
  const out = new Float32Array(pairs * width);
  candidates.forEach((candidate, place) => {
    for (let pair = 0; pair < pairs; pair++) out[pair * width + place] = candidate[pair]!;
  });
  return out;
}

/** Up to 16 candidates on the GPU: quads of candidates, and what their dispatch needs. */
interface Part {
  readonly quads: number;
  readonly kernel: Kernel;
  readonly out: GPUBuffer;
  readonly staging: readonly GPUBuffer[];
  readonly group: GPUBindGroup;
}

async function onGpu(
  gpu: Gpu, prepared: PreparedMantel, seed: number, sums: readonly Float64Array[], permutations: number, mode: Mode, watch: Watch,
): Promise<void> {
  const { n } = prepared;
  const pairs = pairCount(n);
  const slices = Math.min(16, n - 1);
  const halves = mode === 'ranks' ? 2 : 1;
  // Up to 16 candidates share a gather; more take another dispatch over the same permutations.
  const groups: Float32Array[][] = [];
  for (let first = 0; first < prepared.candidates.length; first += 16) groups.push(prepared.candidates.slice(first, first + 16));
  const bytesPerSum = slices * halves * 16;
  const room = Math.min(32 * 2 ** 20, largestBinding(gpu));
  const stride = Math.max(1, Math.min(permutations, 65_536, Math.floor(room / (4 * n)), Math.floor(room / (bytesPerSum * 4))));
  const typed = (values: Float32Array<ArrayBuffer>) => (mode === 'ranks' ? new Int32Array(values) : values);

  const permute = await kernelOf(gpu, { file: 'permute.wgsl', entryPoint: 'permute', bindings: ['uniform', 'write'] });
  const buffers = new Buffers(gpu);
  try {
    const [low, high] = seedKey(seed);
    const permuteChunk = await buffers.uniform('permute chunk', 8);
    const chunk = await buffers.uniform('mantel chunk', 4);
    const orders = await buffers.storage('permutations', n * stride * 4);
    const reference = await buffers.upload('reference RDM', typed(prepared.reference));
    const permuteGroup = permute.bind([permuteChunk, orders]);
    const parts: Part[] = [];
    // One after the other: a group that finds no memory must leave none behind it that still takes some.
    for (const group of groups) {
      const quads = Math.ceil(group.length / 4);
      const kernel = await kernelOf(gpu, {
        file: 'mantel.wgsl', entryPoint: mode, bindings: ['uniform', 'read', 'read', 'read', 'write'], constants: { quads },
      });
      const candidates = await buffers.upload('candidate RDMs', typed(interleave(group, pairs)));
      const out = await buffers.storage('permutation sums', stride * bytesPerSum * quads);
      const staging = [
        await buffers.staging('permutation sums', stride * bytesPerSum * quads),
        await buffers.staging('permutation sums', stride * bytesPerSum * quads),
      ];
      parts.push({ quads, kernel, out, staging, group: kernel.bind([chunk, orders, reference, candidates, out]) });
    }
    let chunks = 0;
    await runChunks(gpu, {
      label: 'permutations',
      total: permutations,
      first: Math.max(64, Math.ceil(2e7 / (pairs * Math.ceil(prepared.candidates.length / 4) * 4))),
      largest: stride,
      submit: async (from, count) => {
        // Two chunks are in flight, so two read-back buffers take turns.
        const turn = chunks++ % 2;
        gpu.device.queue.writeBuffer(permuteChunk, 0, new Uint32Array([n, from, count, stride, low, high, 0, 0]));
        gpu.device.queue.writeBuffer(chunk, 0, new Uint32Array([n, count, stride, slices]));
        await gpu.submit('permutations', (encoder) => {
          dispatch(encoder, permute, permuteGroup, Math.ceil(count / 64));
          for (const part of parts) {
            dispatch(encoder, part.kernel, part.group, Math.ceil(count / 64), slices);
            encoder.copyBufferToBuffer(part.out, 0, part.staging[turn]!, 0, count * bytesPerSum * part.quads);
          }
        });
        for (const [place, part] of parts.entries()) {
          const bytes = await buffers.mapped(part.staging[turn]!, count * bytesPerSum * part.quads);
          const target = sums.slice(place * 16, (place + 1) * 16);
          if (mode === 'ranks') addRanks(new Int32Array(bytes), from, count, slices, part.quads, target);
          else addDistances(new Float32Array(bytes), from, count, slices, part.quads, target);
        }
      },
    }, watch);
  } finally {
    buffers.dispose();
  }
}

/** Adds the slices of each permutation in float64. */
function addDistances(values: Float32Array, from: number, count: number, slices: number, quads: number, target: readonly Float64Array[]): void {
  const width = quads * 4;
  for (const [candidate, sums] of target.entries()) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let slice = 0; slice < slices; slice++) sum += values[(k * slices + slice) * width + candidate]!;
      sums[from + k] = sum;
    }
  }
}

/** Adds the slices and joins the halves; below 2^46, so exact. */
function addRanks(values: Int32Array, from: number, count: number, slices: number, quads: number, target: readonly Float64Array[]): void {
  const width = quads * 4;
  for (const [candidate, sums] of target.entries()) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let slice = 0; slice < slices; slice++) {
        const at = (k * slices + slice) * 2 * width + candidate;
        sum += values[at]! * 65_536 + values[at + width]!;
      }
      sums[from + k] = sum;
    }
  }
}

/** What measures the kernel: ranks of 100 words against four candidates, as many permutations as make up the work. */
function mantelTrial(gpu: Gpu): Trial {
  const n = 100;
  const pairs = pairCount(n);
  const stream = new PhiloxStream(1);
  const vector = () => Int32Array.from({ length: pairs }, () => stream.below(2 * pairs) - pairs);
  const reference = vector();
  const candidates = [vector(), vector(), vector(), vector()];
  const prepared = prepareMantel(n, reference, candidates);
  const permutationsFor = (work: number) => Math.ceil(work / (4 * pairs));
  const sumsFor = (work: number) => prepared.candidates.map(() => new Float64Array(permutationsFor(work)));
  return {
    software: gpu.facts.isFallback,
    cpu: {
      name: 'cpu',
      run: (work) => {
        const permutations = permutationsFor(work);
        return hasWasmSimd()
          ? mantelOnWasm({ n, reference, candidates, seed: 1, permutations }, 'float64', sumsFor(work), {})
          : onTwin(prepared, 1, sumsFor(work), permutations, {});
      },
    },
    webgpu: [{ name: 'ranks', run: (work) => onGpu(gpu, prepared, 1, sumsFor(work), permutationsFor(work), 'ranks', {}) }],
  };
}
