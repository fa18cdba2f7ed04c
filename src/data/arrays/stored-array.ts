/**
 * Arrays as they lie in a file, and how the rows of a few words are read from them: a slice at a time, in the file's own
 * order, each byte at most once, and nothing of the words that are not asked for.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { bytesOf, type NumberType, readerOf } from './dtype.ts';

export interface StoredArray {
  /** "states.npz, array layer_3": for messages. */
  readonly place: string;
  readonly blob: Blob;
  /** Byte of the first number. */
  readonly offset: number;
  readonly dims: readonly number[];
  readonly type: NumberType;
  readonly little: boolean;
  /** Fortran order: the first index changes fastest. */
  readonly fortran: boolean;
}

/** Which axis is which; features are what a word's vector consists of. */
export interface Axes {
  readonly word: number;
  readonly feature: number;
  /** null in an array of one layer. */
  readonly layer: number | null;
}

/** Bytes read at a time. */
const sliceBytes = 1 << 22;

/** How many numbers an array has. */
export function countOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * Reads vectors as float32.
 *
 * @param rows the array's row for each word wanted
 * @param layers places on the layer axis; [0] for an array of one layer
 * @returns for each of the layers words x features, row-major
 * @throws Problem `infinite-number`; an AbortError after cancel
 */
export async function readVectors(array: StoredArray, axes: Axes, rows: Int32Array, layers: readonly number[], watch: Watch = {}): Promise<Float32Array[]> {
  const { dims, blob, offset, little } = array;
  const d = dims[axes.feature]!;
  const out = layers.map(() => new Float32Array(rows.length * d));
  if (rows.length === 0 || d === 0) return out;
  const wanted = chains(rows, dims[axes.word]!);
  const layerCount = axes.layer === null ? 1 : dims[axes.layer]!;
  const placeOfLayer = new Int32Array(layerCount).fill(-1);
  layers.forEach((layer, at) => { placeOfLayer[layer] = at; });

  // From the axis that changes slowest to the one along which a line of the file runs.
  const order = array.fortran ? dims.map((_, axis) => dims.length - 1 - axis) : dims.map((_, axis) => axis);
  const innermost = order.at(-1)!;
  const outer = order.slice(0, -1);
  const length = dims[innermost]!;
  const width = bytesOf(array.type);
  const read = readerOf(array.type);
  const lines = countOf(outer.map((axis) => dims[axis]!));
  const together = Math.max(1, Math.floor(sliceBytes / (length * width)));
  const index = new Int32Array(dims.length);
  const locate = (line: number): void => {
    let rest = line;
    for (let k = outer.length - 1; k >= 0; k--) {
      const size = dims[outer[k]!]!;
      index[outer[k]!] = rest % size;
      rest = Math.floor(rest / size);
    }
  };
  const layerNow = (): number => placeOfLayer[axes.layer === null ? 0 : index[axes.layer]!]!;
  /** Whether a line holds anything that is wanted. */
  const needed = (line: number): boolean => {
    locate(line);
    return (innermost === axes.word || wanted.first[index[axes.word]!]! >= 0) && (innermost === axes.layer || layerNow() >= 0);
  };

  for (let start = 0; start < lines; start += together) {
    watch.signal?.throwIfAborted();
    watch.progress?.({ label: `reading ${array.place}`, done: start, total: lines });
    let from = start;
    let to = Math.min(lines, start + together);
    while (from < to && !needed(from)) from++;
    while (to > from && !needed(to - 1)) to--;
    if (from === to) continue;
    const view = new DataView(await blob.slice(offset + from * length * width, offset + to * length * width).arrayBuffer());
    for (let line = from; line < to; line++) {
      if (!needed(line)) continue;
      locate(line);
      for (let k = 0; k < length; k++) {
        index[innermost] = k;
        const layer = layerNow();
        let row = wanted.first[index[axes.word]!]!;
        if (row < 0 || layer < 0) continue;
        const value = Math.fround(read(view, ((line - from) * length + k) * width, little));
        if (value === Infinity || value === -Infinity) throw infinite(array, index);
        for (; row >= 0; row = wanted.next[row]!) out[layer]![row * d + index[axes.feature]!] = value;
      }
    }
  }
  watch.progress?.({ label: `reading ${array.place}`, done: lines, total: lines });
  return out;
}

/** For each row of the array the first word that takes it, and for each word the next one of the same row. */
function chains(rows: Int32Array, n: number): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(n).fill(-1);
  const next = new Int32Array(rows.length).fill(-1);
  rows.forEach((row, word) => {
    next[word] = first[row]!;
    first[row] = word;
  });
  return { first, next };
}

function infinite(array: StoredArray, index: Int32Array): Problem {
  return new Problem({
    code: 'infinite-number', place: array.place, what: `the number at [${[...index].join(', ')}] is infinite in ${array.type === 'float64' || /int/.test(array.type) ? 'float32' : array.type}`,
    fix: 'Half precision overflows beyond 65,504: save the states in float32, or write NaN where a word has no vector.',
  });
}

/**
 * Which axis is which in an array of two or three dimensions; features come last.
 *
 * @param first what the first axis of a three-dimensional array counts
 * @throws Problem `array-shape`
 */
export function axesOf({ dims, place }: Pick<StoredArray, 'dims' | 'place'>, first: 'layers' | 'words'): Axes {
  if (dims.length === 2) return { layer: null, word: 0, feature: 1 };
  if (dims.length === 3) return first === 'layers' ? { layer: 0, word: 1, feature: 2 } : { word: 0, layer: 1, feature: 2 };
  throw new Problem({
    code: 'array-shape', place, what: `the array has ${dims.length} ${dims.length === 1 ? 'dimension' : 'dimensions'} (${dims.join(' x ') || 'a single number'})`,
    fix: 'Save words x features, or layers x words x features; pool over tokens before.',
  });
}

/** @throws Problem `array-cut-off`, `array-too-long` where the bytes are not those of the array */
export function requireBytes({ dims, type, place }: Pick<StoredArray, 'dims' | 'type' | 'place'>, bytes: number): void {
  const needs = countOf(dims) * bytesOf(type);
  if (bytes === needs) return;
  const what = `${dims.join(' x ')} numbers of ${type} take ${needs} bytes, and ${bytes} follow the header`;
  throw bytes < needs
    ? new Problem({ code: 'array-cut-off', place, what, fix: 'The file is cut off: copy or download it again.' })
    : new Problem({ code: 'array-too-long', place, what, fix: 'Save one array to a file; several go into an npz or safetensors file.' });
}
