/** Opens a file of vectors by what it holds, whatever its name ends in. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { importTable } from '../import/import.ts';
import { npyVectors, npzVectors, safetensorsVectors } from './arrays.ts';
import { tableVectors } from './columns.ts';
import { isNpy } from './npy.ts';
import { parquetVectors } from './parquet.ts';
import { looksLikeVectors, textVectors } from './text-vectors.ts';
import type { OpenVectors, VectorFile } from './vector-file.ts';
import { looksLikeWord2vec, word2vecVectors } from './word2vec.ts';
import { openZip } from './zip.ts';

/** A word of fastText vectors and its numbers fit in it many times over. */
const headBytes = 65_536;

/**
 * Opens a file; long lists of words are read at once, of all others only what says what they hold.
 * @throws Problem whose place names the file and, where there is one, the array, line, row or byte
 */
export async function openVectors(file: string, content: Blob, options: OpenVectors, watch: Watch = {}): Promise<VectorFile> {
  watch.signal?.throwIfAborted();
  const head = new Uint8Array(await content.slice(0, headBytes).arrayBuffer());
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (head.length === 0) throw new Problem({ code: 'empty-file', place: file, what: 'the file is empty', fix: 'Choose another file, or save this one again.' });
  if (isNpy(head)) return npyVectors(file, content, options);
  if (starts(0x50, 0x4b)) return /\.xlsx$/i.test(file) || (await openZip(content, file)).names.includes('xl/workbook.xml') ? ofTable(file, content, options, watch) : npzVectors(file, content, options);
  if (starts(0x50, 0x41, 0x52, 0x31)) return parquetVectors(file, content, options, watch);
  // The header's length, then the header itself.
  if (/\.safetensors$/i.test(file) || (head[8] === 0x7b && head.subarray(5, 8).every((byte) => byte === 0))) return safetensorsVectors(file, content, options);
  refuseOthers(file, starts);
  if (starts(0x1f, 0x8b)) return textVectors(file, content, options, watch);
  if (looksLikeWord2vec(head)) return word2vecVectors(file, content, options, watch);
  const [line] = new TextDecoder().decode(head).split(/\r?\n/, 1) as [string];
  if (/\.(?:csv|xlsx)$/i.test(file) || !looksLikeVectors(line)) return ofTable(file, content, options, watch);
  return textVectors(file, content, options, watch);
}

async function ofTable(file: string, content: Blob, options: OpenVectors, watch: Watch): Promise<VectorFile> {
  return tableVectors(await importTable(file, content, { word: options.wordColumn, warn: options.warn }, watch), options);
}

/** Formats that are known and not read, each with the way out. */
function refuseOthers(file: string, starts: (...bytes: number[]) => boolean): void {
  const refuse = (what: string, fix: string): never => { throw new Problem({ code: 'python-file', place: file, what, fix }); };
  if (starts(0x80)) refuse('it is a Python pickle, which only Python can read', 'Save arrays with np.save or np.savez, tensors with safetensors.torch.save_file.');
  if (starts(0x89, 0x48, 0x44, 0x46)) refuse('it is an HDF5 file', 'Save the array with np.save or np.savez.');
  if (starts(0xba, 0x16, 0x4f, 0x2f)) refuse('it is a model of fastText, not its vectors', 'Take the file of vectors that ends in .vec.');
}
