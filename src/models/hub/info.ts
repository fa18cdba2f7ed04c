/** What the hub knows of a model before anything of it is downloaded: task, licence, and precisions with their sizes. */
import { publicHub } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { chooseOnnx, onnxCandidates, precisionOf, type ModelDtype, type Parts } from '../candidates.ts';
import { estimateMemory } from '../memory.ts';
import { encodedPath, type HubOptions } from './address.ts';
import { commitPattern, hubTree, missingModel, type HubFile, type HubTree } from './tree.ts';

export { parseHubAddress, type HubAddress, type HubOptions } from './address.ts';

/** A precision that a model can be had at. */
export interface HubDtype {
  readonly dtype: ModelDtype;
  readonly onnxFile: string;
  /** Bytes to download, external weights included. */
  readonly bytes: number;
  /** Estimated peak bytes while it runs on the CPU: see estimateMemory. */
  readonly memory: number;
  /** Whether the runtime can open it at all, on the CPU or on a GPU. */
  readonly fits: boolean;
}

export interface HubInfo {
  readonly id: string;
  /** 40 hex digits; the revision that was asked for where the host does not name commits. */
  readonly commit: string;
  /** "feature-extraction"; null where the host does not say, as for what follows. */
  readonly task: string | null;
  readonly library: string | null;
  readonly licence: string | null;
  readonly gated: boolean;
  readonly downloads: number | null;
  /** ISO 8601. */
  readonly modified: string | null;
  readonly architecture: string | null;
  readonly modelType: string | null;
  readonly languages: readonly string[];
  /** As the choices of a model cell are ordered. */
  readonly dtypes: readonly HubDtype[];
  /** Bytes of the other files a run needs: configuration and tokenizer. */
  readonly otherBytes: number;
}

const dtypes: readonly ModelDtype[] = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'];
/** What a run reads besides the graph. */
const others = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'generation_config.json'];

/**
 * Asks the hub about a model: one request. From a mirror that has the files and not the API, sizes are found by asking
 * for each likely file's head.
 * @param options.revision branch, tag or commit; 'main' by default.
 * @throws Problem `hub-model-missing`, `hub-model-gated`, `hub-unreachable` or `hub-no-onnx`; an AbortError after cancel.
 */
export async function hubInfo(id: string, options: HubOptions, watch: Watch = {}): Promise<HubInfo> {
  const tree = await hubTree(id, options, watch);
  const info = tree ? fromTree(id, tree) : await fromHeads(id, options, watch);
  if (info.dtypes.length > 0) return info;
  throw new Problem({
    code: 'hub-no-onnx',
    place: `model ${id}`,
    what: 'it has no ONNX file with a text model in it',
    fix: 'Look on the hub for an export of it (onnx-community and Xenova have many), or export it with optimum and use it as a local model.',
  });
}

function fromTree(id: string, { commit, files, facts }: HubTree): HubInfo {
  const { cardData, config, tags } = facts;
  const tagged = (prefix: string): string | undefined => tags?.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
  const licence = cardData?.license ?? tagged('license:');
  const language = cardData?.language ?? [];
  return {
    id, commit,
    task: facts.pipeline_tag ?? null,
    library: facts.library_name ?? null,
    // "other" names a text of its own.
    licence: (licence === 'other' ? cardData?.license_name : Array.isArray(licence) ? licence.join(', ') : licence) ?? null,
    gated: facts.gated !== undefined && facts.gated !== null && facts.gated !== false,
    downloads: facts.downloads ?? null,
    modified: facts.lastModified ?? null,
    architecture: config?.architectures?.[0] ?? null,
    modelType: config?.model_type ?? null,
    languages: typeof language === 'string' ? [language] : language,
    dtypes: dtypesOf(files),
    otherBytes: others.reduce((sum, path) => sum + (files.get(path)?.bytes ?? 0), 0),
  };
}

/** Which precisions there are among files, by their names. */
export function dtypesOf(files: ReadonlyMap<string, HubFile>): HubDtype[] {
  const paths = [...files.keys()];
  const named = (stem: string): boolean => paths.some((path) => path.endsWith('.onnx') && path.slice(path.lastIndexOf('/') + 1).startsWith(stem));
  const parts: Parts = { encoderDecoder: named('encoder_model') && named('decoder_model'), towers: named('text_model') && named('vision_model') };
  return dtypes.flatMap((dtype): HubDtype[] => {
    const onnxFile = chooseOnnx(paths, dtype, parts);
    // A single file under another name is taken for any precision; it is one.
    if (!onnxFile || (dtype !== 'fp32' && precisionOf(onnxFile) !== dtype)) return [];
    const fileBytes = files.get(onnxFile)!.bytes;
    const externalBytes = paths.filter((path) => isWeightsOf(path, onnxFile)).reduce((sum, path) => sum + files.get(path)!.bytes, 0);
    // The hub's list tells no sizes of layers; opening takes more than a batch of the usual length.
    const needs = { fileBytes, externalBytes, dtype, layers: 0, hiddenSize: 0, vocabularySize: 0, batchTokens: 0 };
    const memory = estimateMemory({ ...needs, backend: 'wasm' });
    return [{ dtype, onnxFile, bytes: fileBytes + externalBytes, memory: memory.peak, fits: memory.fits || estimateMemory({ ...needs, backend: 'webgpu' }).fits }];
  });
}

/** Weights beside the graph: model.onnx_data, model.onnx_data_1, model.onnx.data. */
function isWeightsOf(path: string, onnxFile: string): boolean {
  return path.startsWith(onnxFile) && /^(_data(_\d+)?|\.data)$/.test(path.slice(onnxFile.length));
}

async function fromHeads(id: string, options: HubOptions, { signal }: Watch): Promise<HubInfo> {
  const host = options.host ?? publicHub;
  const revision = options.revision || 'main';
  const head = async (path: string): Promise<Response | null> => {
    let response;
    try {
      response = await fetch(`${host}/${id}/resolve/${encodeURIComponent(revision)}/${encodedPath(path)}`, { method: 'HEAD', cache: 'no-cache', ...(signal ? { signal } : {}) });
    } catch (error) {
      signal?.throwIfAborted();
      const what = `${new URL(host).host} was not reached (${error instanceof Error ? error.message : String(error)})`;
      throw new Problem({ code: 'hub-unreachable', place: `model ${id}`, what, fix: 'Try again when you are online, name a mirror as the hub address in the settings, or use the model’s files as a local model.' });
    }
    // Static hosts answer with a page where there is no file.
    return response.ok && !(response.headers.get('content-type') ?? '').startsWith('text/html') ? response : null;
  };
  const size = (response: Response | null): number => Number(response?.headers.get('x-linked-size') ?? response?.headers.get('content-length') ?? 0);
  const config = await head('config.json');
  if (!config) throw missingModel(id, host, revision);
  const commit = config.headers.get('x-repo-commit') ?? '';
  const files = new Map<string, HubFile>();
  const add = (path: string, response: Response | null): void => void (response && files.set(path, { bytes: size(response), sha256: null }));
  const candidates = dtypes.flatMap((dtype) => onnxCandidates(dtype, { encoderDecoder: false, towers: false }).slice(0, 2));
  await Promise.all([...others, ...candidates].map(async (path) => add(path, await head(path))));
  await Promise.all(candidates.filter((path) => files.has(path)).flatMap((path) => [`${path}_data`, `${path}.data`]).map(async (path) => add(path, await head(path))));
  return {
    id, commit: commitPattern.test(commit) ? commit : revision,
    task: null, library: null, licence: null, gated: false, downloads: null, modified: null, architecture: null, modelType: null, languages: [],
    dtypes: dtypesOf(files),
    otherBytes: others.reduce((sum, path) => sum + (files.get(path)?.bytes ?? 0), 0),
  };
}
