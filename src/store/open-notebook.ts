/**
 * A notebook as a tab has it open: the writer's text is saved at every keystroke, a reader's follows the writer live,
 * and either can become the other without a lost character.
 */
import { Problem, problemRecord, type ProblemRecord } from '../base/problem.ts';
import { Autosave, type SaveState } from './autosave.ts';
import type { Store } from './database.ts';
import { dropLastWords, readLastWords } from './last-words.ts';
import { acquireLease, type Lease, type Role } from './lease.ts';

export class OpenNotebook {
  readonly id: string;
  readonly #store: Store;
  readonly #listeners = new Set<() => void>();
  readonly #endings: (() => void)[] = [];
  readonly #beforeYield = new Set<() => Promise<void>>();
  #autosave!: Autosave;
  #lease: Lease | null = null;
  #role: Role = 'reader';
  #message: string | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** Use {@link openNotebook}. */
  constructor(store: Store, id: string) {
    this.id = id;
    this.#store = store;
  }

  /** The newest text: the writer's own, or what the writer last saved. */
  get text(): string {
    return this.#autosave.text;
  }

  /** `reader`: show the text, refuse edits, offer to take over. */
  get role(): Role {
    // A lost lease counts at once, a new one only when the stored text has been read.
    return this.#lease?.role === 'writer' ? this.#role : 'reader';
  }

  get state(): SaveState {
    return this.#autosave.state;
  }

  /** Why the last write failed, null otherwise. The text is kept and tried again at the next edit or `flush`. */
  get problem(): ProblemRecord | null {
    return this.#autosave.problem;
  }

  /** The revision that is on the disk. */
  get revision(): number {
    return this.#autosave.acknowledged.revision;
  }

  /** A sentence for the reader: a text lost against another tab and was kept in the history, or cannot be read now; null otherwise. */
  get message(): string | null {
    return this.#message;
  }

  /** Calls `listener` after any change of the above; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the notebook and asks for its lease. */
  async start(): Promise<void> {
    this.#autosave = new Autosave(this.#store.notebooks, await this.#store.notebooks.read(this.id), {
      isWriter: () => this.#lease?.role === 'writer',
      onKept: (message) => (this.#message = message),
    });
    this.#endings.push(
      this.#autosave.onChange(() => this.#notify()),
      this.#store.notebooks.watch(({ id }) => {
        if (id === this.id && this.role === 'reader') this.#told(this.#inTurn(() => this.#follow()));
      }),
      this.#store.beforeClose(() => this.#autosave.flush()),
    );
    if (this.#store.readOnly) return;
    this.#lease = await acquireLease(`${this.#store.name}/notebook/${this.id}`, {
      beforeYield: async () => void (await Promise.allSettled([this.#autosave.flush(), ...Array.from(this.#beforeYield, (task) => task())])),
      onChange: (role) => {
        if (role === 'reader') this.#role = 'reader';
        this.#told(this.#inTurn(() => this.#become(role)));
        this.#notify();
      },
    });
    await this.#turn;
  }

  /**
   * The text after a keystroke.
   * @throws Problem `notebook-read-only` while another tab writes.
   */
  edit(text: string): void {
    if (this.role !== 'writer') throw readOnly(this.id);
    this.#autosave.edit(text);
  }

  /** Resolves when the newest text is on the disk. @throws Problem when it could not be saved. */
  flush(): Promise<void> {
    return this.#autosave.flush();
  }

  /** Becomes the writer; the other tab saves first and becomes a reader. */
  async takeOver(): Promise<void> {
    await this.#lease?.takeOver();
    await this.#turn;
  }

  /** Runs `task` when another tab takes over, which waits for it a while; returns how to take it back. */
  beforeYield(task: () => Promise<void>): () => void {
    this.#beforeYield.add(task);
    return () => this.#beforeYield.delete(task);
  }

  /** Makes a version of the history the text again. @throws Problem as `edit` and `flush` do. */
  async restore(number: number): Promise<void> {
    if (this.role !== 'writer') throw readOnly(this.id);
    await this.#autosave.flush();
    this.#autosave.adopt(await this.#store.notebooks.restore(this.id, number));
  }

  /** Saves what is left and gives the lease to the next tab. */
  async close(): Promise<void> {
    for (const end of this.#endings) end();
    try {
      await this.#autosave.close();
    } finally {
      this.#lease?.close();
    }
  }

  async #become(role: Role): Promise<void> {
    // Written only on top of what is stored: the former writer may have saved until a moment ago.
    if (role === 'writer') {
      await this.#follow();
      await this.#takeLastWords();
    }
    if (this.#lease === null || this.#lease.role === role) this.#role = role;
    this.#notify();
  }

  /** Shows what is stored, unless words of this tab are still on their way there. */
  async #follow(): Promise<void> {
    if (this.#autosave.state !== 'saved') return;
    const stored = await this.#store.notebooks.read(this.id);
    if (stored.revision > this.#autosave.acknowledged.revision && this.#autosave.state === 'saved') this.#autosave.adopt(stored);
  }

  /** Puts back what a page had not saved when it was left: as the text if nobody wrote since, else into the history. */
  async #takeLastWords(): Promise<void> {
    const words = readLastWords(this.id);
    if (!words || this.#autosave.state !== 'saved') return;
    const { text, revision } = this.#autosave.acknowledged;
    if (text === words.text) dropLastWords(this.id);
    else if (revision === words.base || (revision === words.base + 1 && text === words.pending)) {
      this.#autosave.edit(words.text);
      // When it fails the words stay where they are, and `problem` tells.
      void this.#autosave.flush().then(() => dropLastWords(this.id), () => undefined);
    } else {
      try {
        await this.#store.notebooks.rescue(this.id, words.text, 'last words of a tab that was closed');
        dropLastWords(this.id);
        this.#message = 'A tab was closed before its last words were saved; they are in the history.';
      } catch (error) {
        this.#message = `A tab was closed before its last words were saved, and they cannot be put into the history now: ${problemRecord(error).what}`;
      }
    }
  }

  /** One after the other, so that roles and texts arrive in order. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step, step);
    return this.#turn;
  }

  /** What no caller waits for is told to the reader when it fails. */
  #told(turn: Promise<void>): void {
    turn.catch((error: unknown) => {
      const { what, fix } = problemRecord(error);
      this.#message = `The notebook could not be read again after another tab's change: ${what}. ${fix}`;
      this.#notify();
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Opens a notebook in this tab: as its writer if no other tab has it, else as a reader. */
export async function openNotebook(store: Store, id: string): Promise<OpenNotebook> {
  const notebook = new OpenNotebook(store, id);
  await notebook.start();
  return notebook;
}

function readOnly(id: string): Problem {
  return new Problem({
    code: 'notebook-read-only',
    place: `notebook ${id}`,
    what: 'another tab is writing in it, so it can only be read here',
    fix: 'Take over writing, or go on in the other tab.',
  });
}
