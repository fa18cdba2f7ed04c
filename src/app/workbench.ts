/**
 * One open notebook: its stored text, its session, what the reader is typing. There is one way for text to change
 * (`edit`, or a draft while typing), and it goes to the disk at once and to the session when it makes sense to parse.
 */
import type { BodyValue } from '../notebook/body.ts';
import { cellsOf, parseNotebook, type Range } from '../notebook/document.ts';
import { setParameter } from '../notebook/edit.ts';
import { Session } from '../notebook/session.ts';
import type { NotebookEntry } from '../store/notebooks.ts';
import { openNotebook } from '../store/open-notebook.ts';
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import { fencesClosed, layOut, withKeys, type Block } from './blocks.ts';
import type { AppEnvironment } from './environment.ts';
import { unstored, type TextHolder } from './text-holder.ts';

/** Text that is being typed over a range of the session's document. */
export interface Draft {
  readonly range: Range;
  readonly text: string;
  /** Prose stands in an editor of its own; a cell's text in its card. */
  readonly of: 'prose' | 'cell';
}

/** How long typing pauses before cells follow it. Milliseconds. */
const pause = 400;

/** How long a notebook that is left waits for its run to stop; what comes later is kept all the same. Milliseconds. */
const patience = 2000;

/** Keys are never given twice, so that no element of one notebook's page serves another's. */
let keysGiven = 0;

export class Workbench {
  readonly id: string;
  readonly environment: AppEnvironment;
  readonly session: Session;
  readonly holder: TextHolder;
  origin: NotebookEntry['origin'];
  /** View state of each cell, by its name, while the notebook is open. */
  readonly views = new Map<string, Map<string, unknown>>();
  /** Why the last background write (title, pins) failed. */
  problem: ProblemRecord | null = null;
  #draft: Draft | null = null;
  #blocks: Block[] = [];
  #laidOut: unknown = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #title: string;
  #pinned = '';
  /** Results in use with Quick on and off, so that each outlasts a visit to the other. */
  readonly #inUse = new Map<boolean, readonly string[]>();
  #closed = false;
  readonly #listeners = new Set<() => void>();
  readonly #endings: (() => void)[] = [];

  private constructor(environment: AppEnvironment, entry: Pick<NotebookEntry, 'id' | 'title' | 'origin'>, holder: TextHolder) {
    this.environment = environment;
    this.id = entry.id;
    this.origin = entry.origin;
    this.#title = entry.title;
    this.holder = holder;
    this.session = new Session(holder.text, environment, this.#mode(), entry.id);
    this.#endings.push(
      this.session.onChange(() => this.#changed()),
      holder.onChange(() => this.#follow()),
      holder.beforeYield(() => this.session.suspend()),
    );
  }

  /** Opens a stored notebook. @throws Problem when it is not there. */
  static async open(environment: AppEnvironment, id: string): Promise<Workbench> {
    const entry = await environment.store.notebooks.read(id);
    return new Workbench(environment, entry, await openNotebook(environment.store, id));
  }

  /** Shows a text that is not stored, as when the store can only be read. */
  static show(environment: AppEnvironment, entry: Pick<NotebookEntry, 'id' | 'title' | 'origin'>, text: string): Workbench {
    return new Workbench(environment, entry, unstored(text));
  }

  /** The newest text, typed words included. */
  get text(): string {
    const { text } = this.session;
    const draft = this.#draft;
    return draft ? text.slice(0, draft.range.from) + draft.text + text.slice(draft.range.to) : text;
  }

  get draft(): Draft | null {
    return this.#draft;
  }

  /** Whether the text may be changed here. */
  get canEdit(): boolean {
    return this.holder.role === 'writer';
  }

  /** Whether cells may be run here. */
  get canRun(): boolean {
    return this.session.mode === 'live';
  }

  get isForeign(): boolean {
    return this.origin === 'foreign';
  }

  /** The document as blocks, each with a key that lasts. */
  get blocks(): readonly Block[] {
    const { document } = this.session;
    const editing = this.#draft?.of === 'prose' ? this.#draft.range : null;
    const of = `${editing?.from}-${editing?.to}`;
    const laidOut = this.#laidOut as { document: unknown; of: string } | null;
    if (laidOut?.document !== document || laidOut.of !== of) {
      this.#blocks = withKeys(this.#blocks, layOut(document, editing), () => `block-${++keysGiven}`);
      this.#laidOut = { document, of };
    }
    return this.#blocks;
  }

  /** Calls back at most once per frame after anything changed; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Replaces the text; what is being typed is settled first. */
  edit(change: (text: string) => string | null): void {
    if (!this.canEdit) return;
    this.settle();
    const text = change(this.session.text);
    if (text === null || text === this.session.text) return;
    this.session.edit(text);
    this.holder.edit(text);
  }

  setParameter(cell: string, key: string, value: BodyValue | undefined): void {
    this.edit((text) => {
      const node = this.session.graph.byName.get(cell);
      return node ? setParameter(this.session.document, node.cell, key, value) : text;
    });
  }

  /** Sets several parameters as one edit. Returns how to take it back, as long as nothing else was changed since; null where nothing changed. */
  setParameters(cell: string, changes: Readonly<Record<string, BodyValue | undefined>>): (() => boolean) | null {
    let before = '';
    let after = '';
    this.edit((text) => {
      before = after = text;
      for (const [key, value] of Object.entries(changes)) {
        const document = parseNotebook(after);
        const found = cellsOf(document).find((candidate) => candidate.name === cell);
        if (found) after = setParameter(document, found, key, value);
      }
      return after;
    });
    if (after === before) return null;
    return () => {
      let back = false;
      this.edit((text) => {
        back = text === after;
        return back ? before : null;
      });
      return back;
    };
  }

  /** Opens an editor over a range of prose. */
  openProse(range: Range): void {
    if (!this.canEdit) return;
    this.settle();
    this.#draft = { range, text: this.session.text.slice(range.from, range.to), of: 'prose' };
    this.#changed();
  }

  /** Takes what is typed: saved at once, parsed when typing pauses. */
  type(range: Range, text: string, of: Draft['of']): void {
    if (!this.canEdit) return;
    const draft = this.#draft;
    if (draft && (draft.of !== of || draft.range.from !== range.from)) this.settle();
    this.#draft = { range: this.#draft?.range ?? range, text, of };
    this.holder.edit(this.text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#parseDraft(), pause);
  }

  /** Parses what was typed, whatever it is, and closes the editor. */
  settle(): void {
    clearTimeout(this.#timer);
    const draft = this.#draft;
    if (!draft) return;
    const { text } = this;
    this.#draft = null;
    this.session.edit(text);
    this.#changed();
  }

  run(name: string, force = false): void {
    this.#whenLookedUp(() => this.session.run(name, { force }));
  }

  runAll(): void {
    this.#whenLookedUp(() => this.session.runAll());
  }

  /** Computes every cell anew, stored results or not. */
  runAllAgain(): void {
    this.#whenLookedUp(() => {
      for (const { cell } of this.session.graph.order) this.session.run(cell.name, { force: true });
    });
  }

  /** Makes a foreign notebook the reader's own: from here on its cells run. */
  async trust(): Promise<void> {
    await this.environment.store.notebooks.setOrigin(this.id, 'own');
    this.origin = 'own';
    this.#applyMode();
    this.#changed();
  }

  async takeOver(): Promise<void> {
    await this.holder.takeOver();
    this.#follow();
  }

  viewState(name: string): Map<string, unknown> {
    const state = this.views.get(name) ?? new Map<string, unknown>();
    this.views.set(name, state);
    return state;
  }

  /** Saves what is left, stops runs, which keep what they need to go on later, and gives the notebook to other tabs. */
  async close(): Promise<void> {
    this.settle();
    this.#closed = true;
    for (const end of this.#endings) end();
    cancelAnimationFrame(this.#frame);
    this.#listeners.clear();
    await Promise.race([this.session.close(), new Promise((resolve) => setTimeout(resolve, patience))]);
    await this.holder.close();
  }

  #mode(): 'live' | 'preview' {
    return this.origin === 'foreign' || this.holder.role !== 'writer' ? 'preview' : 'live';
  }

  /** A run asked for while typed words are looked up waits for that: before, a cell has no key to run for. */
  #whenLookedUp(run: () => void): void {
    if (!this.canRun) return;
    this.settle();
    void this.session.lookedUp().then(() => {
      if (this.canRun && !this.#closed) run();
    });
  }

  /** Nothing runs in a tab that only reads: two tabs would do the same work twice. */
  #applyMode(): void {
    const mode = this.#mode();
    if (mode === this.session.mode) return;
    if (mode === 'live') {
      this.session.trust();
      return;
    }
    void this.session.suspend();
    this.session.mode = 'preview';
  }

  /** Parses the draft and keeps it open, unless it is half a fence. */
  #parseDraft(): void {
    const draft = this.#draft;
    if (!draft || !fencesClosed(draft.text)) return;
    if (draft.of === 'cell' && !/^ {0,3}(?:`{3,}|~{3,})[ \t]*cell[ \t]/.test(draft.text)) return;
    const { text } = this;
    this.#draft = { ...draft, range: { from: draft.range.from, to: draft.range.from + draft.text.length } };
    this.session.edit(text);
    this.#changed();
  }

  /** The stored text is not ours: another tab wrote, or a version was restored. */
  #follow(): void {
    if (this.holder.text !== this.text) {
      clearTimeout(this.#timer);
      this.#draft = null;
      this.session.edit(this.holder.text);
    } else if (!this.canEdit && this.#draft) {
      this.settle();
    }
    this.#applyMode();
    this.#changed();
  }

  #changed(): void {
    // A hidden tab gets no frames, and what follows must not wait for one.
    if (document.hidden) this.#keepBooks();
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#keepBooks();
      for (const listener of this.#listeners) listener();
    });
  }

  /** Keeps the stored title and the pins in line with the text. */
  #keepBooks(): void {
    if (!this.canEdit) return;
    const { notebooks, results } = this.environment.store;
    const failed = (error: unknown): void => {
      this.problem = problemRecord(error);
    };
    const { title } = this.session.document;
    if (title !== this.#title) {
      this.#title = title;
      notebooks.rename(this.id, title).catch(failed);
    }
    // What is shown stays too, while its cell is stale.
    this.#inUse.set(this.session.document.quick, this.session.cells.flatMap(({ key, valueKey }) => [key, valueKey]).filter((key) => key !== null));
    const keys = [...new Set([...this.#inUse.values()].flat())].sort();
    if (keys.join(' ') !== this.#pinned) {
      this.#pinned = keys.join(' ');
      results.pin(this.id, new Set(keys)).catch(failed);
    }
  }
}
