/** Opens the files of a model named in a notebook: bundled, hub, or a local folder among the imported files. */
import { bundledFiles, hubFiles, localFiles, type ModelFiles } from '../../models/files.ts';
import type { RunContext } from '../kind.ts';

/** Where a model's files are, as a cell or a model value names it. */
export interface ModelAddress {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  readonly revision: string;
}

/** The files of a model; nothing is read yet. */
export function modelFiles({ source, id, revision }: ModelAddress, context: RunContext): ModelFiles {
  switch (source) {
    case 'bundled':
      return bundledFiles(context.base, id);
    case 'hub':
      return hubFiles(id, { revision, warn: context.warn });
    case 'local': {
      const folder = `${id}/`;
      const inside = [...context.files.values()].filter((file) => file.name.startsWith(folder));
      return localFiles(id, new Map(inside.map((file) => [file.name.slice(folder.length), file.content])));
    }
    default:
      return source satisfies never;
  }
}
