/** What the stores share: the open database, the clock, word of changes in any tab, and the way of reads and writes to the disk. */
import { Problem } from '../base/problem.ts';
import type { Changes } from './changes.ts';
import { isFull, storageFull } from './room.ts';
import type { Database } from './schema.ts';

/** What is written, and which ways out it has on a full disk. */
export interface Writing {
  /** Where it would be missed: 'notebook "The gap"', for the message. */
  readonly place: string;
  /** About how many bytes it needs. */
  readonly bytes: number;
  /** `text` may cost what nobody needs and the reserve, `other` only the former, `deletion` nothing: it is itself a way out. */
  readonly kind: 'text' | 'other' | 'deletion';
}

export class Connection {
  /** Replaced when the browser closed the database and it was opened again. */
  database: Database;
  readonly readOnly: boolean;
  readonly changes: Changes;
  readonly now: () => number;
  /** Frees at least so many bytes of results, then of unfinished runs, that nobody needs, or all there are; set by the store. */
  makeRoom: (bytes: number) => Promise<number> = () => Promise.resolve(0);
  /** Gives the reserve to the text that needs it; false when it is spent. */
  spendReserve: () => Promise<boolean> = () => Promise.resolve(false);

  /** Opens the database again; set by the store. */
  reopen: () => Promise<Database> = () => Promise.reject(new Error('the database is closed'));
  #lost = Promise.withResolvers<never>();
  #isLost = false;
  #opening: Promise<void> | null = null;

  constructor(database: Database, readOnly: boolean, changes: Changes, now: () => number) {
    this.database = database;
    this.readOnly = readOnly;
    this.changes = changes;
    this.now = now;
  }

  /**
   * Runs one read; when the browser closed the database meanwhile it is opened again, once, and read anew.
   *
   * @param attempt one transaction on {@link Connection.database}
   * @throws Problem `store-closed` after closing, `store-unavailable` when the database does not open again.
   */
  async read<T>(place: string, attempt: () => Promise<T>): Promise<T> {
    for (let reopened = false; ; reopened = true) {
      if (this.#isLost) await this.#open(place, 'read', (error) => unreadable(place, error));
      try {
        return await Promise.race([attempt(), this.#lost.promise]);
      } catch (error) {
        if (error instanceof Lost && !reopened) continue;
        if (error instanceof Lost) throw unreadable(place, error);
        if (error instanceof DOMException && error.name === 'InvalidStateError') throw closedStore(place, 'read');
        throw error;
      }
    }
  }

  /**
   * Runs one write; on a full disk it frees what nobody needs, then (for text) the reserve, and tries again.
   * `attempt` must be one transaction, so that a failed write leaves everything as it was.
   *
   * @throws Problem `store-newer` in a read-only store, `store-closed` after closing, `storage-full` when nothing helped.
   */
  async write<T>(writing: Writing, attempt: () => Promise<T>): Promise<T> {
    if (this.readOnly) throw newerStore(writing.place);
    const waysOut = this.#waysOut(writing);
    let reopened = 0;
    for (;;) {
      try {
        if (this.#isLost) await this.#open(writing.place, 'saved', (error) => storageFull(writing.place, writing.bytes, error));
        return await Promise.race([attempt(), this.#lost.promise]);
      } catch (error) {
        if (error instanceof Lost) {
          reopened += 1;
          if (reopened > 1) throw await storageFull(writing.place, writing.bytes, error);
          continue;
        }
        if (error instanceof DOMException && error.name === 'InvalidStateError') throw closedStore(writing.place, 'saved');
        if (!isFull(error)) throw error;
        let helped = false;
        while (!helped) {
          const next = waysOut.shift();
          if (!next) throw await storageFull(writing.place, writing.bytes, error);
          helped = await next().catch(notFull);
        }
      }
    }
  }

  /**
   * The browser closed the database by itself, as Chromium does when the disk is so full that it cannot even write its
   * log; reads and writes under way would never answer. They fail here, and the next one opens it again.
   */
  lose(): void {
    this.#isLost = true;
    // Handled by whoever is writing; nobody may be.
    this.#lost.promise.catch(() => undefined);
    this.#lost.reject(new Lost('the browser closed the database'));
  }

  /** `fail` says what it means when the disk is the reason. */
  async #open(place: string, aim: 'read' | 'saved', fail: (error: unknown) => Problem | Promise<Problem>): Promise<void> {
    try {
      // Shared: a second connection, held by nobody, would keep newer versions from opening.
      await (this.#opening ??= this.#replace().finally(() => (this.#opening = null)));
    } catch (error) {
      // An AbortError is our own: the site's data were cleared. Anything else is the disk.
      throw error instanceof DOMException && error.name === 'AbortError' ? closedStore(place, aim) : await fail(error);
    }
  }

  async #replace(): Promise<void> {
    this.database = await this.reopen();
    this.#isLost = false;
    this.#lost = Promise.withResolvers<never>();
  }

  /** Things to try one after the other; each tells whether it made room. */
  #waysOut({ kind, bytes }: Writing): (() => Promise<boolean>)[] {
    if (kind === 'deletion') return [];
    const results = [
      () => this.makeRoom(bytes * 2 + 1_000_000).then((freed) => freed > 0),
      () => this.makeRoom(Infinity).then((freed) => freed > 0),
    ];
    return kind === 'text' ? [...results, () => this.spendReserve()] : results;
  }
}

class Lost extends Error {}

/** On a disk without any room even deleting can fail: then it did not help, and the next way out is tried. */
function notFull(error: unknown): false {
  if (isFull(error) || (error instanceof Problem && error.code === 'storage-full')) return false;
  throw error;
}

function newerStore(place: string): Problem {
  return new Problem({
    code: 'store-newer',
    place,
    what: 'the stored notebooks were written by a newer version of Sensorium, so they are open for reading only',
    fix: 'Reload the page to get the newer version; nothing was changed.',
  });
}

function closedStore(place: string, aim: 'read' | 'saved'): Problem {
  return new Problem({
    code: 'store-closed',
    place,
    what: `not ${aim}, the database was closed, by a newer version in another tab or because the site data were cleared`,
    fix: 'Copy what is not saved yet and reload the page.',
  });
}

function unreadable(place: string, error: unknown): Problem {
  return new Problem({
    code: 'store-unavailable',
    place,
    what: `not read, the browser closed its database, which does not open again: ${error instanceof Error ? error.message : String(error)}`,
    fix: 'The disk may be full: free space on it, copy what is not saved yet and reload the page.',
  });
}

/**
 * Runs `body` inside a transaction and waits until it is complete, that is on the disk; aborts it when `body` fails.
 * A full disk shows itself at either place, so its error goes first.
 */
export async function complete<T>(transaction: { readonly done: Promise<void>; abort(): void }, body: () => Promise<T>): Promise<T> {
  // A request that throws at once must take back those made before it, too.
  const running = (async () => body())();
  running.catch(() => {
    try {
      transaction.abort();
    } catch {
      // Already aborted or complete: then `done` tells.
    }
  });
  const [outcome, done] = await Promise.allSettled([running, transaction.done]);
  if (done.status === 'rejected' && isFull(done.reason)) throw done.reason;
  if (outcome.status === 'rejected') throw outcome.reason;
  if (done.status === 'rejected') throw done.reason;
  return outcome.value;
}
