/**
 * The results cache: values by the hash of everything that made them. When the budget is spent the result unused for
 * longest goes first, but never one that a notebook's current text needs unless the reader asks.
 */
import { Problem } from '../base/problem.ts';
import { byteSize } from '../base/size.ts';
import type { CellValue } from '../data/values.ts';
import { compact } from './compact.ts';
import { complete, type Connection } from './connection.ts';
import { pack, unpack } from './pack.ts';
import { storageFull } from './room.ts';
import type { ResultRecord } from './schema.ts';

export interface StoredResult {
  readonly key: string;
  readonly value: CellValue;
  /** The run card as it was stored. */
  readonly card: unknown;
  readonly bytes: number;
}

export interface ResultEntry {
  readonly key: string;
  readonly type: CellValue['type'];
  readonly bytes: number;
  /** Needed by a notebook's current text. */
  readonly pinned: boolean;
}

/** What results may use: beyond `budget` unneeded ones go; beyond `limit` nothing is stored. Bytes. */
export interface ResultRoom {
  readonly budget: number;
  readonly limit: number;
}

/** At most 4 GB or half of what the browser grants; never into the last fifth, which is for text and files. */
async function browserRoom(): Promise<ResultRoom> {
  const { quota = 0 } = await navigator.storage.estimate();
  return { budget: Math.min(4e9, quota * 0.5), limit: quota * 0.8 };
}

/** Results can be computed again: losing the last ones in a power cut is fine, waiting for the disk is not. */
const relaxed = { durability: 'relaxed' } as const;

export class ResultStore {
  readonly #connection: Connection;
  readonly #room: () => Promise<ResultRoom>;

  constructor(connection: Connection, room: () => Promise<ResultRoom> = browserRoom) {
    this.#connection = connection;
    this.#room = room;
  }

  /**
   * The result of a key, typed arrays as they were; marks it as just used. One whose arrays the browser can no longer
   * read is none: it is forgotten, and its cell computes it again.
   */
  async get(key: string): Promise<StoredResult | undefined> {
    const [record, content] = await this.#connection.read('results', () => {
      const transaction = this.#connection.database.transaction(['results', 'resultContents']);
      return Promise.all([transaction.objectStore('results').get(key), transaction.objectStore('resultContents').get(key)]);
    });
    if (!record || !content) return undefined;
    let value: CellValue;
    try {
      value = (await unpack(content.value)) as CellValue;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // Where it cannot be deleted either, the next result of the key replaces it.
      if (!this.#connection.readOnly) await this.remove([key]).catch(() => undefined);
      return undefined;
    }
    if (!this.#connection.readOnly) await this.#touch(key);
    return { key, value, card: content.card, bytes: record.bytes };
  }

  /**
   * Stores a result, or replaces the one of the same key; complete or not at all.
   * @throws Problem `storage-full`; what was stored before is untouched, unneeded results aside.
   */
  async put(key: string, { value, card }: { readonly value: CellValue; readonly card: unknown }): Promise<void> {
    const bytes = byteSize(value) + byteSize(card);
    const place = `result of type ${value.type}`;
    const content = { key, value: await pack(compact(value)), card };
    const { budget, limit } = await this.#room();
    const over = (await this.bytes()) + bytes - budget;
    if (over > 0 && !this.#connection.readOnly) await this.free({ bytes: over, except: key });
    if ((await this.bytes()) + bytes > limit) throw await storageFull(place, bytes);
    await this.#connection.write({ place, bytes, kind: 'other' }, async () => {
      const transaction = this.#connection.database.transaction(['results', 'resultContents'], 'readwrite', relaxed);
      await complete(transaction, async () => {
        const results = transaction.objectStore('results');
        const lastUsed = await nextUse(results);
        await Promise.all([results.put({ key, type: value.type, bytes, lastUsed }), transaction.objectStore('resultContents').put(content)]);
      });
    });
  }

  /** Which of these keys have a result. */
  async has(keys: Iterable<string>): Promise<Set<string>> {
    const wanted = [...keys];
    const found = await this.#connection.read('results', () => {
      const { store } = this.#connection.database.transaction('results');
      return Promise.all(wanted.map((key) => store.getKey(key)));
    });
    return new Set(wanted.filter((_, index) => found[index] !== undefined));
  }

  /**
   * States which results a notebook's current text needs (replacing what it stated before), stored or not yet.
   * Pins are kept in the database: they hold across tabs and while the notebook is closed.
   */
  async pin(owner: string, keys: ReadonlySet<string>): Promise<void> {
    await this.#connection.write({ place: `pins of notebook ${owner}`, bytes: keys.size * 200, kind: 'other' }, () =>
      this.#connection.database.put('pins', { owner, keys: [...keys].sort() }));
  }

  /** All results, least recently used first. */
  async list(): Promise<ResultEntry[]> {
    const [records, pins] = await this.#connection.read('results', () => {
      const transaction = this.#connection.database.transaction(['results', 'pins']);
      return Promise.all([transaction.objectStore('results').index('lastUsed').getAll(), transaction.objectStore('pins').getAll()]);
    });
    const pinned = new Set(pins.flatMap((pin) => pin.keys));
    return records.map(({ key, type, bytes }) => ({ key, type, bytes, pinned: pinned.has(key) }));
  }

  /** Bytes of all results, by their typed arrays and text. */
  async bytes(): Promise<number> {
    return sum(await this.#connection.read('results', () => this.#connection.database.getAll('results')));
  }

  /**
   * Deletes results, least recently used first, until at least `bytes` are gone (all of them unless given).
   * @returns the bytes that are gone.
   */
  async free(options: { readonly bytes?: number; readonly includePinned?: boolean; readonly except?: string } = {}): Promise<number> {
    const { bytes = Infinity, includePinned = false, except } = options;
    const going: ResultEntry[] = [];
    for (const entry of await this.list()) {
      if (sum(going) >= bytes) break;
      if (entry.key !== except && (includePinned || !entry.pinned)) going.push(entry);
    }
    if (going.length > 0) await this.remove(going.map((entry) => entry.key));
    return sum(going);
  }

  /** Deletes the results of these keys. */
  async remove(keys: Iterable<string>): Promise<void> {
    await this.#connection.write({ place: 'results', bytes: 0, kind: 'deletion' }, async () => {
      const transaction = this.#connection.database.transaction(['results', 'resultContents'], 'readwrite', relaxed);
      await complete(transaction, () =>
        Promise.all([...keys].flatMap((key) => [transaction.objectStore('results').delete(key), transaction.objectStore('resultContents').delete(key)])));
    });
  }

  /** Deletes every result. */
  async clear(): Promise<void> {
    await this.free({ includePinned: true });
  }

  /** Marks a result as just used; on a full disk it stays as it was, for a value that was read is worth more than its mark. */
  async #touch(key: string): Promise<void> {
    try {
      // A deletion has no ways out: nothing is freed for a mark.
      await this.#connection.write({ place: 'results', bytes: 0, kind: 'deletion' }, async () => {
        const transaction = this.#connection.database.transaction('results', 'readwrite', relaxed);
        await complete(transaction, async () => {
          const record = await transaction.store.get(key);
          if (record) await transaction.store.put({ ...record, lastUsed: await nextUse(transaction.store) });
        });
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'storage-full') throw error;
    }
  }
}

/** True for the errors of a Blob whose file is gone or broken: the browser keeps Blobs outside the database. */
function isUnreadable(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotReadableError' || error.name === 'NotFoundError');
}

async function nextUse(results: { index(name: 'lastUsed'): { openKeyCursor(range: null, direction: 'prev'): Promise<{ key: number } | null> } }): Promise<number> {
  return ((await results.index('lastUsed').openKeyCursor(null, 'prev'))?.key ?? 0) + 1;
}

function sum(entries: readonly Pick<ResultRecord, 'bytes'>[]): number {
  return entries.reduce((total, entry) => total + entry.bytes, 0);
}
