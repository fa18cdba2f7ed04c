/** Models that ship with the app, kept in Cache Storage for its version. */
import { download } from './download.ts';
import { withRead, type ModelFiles } from './model-files.ts';

/** Before the app's version in the names of the caches that hold bundled files. */
export const bundledCachePrefix = 'sensorium-bundled ';

declare const __CODE__: string;

/** What bundled files are kept under: the hash in it covers them. A development server's files change at any time. */
const appVersion = import.meta.env.MODE === 'production' ? __CODE__ : null;

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
      const answer = await download(address, path, watch, { cache: 'no-cache' });
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
