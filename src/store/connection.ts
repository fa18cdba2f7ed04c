/** What the stores share: the open database, the clock, word of changes in any tab, and every write's way to the disk. */
import { Problem } from '../base/problem.ts';
import type { Changes } from './changes.ts';
import { isQuotaError, storageFull } from './room.ts';
import type { Database } from './schema.ts';

/** What kind of thing is written: text may use the reserve, the rest may not. */
export interface Writing {
  /** Where it would be missed: 'notebook "The gap"', for the message. */
  readonly place: string;
  /** About how many bytes it needs. */
  readonly bytes: number;
  readonly text: boolean;
}

export class Connection {
  readonly database: Database;
  readonly readOnly: boolean;
  readonly changes: Changes;
  readonly now: () => number;
  /** Frees at least so many bytes of results that nobody needs, or all there are; set by the store. */
  makeRoom: (bytes: number) => Promise<number> = () => Promise.resolve(0);
  /** Gives the reserve to the text that needs it; false when it is spent. */
  spendReserve: () => Promise<boolean> = () => Promise.resolve(false);

  constructor(database: Database, readOnly: boolean, changes: Changes, now: () => number) {
    this.database = database;
    this.readOnly = readOnly;
    this.changes = changes;
    this.now = now;
  }

  /**
   * Runs one write; on a full disk it frees results that nobody needs, then (for text) the reserve, and tries again.
   * `attempt` must be one transaction, so that a failed write leaves everything as it was.
   *
   * @throws Problem `store-newer` in a read-only store, `store-closed` after closing, `storage-full` when nothing helped.
   */
  async write<T>(writing: Writing, attempt: () => Promise<T>): Promise<T> {
    if (this.readOnly) throw newerStore(writing.place);
    const waysOut = [
      () => this.makeRoom(writing.bytes * 2 + 1_000_000).then((freed) => freed > 0),
      () => this.makeRoom(Infinity).then((freed) => freed > 0),
      () => (writing.text ? this.spendReserve() : Promise.resolve(false)),
    ];
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof DOMException && error.name === 'InvalidStateError') throw closedStore(writing.place);
        if (!isQuotaError(error)) throw error;
        let helped = false;
        while (!helped) {
          const next = waysOut.shift();
          if (!next) throw await storageFull(writing.place, writing.bytes);
          helped = await next();
        }
      }
    }
  }
}

function newerStore(place: string): Problem {
  return new Problem({
    code: 'store-newer',
    place,
    what: 'the stored notebooks were written by a newer version of Sensorium, so they are open for reading only',
    fix: 'Reload the page to get the newer version; nothing was changed.',
  });
}

function closedStore(place: string): Problem {
  return new Problem({
    code: 'store-closed',
    place,
    what: 'the browser closed the database, for an update in another tab or because the site data were cleared',
    fix: 'Copy what is not saved yet and reload the page.',
  });
}

/**
 * Runs `body` inside a transaction and waits until it is complete, that is on the disk; aborts it when `body` fails.
 * A full disk shows itself at either place, so its error goes first.
 */
export async function complete<T>(transaction: { readonly done: Promise<void>; abort(): void }, body: () => Promise<T>): Promise<T> {
  const running = body();
  running.catch(() => {
    try {
      transaction.abort();
    } catch {
      // Already aborted or complete: then `done` tells.
    }
  });
  const [outcome, done] = await Promise.allSettled([running, transaction.done]);
  if (done.status === 'rejected' && isQuotaError(done.reason)) throw done.reason;
  if (outcome.status === 'rejected') throw outcome.reason;
  if (done.status === 'rejected') throw done.reason;
  return outcome.value;
}
