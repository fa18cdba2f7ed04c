/**
 * A notebook that is open: its text, the state of every cell, the queue of runs. Edits rebuild the graph; a cell whose
 * key has a stored result shows it at once; cheap cells follow edits by themselves, costly ones wait for Run.
 */
import { isCancelled, isSuspension, Problem, problemRecord, suspension } from '../base/problem.ts';
import type { Exported } from '../worker/protocol.ts';
import type { BodyValue } from './body.ts';
import type { RunCard } from './card.ts';
import { parseNotebook, type NotebookDocument } from './document.ts';
import { setParameter } from './edit.ts';
import { execute, exportValue, type Environment } from './execute.ts';
import { buildGraph, type Graph, type Node } from './graph.ts';
import { keyOf, storedResult, unfinishedRun } from './look-up.ts';
import { cheapAndReady, inputNodes, inputsOf, isReady, withInputs } from './plan.ts';
import { sameMarks } from './quick.ts';
import { atRest, isCurrent, newState, type CellState } from './state.ts';

export type { Environment } from './execute.ts';

/** Foreign notebooks open as a preview, in which nothing runs and nothing is fetched. */
export type Mode = 'live' | 'preview';

/** Why a run is aborted: the text has moved on under it, or it shall wait. The reader's own cancel has no reason. */
const outdated = suspension();
const paused = suspension();

interface Running {
  readonly name: string;
  /** The key the text asked for when the run began, then that of what is computed; undefined until it begins. */
  key: string | null | undefined;
  /** Whether the reader cancelled it, perhaps after a pause: a signal keeps its first reason. */
  cancelled: boolean;
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

export class Session {
  document: NotebookDocument;
  graph: Graph;
  mode: Mode;
  readonly #environment: Environment;
  readonly #owner: string;
  readonly #states = new Map<string, CellState>();
  readonly #listeners = new Set<() => void>();
  #queue: string[] = [];
  /** Queued cells that shall not go on from what an unfinished run has kept. */
  readonly #anew = new Set<string>();
  #running: Running | null = null;
  #generation = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #closed = false;
  /** As of the last look-up. */
  #deviceClass: string;

  /** @param owner id of the notebook, in whose name unfinished runs are kept; '' outside one. */
  constructor(text: string, environment: Environment, mode: Mode = 'live', owner = '') {
    this.#environment = environment;
    this.#deviceClass = environment.deviceClass;
    this.#owner = owner;
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

  /** An imported file came or went, or an unfinished run: keys may change, and what can go on. */
  filesChanged(): void {
    this.#refresh();
  }

  /**
   * Runs a cell after everything it needs that has no current value. An unfinished run goes on.
   * @param options.force computes it anew even when a stored result matches or an unfinished run could go on.
   * @throws Problem `preview` in a preview.
   */
  run(name: string, options: { readonly force?: boolean } = {}): void {
    this.#refuseInPreview();
    const state = this.#states.get(name);
    if (options.force && state && !this.#runsFor(state)) this.#anew.add(name);
    const asked = options.force === true || state?.status === 'paused';
    this.#enqueue(withInputs(this.graph, name).filter((needed) => (needed === name && asked) || !isReady(this.#states, needed)));
  }

  /** Runs every cell that has no current value. */
  runAll(): void {
    this.#refuseInPreview();
    this.#enqueue(this.graph.order.map((node) => node.cell.name).filter((name) => !isReady(this.#states, name)));
  }

  /**
   * Takes a cell out of the queue, or stops it if it runs, and with it the queued cells that need it. Nothing is kept of
   * a run that is stopped.
   */
  cancel(name: string): void {
    this.#dequeue(name, 'cancelled');
    if (this.#running?.name !== name) return;
    this.#running.cancelled = true;
    this.#running.controller.abort();
  }

  /** Stops a cell that runs so that it can go on later, and takes the queued cells that need it out of the queue. */
  pause(name: string): void {
    const running = this.#running;
    const state = this.#states.get(name);
    if (running?.name !== name || running.controller.signal.aborted || !state?.node.kind?.resumable) return;
    this.#dequeue(name, 'stale');
    this.#update(name, { progress: { done: 0, total: 0, ...state.progress, label: 'pausing' } });
    running.controller.abort(paused);
  }

  /** Lets go of what an unfinished run has kept: the next one begins at the beginning. */
  async discard(name: string): Promise<void> {
    this.#refuseInPreview();
    const { unfinished } = this.#states.get(name) ?? {};
    if (unfinished) await this.#environment.kept.remove(unfinished.key);
    this.#refresh();
  }

  cancelAll(): void {
    for (const name of this.#queue) this.cancel(name);
    if (this.#running) this.cancel(this.#running.name);
  }

  /** Stops everything so that this tab or another can go on later; resolves when nothing runs. */
  async suspend(): Promise<void> {
    const running = this.#running;
    for (const name of this.#queue) this.#dequeue(name, 'stale');
    if (!running) return;
    running.controller.abort(paused);
    await running.finished;
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

  /** Stops everything; the session is not used afterwards. Resolves when a run that can go on later has kept its state. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#generation += 1;
    this.#listeners.clear();
    await this.suspend();
  }

  /** Makes a file of the value that a cell shows. Rejects with a Problem where there is none, or it cannot be made. */
  async export(name: string, what: string): Promise<Exported> {
    const { node, value } = this.#states.get(name) ?? {};
    if (!node || !value) throw new Problem({ code: 'input-failed', place: `cell ${name}`, what: 'it has no result', fix: 'Run the cell first.' });
    return exportValue(node, value, what, inputNodes(this.graph, node), this.#environment);
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

  /** Brings every state in line with the text, the files and the store. */
  #refresh(): void {
    const generation = ++this.#generation;
    const names = new Set(this.graph.nodes.map((node) => node.cell.name));
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
    for (const node of this.graph.byName.values()) {
      const state = this.#states.get(node.cell.name);
      // Another kind under the same name is another cell: its view could not draw the old value.
      if (state?.node.cell.kind === node.cell.kind) state.node = node;
      else this.#states.set(node.cell.name, newState(node));
    }
    this.#changed();
    this.#refreshing = this.#refreshing.then(() => this.#lookUp(generation));
  }

  async #lookUp(generation: number): Promise<void> {
    for (const node of this.graph.order) {
      if (generation !== this.#generation) return;
      await this.#lookUpCell(node, generation);
    }
    if (generation !== this.#generation) return;
    this.#deviceClass = this.#environment.deviceClass;
    this.#dropOutdated();
    if (this.mode === 'live') this.#enqueue(cheapAndReady(this.graph, this.#states));
    this.#changed();
  }

  async #lookUpCell(node: Node, generation: number): Promise<void> {
    const state = this.#states.get(node.cell.name);
    // A second cell of the same name has no state of its own.
    if (!state || state.node !== node) return;
    await this.#findResult(state, node, generation);
    // The same result may be asked for by Quick or in full: what it is marked with follows the text.
    if (isCurrent(state) && state.card && !sameMarks(state.card.quick ?? [], node.quick)) state.card = { ...state.card, quick: node.quick };
  }

  async #findResult(state: CellState, node: Node, generation: number): Promise<void> {
    const { key, problem } = await keyOf(node, this.graph, this.#states, this.#environment);
    // Where this tab may not run, another one may be at it. Beside its result an unfinished run counts only if it was paused here.
    const offered = key !== null && this.mode === 'live' && (state.valueKey !== key || state.status === 'paused');
    const unfinished = offered ? await unfinishedRun(state, key, this.#environment) : null;
    if (generation !== this.#generation) return;
    // The GPU is gone, and with it went the run: what went wrong is still what the reader must know.
    const failure = state.status === 'failed' && this.#environment.deviceClass !== this.#deviceClass ? onOtherDevice(state, unfinished) : null;
    state.unfinished = state.status === 'running' ? null : unfinished;
    if (key === state.key) {
      // A failed run's problem stays until its key changes; a missing file's stays until the file comes.
      if (key === null) state.problem = problem;
      if (state.status === 'stale' || state.status === 'paused') state.status = atRest(state);
      return;
    }
    state.key = key;
    state.problem = failure ?? problem;
    // What runs now is for the old text; it is stopped once every key is known.
    if (state.status === 'running') return;
    if (key === null) this.#queue = this.#queue.filter((name) => name !== state.name);
    if (isCurrent(state)) {
      state.status = atRest(state);
      return;
    }
    const stored = key === null ? undefined : await storedResult(state, key, this.#environment);
    if (generation !== this.#generation) {
      // Looked up for a text that is gone: let the next round do it again.
      state.key = null;
      return;
    }
    if (stored) {
      Object.assign(state, { value: stored.value, valueKey: key, card: stored.card as RunCard, status: 'clean', unfinished: null, problem: null });
      this.#queue = this.#queue.filter((name) => name !== state.name);
      // The tab was closed between storing the result and letting go of this, or while the cell was run again.
      if (unfinished) await this.#environment.kept.remove(unfinished.key).catch((error: unknown) => (state.problem = problemRecord(error)));
    } else if (!this.#queue.includes(state.name)) {
      state.status = failure ? 'failed' : atRest(state);
    }
  }

  /** Stops a run and forgets queued ones whose cell has gone. */
  #dropOutdated(): void {
    const running = this.#running;
    if (running?.key !== undefined && this.#states.get(running.name)?.key !== running.key) running.controller.abort(outdated);
    this.#queue = this.#queue.filter((name) => this.#states.has(name));
  }

  /** Whether a run for what the text asks for is under way or about to begin. */
  #runsFor(state: CellState): boolean {
    const running = this.#running;
    if (running?.name !== state.name || running.controller.signal.aborted) return false;
    return running.key === undefined || running.key === state.key;
  }

  /** Takes a cell and those that need it out of the queue. */
  #dequeue(name: string, status: 'cancelled' | 'stale'): void {
    const stopped = this.#queue.filter((queued) => withInputs(this.graph, queued).includes(name));
    this.#queue = this.#queue.filter((queued) => !stopped.includes(queued));
    for (const queued of stopped) {
      this.#anew.delete(queued);
      this.#update(queued, { status: this.#states.get(queued)?.unfinished ? 'paused' : status });
    }
  }

  #enqueue(names: readonly string[]): void {
    for (const name of names) {
      const state = this.#states.get(name);
      if (!state || this.#queue.includes(name)) continue;
      if (this.#runsFor(state)) continue;
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
    // Assigned before the run starts, so that a cancel in the same turn finds it.
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const running: Running = { name, key: undefined, cancelled: false, controller, finished };
    this.#running = running;
    const next = async (): Promise<void> => {
      // The text may have changed a moment ago: what runs must be what the cell's key says.
      await this.#refreshing;
      running.key = this.#states.get(name)?.key ?? null;
      await this.#execute(running);
      this.#running = null;
      finish();
      if (!this.#closed) this.#pump();
    };
    void next();
  }

  async #execute(running: Running): Promise<void> {
    const { name, controller } = running;
    const state = this.#states.get(name);
    if (!state) return;
    this.#update(name, { status: 'running', problem: null, progress: null, unfinished: null });
    const { node } = state;
    const { signal } = controller;
    const anew = this.#anew.delete(name);
    try {
      const { value, card } = await execute(node, inputsOf(this.#states, node), inputNodes(this.graph, node), this.#environment, {
        signal, owner: this.#owner,
        begins: async (key) => {
          running.key = key;
          if (anew && node.kind?.resumable) await this.#environment.kept.remove(key);
        },
        progress: (progress) => {
          if (!signal.aborted) this.#update(name, { progress });
        },
      });
      // The key in force may be another by now; the result is stored under its own all the same.
      if (state.key === card.key) this.#update(name, { value, valueKey: card.key, card, status: 'done', progress: null });
      else this.#update(name, { status: 'stale', progress: null });
    } catch (error) {
      await this.#endWithout(running, state, error);
    }
    if (this.#closed) return;
    // What went wrong may have changed what keys are made of, such as the device that is left.
    if (state.status === 'failed' && running.key) {
      state.key = running.key;
      this.#refresh();
    }
    // Look up what the text asks for now; what follows a new value may have another key.
    if (state.status === 'stale') state.key = null;
    if (state.status === 'stale' || state.status === 'done') this.#refresh();
  }

  /** A run ended without a result: what is left to go on from, and how the cell stands. */
  async #endWithout({ name, key, cancelled, controller: { signal } }: Running, state: CellState, error: unknown): Promise<void> {
    const aborted = isSuspension(signal.reason);
    const suspended = aborted && !cancelled;
    let problem = isCancelled(error) || signal.reason === outdated || (aborted && cancelled) ? null : problemRecord(error);
    let unfinished: CellState['unfinished'] = null;
    // Where this tab may no longer run, another one goes on.
    if (key && (suspended || problem)) unfinished = this.mode === 'live' ? await unfinishedRun(state, key, this.#environment) : null;
    else if (key && state.node.kind?.resumable) await this.#environment.kept.remove(key).catch((why: unknown) => (problem = problemRecord(why)));
    const moved = state.key !== key;
    // Where the text has moved on this is none of it: what it asks for now is looked up.
    if (moved && !problem) unfinished = null;
    // A pause that could keep nothing new is one all the same where there is something to go on from; the problem tells.
    const waits = suspended && unfinished && signal.reason === paused;
    const status = waits ? 'paused' : problem ? 'failed' : moved || suspended ? 'stale' : 'cancelled';
    this.#update(name, { status, unfinished, progress: null, ...(problem ? { problem } : {}) });
  }
}

/** Why a run failed, where the next one is on another device and what this one has kept is of no use to it. */
function onOtherDevice({ problem, unfinished }: CellState, next: CellState['unfinished']): CellState['problem'] {
  return problem && unfinished && !next ? { ...problem, fix: `${problem.fix} It is run on another device then and starts from the beginning.` } : problem;
}
