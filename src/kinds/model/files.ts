/** Opens the files of a model named in a notebook: bundled, hub, or a local folder among the imported files. */
import { modelFiles, type ModelFiles } from '../../models/files.ts';
import type { RunContext } from '../kind.ts';

/** Where a model's files are, as a cell or a model value names it. */
export interface ModelAddress {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  readonly revision: string;
}

/** The files of a model; nothing is read yet. A local folder's files are the imported ones below its name. */
export function openModelFiles(address: ModelAddress, { base, files, warn }: RunContext): ModelFiles {
  const folder = `${address.id}/`;
  const inside = [...files.values()].filter((file) => file.name.startsWith(folder));
  const entries = new Map(inside.map((file) => [file.name.slice(folder.length), file.content]));
  return modelFiles(address, { base, entries, warn });
}
