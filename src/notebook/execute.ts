/** Runs one cell on exactly what it is given, and stores the result under the key of exactly that. */
import { Problem, problemRecord } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { CellValue, ModelValue } from '../data/values.ts';
import type { KeptStore } from '../store/kept.ts';
import type { Exported, ExportJob, Job, Kept, Outcome } from '../worker/protocol.ts';
import { resultKey, type RunCard } from './card.ts';
import { neededFiles, type FileSource, type NeededFile } from './files.ts';
import type { Node } from './graph.ts';

/** Where results are kept. */
export interface ResultSource {
  get(key: string): Promise<{ readonly value: CellValue; readonly card: unknown } | undefined>;
  put(key: string, result: { readonly value: CellValue; readonly card: unknown }): Promise<void>;
}

/** What runs a cell. */
export interface Runner {
  run(job: Job<CellValue>, valueOf: (key: string) => Promise<CellValue>, kept: Kept, watch?: Watch): Promise<Outcome<CellValue>>;
  export(job: ExportJob<CellValue>, watch?: Watch): Promise<Exported>;
}

export interface Environment {
  readonly results: ResultSource;
  readonly files: FileSource;
  /** Where unfinished runs keep what they need to go on. */
  readonly kept: Pick<KeptStore, 'load' | 'save' | 'find' | 'remove'>;
  readonly compute: Runner;
  /** Version of the code and hash of its sources; part of every key. */
  readonly code: string;
  /** Class of the device, part of the keys of device-sensitive kinds. */
  readonly deviceClass: string;
}

/** What a run is watched by, and in whose name it keeps what it may need to go on. */
export interface RunWatch extends Watch {
  /** Id of the notebook; '' outside one. */
  readonly owner: string;
  /** Told the key of the result before anything is computed; the run waits. */
  readonly begins?: (key: string) => Promise<void>;
}

/** The value of an input cell and the name under which it counts in keys. */
export interface Input {
  readonly identity: string;
  readonly value: CellValue;
}

/**
 * Under what name a result counts for the cells that use it: its key, and for a model its revision as well, because a
 * branch of the hub can move while the text stays the same, or stand for other files on another mirror.
 */
export function identityOf(key: string, value: CellValue | null): string {
  if (value?.type !== 'model') return key;
  const { revision, content } = value satisfies ModelValue;
  return `${key}@${revision}${content ? `/${content}` : ''}`;
}

/**
 * The key of a node's result.
 * @param inputs identities of its inputs, by cell name.
 * @param inputNodes the nodes of its inputs.
 * @returns besides, the files it names and the class of device it is made for, '' where results do not depend on it.
 * @throws Problem when a file it needs is missing.
 */
export async function keyFor(node: Node, inputs: Readonly<Record<string, string>>, inputNodes: readonly Node[], environment: Environment): Promise<{ readonly key: string; readonly files: readonly NeededFile[]; readonly deviceClass: string }> {
  const files = await neededFiles(node, inputNodes, environment.files);
  const { code, deviceClass } = environment;
  const hashes = Object.fromEntries(files.map((file) => [file.name, file.sha256]));
  const key = await resultKey({ cell: node.cell.name, kind: node.kind!, params: node.params, inputs, files: hashes, code, deviceClass });
  return { key, files, deviceClass: node.kind!.deviceSensitive ? deviceClass : '' };
}

/**
 * Makes a file of a value that a cell has: one of its kind's exports.
 * @throws Problem when a file it needs is missing or the export fails.
 */
export async function exportValue(node: Node, value: CellValue, what: string, inputNodes: readonly Node[], environment: Environment): Promise<Exported> {
  const files = await neededFiles(node, inputNodes, environment.files);
  const contents = await Promise.all(files.map(async (file) => ({ ...file, content: await environment.files.read(file.sha256) })));
  return environment.compute.export({ kind: node.cell.kind, cell: node.cell.name, what, value, files: contents });
}

function isProblem(error: unknown, code: string): error is Problem {
  return error instanceof Problem && error.code === code;
}

/** While the worker that lost its device is replaced. */
const lossPause = 250;

/**
 * Runs, and once more by itself where the graphics device is lost under the run: that happens to any computer that sleeps
 * or updates its driver, and what was computed before is stored. A second loss is for the reader to decide.
 * So is it where the device that is left would make another result, or the page has given up the GPU.
 * @param same whether another run may be one for the same result, as far as the page knows; the worker knows better.
 */
async function throughLoss(run: () => Promise<Outcome<CellValue>>, same: () => boolean, watch: Watch): Promise<Outcome<CellValue>> {
  try {
    return await run();
  } catch (error) {
    if (!isProblem(error, 'gpu-lost') || watch.signal?.aborted || !same()) throw error;
    watch.progress?.({ label: 'device lost, running once more', done: 0, total: 0 });
    await new Promise((resolve) => setTimeout(resolve, lossPause));
    const outcome = await run().catch((again: unknown) => {
      throw isProblem(again, 'other-device') ? error : again;
    });
    return { ...outcome, warnings: [`${error.record.what} while it ran; it was run once more by itself`, ...outcome.warnings] };
  }
}

/**
 * Runs a cell. The key is made from the very parameters, inputs and files that are used, so that a result can never be
 * stored under the name of another.
 * @throws Problem when the node has problems or the run fails; an AbortError after cancel.
 */
export async function execute(node: Node, inputs: ReadonlyMap<string, Input>, inputNodes: readonly Node[], environment: Environment, watch: RunWatch): Promise<{ readonly value: CellValue; readonly card: RunCard }> {
  const { cell, kind, params } = node;
  const [first] = node.problems;
  if (!kind || first) throw new Problem(first ?? { code: 'unknown-kind', place: `cell ${cell.name}`, what: `no cell kind "${cell.kind}"`, fix: 'The cell is kept as it is and not run.' });
  const identities = Object.fromEntries(Array.from(inputs, ([name, { identity }]) => [name, identity]));
  const made = await keyFor(node, identities, inputNodes, environment);
  const { files } = made;
  let { key, deviceClass } = made;
  const contents = await Promise.all(files.map(async (file) => ({ ...file, content: await environment.files.read(file.sha256) })));
  await watch.begins?.(key);
  watch.signal?.throwIfAborted();

  const started = new Date();
  const clock = performance.now();
  const byIdentity = new Map(Array.from(inputs.values(), ({ identity, value }) => [identity, value]));
  const kept: Kept = {
    load: (name) => environment.kept.load(key, name),
    save: (name, bytes, at) => environment.kept.save(key, name, bytes, { owner: watch.owner, cell: cell.name, at, paused: watch.signal?.aborted === true }),
  };
  const runOnce = (): Promise<Outcome<CellValue>> => {
    const job = { kind: kind.name, cell: cell.name, params, inputs: identities, files: contents, key, deviceClass };
    return environment.compute.run(job, async (identity) => byIdentity.get(identity)!, kept, watch);
  };
  const run = (): Promise<Outcome<CellValue>> => throughLoss(runOnce, () => deviceClass === '' || environment.deviceClass === deviceClass, watch);
  const outcome = await run().catch(async (error: unknown) => {
    // Nothing was computed: the worker was given another device than the page was told of. The result bears its name.
    if (!isProblem(error, 'other-device') || environment.deviceClass === deviceClass) throw error;
    ({ key, deviceClass } = await keyFor(node, identities, inputNodes, environment));
    await watch.begins?.(key);
    watch.signal?.throwIfAborted();
    return run();
  });
  const { seed } = params;
  const card: RunCard = {
    cell: cell.name,
    kind: kind.name,
    kindVersion: kind.version,
    key,
    params,
    quick: node.quick,
    inputs: identities,
    files: Object.fromEntries(files.map((file) => [file.name, file.sha256])),
    code: environment.code,
    device: outcome.device,
    seed: typeof seed === 'number' ? seed : null,
    started: started.toISOString(),
    seconds: (performance.now() - clock) / 1000,
    ...(outcome.resumed.length > 0 ? { resumed: outcome.resumed } : {}),
    warnings: outcome.warnings,
  };
  try {
    await environment.results.put(key, { value: outcome.value, card });
    // What stays behind after a failure here is removed when the result is next looked up.
    if (kind.resumable) await environment.kept.remove(key).catch(() => undefined);
    return { value: outcome.value, card };
  } catch (error) {
    // The result is still shown; only its keeping failed, and the reader must know.
    const { what, fix } = problemRecord(error);
    return { value: outcome.value, card: { ...card, warnings: [...card.warnings, `not stored: ${what}. ${fix}`] } };
  }
}
