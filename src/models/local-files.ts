/** Models in a folder that the reader chose. */
import { withRead, type ModelFiles } from './model-files.ts';

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
