/** Looks at a model that is named in a notebook. Of the hub's, the hub is asked first: what cannot work is refused before a megabyte comes. */
import { commitPattern, hubName } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { ModelValue } from '../../data/values.ts';
import { refuseBundled, requireBundled } from '../../models/bundled.ts';
import { hubFiles, keptServes, lastCommit } from '../../models/hub/files.ts';
import { besideGraph, hubInfo, keptInfo, parseHubAddress, type HubDtype, type HubInfo } from '../../models/hub/info.ts';
import { gatedModel } from '../../models/hub/tree.ts';
import { inspectModel, type ModelDtype } from '../../models/inspect.ts';
import { checkLocalModel } from '../../models/local.ts';
import { wasmLimit } from '../../models/memory.ts';
import { bytes, listed } from '../../ui/format.ts';
import type { RunContext } from '../kind.ts';
import { openModelFiles, type ModelAddress } from './files.ts';

/** A model as a cell names it. For the hub the id may also be "owner/name@revision" or an address. */
export interface AskedModel extends ModelAddress {
  readonly dtype: ModelDtype;
  /** Name in figures; the last part of the id when empty. */
  readonly label?: string;
}

/**
 * Finds out all that later cells need to know of a model: see inspectModel. Models of the hub are pinned to a commit.
 * @throws Problem as inspectModel and hubInfo do; `hub-no-dtype` and `model-too-large` before anything is downloaded.
 */
export async function lookAtModel(asked: AskedModel, context: RunContext): Promise<ModelValue> {
  if (asked.source === 'hub') return lookAtHub(asked, context);
  if (asked.source === 'bundled') requireBundled(asked.id);
  const files = openModelFiles(asked, context);
  const lacking = asked.source === 'local' ? checkLocalModel(asked.id, files.list?.() ?? []) : '';
  if (lacking) context.warn(lacking);
  return inspectModel(files, asked, context);
}

async function lookAtHub(asked: AskedModel, context: RunContext): Promise<ModelValue> {
  const named = parseHubAddress(asked.id);
  refuseBundled(named.id);
  const { id } = named;
  const host = named.host ?? context.hub;
  const revision = named.revision ?? asked.revision;
  const info = await ask(id, host, revision, asked.dtype, context);
  const dtype = choose(info, asked.dtype, host);
  checkRoom(id, dtype, context);
  const files = hubFiles(id, { host, revision, ...(commitPattern.test(info.commit) ? { commit: info.commit } : {}), warn: context.warn });
  const value = await inspectModel(files, { dtype: asked.dtype, ...(asked.label ? { label: asked.label } : {}), onnxFile: dtype.onnxFile }, context);
  // What feeds the model words and prompts is kept with it, so that the cells that follow need no network.
  for (const path of besideGraph) await files.readOptional(path, context);
  return { ...value, about: { host, task: info.task, licence: info.licence, download: dtype.bytes + info.otherBytes, memory: dtype.memory } };
}

/** What the hub says; without a network what is known of the kept commit that the revision last stood for. */
async function ask(id: string, host: string, revision: string, dtype: ModelDtype, { signal, progress, warn }: RunContext): Promise<HubInfo> {
  progress({ label: `asking ${hubName(host)}`, done: 0, total: 0 });
  try {
    return await hubInfo(id, { host, revision }, { signal });
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'hub-unreachable') throw error;
    const commit = await lastCommit(id, host, revision);
    const info = commit ? await keptInfo(id, host, commit) : null;
    if (!info?.dtypes.some((one) => one.dtype === dtype)) throw error;
    warn(keptServes(error.record.what, id, info.commit));
    return info;
  }
}

function choose(info: HubInfo, dtype: ModelDtype, host: string): HubDtype {
  if (info.gated) throw gatedModel(info.id, host);
  const found = info.dtypes.find((one) => one.dtype === dtype);
  if (found) return found;
  const has = info.dtypes.map((one) => `${one.dtype}${one.bytes > 0 ? ` (${bytes(one.bytes)})` : ''}`);
  throw new Problem({
    code: 'hub-no-dtype', place: `model ${info.id}`, what: `there is no export at the precision ${dtype}; it has ${listed(has)}`,
    fix: `Choose ${info.dtypes.map((one) => one.dtype).join(' or ')}.`,
  });
}

function checkRoom(id: string, { dtype, bytes: size, memory, fits }: HubDtype, { warn }: RunContext): void {
  if (!fits) {
    throw new Problem({
      code: 'model-too-large', place: `model ${id}`, what: `at ${dtype} it has ${bytes(size)} and takes about ${bytes(memory)} to open; the runtime can address ${bytes(wasmLimit)}`,
      fix: 'Choose a smaller precision or a smaller model, or run it in Python and import its activations.',
    });
  }
  // Told in few steps and by few browsers, in gibibytes.
  const { deviceMemory } = navigator as Navigator & { readonly deviceMemory?: number };
  if (deviceMemory && memory > 0.75 * deviceMemory * 2 ** 30) warn(`${id} at ${dtype} takes about ${bytes(memory)} of memory while it runs, and this machine says that it has ${deviceMemory} GB: the tab may be closed by the browser; a smaller precision takes less`);
}
