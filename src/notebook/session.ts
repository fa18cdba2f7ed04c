/**
 * A notebook that is open: its text, the state of every cell, the queue of runs. Edits rebuild the graph; a cell whose
 * key has a stored result shows it at once; cheap cells follow edits by themselves, costly ones wait for Run.
 */
import { isCancelled, Problem, problemRecord, type ProblemRecord } from '../base/problem.ts';
import type { CellValue } from '../data/values.ts';
import type { Job, Outcome } from '../worker/protocol.ts';
import type { Watch } from '../base/progress.ts';
import { resultKey, type RunCard } from './card.ts';
import { parseNotebook, type NotebookDocument } from './document.ts';
import { setParameter } from './edit.ts';
import type { BodyValue } from './body.ts';
import { neededFiles, type FileSource, type NeededFile } from './files.ts';
import { buildGraph, type Graph, type Node } from './graph.ts';
import { isCurrent, newState, type CellState } from './state.ts';

/** Where results are kept. */
export interface ResultSource {
  get(key: string): Promise<{ readonly value: CellValue; readonly card: unknown } | undefined>;
  put(key: string, result: { readonly value: CellValue; readonly card: unknown }): Promise<void>;
}

/** What runs a cell. */
export interface Runner {
  run(job: Job<CellValue>, valueOf: (key: string) => Promise<CellValue>, watch?: Watch): Promise<Outcome<CellValue>>;
}

export interface Environment {
  readonly results: ResultSource;
  readonly files: FileSource;
  readonly compute: Runner;
  /** Version of the code and hash of its sources; part of every key. */
  readonly code: string;
  /** Class of the device, part of the keys of device-sensitive kinds. */
  readonly deviceClass: string;
}

/** Foreign notebooks open as a preview, in which nothing runs and nothing is fetched. */
export type Mode = 'live' | 'preview';

export class Session {
  document: NotebookDocument;
  graph: Graph;
  mode: Mode;
  readonly #environment: Environment;
  readonly #states = new Map<string, CellState>();
  readonly #listeners = new Set<() => void>();
  #queue: string[] = [];
  #running: { readonly name: string; readonly key: string | null; readonly controller: AbortController; readonly finished: Promise<void> } | null = null;
  #generation = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(text: string, environment: Environment, mode: Mode = 'live') {
    this.#environment = environment;
    this.mode = mode;
    this.document = parseNotebook(text);
    this.graph = buildGraph(this.document);
    this.#refresh();
  }

  get text(): string {
    return this.document.text;
  }

  /** States in page order. */
  get cells(): readonly CellState[] {
    return this.graph.nodes.flatMap((node) => this.#states.get(node.cell.name) ?? []);
  }

  cell(name: string): CellState | undefined {
    return this.#states.get(name);
  }

  /** Names of cells that wait, in the order they will run; the running one is not among them. */
  get queue(): readonly string[] {
    return this.#queue;
  }

  /** Calls back after every change of text or state. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Replaces the whole text. */
  edit(text: string): void {
    if (text === this.text) return;
    this.document = parseNotebook(text);
    this.graph = buildGraph(this.document);
    this.#refresh();
  }

  /** Sets one parameter of a cell; only its line changes. `undefined` goes back to the default. */
  setParameter(name: string, key: string, value: BodyValue | undefined): void {
    const node = this.graph.byName.get(name);
    if (node) this.edit(setParameter(this.document, node.cell, key, value));
  }

  /** Leaves the preview: from here on cells run. */
  trust(): void {
    this.mode = 'live';
    this.#refresh();
  }

  /** An imported file came or went: keys may change. */
  filesChanged(): void {
    this.#refresh();
  }

  /**
   * Runs a cell after everything it needs that has no current value.
   * @param options.force computes it even when a stored result matches.
   * @throws Problem `preview` in a preview.
   */
  run(name: string, options: { readonly force?: boolean } = {}): void {
    this.#refuseInPreview();
    const wanted = this.#withInputs(name);
    const waiting = wanted.filter((needed) => (needed === name && options.force === true) || !this.#isReady(needed));
    this.#enqueue(waiting);
  }

  /** Runs every cell that has no current value. */
  runAll(): void {
    this.#refuseInPreview();
    this.#enqueue(this.graph.order.map((node) => node.cell.name).filter((name) => !this.#isReady(name)));
  }

  /** Takes a cell out of the queue, or stops it if it runs. */
  cancel(name: string): void {
    if (this.#running?.name === name) this.#running.controller.abort();
    if (!this.#queue.includes(name)) return;
    this.#queue = this.#queue.filter((queued) => queued !== name);
    this.#update(name, { status: 'cancelled' });
  }

  cancelAll(): void {
    for (const name of this.#queue) this.cancel(name);
    if (this.#running) this.cancel(this.#running.name);
  }

  /** Resolves when every cell is in line with the text as it is now: its key known, stored results found. */
  lookedUp(): Promise<void> {
    return this.#refreshing;
  }

  /** Resolves when nothing is being looked up, queued or run. */
  async settled(): Promise<void> {
    for (;;) {
      const refreshing = this.#refreshing;
      await refreshing;
      if (this.#running) await this.#running.finished;
      else if (refreshing === this.#refreshing && this.#queue.length === 0) return;
    }
  }

  /** Stops everything; the session is not used afterwards. */
  close(): void {
    this.#closed = true;
    this.#generation += 1;
    this.#queue = [];
    this.#running?.controller.abort();
    this.#listeners.clear();
  }

  #refuseInPreview(): void {
    if (this.mode === 'live') return;
    throw new Problem({ code: 'preview', place: '', what: 'this notebook came from outside and is only shown', fix: 'Look through it, then choose "Trust and run".' });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #update(name: string, change: Partial<Omit<CellState, 'name'>>): void {
    const state = this.#states.get(name);
    if (!state) return;
    Object.assign(state, change);
    this.#changed();
  }

  #inputNodes(node: Node): Node[] {
    return node.inputs.flatMap((name) => this.graph.byName.get(name) ?? []);
  }

  /** Whether a cell needs no run: its value matches the text. */
  #isReady(name: string): boolean {
    const state = this.#states.get(name);
    return state !== undefined && isCurrent(state);
  }

  /** A cell and everything it needs, inputs first. */
  #withInputs(name: string): string[] {
    const needed = new Set<string>();
    const visit = (current: string): void => {
      if (needed.has(current)) return;
      needed.add(current);
      this.graph.byName.get(current)?.inputs.forEach(visit);
    };
    visit(name);
    return this.graph.order.map((node) => node.cell.name).filter((candidate) => needed.has(candidate));
  }

  /** Brings every state in line with the text, the files and the store. */
  #refresh(): void {
    const generation = ++this.#generation;
    const names = new Set(this.graph.nodes.map((node) => node.cell.name));
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
    for (const node of this.graph.byName.values()) {
      const state = this.#states.get(node.cell.name);
      if (state) state.node = node;
      else this.#states.set(node.cell.name, newState(node));
    }
    this.#changed();
    this.#refreshing = this.#refreshing.then(() => this.#lookUp(generation)).catch((error: unknown) => {
      // A store that cannot be read must not stop the notebook: cells stay stale and say why.
      for (const state of this.#states.values()) state.problem ??= problemRecord(error);
      this.#changed();
    });
  }

  async #lookUp(generation: number): Promise<void> {
    for (const node of this.graph.order) {
      if (generation !== this.#generation) return;
      await this.#lookUpCell(node, generation);
    }
    if (generation !== this.#generation) return;
    this.#dropOutdated();
    if (this.mode === 'live') this.#enqueue(this.#cheapAndReady());
    this.#changed();
  }

  async #lookUpCell(node: Node, generation: number): Promise<void> {
    const state = this.#states.get(node.cell.name);
    // A second cell of the same name has no state of its own.
    if (!state || state.node !== node) return;
    const { key, problem } = await this.#keyOf(node);
    if (generation !== this.#generation) return;
    if (key === state.key) {
      // A failed run's problem stays until its key changes; a missing file's stays until the file comes.
      if (key === null) state.problem = problem;
      return;
    }
    state.key = key;
    state.problem = problem;
    // What runs now is for the old text; it is stopped once every key is known.
    if (state.status === 'running') return;
    this.#queue = this.#queue.filter((name) => name !== state.name || key !== null);
    if (isCurrent(state)) {
      state.status = 'clean';
      return;
    }
    const stored = key === null ? undefined : await this.#environment.results.get(key);
    if (generation !== this.#generation) {
      // Looked up for a text that is gone: let the next round do it again.
      state.key = null;
      return;
    }
    if (stored) {
      Object.assign(state, { value: stored.value, valueKey: key, card: stored.card as RunCard, status: 'clean' });
      this.#queue = this.#queue.filter((name) => name !== state.name);
    } else if (!this.#queue.includes(state.name)) {
      state.status = 'stale';
    }
  }

  async #keyOf(node: Node): Promise<{ key: string | null; problem: ProblemRecord | null }> {
    if (!node.kind || node.problems.length > 0) return { key: null, problem: null };
    const inputs: Record<string, string> = {};
    for (const name of node.inputs) {
      const key = this.#states.get(name)?.key;
      if (!key) return { key: null, problem: null };
      inputs[name] = key;
    }
    try {
      const needed = await neededFiles(node, this.#inputNodes(node), this.#environment.files);
      const files = Object.fromEntries(needed.map((file) => [file.name, file.sha256]));
      const { code, deviceClass } = this.#environment;
      return { key: await resultKey({ cell: node.cell.name, kind: node.kind, params: node.params, inputs, files, code, deviceClass }), problem: null };
    } catch (error) {
      return { key: null, problem: problemRecord(error) };
    }
  }

  /** Cheap cells that can follow an edit: all they need is there, or cheap too. */
  #cheapAndReady(): string[] {
    const follows = new Set<string>();
    for (const node of this.graph.order) {
      const { name } = node.cell;
      const state = this.#states.get(name);
      if (node.kind?.cost !== 'cheap' || !state?.key || state.node !== node || this.#isReady(name)) continue;
      // What failed or was cancelled for this very key is not tried again unasked, unless it only lacked an input.
      if ((state.status === 'failed' && state.problem?.code !== 'input-failed') || state.status === 'cancelled') continue;
      if (node.inputs.every((input) => this.#isReady(input) || follows.has(input))) follows.add(name);
    }
    return [...follows];
  }

  /** Stops a run and forgets queued ones whose cell has gone. */
  #dropOutdated(): void {
    const running = this.#running;
    if (running && this.#states.get(running.name)?.key !== running.key) running.controller.abort();
    this.#queue = this.#queue.filter((name) => this.#states.has(name));
  }

  #enqueue(names: readonly string[]): void {
    for (const name of names) {
      const state = this.#states.get(name);
      if (!state || this.#queue.includes(name)) continue;
      if (this.#running?.name === name && this.#running.key === state.key) continue;
      this.#queue.push(name);
      state.status = 'queued';
      state.problem = null;
      state.progress = null;
    }
    const rank = new Map(this.graph.order.map((node, index) => [node.cell.name, index]));
    this.#queue.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
    this.#changed();
    this.#pump();
  }

  #pump(): void {
    if (this.#running || this.#closed) return;
    const name = this.#queue.shift();
    if (name === undefined) return;
    const controller = new AbortController();
    const key = this.#states.get(name)?.key ?? null;
    // Assigned before the run starts, so that a cancel in the same turn finds it.
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    this.#running = { name, key, controller, finished };
    const next = async (): Promise<void> => {
      await this.#execute(name, controller);
      this.#running = null;
      finish();
      if (this.#closed) return;
      if (this.mode === 'live') this.#enqueue(this.#cheapAndReady());
      this.#pump();
    };
    void next();
  }

  async #execute(name: string, controller: AbortController): Promise<void> {
    const state = this.#states.get(name);
    if (!state) return;
    this.#update(name, { status: 'running', problem: null, progress: null });
    const node = state.node;
    try {
      const result = await this.#compute(state, node, controller.signal);
      if (state.key === result.card.key) this.#update(name, { value: result.value, valueKey: result.card.key, card: result.card, status: 'done', progress: null });
      else this.#update(name, { status: 'stale', progress: null });
    } catch (error) {
      const outdated = this.#running?.key !== state.key;
      if (outdated) this.#update(name, { status: 'stale', progress: null });
      else if (isCancelled(error)) this.#update(name, { status: 'cancelled', progress: null });
      else this.#update(name, { status: 'failed', problem: problemRecord(error), progress: null });
    }
    // Refresh may have found the text changed under the run; look up what it asks for now.
    if (state.status === 'stale' && !this.#closed) {
      state.key = null;
      this.#refresh();
    }
  }

  async #compute(state: CellState, node: Node, signal: AbortSignal): Promise<{ value: CellValue; card: RunCard }> {
    const { name } = state;
    const [first] = node.problems;
    if (!node.kind || first) throw new Problem(first ?? { code: 'unknown-kind', place: `cell ${name}`, what: `no cell kind "${node.cell.kind}"`, fix: 'The cell is kept as it is and not run.' });
    const inputs: Record<string, string> = {};
    for (const input of node.inputs) {
      const source = this.#states.get(input);
      if (!source || !isCurrent(source)) {
        throw new Problem({ code: 'input-failed', place: `cell ${name}`, what: `${input} has no result`, fix: `Mend ${input} first; this cell then runs.`, action: { type: 'run-cell', cell: input } });
      }
      inputs[input] = source.key!;
    }
    const files: readonly NeededFile[] = await neededFiles(node, this.#inputNodes(node), this.#environment.files);
    const key = state.key;
    if (key === null) throw new Problem(state.problem ?? { code: 'not-ready', place: `cell ${name}`, what: 'the cell is not complete', fix: 'Fill in what is marked.' });

    const contents = await Promise.all(files.map(async (file) => ({ ...file, content: await this.#environment.files.read(file.sha256) })));
    const started = new Date();
    const clock = performance.now();
    const outcome = await this.#environment.compute.run(
      { kind: node.kind.name, cell: name, params: node.params, inputs, files: contents, key },
      async (wanted) => {
        const holder = [...this.#states.values()].find((other) => other.valueKey === wanted && other.value);
        if (!holder?.value) throw new Problem({ code: 'input-missing', place: `cell ${name}`, what: 'an input is no longer there', fix: 'Run the cell again.' });
        return holder.value;
      },
      { signal, progress: (progress) => this.#update(name, { progress }) },
    );
    const warnings = [...outcome.warnings];
    const seed = node.params['seed'];
    const card = (): RunCard => ({
      cell: name,
      kind: node.kind!.name,
      kindVersion: node.kind!.version,
      key,
      params: node.params,
      inputs,
      files: Object.fromEntries(files.map((file) => [file.name, file.sha256])),
      code: this.#environment.code,
      device: outcome.device,
      seed: typeof seed === 'number' ? seed : null,
      started: started.toISOString(),
      seconds: (performance.now() - clock) / 1000,
      warnings,
    });
    const result = { value: outcome.value, card: card() };
    try {
      await this.#environment.results.put(key, result);
    } catch (error) {
      // The result is still shown; only its keeping failed, and the reader must know.
      const { what, fix } = problemRecord(error);
      warnings.push(`not stored: ${what}. ${fix}`);
    }
    return result;
  }
}
