/** What the hub knows of a model before anything of it is downloaded: task, licence, and precisions with their sizes. */
import { commitHeader, commitPattern, publicHub } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { chooseOnnx, graphOfWeights, onnxCandidates, precisionOf, type ModelDtype, type Parts } from '../candidates.ts';
import { estimateMemory } from '../memory.ts';
import { encodedPath, type HubOptions } from './address.ts';
import { keptModels, type KeptModel } from './kept.ts';
import { hubTree, keptTree, missingModel, unreachableHub, type HubFile, type HubTree } from './tree.ts';

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

/** What the hub tells of a model at a commit. */
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
  /** Bytes of the other files a run needs: see besideGraph. */
  readonly otherBytes: number;
}

const dtypes: readonly ModelDtype[] = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'];
/** What runs read besides the graph, where a model has it: configuration, tokenizer, chat template, tokens that end a text. */
export const besideGraph = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json'] as const;

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

/**
 * What is known of a model without asking anyone: what the hub listed when something of the commit was downloaded, or else
 * the kept files themselves. Only precisions whose graph is kept are in it; null where none is.
 */
export async function keptInfo(id: string, host: string, commit: string): Promise<HubInfo | null> {
  const kept = (await keptModels()).find((model) => model.id === id && model.host === host && model.commit === commit);
  if (!kept) return null;
  const files = new Map(kept.files.map(({ path, bytes }) => [path, { bytes, sha256: null }]));
  const tree = await keptTree(id, host, commit);
  const info = tree ? fromTree(id, tree) : fromFiles(id, commit, files);
  const there = info.dtypes.filter(({ onnxFile }) => files.has(onnxFile));
  return there.length > 0 ? { ...info, dtypes: there } : null;
}

/** Files that runs of a kept model would still ask for, as far as it is known what the hub has: beside the graph, and weights of the graphs that are there. */
export async function lackingFiles({ host, id, commit, files }: KeptModel): Promise<readonly string[]> {
  const there = new Set(files.map(({ path }) => path));
  const needed = (path: string): boolean => besideGraph.some((name) => name === path) || files.some((graph) => graphOfWeights(path) === graph.path);
  return [...((await keptTree(id, host, commit))?.files.keys() ?? [])].filter((path) => !there.has(path) && needed(path));
}

function bytesBesideGraph(files: ReadonlyMap<string, HubFile>): number {
  return besideGraph.reduce((sum, path) => sum + (files.get(path)?.bytes ?? 0), 0);
}

/** Where nobody tells more than which files there are. */
function fromFiles(id: string, commit: string, files: ReadonlyMap<string, HubFile>): HubInfo {
  return {
    id, commit, task: null, library: null, licence: null, gated: false, downloads: null, modified: null, architecture: null, modelType: null, languages: [],
    dtypes: dtypesOf(files), otherBytes: bytesBesideGraph(files),
  };
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
    otherBytes: bytesBesideGraph(files),
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
    const externalBytes = paths.filter((path) => graphOfWeights(path) === onnxFile).reduce((sum, path) => sum + files.get(path)!.bytes, 0);
    // The hub's list tells no sizes of layers; opening takes more than a batch of the usual length.
    const needs = { fileBytes, externalBytes, dtype, layers: 0, hiddenSize: 0, vocabularySize: 0, batchTokens: 0 };
    const memory = estimateMemory({ ...needs, backend: 'wasm' });
    return [{ dtype, onnxFile, bytes: fileBytes + externalBytes, memory: memory.peak, fits: memory.fits || estimateMemory({ ...needs, backend: 'webgpu' }).fits }];
  });
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
      throw unreachableHub(id, `${new URL(host).host} was not reached (${error instanceof Error ? error.message : String(error)})`);
    }
    if (response.status >= 500 || response.status === 429) throw unreachableHub(id, `${new URL(host).host} answered with status ${response.status}`);
    // Static hosts answer with a page where there is no file, and networks that ask to sign in always.
    const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html');
    if (path === 'config.json' && response.ok && isPage) throw unreachableHub(id, `${new URL(host).host} answered with a web page in place of config.json: it has no such model, or the network asks to sign in first`);
    return response.ok && !isPage ? response : null;
  };
  const size = (response: Response | null): number => Number(response?.headers.get('x-linked-size') ?? response?.headers.get('content-length') ?? 0);
  const config = await head('config.json');
  if (!config) throw missingModel(id, host, revision);
  const commit = config.headers.get(commitHeader) ?? '';
  const files = new Map<string, HubFile>();
  const add = (path: string, response: Response | null): void => void (response && files.set(path, { bytes: size(response), sha256: null }));
  const candidates = dtypes.flatMap((dtype) => onnxCandidates(dtype, { encoderDecoder: false, towers: false }).slice(0, 2));
  await Promise.all([...besideGraph, ...candidates].map(async (path) => add(path, await head(path))));
  await Promise.all(candidates.filter((path) => files.has(path)).flatMap((path) => [`${path}_data`, `${path}.data`]).map(async (path) => add(path, await head(path))));
  return fromFiles(id, commitPattern.test(commit) ? commit : revision, files);
}
