/**
 * Arrays as NumPy saves them: magic, version, a header in the form of a Python dictionary, then the numbers.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { Problem } from '../../base/problem.ts';
import { numpyType } from './dtype.ts';
import { countOf, requireBytes, type StoredArray } from './stored-array.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes begin as an npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly dims: readonly number[];
  /** Byte after the header. */
  readonly end: number;
}

/** The header of versions 1 to 3; they differ in the width of its length and in its encoding. */
async function headerOf(blob: Blob, place: string): Promise<Header> {
  const head = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
  const version = head[6] ?? 0;
  if (!isNpy(head) || head.length < 12) throw broken(place, `it has ${blob.size} bytes and does not begin as an npy file`);
  if (version < 1 || version > 3) throw broken(place, `its format version is ${version}, and 1 to 3 are known`);
  const view = new DataView(head.buffer);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > blob.size) throw broken(place, `its header should end at byte ${start + length}, and the file has ${blob.size}`);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(await blob.slice(start, start + length).arrayBuffer());
  if (/'descr'\s*:\s*\[/.test(text)) {
    throw new Problem({ code: 'array-type', place, what: 'it is a structured array, with named fields', fix: 'Save the numbers as one array (in Python: np.stack of the fields).' });
  }
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) throw broken(place, `its header reads ${JSON.stringify(text.trim().slice(0, 80))}`);
  const dims = shape.split(',').map((dim) => dim.replace('L', '').trim()).filter((dim) => dim !== '').map(Number);
  return { descr, fortran: fortran === 'True', dims, end: start + length };
}

/**
 * Opens an array of real numbers; they stay in the file.
 * @throws Problem `npy-unreadable`, `array-type`, `array-cut-off`, `array-too-long`
 */
export async function openNpy(blob: Blob, place: string): Promise<StoredArray> {
  const { descr, fortran, dims, end } = await headerOf(blob, place);
  const known = numpyType(descr);
  if (!known) throw wrongType(descr, place);
  const array = { place, blob, offset: end, dims, fortran, ...known };
  requireBytes(array, blob.size - end);
  return array;
}

/** Whether an npy file holds text, as a list of words does. */
export async function isText(blob: Blob, place: string): Promise<boolean> {
  return /[SUO]\d*$/.test((await headerOf(blob, place)).descr);
}

/**
 * Reads an array of text: Unicode ("<U12") or bytes ("S12", taken as UTF-8).
 * @throws Problem `array-type` for anything else, Python objects above all
 */
export async function readNpyText(blob: Blob, place: string): Promise<string[]> {
  const { descr, dims, end } = await headerOf(blob, place);
  const match = /^([<>|=])([SU])(\d+)$/.exec(descr);
  if (!match) throw wrongType(descr, place);
  const units = Number(match[3]);
  const width = match[2] === 'U' ? 4 * units : units;
  const count = countOf(dims);
  if (blob.size - end !== count * width) throw broken(place, `${count} words of ${width} bytes should follow its header, and ${blob.size - end} bytes do`);
  const bytes = new Uint8Array(await blob.slice(end).arrayBuffer());
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, word) => {
    if (match[2] === 'S') return new TextDecoder().decode(bytes.subarray(word * width, (word + 1) * width)).replace(/\0+$/, '');
    const points = Array.from({ length: units }, (__, k) => view.getUint32(word * width + 4 * k, match[1] !== '>'));
    const used = points.findLastIndex((point) => point !== 0) + 1;
    return points.slice(0, used).map((point) => (point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point))).join('');
  });
}

function wrongType(descr: string, place: string): Problem {
  const what = { c: 'complex numbers', O: 'Python objects', S: 'text', U: 'text', V: 'raw bytes', M: 'dates', m: 'times' }[descr.replace(/^[<>|=]/, '')[0] ?? ''] ?? 'a type that is not read';
  return new Problem({
    code: 'array-type', place, what: `dtype ${descr} (${what})`,
    fix: descr.includes('O') ? 'Save numbers with array.astype("float32"), and words with np.array(words, dtype=str).' : 'Save real numbers: array.astype("float32").',
  });
}

function broken(place: string, what: string): Problem {
  return new Problem({ code: 'npy-unreadable', place, what: `this is not a whole npy file: ${what}`, fix: 'Save it again with np.save, or copy it again.' });
}
