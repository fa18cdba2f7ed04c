/** Looks at a model without running it: configuration, size, and where its hidden states are. */
import { sha256 } from '../base/hash.ts';
import { commitPattern } from '../base/hub.ts';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import { chooseOnnx, onnxCandidates, type ModelDtype, type Parts } from './candidates.ts';
import { readConfig } from './config.ts';
import { checkInputs } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { findHiddenStates } from './onnx/blocks.ts';
import { requireRoom } from './memory.ts';
import { withoutCacheBranch } from './onnx/branches.ts';
import { indexOnnx, type OnnxIndex } from './onnx/index.ts';
import { countParameters, parametersByType } from './onnx/parameters.ts';
import { mixedPrecision } from './onnx/precision.ts';

export type { ModelDtype };

export interface InspectOptions {
  readonly dtype: ModelDtype;
  /** Name in figures; the last part of the id when empty. */
  readonly label?: string;
  /** Another ONNX file than the usual one for the precision. */
  readonly onnxFile?: string;
}

/** An ONNX model and the files beside it that hold its weights. */
export interface OnnxFiles {
  readonly path: string;
  /** The graph that is run: of merged decoders the branch without a cache. */
  readonly index: OnnxIndex;
  /** By the name the graph uses. */
  readonly external: readonly { readonly path: string; readonly data: Uint8Array<ArrayBuffer> }[];
}

/** An ONNX model as it was read. Of merged decoders this is nearly twice the model: let go of `original` soon. */
export interface ReadOnnx extends OnnxFiles {
  /** The file as it is: what a revision is the hash of. */
  readonly original: Uint8Array<ArrayBuffer>;
}

/** Reads and indexes one ONNX file with its external weights. */
export async function readOnnx(files: ModelFiles, path: string, watch?: Watch): Promise<ReadOnnx> {
  return withExternal(files, path, await files.read(path, watch), watch);
}

async function withExternal(files: ModelFiles, path: string, bytes: Uint8Array<ArrayBuffer>, watch?: Watch): Promise<ReadOnnx> {
  const index = withoutCacheBranch(indexOnnx(bytes, `model ${files.id}, ${path}`));
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const external: { path: string; data: Uint8Array<ArrayBuffer> }[] = [];
  for (const name of index.externalFiles) external.push({ path: name, data: await files.read(`${folder}${name}`, watch) });
  return { path, index, original: bytes, external };
}

async function findOnnx(files: ModelFiles, parts: Parts, options: InspectOptions, watch?: Watch): Promise<ReadOnnx> {
  if (options.onnxFile) return readOnnx(files, options.onnxFile, watch);
  const listed = files.list?.().filter((path) => path.endsWith('.onnx'));
  const candidates = onnxCandidates(options.dtype, parts);
  for (const path of candidates) {
    // What is not among the files that are listed need not be asked for.
    if (listed && !listed.some((entry) => entry === path || entry.endsWith(`/${path}`))) continue;
    const bytes = await files.readOptional(path, watch);
    if (bytes) return withExternal(files, path, bytes, watch);
  }
  const elsewhere = listed ? chooseOnnx(listed, options.dtype, parts) : null;
  if (elsewhere) return readOnnx(files, elsewhere, watch);
  throw new Problem({
    code: 'model-file-missing',
    place: `model ${files.id}`,
    what: `there is no ONNX file for the precision ${options.dtype} (looked for ${candidates.join(', ')})`,
    fix: listed && listed.length > 0 ? `Choose the precision that fits one of ${listed.join(', ')}.` : 'Choose another precision, or a model that has been exported to ONNX (tag transformers.js on the hub).',
  });
}

/**
 * Inspects a model: reads config.json, indexes the ONNX file, finds the hidden states and counts the parameters.
 * The revision is the commit for hub models, otherwise the SHA-256 of the ONNX file (and of its external weights); of hub
 * models whose host names no commit that is their content.
 * @throws Problem when a file is missing or unreadable, when the graph asks for inputs that are no text, when it is
 *   too large to be opened, or when not even the last hidden state can be found.
 */
export async function inspectModel(files: ModelFiles, options: InspectOptions, watch: Watch = {}): Promise<ModelValue> {
  const config = await readConfig(files, watch);
  const onnx = await findOnnx(files, config, options, watch);
  const { path, index } = onnx;
  checkInputs(index);
  const finding = findHiddenStates(index, config.layers, config.hiddenSize);
  if (finding.hiddenStates.length === 0) {
    throw new Problem({
      code: 'layers-not-found',
      place: `model ${files.id}, ${path}`,
      what: `the hidden states could not be found: ${finding.notes.join('; ')}`,
      fix: 'Use an export of the model whose output is last_hidden_state (feature extraction) or logits without a cache branch.',
    });
  }
  const hints = { hiddenSize: config.hiddenSize, vocabularySize: config.vocabularySize, tied: config.tiedEmbeddings };
  const precision = mixedPrecision(index, parametersByType(index, hints), finding.hiddenStates.at(-1)!);
  const parts = partsOf(onnx);
  requireRoom({
    fileBytes: onnx.original.length,
    externalBytes: onnx.external.reduce((sum, { data }) => sum + data.length, 0),
    dtype: precision?.stored === 'float16' ? 'fp16' : options.dtype,
    layers: finding.layers, hiddenSize: config.hiddenSize, vocabularySize: 0, batchTokens: 512,
  }, `model ${files.id}, ${path}`);
  const named = (await files.commit?.(watch)) ?? null;
  const pinned = named !== null && commitPattern.test(named);
  const hash = pinned ? '' : await hashOf(parts);
  return {
    type: 'model',
    label: options.label || files.id.slice(files.id.lastIndexOf('/') + 1),
    source: files.source,
    id: files.id,
    revision: named ?? hash,
    ...(named !== null && !pinned ? { content: hash } : {}),
    dtype: options.dtype,
    ...(precision ? { precision } : {}),
    onnxFile: path,
    architecture: config.architecture,
    parameters: countParameters(index, hints),
    bytes: parts.reduce((sum, part) => sum + part.length, 0),
    hiddenStates: finding.hiddenStates,
    hiddenSize: config.hiddenSize,
    contextLength: config.contextLength,
    notes: finding.notes,
  };
}

/** The bytes that a model's revision is a hash of. */
export function partsOf({ original, external }: Pick<ReadOnnx, 'original' | 'external'>): readonly Uint8Array<ArrayBuffer>[] {
  return [original, ...external.map(({ data }) => data)];
}

/** One file: its SHA-256. Several: the SHA-256 of their hashes in order. */
export async function hashOf(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await sha256(part));
  return hashes.length === 1 ? hashes[0]! : sha256(hashes.join('\n'));
}
