/**
 * What unfinished runs keep, so that they can go on later: bytes by the key of the result they work towards and a name.
 * Nothing in here is needed once that result is stored. On a full disk it gives way after results that nobody needs.
 */
import type { IDBPTransaction, StoreNames } from 'idb';
import type { Progress } from '../base/progress.ts';
import { complete, type Connection } from './connection.ts';
import type { KeptRecord, SensoriumSchema } from './schema.ts';

/** An unfinished run: all that is kept under one key. */
export interface UnfinishedRun {
  readonly key: string;
  readonly cell: string;
  /** How far it has come, and whether the reader stopped it there: as kept last. */
  readonly at: Progress;
  readonly paused: boolean;
  readonly bytes: number;
  /** Milliseconds since 1970, of what was kept last. */
  readonly time: number;
  /** Whether a notebook's current text asks for its result. */
  readonly needed: boolean;
}

/** What comes with the bytes; see {@link KeptRecord}. */
export type Keeping = Pick<KeptRecord, 'owner' | 'cell' | 'at' | 'paused'>;

/** Runs that no text asks for any more are kept within these bytes, in case an edit is taken back. */
const spareBytes = 200_000_000;

/** A run that loses its last seconds in a power cut takes them again; waiting for the disk would cost every run. */
const relaxed = { durability: 'relaxed' } as const;

export class KeptStore {
  readonly #connection: Connection;
  readonly #spare: number;

  constructor(connection: Connection, spare = spareBytes) {
    this.#connection = connection;
    this.#spare = spare;
  }

  /** The bytes of a name; null where there are none. */
  async load(key: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const record = await this.#read(() => this.#connection.database.get('keptContents', [key, name]));
    return record?.content ?? null;
  }

  /**
   * Keeps bytes in place of those of the same key and name. Resolves when they outlast the tab.
   * @throws Problem `storage-full`; what was kept before is untouched.
   */
  async save(key: string, name: string, content: Uint8Array<ArrayBuffer>, keeping: Keeping): Promise<void> {
    const record: KeptRecord = { key, name, ...keeping, bytes: content.byteLength, time: this.#connection.now() };
    await this.#connection.write({ place: `the unfinished run of cell ${keeping.cell}`, bytes: content.byteLength, kind: 'other' }, async () => {
      const transaction = this.#connection.database.transaction(['kept', 'keptContents'], 'readwrite', relaxed);
      await complete(transaction, async () => {
        await transaction.objectStore('kept').put(record);
        await transaction.objectStore('keptContents').put({ key, name, content });
      });
    });
    // It is kept: that older runs could not be tidied up is no failure, and is tried again with the next.
    await this.#tidy(key).catch(() => undefined);
  }

  /** Holds the runs that no text asks for within their bytes. */
  async #tidy(key: string): Promise<void> {
    const spare = (await this.list()).filter((run) => !run.needed && run.key !== key);
    const over = sum(spare) - this.#spare;
    if (over > 0) await this.free({ bytes: over, except: key });
  }

  /** The unfinished run of a key; undefined where nothing is kept. */
  async find(key: string): Promise<UnfinishedRun | undefined> {
    return (await this.list()).find((run) => run.key === key);
  }

  /** All unfinished runs, those kept longest ago first. */
  async list(): Promise<UnfinishedRun[]> {
    const [records, pins] = await this.#read(() => {
      const transaction = this.#connection.database.transaction(['kept', 'pins']);
      return Promise.all([transaction.objectStore('kept').getAll(), transaction.objectStore('pins').getAll()]);
    });
    const needed = new Set(pins.flatMap((pin) => pin.keys));
    const runs = [...Map.groupBy(records, ({ key }) => key).entries()].map(([key, parts]): UnfinishedRun => {
      const last = parts.reduce((latest, part) => (part.time >= latest.time ? part : latest));
      return { key, cell: last.cell, at: last.at, paused: last.paused, time: last.time, bytes: sum(parts), needed: needed.has(key) };
    });
    return runs.sort((a, b) => a.time - b.time);
  }

  /** Bytes of all that is kept. */
  async bytes(): Promise<number> {
    return sum(await this.#read(() => this.#connection.database.getAll('kept')));
  }

  /** Deletes what is kept under a key; does nothing where nothing is. */
  async remove(key: string): Promise<void> {
    await this.#connection.write({ place: 'unfinished runs', bytes: 0, kind: 'deletion' }, async () => {
      const transaction = this.#connection.database.transaction(['kept', 'keptContents'], 'readwrite', relaxed);
      const all = IDBKeyRange.bound([key], [key, []]);
      await complete(transaction, () => Promise.all([transaction.objectStore('kept').delete(all), transaction.objectStore('keptContents').delete(all)]));
    });
  }

  /**
   * Deletes unfinished runs that no notebook's text asks for, those kept longest ago first, until at least `bytes` are
   * gone (all of them unless given).
   * @returns the bytes that are gone.
   */
  async free(options: { readonly bytes?: number; readonly includeNeeded?: boolean; readonly except?: string } = {}): Promise<number> {
    const { bytes = Infinity, includeNeeded = false, except } = options;
    let gone = 0;
    for (const run of await this.list()) {
      if (gone >= bytes) break;
      if (run.key === except || (run.needed && !includeNeeded)) continue;
      await this.remove(run.key);
      gone += run.bytes;
    }
    return gone;
  }

  #read<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#connection.read('unfinished runs', attempt);
  }
}

function sum(entries: readonly { readonly bytes: number }[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}

/** Deletes what a notebook's runs kept, as part of its deletion; not what another notebook, such as its copy, asks for. */
export async function removeUnneeded(transaction: IDBPTransaction<SensoriumSchema, StoreNames<SensoriumSchema>[], 'readwrite'>, owner: string): Promise<void> {
  const [kept, contents] = [transaction.objectStore('kept'), transaction.objectStore('keptContents')];
  const needed = new Set((await transaction.objectStore('pins').getAll()).flatMap(({ keys }) => keys));
  for (const [key, name] of await kept.index('owner').getAllKeys(owner)) {
    if (!needed.has(key)) await Promise.all([kept.delete([key, name]), contents.delete([key, name])]);
  }
}
