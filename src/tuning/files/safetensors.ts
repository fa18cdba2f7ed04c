/**
 * Files of tensors in the safetensors format: the length of the header (8 bytes, little-endian), the header (JSON: per
 * tensor its type, sizes and byte range), then the bytes of all tensors without gaps.
 * https://github.com/huggingface/safetensors#format
 */
import { Problem } from '../../base/problem.ts';
import { headerLength, readTensorHeader, requireRange } from '../../data/arrays/safetensors.ts';
import { widened } from '../../models/half.ts';

/** A tensor of float32, row-major. */
export interface NamedTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface TensorFile {
  readonly tensors: Readonly<Record<string, NamedTensor>>;
  /** Free text that travels with the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Writes tensors in the order of their names' code units, as equal contents should give equal bytes. */
export function writeSafetensors({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let end = 0;
  for (const [name, { dims, data }] of entries) {
    if (name === '__metadata__') throw new RangeError('a tensor cannot be called __metadata__');
    if (sizeOf(dims) !== data.length) throw new RangeError(`${name} is ${dims.join(' x ')} but has ${data.length} numbers`);
    header.push([name, { dtype: 'F32', shape: dims, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  // Not by assignment: a tensor may be called __proto__.
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padded with spaces, so that the numbers begin at a multiple of eight.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const [, { data }] of entries) {
    for (let i = 0; i < data.length; i++, at += 4) view.setFloat32(at, data[i]!, true);
  }
  return bytes;
}

/** Bytes of a number of each type that is read; half precision is widened, which changes no value. */
const widths: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

/** The numbers of a tensor in float32. */
function numbers(view: DataView, dtype: string, start: number, length: number): Float32Array {
  if (dtype === 'F32') return Float32Array.from({ length }, (_, i) => view.getFloat32(start + 4 * i, true));
  const bits = Uint16Array.from({ length }, (_, i) => view.getUint16(start + 2 * i, true));
  // A bfloat16 is the upper half of a float32.
  return dtype === 'F16' ? widened(bits) : new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
}

/**
 * Reads a file of tensors in float32, float16 or bfloat16, as float32.
 * @param file its name, for messages
 * @throws Problem `safetensors-unreadable` where the file is cut off or not of this format, `safetensors-type` where a
 *   tensor is of another type
 */
export function readSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file);
  const start = 8 + length;
  const { entries, metadata } = readTensorHeader(bytes.subarray(8, start), bytes.length - start, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tensors = entries.map((one): [string, NamedTensor] => {
    const { name, dtype, dims, range: [from] } = one;
    const width = widths[dtype];
    if (!width) {
      throw new Problem({ code: 'safetensors-type', place: `${file}, tensor ${name}`, what: `it is of type ${dtype}, not F32, F16 or BF16`, fix: 'Save the tensors in float32 (in Python: tensor.float()).' });
    }
    requireRange(one, width, file);
    return [name, { dims, data: numbers(view, dtype, start + from, sizeOf(dims)) }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}
