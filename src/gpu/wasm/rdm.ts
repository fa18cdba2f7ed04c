/** Distances on the CPU in WebAssembly SIMD: tiles of squared differences, finished as the twin finishes them. */
import type { PreparedRows } from '../cpu/rdm.ts';
import { distanceOf } from '../cpu/rdm.ts';
import { compiled, giveBack, instantiated, memoryOf, mostBytes } from './memory.ts';
import { numbersPerStep, rdmModule } from './rdm-kernel.ts';

/** A tile's rows stay in the cache next to the core, its columns in the one behind it. */
const tileRows = 32;
const tileColumns = 64;

interface Exports {
  tile(rows: number, columns: number, out: number, stride: number, rowCount: number, columnCount: number): void;
}

function strideOf(d: number): number {
  return Math.ceil(d / numbersPerStep) * numbersPerStep * 8;
}

/** Rows beyond the last are zeros, so that every tile is whole. */
function bytesOf(n: number, d: number): number {
  return tileRows * tileColumns * 8 + (n + tileColumns) * strideOf(d);
}

/** True where n rows of d numbers have room; else the twin does the work. */
export function rdmFitsWasm(n: number, d: number): boolean {
  return bytesOf(n, d) <= mostBytes;
}

/** A memory for one layer after the other, all of n x d. */
export class WasmRdm {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  readonly #n: number;
  readonly #d: number;

  private constructor(memory: WebAssembly.Memory, exports: Exports, n: number, d: number) {
    this.#memory = memory;
    this.#exports = exports;
    this.#n = n;
    this.#d = d;
  }

  /** @throws Problem `wasm-memory` where the browser gives no memory or does not start the kernel */
  static async open(n: number, d: number): Promise<WasmRdm> {
    const compiledModule = await compiled('rdm', rdmModule);
    const memory = memoryOf(bytesOf(n, d), 'distances');
    const exports = await instantiated(compiledModule, memory, 'distances');
    return new WasmRdm(memory, exports as unknown as Exports, n, d);
  }

  /**
   * Writes the condensed distances of a layer to `out`, tile by tile.
   *
   * @returns yields the number of rows done after each tile
   */
  *distances(prepared: PreparedRows, out: Float32Array): Generator<number, void, undefined> {
    const n = this.#n;
    const stride = strideOf(this.#d);
    const tile = new Float64Array(this.#memory.buffer, 0, tileRows * tileColumns);
    const base = tile.byteLength;
    this.#fill(prepared.rows, base);
    for (let top = 0; top < n; top += tileRows) {
      const bottom = Math.min(n, top + tileRows);
      for (let left = top; left < n; left += tileColumns) {
        const right = Math.min(n, left + tileColumns);
        this.#exports.tile(base + top * stride, base + left * stride, 0, stride, tileRows, tileColumns);
        for (let i = top; i < bottom; i++) {
          const row = (i - top) * tileColumns - left;
          // Adding a word's number j gives the place of the pair (i, j).
          const at = i * n - (i * (i + 1)) / 2 - i - 1;
          for (let j = Math.max(left, i + 1); j < right; j++) out[at + j] = distanceOf(prepared, tile[row + j]!, i, j);
        }
        yield top;
      }
    }
  }

  close(): void {
    giveBack(this.#memory);
  }

  #fill(rows: Float64Array, base: number): void {
    const d = this.#d;
    const width = strideOf(d) / 8;
    const all = new Float64Array(this.#memory.buffer, base, (this.#n + tileColumns) * width);
    for (let i = 0; i < this.#n; i++) {
      all.set(rows.subarray(i * d, (i + 1) * d), i * width);
      all.fill(0, i * width + d, (i + 1) * width);
    }
    all.fill(0, this.#n * width);
  }
}
