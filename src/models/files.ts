/**
 * Where a model's files come from, behind one interface: the folder that ships with the app, the Hugging Face hub
 * (both kept in Cache Storage), or a folder the reader chose.
 */
import { bundledFiles } from './bundled-files.ts';
import type { HubOptions } from './hub/address.ts';
import { hubFiles } from './hub/files.ts';
import { localFiles } from './local-files.ts';
import type { ModelFiles } from './model-files.ts';

export { bundledCachePrefix, bundledFiles } from './bundled-files.ts';
export type { HubOptions } from './hub/address.ts';
export { hubFiles } from './hub/files.ts';
export { hubCacheName } from './hub/kept-file.ts';
export { localFiles } from './local-files.ts';
export type { ModelFiles } from './model-files.ts';

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
