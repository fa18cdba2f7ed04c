/**
 * Where a model's files come from, behind one interface: the folder that ships with the app, the Hugging Face hub
 * (both kept in Cache Storage), or a folder the reader chose.
 */
import { publicHub } from '../base/hub.ts';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { download } from './download.ts';
import { SharedReads } from './reads.ts';

export interface ModelFiles {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  /**
   * The bytes of a file, by its path inside the model's folder. The caller may keep but not change them.
   * @throws Problem `model-file-missing`, `download-failed` or `download-incomplete`.
   */
  read(path: string, watch?: Watch): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes, or null where the model has no such file. */
  readOptional(path: string, watch?: Watch): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Paths, where they can be listed. */
  list?(): readonly string[];
  /** Hub only: the commit that the revision stands for, known after the first read; the revision where the host does not say. */
  commit?(watch?: Watch): Promise<string>;
}

export interface HubOptions {
  /** Branch, tag or commit; 'main' by default. */
  readonly revision?: string;
  /** Where the hub is, without a slash at the end; a mirror has the same paths. */
  readonly host?: string;
  /** Told when a download could not be kept (storage full, commit unknown): it is used all the same. */
  readonly warn?: (message: string) => void;
}

/** Cache Storage that holds hub downloads, by address with the commit in it. */
export const hubCacheName = 'sensorium-models';

/** Before the app's version in the names of the caches that hold bundled files. */
export const bundledCachePrefix = 'sensorium-bundled ';

declare const __CODE__: string;

/** What bundled files are kept under: the hash in it covers them. A development server's files change at any time. */
const appVersion = import.meta.env.MODE === 'production' ? __CODE__ : null;

const commitPattern = /^[0-9a-f]{40}$/;

function missing(path: string, id: string, fix: string): Problem {
  return new Problem({ code: 'model-file-missing', place: `model ${id}`, what: `there is no file ${path}`, fix });
}

function withRead(id: string, fix: string, readOptional: ModelFiles['readOptional']): Pick<ModelFiles, 'read' | 'readOptional'> {
  const reads = new SharedReads(readOptional);
  const shared: ModelFiles['readOptional'] = (path, watch) => reads.read(path, watch);
  return {
    readOptional: shared,
    read: async (path, watch) => {
      const bytes = await shared(path, watch);
      if (!bytes) throw missing(path, id, fix);
      return bytes;
    },
  };
}

/**
 * A model that ships with the app. Its files are downloaded once per version of the app: the browser's own cache often
 * does not take files of many megabytes.
 * @param base address of the app's folder, ending in '/'; the files lie in models/<id>/ under it.
 * @param version of the app; null keeps nothing.
 */
export function bundledFiles(base: string, id: string, version: string | null = appVersion): ModelFiles {
  const folder = new URL(`models/${id}/`, base);
  const fix = `The app should ship it at ${folder.href}; reload the page, or choose another model.`;
  return {
    source: 'bundled',
    id,
    ...withRead(id, fix, async (path, watch) => {
      const address = new URL(path, folder).href;
      const cache = version === null ? null : await bundledCache(version);
      const copy = await cache?.match(address);
      if (copy) return new Uint8Array(await copy.arrayBuffer());
      // Asked of the host even if the browser has a copy: that may be of another version, and would be kept as this one.
      const answer = await download(address, path, watch, 'no-cache');
      // Static hosts and the development server answer with a page where there is no file.
      if (answer.status === 404 || answer.type.startsWith('text/html')) return null;
      // Where there is no room it is downloaded again.
      await cache?.put(address, new Response(answer.bytes)).catch(() => undefined);
      return answer.bytes;
    }),
  };
}

/** The cache of this version of the app, and no other; null where the browser has none to give (plain http, private windows). */
async function bundledCache(version: string): Promise<Cache | null> {
  const name = bundledCachePrefix + version;
  try {
    const outdated = (await caches.keys()).filter((other) => other.startsWith(bundledCachePrefix) && other !== name);
    await Promise.all(outdated.map((other) => caches.delete(other)));
    return await caches.open(name);
  } catch {
    return null;
  }
}

/**
 * A model of the Hugging Face hub. Files are downloaded once per commit and kept in Cache Storage; from a host that
 * does not name the commit they are used and not kept, since a branch moves.
 */
export function hubFiles(id: string, options: HubOptions = {}): ModelFiles {
  const host = options.host ?? publicHub;
  const revision = options.revision || 'main';
  const fix = `See which files it has at ${host}/${id}/tree/${revision}; another precision may be there, under onnx/.`;
  const warn = options.warn ?? (() => undefined);
  let commit: Promise<string> | null = null;

  const kept = async (address: string): Promise<Response | undefined> => (await caches.open(hubCacheName)).match(address);
  const keep = async (address: string, bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<void> => {
    try {
      await (await caches.open(hubCacheName)).put(address, new Response(bytes, { headers }));
    } catch (error) {
      warn(`${address} could not be kept for next time: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const addressAt = (at: string, path: string): string => `${host}/${id}/resolve/${at}/${path}`;

  /** Branches move, so the hub is asked what they stand for; without a network the last answer holds. */
  const resolve = async (watch?: Watch): Promise<string> => {
    if (commitPattern.test(revision)) return revision;
    const address = addressAt(revision, 'config.json');
    let answer;
    try {
      answer = await download(address, 'config.json', watch);
    } catch (error) {
      const last = await kept(address);
      const known = last?.headers.get('x-repo-commit');
      if (!known || watch?.signal?.aborted) throw error;
      warn(`${host} was not reached; the copy of ${id} kept from commit ${known.slice(0, 7)} is used`);
      return known;
    }
    if (answer.status === 404) throw missing('config.json', id, `No such model or revision at ${host}/${id}; check the id and the revision ${revision}.`);
    const at = answer.headers.get('x-repo-commit') ?? '';
    if (!commitPattern.test(at)) {
      warn(`${host} does not say which commit ${revision} of ${id} is: its files are downloaded each time, and this result holds for today's ${revision} only; name a commit as the revision to pin it`);
      return revision;
    }
    const headers = { 'x-repo-commit': at };
    await keep(address, answer.bytes, headers);
    await keep(addressAt(at, 'config.json'), answer.bytes, headers);
    return at;
  };
  const commitOf = (watch?: Watch): Promise<string> => {
    commit ??= resolve(watch).catch((error: unknown) => {
      commit = null;
      throw error;
    });
    return commit;
  };
  return {
    source: 'hub',
    id,
    commit: commitOf,
    ...withRead(id, fix, async (path, watch) => {
      const at = await commitOf(watch);
      const pinned = commitPattern.test(at);
      const address = addressAt(at, path);
      const copy = pinned ? await kept(address) : undefined;
      if (copy) return new Uint8Array(await copy.arrayBuffer());
      const answer = await download(address, path, watch);
      if (answer.status === 404) return null;
      if (pinned) await keep(address, answer.bytes, {});
      return answer.bytes;
    }),
  };
}

/**
 * A folder the reader chose.
 * @param entries files by path; the chosen folder's own name may stand in front.
 */
export function localFiles(id: string, entries: ReadonlyMap<string, Blob>): ModelFiles {
  const paths = [...entries.keys()];
  const find = (path: string): Blob | undefined => {
    const exact = entries.get(path);
    if (exact) return exact;
    const below = paths.filter((entry) => entry.endsWith(`/${path}`));
    return below.length === 1 ? entries.get(below[0]!) : undefined;
  };
  const shown = paths.slice(0, 12).join(', ') + (paths.length > 12 ? ', ...' : '');
  return {
    source: 'local',
    id,
    list: () => paths,
    ...withRead(id, `Choose the folder that holds it; this one has ${shown || 'no files'}.`, async (path) => {
      const blob = find(path);
      return blob ? new Uint8Array(await blob.arrayBuffer()) : null;
    }),
  };
}

/** Where to look for the files of a model: what a cell knows besides the model's name. */
export interface FilePlaces extends Omit<HubOptions, 'revision'> {
  /** Address of the app's folder, ending in '/'. */
  readonly base: string;
  /** Files of the local folder, by path. */
  readonly entries?: ReadonlyMap<string, Blob>;
}

/** The files of a model by its source. For hub models the revision may be a branch or a commit. */
export function modelFiles(model: { readonly source: ModelFiles['source']; readonly id: string; readonly revision: string }, places: FilePlaces): ModelFiles {
  switch (model.source) {
    case 'bundled': return bundledFiles(places.base, model.id);
    case 'hub': return hubFiles(model.id, { ...places, revision: model.revision });
    case 'local': return localFiles(model.id, places.entries ?? new Map());
    default: throw new Error(`unknown source ${String(model.source satisfies never)}`);
  }
}
