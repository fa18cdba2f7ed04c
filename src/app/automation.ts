/**
 * The headless runner's way in: `window.sensorium.run(...)` runs a whole notebook and reports every cell as plain JSON.
 * Used by `npm run notebook` and by tests; see docs/runner.md.
 */
import { sha256 } from '../base/hash.ts';
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import type { RunCard } from '../notebook/card.ts';
import { parseNotebook } from '../notebook/document.ts';
import { setQuick } from '../notebook/edit.ts';
import { buildGraph } from '../notebook/graph.ts';
import { Session } from '../notebook/session.ts';
import type { BodyValue } from '../notebook/body.ts';
import type { CellStatus } from '../notebook/state.ts';
import { code, type AppEnvironment } from './environment.ts';
import { useHub } from './hub.ts';

/** Arrays up to this length are written out; longer ones as length, hash and first values. */
const longestArray = 20_000;

export interface Order {
  readonly text: string;
  /** Names of the files that can be had, folders as "folder/path". */
  readonly files: readonly string[];
  /** Address under which those files answer. */
  readonly filesAt: string;
  /** Parameters to change first. */
  readonly set: readonly { readonly cell: string; readonly parameter: string; readonly value: BodyValue }[];
  /** Address of the hub or a mirror; the one in the settings when absent. */
  readonly hub?: string;
  /** Turns Quick on, whatever the text says. */
  readonly quick?: boolean;
}

export interface CellReport {
  readonly name: string;
  readonly kind: string;
  readonly status: CellStatus;
  /** Whether Quick changed anything in it or in the cells it needs; what, is in the card. */
  readonly quick: boolean;
  /** What is wrong in the text, then why the run failed. */
  readonly problems: readonly ProblemRecord[];
  readonly card: RunCard | null;
  readonly value: unknown;
}

export interface Report {
  readonly title: string;
  readonly code: string;
  /** Whether Quick was on. */
  readonly quick: boolean;
  readonly problems: readonly ProblemRecord[];
  readonly seconds: number;
  readonly cells: readonly CellReport[];
}

/** Runs all cells of a notebook and reports them; `onProgress` hears one line per change of a cell's status. */
export async function runNotebook(environment: AppEnvironment, order: Order, onProgress: (line: string) => void = () => undefined): Promise<Report> {
  const started = performance.now();
  if (order.hub) useHub(order.hub);
  const given = parseNotebook(order.text);
  const text = order.quick ? setQuick(given, true) : order.text;
  await importNamedFiles(environment, text, order);
  const session = new Session(text, environment);
  const seen = new Map<string, string>();
  session.onChange(() => {
    for (const { name, status, problem } of session.cells) {
      const line = status === 'failed' && problem ? `${name}: failed: ${problem.what}. ${problem.fix}` : `${name}: ${status}`;
      if (seen.get(name) !== line) onProgress(line);
      seen.set(name, line);
    }
  });
  for (const { cell, parameter, value } of order.set) {
    if (!session.graph.byName.has(cell)) throw new Error(`--set ${cell}.${parameter}: the notebook has no cell ${cell}`);
    session.setParameter(cell, parameter, value);
  }
  await session.settled();
  session.runAll();
  await session.settled();
  const cells = await Promise.all(
    session.graph.nodes.map(async (node): Promise<CellReport> => {
      const state = session.cell(node.cell.name);
      const own = state?.node === node ? state : undefined;
      return {
        name: node.cell.name,
        kind: node.cell.kind,
        status: own?.status ?? 'failed',
        quick: node.quick.length > 0,
        problems: [...node.problems, ...(own?.problem ? [own.problem] : [])],
        card: own?.card ?? null,
        value: await plain(own?.value ?? null),
      };
    }),
  );
  session.close();
  // Problems are those of the text as it was given; the switch may have mended one.
  return { title: session.document.title, code, quick: session.document.quick, problems: given.problems, seconds: (performance.now() - started) / 1000, cells };
}

/** Brings in the files that the notebook's cells name, as far as they can be had. */
async function importNamedFiles({ store }: AppEnvironment, text: string, order: Order): Promise<void> {
  const graph = buildGraph(parseNotebook(text));
  const wanted = (file: string): boolean =>
    graph.nodes.some(({ kind, params }) =>
      Object.entries(kind?.fields ?? {}).some(([key, declared]) => declared.control === 'file' && params[key] === file) ||
      (kind?.folders?.(params as never) ?? []).some((folder) => file.startsWith(`${folder}/`)));
  for (const name of order.files.filter(wanted)) {
    const response = await fetch(new URL(name.split('/').map(encodeURIComponent).join('/'), new URL(order.filesAt, document.baseURI)));
    if (!response.ok) throw new Error(`${name}: the file answered ${response.status}`);
    await store.files.add(name, await response.blob());
  }
}

/** A value as JSON can hold it: typed arrays as arrays (long ones abridged), NaN and infinities as null. */
async function plain(value: unknown): Promise<unknown> {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (ArrayBuffer.isView(value)) {
    const array = value as Float64Array<ArrayBuffer>;
    if (array.length <= longestArray) return Array.from(array, (item) => (Number.isFinite(item) ? item : null));
    return { length: array.length, type: value.constructor.name, sha256: await sha256(array.slice().buffer), first: Array.from(array.subarray(0, 8)) };
  }
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (value !== null && typeof value === 'object') {
    const entries = await Promise.all(Object.entries(value).map(async ([key, item]): Promise<[string, unknown]> => [key, await plain(item)]));
    return Object.fromEntries(entries);
  }
  return value;
}

/** Puts the runner's entry on `window`. */
export function offerAutomation(open: () => Promise<AppEnvironment>): void {
  const entry = {
    code,
    run: async (order: Order): Promise<Report | { readonly problem: ProblemRecord }> => {
      try {
        const progress = (window as unknown as { sensoriumProgress?: (line: string) => void }).sensoriumProgress;
        return await runNotebook(await open(), order, progress);
      } catch (error) {
        return { problem: problemRecord(error) };
      }
    },
  };
  (window as unknown as { sensorium: typeof entry }).sensorium = entry;
}
