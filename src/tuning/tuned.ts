/**
 * Tuned models as models like any other: a base model's files, and adapters that are merged into its graph whenever it
 * is opened. The value is plain data and holds no weights of the base.
 */
import { canonicalJson, sha256 } from '../base/hash.ts';
import type { Watch } from '../base/progress.ts';
import type { Adapter, Tuning } from '../data/tuned.ts';
import type { ModelValue } from '../data/values.ts';
import type { ModelFiles } from '../models/files.ts';
import { readModel } from '../models/graph.ts';
import type { OnnxFiles } from '../models/inspect.ts';
import { indexOnnx } from '../models/onnx/index.ts';
import { mergeAdapters } from './files/merge.ts';

/** A model with one tuning more. Its revision is a hash of the base's and of the adapters: equal ones give equal models. */
export async function tunedModel(base: ModelValue, tuning: Tuning, label: string): Promise<ModelValue> {
  return {
    ...base,
    label,
    revision: await sha256(`${base.revision}${base.content ? `/${base.content}` : ''}\n${await hashOfAdapters(tuning.adapters)}`),
    tuned: {
      base: base.tuned?.base ?? { label: base.label, revision: base.revision },
      rounds: [...(base.tuned?.rounds ?? []), tuning],
    },
  };
}

async function hashOfAdapters(adapters: readonly Adapter[]): Promise<string> {
  const parts: string[] = [];
  for (const { site, rank, scale, a, b } of adapters) {
    parts.push(canonicalJson({ ...site, rank, scale }), await sha256(a.slice().buffer), await sha256(b.slice().buffer));
  }
  return sha256(parts.join('\n'));
}

/**
 * The files of a model as it is to be run: the base's, and for a tuned model with its adapters merged into the graph. The
 * graph is merged when it is first read, and the base's revision is checked then.
 *
 * @param files of the base, at the base's revision
 */
export function tunedFiles(value: ModelValue, files: ModelFiles): ModelFiles {
  const { tuned, onnxFile } = value;
  if (!tuned) return files;
  const folder = onnxFile.slice(0, onnxFile.lastIndexOf('/') + 1);
  let merging: Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> | null = null;
  const merged = (watch: Watch): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> => (merging ??= merge(value, files, watch).catch((error: unknown) => {
    merging = null;
    throw error;
  }));
  const isMerged = async (path: string, watch: Watch): Promise<Uint8Array<ArrayBuffer> | undefined> =>
    path === onnxFile || (merging !== null && path.startsWith(folder)) ? (await merged(watch)).get(path) : undefined;
  return {
    source: files.source,
    id: files.id,
    read: async (path, watch = {}) => (await isMerged(path, watch)) ?? files.read(path, watch),
    readOptional: async (path, watch = {}) => (await isMerged(path, watch)) ?? files.readOptional(path, watch),
    ...(files.list ? { list: () => files.list!() } : {}),
    commit: async (watch = {}) => {
      await merged(watch);
      return value.revision;
    },
  };
}

/** The graph and the files beside it, by path in the model's folder. */
async function merge(value: ModelValue, files: ModelFiles, watch: Watch): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const { base, rounds } = value.tuned!;
  const { tuned: _, ...untuned } = value;
  const { onnx } = await readModel({ ...untuned, revision: base.revision }, files, watch);
  const folder = onnx.path.slice(0, onnx.path.lastIndexOf('/') + 1);
  let current: OnnxFiles = onnx;
  for (const { adapters } of rounds) {
    const { bytes, external } = mergeAdapters(current, adapters, { half: 'widen' });
    current = { ...current, index: indexOnnx(bytes, onnx.index.file), external };
  }
  return new Map([[onnx.path, current.index.bytes], ...current.external.map(({ path, data }): [string, Uint8Array<ArrayBuffer>] => [folder + path, data])]);
}
