/**
 * The permutation test on the CPU in WebAssembly SIMD: lays out the memory that src/gpu/wasm/mantel-kernel.ts reads,
 * and runs it in pieces short enough to cancel between. Each candidate enters as a column beside the others; permuted
 * are the words of the reference.
 */
import type { Watch } from '../../base/progress.ts';
import { pairCount } from '../condensed.ts';
import { Breather, pause } from '../pause.ts';
import { permutation } from '../permutation.ts';
import { compiled, giveBack, instantiated, memoryOf, mostBytes } from './memory.ts';
import { lanesOf, mantelModule, mantelShape, mostVectors, type Precision } from './mantel-kernel.ts';

/** Permutations that go over the rows together: while a row of candidates is in the cache, all of them use it. */
const permutationsPerPass = 24;
/** Multiply-adds between looks at the clock: 1 to 5 ms. */
const workPerCall = 1e7;
interface Exports {
  rows(orders: number, groups: number, reference: number, candidates: number, sums: number, n: number, from: number, to: number): void;
}

function numberBytes(precision: Precision): number {
  return precision === 'float32' ? 4 : 8;
}

function squareBytes(n: number, precision: Precision): number {
  return n * n * numberBytes(precision);
}

/** Vectors of candidates that fit beside the reference; 0 where not even one does. */
function vectorsThatFit(n: number, precision: Precision): number {
  const orders = permutationsPerPass * n * 4;
  return Math.max(0, Math.floor((mostBytes - squareBytes(n, precision) - orders) / (Math.max(1, pairCount(n)) * 16)));
}

/** True where the reference of n words and at least a few candidates have room; else the twin does the work. */
export function fitsWasm(n: number, precision: Precision): boolean {
  return vectorsThatFit(n, precision) > 0;
}

/** What one run needs; see MantelInput in src/gpu/mantel.ts. */
export interface WasmMantelInput {
  readonly n: number;
  readonly reference: ArrayLike<number>;
  readonly candidates: readonly ArrayLike<number>[];
  readonly seed: number;
  readonly permutations: number;
}

/**
 * Writes the sums of all permutations to `sums[candidate][permutation]`. In float32, products are added per row and
 * rows in float64; in float64 all of it is, so that sums of centred doubled ranks are exact.
 *
 * @throws Problem `wasm-memory` where the browser gives no memory or does not start the kernel; the signal's reason when cancelled
 */
export async function mantelOnWasm(input: WasmMantelInput, precision: Precision, sums: readonly Float64Array[], watch: Watch): Promise<void> {
  const { candidates, permutations } = input;
  const most = vectorsThatFit(input.n, precision) * lanesOf(precision);
  const rounds = Math.ceil(candidates.length / Math.max(1, most));
  const breather = new Breather();
  for (let round = 0; round < rounds; round++) {
    const mine = [round * most, (round + 1) * most] as const;
    const run = await WasmRun.open({ ...input, candidates: candidates.slice(...mine) }, precision);
    try {
      for (let first = 0; first < permutations; first += permutationsPerPass) {
        run.begin(first);
        while (run.step()) {
          if (!breather.due()) continue;
          watch.progress?.({ label: 'permutations', done: Math.floor((round * permutations + first) / rounds), total: permutations });
          await pause();
          watch.signal?.throwIfAborted();
        }
        run.finish(first, sums.slice(...mine));
      }
    } finally {
      run.close();
    }
  }
  watch.progress?.({ label: 'permutations', done: permutations, total: permutations });
}

/** Up to three vectors of candidates: their place in memory and the kernel for so many. */
interface Part {
  readonly first: number;
  readonly count: number;
  readonly width: number;
  readonly candidates: number;
  readonly sums: Float64Array;
  readonly rows: Exports['rows'];
}

/** One memory with a reference and candidates in it. */
class WasmRun {
  readonly #memory: WebAssembly.Memory;
  readonly #input: WasmMantelInput;
  readonly #bytes: number;
  readonly #perGroup: number;
  readonly #orders: Uint32Array;
  readonly #reference: number;
  readonly #parts: readonly Part[];
  readonly #order: Uint32Array;
  readonly #rowsPerCall: number;
  #groups = 0;
  #part = 0;
  #row = 0;

  private constructor(
    memory: WebAssembly.Memory, input: WasmMantelInput, precision: Precision, perGroup: number, orders: Uint32Array, reference: number, parts: readonly Part[],
  ) {
    this.#memory = memory;
    this.#input = input;
    this.#bytes = numberBytes(precision);
    this.#perGroup = perGroup;
    this.#orders = orders;
    this.#reference = reference;
    this.#parts = parts;
    this.#order = new Uint32Array(input.n);
    this.#rowsPerCall = Math.max(1, Math.floor(workPerCall / (permutationsPerPass * input.n * mostVectors * lanesOf(precision))));
  }

  static async open(input: WasmMantelInput, precision: Precision): Promise<WasmRun> {
    const { n, reference, candidates } = input;
    const lanes = lanesOf(precision);
    const bytes = numberBytes(precision);
    const pairs = pairCount(n);
    const widest = Math.min(mostVectors, Math.ceil(candidates.length / lanes));
    const { permutations: perGroup } = mantelShape(precision, widest);
    // Addresses, each at a multiple of 16.
    let end = 0;
    const place = (size: number): number => {
      const at = end;
      end += Math.ceil(size / 16) * 16;
      return at;
    };
    const referenceAt = place(squareBytes(n, precision));
    const ordersAt = place(permutationsPerPass * n * 4);
    const places = Array.from({ length: Math.ceil(candidates.length / (mostVectors * lanes)) }, (_, part) => {
      const first = part * mostVectors * lanes;
      const count = Math.min(mostVectors * lanes, candidates.length - first);
      const width = Math.ceil(count / lanes) * lanes;
      return { first, count, width, candidates: place(pairs * width * bytes), sums: place(permutationsPerPass * width * 8) };
    });
    const memory = memoryOf(end, 'permutations');
    const numbers = (at: number, count: number) => (precision === 'float32' ? new Float32Array(memory.buffer, at, count) : new Float64Array(memory.buffer, at, count));
    fillSquare(numbers(referenceAt, n * n), reference, n);
    const parts: Part[] = [];
    for (const part of places) {
      const { width } = part;
      fillColumns(numbers(part.candidates, pairs * width), candidates.slice(part.first, part.first + part.count), pairs, width);
      // All parts take the same groups of permutations, so that the orders are laid out once.
      const shape = { precision, vectors: width / lanes, permutations: perGroup };
      const module = await compiled(`mantel ${precision} ${shape.vectors} ${perGroup}`, () => mantelModule(shape));
      const { rows } = (await instantiated(module, memory, 'permutations')) as unknown as Exports;
      parts.push({ ...part, sums: new Float64Array(memory.buffer, part.sums, permutationsPerPass * width), rows });
    }
    return new WasmRun(memory, input, precision, perGroup, new Uint32Array(memory.buffer, ordersAt, permutationsPerPass * n), referenceAt, parts);
  }

  /** Begins the pass that starts with permutation `first`: draws the orders, sets the sums to 0. */
  begin(first: number): void {
    const { n, seed, permutations } = this.#input;
    const perGroup = this.#perGroup;
    this.#groups = Math.min(permutationsPerPass / perGroup, Math.ceil((permutations - first) / perGroup));
    for (let k = 0; k < this.#groups * perGroup; k++) {
      const order = permutation(n, first + k, seed, this.#order);
      let at = Math.floor(k / perGroup) * n * perGroup + (k % perGroup);
      for (let word = 0; word < n; word++, at += perGroup) this.#orders[at] = order[word]! * this.#bytes;
    }
    for (const { sums } of this.#parts) sums.fill(0);
    this.#part = 0;
    this.#row = 0;
  }

  /** Adds the next rows; false when there are none left. */
  step(): boolean {
    const { n } = this.#input;
    const part = this.#parts[this.#part];
    if (!part || n < 2) return false;
    const from = this.#row;
    const to = Math.min(n - 1, from + this.#rowsPerCall);
    const pairsBefore = from * n - (from * (from + 1)) / 2;
    part.rows(
      this.#orders.byteOffset, this.#groups, this.#reference, part.candidates + pairsBefore * part.width * this.#bytes, part.sums.byteOffset, n, from, to,
    );
    this.#row = to;
    if (to === n - 1) {
      this.#row = 0;
      this.#part++;
    }
    return true;
  }

  /** Gives the memory back; nothing can be done after it. */
  close(): void {
    giveBack(this.#memory);
  }

  /** Writes the pass's sums, as far as they were asked for. */
  finish(first: number, out: readonly Float64Array[]): void {
    const count = Math.min(permutationsPerPass, this.#input.permutations - first);
    for (const part of this.#parts) {
      for (let c = 0; c < part.count; c++) {
        const target = out[part.first + c]!;
        for (let k = 0; k < count; k++) target[first + k] = part.sums[k * part.width + c]!;
      }
    }
  }
}

/** The n x n matrix of a condensed one; the diagonal, which no pair reads, is left as it is. */
function fillSquare(square: Float32Array | Float64Array, condensed: ArrayLike<number>, n: number): void {
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) square[i * n + j] = square[j * n + i] = condensed[pair++]!;
  }
}

/** Candidates side by side, block by block, so that what is written stays in the cache until its neighbours are. */
function fillColumns(columns: Float32Array | Float64Array, candidates: readonly ArrayLike<number>[], pairs: number, width: number): void {
  const block = 512;
  for (let from = 0; from < pairs; from += block) {
    const to = Math.min(pairs, from + block);
    candidates.forEach((candidate, c) => {
      for (let pair = from, at = from * width + c; pair < to; pair++, at += width) columns[at] = candidate[pair]!;
    });
    // Nobody reads what the last vector is filled up with, but numbers left there could be slow ones.
    for (let c = candidates.length; c < width; c++) for (let pair = from, at = from * width + c; pair < to; pair++, at += width) columns[at] = 0;
  }
}
