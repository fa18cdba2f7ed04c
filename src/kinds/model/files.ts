/** Opens the files of a model named in a notebook: bundled, hub, or a local folder among the imported files; tuned or not. */
import { hubName } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { ModelValue } from '../../data/values.ts';
import { parseHubAddress } from '../../models/hub/address.ts';
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
  const { source } = address;
  const tuned = 'tuned' in address ? address.tuned : undefined;
  const { id, revision, host } = source === 'hub' ? hubPlace(address, hub) : { ...address, host: hub };
  const folder = `${id}/`;
  const inside = [...files.values()].filter((file) => file.name.startsWith(folder));
  const entries = new Map(inside.map((file) => [file.name.slice(folder.length), file.content]));
  const opened = modelFiles({ source, id, revision: tuned?.base.revision ?? revision }, { base, host, entries, warn });
  const found = 'type' in address && host !== hub ? elsewhere(opened, host, hub) : opened;
  return 'type' in address ? tunedFiles(address, found) : found;
}

/** A model that was looked at is where it was then, and its downloads with it. */
function hubPlace(address: ModelAddress | ModelValue, hub: string): { readonly id: string; readonly revision: string; readonly host: string } {
  if ('type' in address) return { id: address.id, revision: address.revision, host: address.about?.host ?? hub };
  const { id, revision, host } = parseHubAddress(address.id);
  return { id, revision: revision ?? address.revision, host: host ?? hub };
}

/** Files of a model that was looked at on another host than the one that is set now: a failure says how to go there. */
function elsewhere(files: ModelFiles, host: string, hub: string): ModelFiles {
  const told = (error: unknown): never => {
    if (!(error instanceof Problem) || error.code !== 'download-failed') throw error;
    const { record } = error;
    throw new Problem({ ...record, fix: `The model cell found it at ${hubName(host)}, and the hub that is set now is ${hubName(hub)}: run the model cell again to read it from there. ${record.fix}` });
  };
  const { commit } = files;
  return {
    ...files,
    read: (path, watch) => files.read(path, watch).catch(told),
    readOptional: (path, watch) => files.readOptional(path, watch).catch(told),
    ...(commit ? { commit: (watch) => commit(watch).catch(told) } : {}),
  };
}
