/** The files of a model, wherever they come from: what every source gives, and reads that are shared while they last. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { SharedReads } from './reads.ts';

export interface ModelFiles {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  /**
   * The bytes of a file, by its path inside the model's folder. The caller may keep but not change them.
   * @throws Problem `model-file-missing`, `download-failed`, `download-incomplete` or `download-wrong`.
   */
  read(path: string, watch?: Watch): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes, or null where the model has no such file. */
  readOptional(path: string, watch?: Watch): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Paths, where they can be listed. */
  list?(): readonly string[];
  /** Hub only: the commit that the revision stands for, known after the first read; the revision where the host does not say. */
  commit?(watch?: Watch): Promise<string>;
}

/** Says that a model has no such file. */
export function missingFile(path: string, id: string, fix: string): Problem {
  return new Problem({ code: 'model-file-missing', place: `model ${id}`, what: `there is no file ${path}`, fix });
}

/** Both ways to read, from one. @param fix what the reader can do where a file is missing. */
export function withRead(id: string, fix: string, readOptional: ModelFiles['readOptional']): Pick<ModelFiles, 'read' | 'readOptional'> {
  const reads = new SharedReads(readOptional);
  const shared: ModelFiles['readOptional'] = (path, watch) => reads.read(path, watch);
  return {
    readOptional: shared,
    read: async (path, watch) => {
      const bytes = await shared(path, watch);
      if (!bytes) throw missingFile(path, id, fix);
      return bytes;
    },
  };
}
