/**
 * Saves a text from the first keystroke. Every edit is handed to the disk at once; while one write is under way the
 * next ones join into a single splice. What is acknowledged is on the disk.
 */
import { Problem, problemRecord, type ProblemRecord } from '../base/problem.ts';
import { dropLastWords, keepLastWords } from './last-words.ts';
import type { NotebookStore, NotebookText } from './notebooks.ts';
import { askToPersist } from './persistence.ts';
import { spliceBetween } from './splice.ts';

/** `saved`: all of it is on the disk. `unsaved`: not yet handed over. `failed`: see {@link Autosave.problem}. */
export type SaveState = 'saved' | 'saving' | 'unsaved' | 'failed';

/** A version is kept after so many edits or so long after the last one, whichever comes first. */
const versionEdits = 500;
const versionMilliseconds = 5 * 60_000;

export interface AutosaveOptions {
  /** Whether this tab is the notebook's writer; decides who gives way when two tabs wrote. */
  readonly isWriter?: () => boolean;
  /** Told, in a sentence for the reader, when a text that lost against another tab was kept in the history. */
  readonly onKept?: (message: string) => void;
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number;
}

interface Saved {
  readonly text: string;
  readonly revision: number;
}

export class Autosave {
  readonly id: string;
  readonly #notebooks: NotebookStore;
  readonly #isWriter: () => boolean;
  readonly #onKept: (message: string) => void;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  readonly #stopListening: () => void;
  #text: string;
  #acknowledged: Saved;
  #sinceVersion: { edits: number; time: number };
  #running: Promise<void> | null = null;
  /** The text whose write is under way. */
  #pending: string;
  /** Whether the page was about to be left with words that were not saved yet. */
  #leftWords = false;
  #asked = false;
  #problem: ProblemRecord | null = null;

  /** Continues from a notebook as it was read. */
  constructor(notebooks: NotebookStore, opened: NotebookText, options: AutosaveOptions = {}) {
    this.id = opened.id;
    this.#notebooks = notebooks;
    this.#isWriter = options.isWriter ?? (() => true);
    this.#onKept = options.onKept ?? (() => undefined);
    this.#now = options.now ?? Date.now;
    this.#text = opened.text;
    this.#pending = opened.text;
    this.#acknowledged = opened;
    this.#sinceVersion = { edits: opened.editsSinceVersion, time: opened.versionTime };
    this.#stopListening = onLeaving(() => this.#leave());
  }

  /** The newest text, saved or not. */
  get text(): string {
    return this.#text;
  }

  /** What is on the disk. */
  get acknowledged(): Saved {
    return this.#acknowledged;
  }

  get state(): SaveState {
    if (this.#problem) return 'failed';
    if (this.#text === this.#acknowledged.text) return 'saved';
    return this.#running ? 'saving' : 'unsaved';
  }

  /** Why the last write failed; null otherwise. The text is kept here and tried again at the next edit or `flush`. */
  get problem(): ProblemRecord | null {
    return this.#problem;
  }

  /** Calls `listener` after each change of text, state or acknowledged revision; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes the text after a keystroke and starts saving it. Never waits and never throws. */
  edit(text: string): void {
    this.#text = text;
    this.#problem = null;
    this.#start().catch(() => undefined);
    this.#notify();
  }

  /** Resolves when the newest text is acknowledged. @throws Problem when it could not be saved. */
  async flush(): Promise<void> {
    while (this.#text !== this.#acknowledged.text) await this.#start();
  }

  /** Takes over a text read from the store: after another tab wrote, or a version was restored. */
  adopt(opened: NotebookText): void {
    this.#text = opened.text;
    this.#acknowledged = opened;
    this.#sinceVersion = { edits: opened.editsSinceVersion, time: opened.versionTime };
    this.#problem = null;
    this.#notify();
  }

  /** Saves what is left and stops listening. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.flush();
  }

  #start(): Promise<void> {
    this.#running ??= this.#save().finally(() => {
      this.#running = null;
      this.#notify();
    });
    return this.#running;
  }

  async #save(): Promise<void> {
    try {
      while (this.#text !== this.#acknowledged.text) {
        await this.#write();
        await this.#keepVersionWhenDue();
      }
      this.#problem = null;
      if (this.#leftWords) dropLastWords(this.id);
      this.#leftWords = false;
    } catch (error) {
      this.#problem = problemRecord(error);
      throw error;
    }
  }

  async #write(): Promise<void> {
    const text = this.#text;
    const { text: from, revision: base } = this.#acknowledged;
    this.#pending = text;
    try {
      const revision = await this.#notebooks.append(this.id, { base, ...spliceBetween(from, text) });
      this.#acknowledge({ text, revision });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'notebook-changed') throw error;
      await this.#settleConflict(text);
    }
    // Without the browser's promise the text is saved all the same.
    if (!this.#asked) askToPersist().catch(() => undefined);
    this.#asked = true;
  }

  /**
   * Another tab wrote on the same revision, which leases allow only around a takeover of a frozen tab. The writer's
   * text goes on, the other gives way; both stay in the history.
   */
  async #settleConflict(text: string): Promise<void> {
    const head = await this.#notebooks.read(this.id);
    if (head.text === text) {
      // The edit had arrived after all: its answer was lost with the connection.
      this.#acknowledge({ text, revision: head.revision });
    } else if (this.#isWriter()) {
      await this.#notebooks.keepVersion(this.id, { reason: 'saved', summary: 'written by another tab at the same time' });
      this.#acknowledged = { text: head.text, revision: head.revision };
      this.#onKept('Another tab wrote in this notebook at the same time; its text is in the history.');
    } else {
      // The newest words, and those typed while they are being kept: adopting drops what is here.
      for (let kept: string | null = null; kept !== this.#text;) {
        kept = this.#text;
        await this.#notebooks.rescue(this.id, kept, 'not yet saved when another tab took over');
      }
      this.adopt(head);
      this.#onKept('Another tab took over before the last words were saved; they are in the history.');
    }
  }

  /** The page may be gone before the write under way answers: what waits behind it is kept where it arrives at once. */
  #leave(): void {
    if (this.#text === this.#acknowledged.text) return;
    this.#start().catch(() => undefined);
    this.#leftWords = keepLastWords(this.id, { base: this.#acknowledged.revision, pending: this.#pending, text: this.#text });
  }

  #acknowledge(saved: Saved): void {
    if (saved.revision <= this.#acknowledged.revision) return;
    this.#acknowledged = saved;
    this.#sinceVersion = { ...this.#sinceVersion, edits: this.#sinceVersion.edits + 1 };
    this.#notify();
  }

  /** Keeps the text before the newest edit, so that a version after a pause is what was left then. */
  async #keepVersionWhenDue(): Promise<void> {
    const { edits, time } = this.#sinceVersion;
    if (edits < versionEdits && this.#now() - time < versionMilliseconds) return;
    try {
      await this.#notebooks.keepVersion(this.id, { reason: 'edited', revision: this.#acknowledged.revision - 1 });
      this.#sinceVersion = { edits: 1, time: this.#now() };
    } catch (error) {
      // The text itself is saved: a version that finds no room is tried again after the next edit.
      if (!(error instanceof Problem) || error.code !== 'storage-full') throw error;
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Calls `listener` when the page is hidden or left, the last moments in which it surely runs; returns how to stop. */
function onLeaving(listener: () => void): () => void {
  const hidden = () => {
    if (document.visibilityState === 'hidden') listener();
  };
  addEventListener('pagehide', listener);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    removeEventListener('pagehide', listener);
    document.removeEventListener('visibilitychange', hidden);
  };
}
