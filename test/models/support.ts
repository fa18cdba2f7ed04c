/** Models of ../shared as local folders, and the comparison that every layer must pass. */
import { inspectModel, type ModelDtype } from '../../src/models/inspect.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { sharedBytes } from '../shared.ts';

/** A local folder made of files of ../shared/models/<folder>. */
export async function sharedFolderFiles(folder: string, paths: readonly string[]): Promise<ModelFiles> {
  const entries = new Map<string, Blob>();
  for (const path of paths) entries.set(path, new Blob([await sharedBytes(`models/${folder}/${path}`)]));
  return localFiles(folder, entries);
}

/** One export of a folder, inspected. */
export async function inspectShared(folder: string, onnxFile: string, others: readonly string[] = [], dtype: ModelDtype = 'fp32'): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = await sharedFolderFiles(folder, ['config.json', onnxFile, ...others]);
  return { files, value: await inspectModel(files, { dtype, onnxFile }) };
}

/** Largest difference relative to the largest magnitude of the expected values, where `counts`. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, counts: (position: number) => boolean = () => true): number {
  let difference = 0;
  let magnitude = 0;
  for (let position = 0; position < expected.length; position++) {
    if (!counts(position)) continue;
    difference = Math.max(difference, Math.abs(actual[position]! - expected[position]!));
    magnitude = Math.max(magnitude, Math.abs(expected[position]!));
  }
  return Number.isFinite(difference) && actual.length === expected.length ? difference / magnitude : Infinity;
}
