/**
 * One file of the hub in Cache Storage. While it comes it is kept in parts, so that what has come outlasts a cut
 * connection, a cancel and a closed tab; when it is whole, an entry under its address says of how many parts it is. It
 * stays in parts: joining them would write it twice and need a second copy in memory. Small files are one entry.
 */

/** Cache Storage that holds hub downloads, by address with the commit in it. */
export const hubCacheName = 'sensorium-models';

/** Bytes of a part. The tab may close at any moment; this much is lost at most. */
export const partBytes = 4 * 2 ** 20;

/** Of which model a kept file is, told with each entry. */
export interface KeptOf {
  readonly host: string;
  readonly id: string;
  /** Commit, or the branch whose commit this entry remembers. */
  readonly commit: string;
  /** '' for what is kept about the model beside its files. */
  readonly path: string;
}

/** What there is of a file that has not come whole. */
export interface Begun {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole file. */
  readonly total: number;
  readonly etag: string;
}

const ofHeader = 'x-sensorium-of';
const partsHeader = 'x-sensorium-parts';
const totalHeader = 'x-sensorium-total';
/** Bytes of the very entry, so that a list of what is kept reads no content. */
const bytesHeader = 'x-sensorium-bytes';
const etagHeader = 'x-sensorium-etag';
const partParameter = 'sensorium-part';
const missingParameter = 'sensorium-missing';

/** The hub's cache; null where the browser has none to give (plain http, some private windows). */
export async function openHubCache(): Promise<Cache | null> {
  try {
    return await caches.open(hubCacheName);
  } catch {
    return null;
  }
}

function headersOf(of: KeptOf, more: Readonly<Record<string, string>>): Record<string, string> {
  // Names may hold characters that a header may not.
  return { [ofHeader]: encodeURIComponent(JSON.stringify(of)), ...more };
}

/** Under which lock a file is written and freed; all tabs share the cache. */
const lockOf = (address: string): string => `sensorium model file ${new URL(address).href}`;

/** Bytes in an entry. Those of earlier versions do not say, and are read. */
async function bytesIn(entry: Response): Promise<number> {
  const stated = entry.headers.get(bytesHeader);
  return stated === null ? (await entry.blob()).size : Number(stated);
}

/** Address of a part. */
function partAddress(address: string, index: number): string {
  return `${address}?${partParameter}=${index}`;
}

/** One file of a model at a commit, whole, in parts or not there. */
export class KeptFile {
  readonly #cache: Cache;
  readonly #address: string;
  readonly #of: KeptOf;

  constructor(cache: Cache, address: string, of: KeptOf) {
    this.#cache = cache;
    this.#address = address;
    this.#of = of;
  }

  /**
   * Does something while nobody else, in this tab or another, downloads or frees the file.
   * @param waits told when somebody else is at it.
   * @throws an AbortError when the signal is aborted while it waits.
   */
  async alone<Result>(work: () => Promise<Result>, signal?: AbortSignal, waits?: () => void): Promise<Result> {
    const name = lockOf(this.#address);
    const done = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => (lock ? { result: await work() } : null));
    if (done) return done.result;
    waits?.();
    return navigator.locks.request(name, signal ? { signal } : {}, work);
  }

  /** The file, if it is there whole. */
  async whole(): Promise<Uint8Array<ArrayBuffer> | null> {
    const entry = await this.#cache.match(this.#address);
    if (!entry) return null;
    const parts = Number(entry.headers.get(partsHeader) ?? 0);
    if (parts === 0) return new Uint8Array(await entry.arrayBuffer());
    const total = Number(entry.headers.get(totalHeader));
    const bytes = new Uint8Array(total);
    if ((await this.#readParts(bytes, total, null)).length === total) return bytes;
    // A part has gone (the browser may clear what it likes): the rest is still something to go on from.
    await this.#cache.delete(this.#address);
    return null;
  }

  /** What there is of an unfinished file; null where nothing is. */
  async begun(): Promise<Begun | null> {
    const first = await this.#cache.match(partAddress(this.#address, 0));
    const total = Number(first?.headers.get(totalHeader) ?? 0);
    if (!first || total <= 0) return null;
    const etag = first.headers.get(etagHeader) ?? '';
    const bytes = new Uint8Array(total);
    const { length } = await this.#readParts(bytes, total, etag);
    return length > 0 ? { bytes: bytes.subarray(0, length), total, etag } : null;
  }

  /** Fills the array from the first part on, until one is missing, short or of another version. */
  async #readParts(into: Uint8Array<ArrayBuffer>, total: number, etag: string | null): Promise<{ length: number }> {
    let length = 0;
    for (let index = 0; length < total; index++) {
      const part = await this.#cache.match(partAddress(this.#address, index));
      if (!part || Number(part.headers.get(totalHeader)) !== total || (etag !== null && part.headers.get(etagHeader) !== etag)) break;
      const bytes = new Uint8Array(await part.arrayBuffer());
      if (length + bytes.length > total) break;
      into.set(bytes, length);
      length += bytes.length;
      if (bytes.length < partBytes) break;
    }
    return { length };
  }

  /** Keeps the part with this index, all of it or what has come. Rejects when there is no room. */
  async savePart(index: number, bytes: Uint8Array<ArrayBuffer>, total: number, etag: string): Promise<void> {
    await this.#cache.put(partAddress(this.#address, index), new Response(bytes, { headers: headersOf(this.#of, { [totalHeader]: String(total), [bytesHeader]: String(bytes.length), [etagHeader]: etag }) }));
  }

  /** Says that the parts are the whole file. Rejects when one has gone: the browser may clear what it likes, and so may the reader. */
  async finish(total: number): Promise<void> {
    const parts = Math.ceil(total / partBytes);
    let kept = 0;
    for (let index = 0; index < parts; index++) {
      const part = await this.#cache.match(partAddress(this.#address, index));
      kept += part ? await bytesIn(part) : 0;
    }
    if (kept !== total) throw new Error('a part of it was cleared while the rest came');
    await this.#cache.put(this.#address, new Response(null, { headers: headersOf(this.#of, { [partsHeader]: String(parts), [totalHeader]: String(total) }) }));
  }

  /** Keeps a small file whole. */
  async save(bytes: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#cache.put(this.#address, new Response(bytes, { headers: headersOf(this.#of, { [totalHeader]: String(bytes.length), ...headers }) }));
  }

  /** Notes that the model has no such file at this commit. */
  async noteMissing(): Promise<void> {
    await this.#cache.put(`${this.#address}?${missingParameter}`, new Response(null, { headers: headersOf({ ...this.#of, path: '' }, { [totalHeader]: '0' }) }));
  }

  async isMissing(): Promise<boolean> {
    return (await this.#cache.match(`${this.#address}?${missingParameter}`)) !== undefined;
  }

  /** Throws away all there is of it. */
  async discard(): Promise<void> {
    await this.#cache.delete(this.#address, { ignoreSearch: true });
  }
}

/** What an entry of the cache says about itself. */
export interface KeptEntry {
  readonly of: KeptOf;
  /** Null for the entry of a whole file; otherwise it is this part. */
  readonly part: number | null;
  /** Of the whole file; for a part what the file will have. */
  readonly total: number;
  /** Bytes in this very entry; 0 for one that says of how many parts a file is. */
  readonly bytes: number;
  /** Of the file, whatever part this is. */
  readonly address: string;
}

/** Reads an entry; null for what is none of ours. Entries of older versions are known by their address alone. */
export async function keptEntry(cache: Cache, request: Request): Promise<KeptEntry | null> {
  const response = await cache.match(request);
  if (!response) return null;
  const url = new URL(request.url);
  const part = url.searchParams.get(partParameter);
  const said = response.headers.get(ofHeader);
  const of = said === null ? ofAddress(url) : (JSON.parse(decodeURIComponent(said)) as KeptOf);
  if (!of) return null;
  const stated = response.headers.get(totalHeader);
  const bytes = response.headers.has(partsHeader) ? 0 : part === null && stated !== null ? Number(stated) : await bytesIn(response);
  return { of, part: part === null ? null : Number(part), total: stated === null ? bytes : Number(stated), bytes, address: `${url.origin}${url.pathname}` };
}

/**
 * Does something while nobody downloads any of these files.
 * @param busy told which file somebody is at; nothing is done then.
 */
export async function whileIdle(addresses: readonly string[], work: () => Promise<void>, busy: (address: string) => never): Promise<void> {
  const [first, ...rest] = addresses;
  if (first === undefined) return work();
  return navigator.locks.request(lockOf(first), { ifAvailable: true }, (lock) => (lock ? whileIdle(rest, work, busy) : busy(first)));
}

function ofAddress(url: URL): KeptOf | null {
  const [, before = '', commit = '', path = ''] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  if (!path) return null;
  const names = before.split('/');
  const host = [url.origin, ...names.slice(0, -2)].join('/');
  return { host, id: names.slice(-2).map(decodeURIComponent).join('/'), commit: decodeURIComponent(commit), path: decodeURIComponent(path) };
}
