/**
 * The header of a safetensors file: the length of the header (8 bytes, little-endian), the header (JSON: per tensor its
 * type, sizes and byte range), then the bytes of all tensors without gaps.
 * https://github.com/huggingface/safetensors#format
 */
import * as v from 'valibot';
import { Problem } from '../../base/problem.ts';
import { bytesOf, safetensorsType } from './dtype.ts';
import type { StoredArray } from './stored-array.ts';

/** The format's own limit. */
const longestHeader = 100_000_000;

const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const entry = v.object({ dtype: v.string(), shape: v.array(size), data_offsets: v.tuple([size, size]) });
const metadata = v.record(v.string(), v.string());

/** One tensor: its type by the format's name, sizes, and bytes counted from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly number[];
  readonly range: readonly [number, number];
}

export interface TensorHeader {
  readonly entries: readonly TensorEntry[];
  /** Free text that travels with the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * How long the header is, from the first eight bytes.
 * @throws Problem `safetensors-unreadable`
 */
export function headerLength(start: Uint8Array, bytes: number, file: string): number {
  if (bytes < 8) throw unreadableTensors(file, `it has ${bytes} bytes`);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader || 8 + length > bytes) throw unreadableTensors(file, `its header should be ${length} bytes long, and ${bytes - 8} follow`);
  return length;
}

/**
 * Reads the header and checks that the byte ranges follow each other up to the end.
 *
 * @param text the header's bytes
 * @param following how many bytes follow it
 * @throws Problem `safetensors-unreadable`
 */
export function readTensorHeader(text: Uint8Array, following: number, file: string): TensorHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw unreadableTensors(file, 'its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw unreadableTensors(file, 'its header is not an object');
  const entries: TensorEntry[] = [];
  let texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      const parsed = v.safeParse(metadata, value);
      if (!parsed.success) throw unreadableTensors(file, '__metadata__ holds something other than text');
      texts = parsed.output;
      continue;
    }
    const parsed = v.safeParse(entry, value);
    if (!parsed.success) throw unreadableTensors(file, `the entry of ${name} lacks its type, sizes or byte range`);
    const { dtype, shape, data_offsets: range } = parsed.output;
    entries.push({ name, dtype, dims: shape, range });
  }
  for (const { name, range: [, to] } of entries) if (to > following) throw unreadableTensors(file, `${name} should end at byte ${8 + text.length + to}, and the file has ${8 + text.length + following}`);
  checkRanges(entries, following, file);
  return { entries, metadata: texts };
}

/** Ranges must follow each other without gaps up to the end. */
function checkRanges(entries: readonly TensorEntry[], length: number, file: string): void {
  let end = 0;
  for (const { name, range: [from, to] } of entries.toSorted((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1])) {
    if (from !== end) throw unreadableTensors(file, `${name} begins at byte ${from} of the numbers, not at ${end}`);
    end = to;
  }
  if (end !== length) throw unreadableTensors(file, `${length - end} bytes at its end belong to no tensor`);
}

/** @throws Problem `safetensors-unreadable` where a tensor's range does not hold its numbers */
export function requireRange({ name, dtype, dims, range: [from, to] }: TensorEntry, width: number, file: string): void {
  if (to - from !== width * dims.reduce((product, dim) => product * dim, 1)) throw unreadableTensors(file, `${name} is ${dims.join(' x ')} of ${dtype}, and its range holds ${to - from} bytes`);
}

export function unreadableTensors(file: string, what: string): Problem {
  return new Problem({ code: 'safetensors-unreadable', place: file, what: `this is not a whole safetensors file: ${what}`, fix: 'Download or export the file again.' });
}

/**
 * Opens a file of tensors; their numbers stay in it. Types are looked at when a tensor is asked for, as others may be of
 * a type that is not read.
 * @throws Problem `safetensors-unreadable`; when asked for a tensor `array-type`
 */
export async function openSafetensors(blob: Blob, file: string): Promise<{ tensors: ReadonlyMap<string, () => StoredArray>; metadata: Readonly<Record<string, string>> }> {
  const length = headerLength(new Uint8Array(await blob.slice(0, 8).arrayBuffer()), blob.size, file);
  const header = readTensorHeader(new Uint8Array(await blob.slice(8, 8 + length).arrayBuffer()), blob.size - 8 - length, file);
  const open = (one: TensorEntry): StoredArray => {
    const place = `${file}, tensor ${one.name}`;
    const type = safetensorsType(one.dtype);
    if (!type) throw new Problem({ code: 'array-type', place, what: `it is of type ${one.dtype}, which is not read`, fix: 'Save the states in float32 or float16 (in Python: tensor.float()).' });
    requireRange(one, bytesOf(type), file);
    return { place, blob, offset: 8 + length + one.range[0], dims: one.dims, type, little: true, fortran: false };
  };
  return { tensors: new Map(header.entries.map((one) => [one.name, () => open(one)])), metadata: header.metadata };
}
