/**
 * The entries of a zip file without unpacking all of it: the list at its end, then slices. An npz of np.savez stores its
 * arrays as they are, so that they are read in place.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { Problem } from '../../base/problem.ts';

/** Names of the entries, and how to get the content of one. */
export interface Zip {
  readonly names: readonly string[];
  /** @throws Problem `zip-unreadable` */
  open(name: string): Promise<Blob>;
}

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

const longestComment = 65_535;

/** @throws Problem `zip-unreadable` where it is cut off, of several parts or encrypted */
export async function openZip(blob: Blob, place: string): Promise<Zip> {
  const tailAt = Math.max(0, blob.size - longestComment - 22);
  const tail = new DataView(await blob.slice(tailAt).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw unreadable(place, 'the list of its entries, which stands at the end, is missing');
  const [count, length, start] = [tail.getUint16(end + 10, true), tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (start === 0xffffffff || count === 0xffff) throw unreadable(place, 'it is larger than 4 GB');
  if (start + length > tailAt + end) throw unreadable(place, `the list of its entries should lie at bytes ${start} to ${start + length}`);
  const list = new DataView(await blob.slice(start, start + length).arrayBuffer());
  const entries = new Map<string, Entry>();
  for (let at = 0, k = 0; k < count; k++) {
    if (at + 46 > list.byteLength || list.getUint32(at, true) !== 0x02014b50) throw unreadable(place, `entry ${k + 1} of its list is damaged`);
    const [nameLength, extra, comment] = [list.getUint16(at + 28, true), list.getUint16(at + 30, true), list.getUint16(at + 32, true)];
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, at + 46, nameLength));
    if (list.getUint16(at + 8, true) & 1) throw unreadable(place, `${name} is encrypted`);
    entries.set(name, { method: list.getUint16(at + 10, true), packed: list.getUint32(at + 20, true), size: list.getUint32(at + 24, true), at: list.getUint32(at + 42, true) });
    at += 46 + nameLength + extra + comment;
  }
  return { names: [...entries.keys()], open: (name) => contentOf(blob, entries.get(name), name, place) };
}

async function contentOf(blob: Blob, entry: Entry | undefined, name: string, place: string): Promise<Blob> {
  if (!entry) throw unreadable(place, `it has no entry ${name}`);
  const head = new DataView(await blob.slice(entry.at, entry.at + 30).arrayBuffer());
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw unreadable(place, `${name} does not begin at byte ${entry.at}`);
  const from = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = blob.slice(from, from + entry.packed);
  if (packed.size !== entry.packed) throw unreadable(place, `${name} is cut off`);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw unreadable(place, `${name} is packed by method ${entry.method}`);
  try {
    const content = await new Response(packed.stream().pipeThrough(new DecompressionStream('deflate-raw'))).blob();
    if (content.size === entry.size) return content;
  } catch {
    // What the browser says of damaged bytes tells the reader nothing.
  }
  throw unreadable(place, `${name} is damaged`);
}

function unreadable(place: string, what: string): Problem {
  return new Problem({ code: 'zip-unreadable', place, what: `the file cannot be unpacked: ${what}`, fix: 'Save it again with np.savez, or copy it again.' });
}
