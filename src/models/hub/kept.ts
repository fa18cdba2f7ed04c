/** What this browser keeps of models: whole and unfinished downloads of the hub, and the copies of those that ship. */
import { commitPattern } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import { bundledCachePrefix } from '../bundled-files.ts';
import { keptEntry, openHubCache, whileIdle, type KeptEntry } from './kept-file.ts';

/** What is kept of a hub model at a commit. */
export interface KeptModel {
  /** Where it came from, without a slash at the end. */
  readonly host: string;
  readonly id: string;
  readonly commit: string;
  /** Bytes in this browser, those of unfinished files included. */
  readonly bytes: number;
  /** Files that are there whole. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Files of which a part has come: bytes that are there, and that there will be. */
  readonly unfinished: readonly { readonly path: string; readonly bytes: number; readonly total: number }[];
  /** Whether a file is unfinished. */
  readonly partial: boolean;
}

/** A model that ships with the app, as far as it was needed. */
export interface KeptBundled {
  readonly id: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** How well downloads are kept here. */
export interface KeepStatus {
  /** 'unavailable': this browser gives the page no storage for them. 'best-effort': it may clear them when the disk runs low. */
  readonly state: 'unavailable' | 'best-effort' | 'persistent';
}

async function entries(cache: Cache): Promise<KeptEntry[]> {
  const found = await Promise.all((await cache.keys()).map((request) => keptEntry(cache, request)));
  return found.filter((entry) => entry !== null);
}

/** Models of the hub that are kept, whole or in part, by host, id and commit. */
export async function keptModels(): Promise<readonly KeptModel[]> {
  const cache = await openHubCache();
  if (!cache) return [];
  const models = new Map<string, KeptEntry[]>();
  for (const entry of await entries(cache)) {
    const { host, id, commit } = entry.of;
    // What a branch stood for is no download.
    if (!commitPattern.test(commit)) continue;
    const name = `${host} ${id} ${commit}`;
    models.set(name, [...(models.get(name) ?? []), entry]);
  }
  return [...models.values()].map(modelOf).filter(({ bytes }) => bytes > 0).toSorted((a, b) => compare(a.id, b.id) || compare(a.host, b.host) || compare(a.commit, b.commit));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function modelOf(all: readonly KeptEntry[]): KeptModel {
  const { host, id, commit } = all[0]!.of;
  const own = all.filter(({ of }) => of.path !== '');
  const begun = new Map<string, { bytes: number; total: number }>();
  for (const { of, bytes, total } of own) begun.set(of.path, { bytes: (begun.get(of.path)?.bytes ?? 0) + bytes, total });
  const ended = new Set(own.filter(({ part }) => part === null).map(({ of }) => of.path));
  const files: { path: string; bytes: number }[] = [];
  // The browser may have cleared a part of what was whole.
  for (const [path, { bytes, total }] of begun) {
    const whole = ended.has(path) && bytes === total;
    if (whole) files.push({ path, bytes });
    if (whole || bytes === 0) begun.delete(path);
  }
  const unfinished = Array.from(begun, ([path, sizes]) => ({ path, ...sizes }));
  const bytes = [...files, ...unfinished].reduce((sum, file) => sum + file.bytes, 0);
  return { host, id, commit, bytes, files: files.toSorted((a, b) => compare(a.path, b.path)), unfinished, partial: unfinished.length > 0 };
}

/**
 * Lets go of what is kept of a hub model, unfinished files included.
 * @param commit only this one; all of the model's if absent.
 * @param host only what came from there; from anywhere if absent.
 * @returns the bytes that were freed.
 * @throws Problem `model-in-use` while one of its files is being downloaded; nothing is let go then.
 */
export async function freeModel(id: string, commit?: string, host?: string): Promise<number> {
  const cache = await openHubCache();
  if (!cache) return 0;
  const gone = (await entries(cache)).filter(({ of }) => of.id === id && (commit === undefined || of.commit === commit) && (host === undefined || of.host === host));
  const addresses = [...new Set(gone.map(({ address }) => address))];
  await whileIdle(
    addresses,
    async () => {
      for (const address of addresses) await cache.delete(address, { ignoreSearch: true });
    },
    (address) => {
      const path = gone.find((entry) => entry.address === address && entry.of.path !== '')?.of.path ?? 'a file of it';
      throw new Problem({ code: 'model-in-use', place: `model ${id}`, what: `${path} is being downloaded, in this tab or another`, fix: 'Cancel the cell that downloads it, or let it finish; then free the model.' });
    },
  );
  return gone.reduce((sum, { of, bytes }) => sum + (commitPattern.test(of.commit) && of.path !== '' ? bytes : 0), 0);
}

async function bundledCaches(): Promise<string[]> {
  try {
    return (await caches.keys()).filter((name) => name.startsWith(bundledCachePrefix));
  } catch {
    return [];
  }
}

/** Models that ship with the app and of which this browser keeps a copy. */
export async function keptBundled(): Promise<readonly KeptBundled[]> {
  const models = new Map<string, { path: string; bytes: number }[]>();
  for (const name of await bundledCaches()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const [, id, path] = /\/models\/([^/]+)\/(.+)$/.exec(decodeURIComponent(new URL(request.url).pathname)) ?? [];
      const response = await cache.match(request);
      if (id && path && response) models.set(id, [...(models.get(id) ?? []), { path, bytes: (await response.blob()).size }]);
    }
  }
  return Array.from(models, ([id, files]) => ({ id, files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) })).toSorted((a, b) => compare(a.id, b.id));
}

/** Lets go of the copies of a model that ships, or of all of them. Returns the bytes that were freed. */
export async function freeBundled(id?: string): Promise<number> {
  const gone = (await keptBundled()).filter((model) => id === undefined || model.id === id).reduce((sum, model) => sum + model.bytes, 0);
  for (const name of await bundledCaches()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) if (id === undefined || decodeURIComponent(new URL(request.url).pathname).includes(`/models/${id}/`)) await cache.delete(request);
  }
  return gone;
}

/** Whether and how safely downloads are kept here. */
export async function keepStatus(): Promise<KeepStatus> {
  if (!(await openHubCache())) return { state: 'unavailable' };
  return { state: (await navigator.storage?.persisted().catch(() => false)) ? 'persistent' : 'best-effort' };
}
