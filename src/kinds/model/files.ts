/** Opens the files of a model named in a notebook: bundled, hub, or a local folder among the imported files; tuned or not. */
import type { ModelValue } from '../../data/values.ts';
import { modelFiles, type ModelFiles } from '../../models/files.ts';
import { tunedFiles } from '../../tuning/tuned.ts';
import type { RunContext } from '../kind.ts';

/** Where a model's files are, as a cell or a model value names it. */
export interface ModelAddress {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  readonly revision: string;
}

/**
 * The files of a model; nothing is read yet. A local folder's files are the imported ones below its name, and those of a
 * tuned model are its base's with the adapters merged in.
 */
export function openModelFiles(address: ModelAddress | ModelValue, { base, hub, files, warn }: Pick<RunContext, 'base' | 'hub' | 'files' | 'warn'>): ModelFiles {
  const { source, id } = address;
  const tuned = 'tuned' in address ? address.tuned : undefined;
  const folder = `${id}/`;
  const inside = [...files.values()].filter((file) => file.name.startsWith(folder));
  const entries = new Map(inside.map((file) => [file.name.slice(folder.length), file.content]));
  const found = modelFiles({ source, id, revision: tuned?.base.revision ?? address.revision }, { base, host: hub, entries, warn });
  return 'type' in address ? tunedFiles(address, found) : found;
}
