/** Imported files by the SHA-256 of their content. A name may come back with other content: the newest counts. */
import { sha256 } from '../base/hash.ts';
import { Problem } from '../base/problem.ts';
import { complete, type Connection } from './connection.ts';
import type { FileRecord } from './schema.ts';

export interface FileEntry {
  readonly sha256: string;
  readonly name: string;
  readonly bytes: number;
  /** MIME type, '' when unknown. */
  readonly type: string;
}

const strict = { durability: 'strict' } as const;

export class FileStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Stores a file; the same content is stored once whatever its names. Adding makes it the newest of its name.
   * @throws Problem `file-unreadable` when the file changed or went away meanwhile, `storage-full`.
   */
  async add(name: string, blob: Blob): Promise<FileEntry> {
    const content = await readAll(name, blob);
    const entry = { sha256: await sha256(content), name, bytes: content.byteLength, type: blob.type };
    // A copy of the hashed bytes: the file on the disk may change under its handle.
    const copy = new Blob([content], { type: blob.type });
    await this.#connection.write({ place: `file ${name}`, bytes: entry.bytes, kind: 'other' }, async () => {
      const transaction = this.#connection.database.transaction(['files', 'fileContents'], 'readwrite', strict);
      await complete(transaction, async () => {
        const files = transaction.objectStore('files');
        for (const old of await files.index('name').getAll(name)) if (old.sha256 === entry.sha256) await files.delete(old.order);
        if ((await transaction.objectStore('fileContents').getKey(entry.sha256)) === undefined) {
          await transaction.objectStore('fileContents').add({ sha256: entry.sha256, content: copy });
        }
        const last = await files.openKeyCursor(null, 'prev');
        await files.add({ ...entry, order: (last?.key ?? 0) + 1 });
      });
    });
    return entry;
  }

  /** The newest file of that name, upper and lower case as written. */
  async byName(name: string): Promise<FileEntry | undefined> {
    return asEntry((await this.#read(() => this.#connection.database.getAllFromIndex('files', 'name', name))).at(-1));
  }

  /** The newest entry with that content. */
  async byHash(hash: string): Promise<FileEntry | undefined> {
    return asEntry((await this.#read(() => this.#connection.database.getAllFromIndex('files', 'sha256', hash))).at(-1));
  }

  /**
   * The content.
   * @throws Problem `file-missing`.
   */
  async read(hash: string): Promise<Blob> {
    const record = await this.#read(() => this.#connection.database.get('fileContents', hash));
    if (record) return record.content;
    throw new Problem({
      code: 'file-missing',
      place: '',
      what: `the file with SHA-256 ${hash.slice(0, 12)}... is not stored in this browser`,
      fix: 'Choose the file again.',
    });
  }

  /** All files, newest first. */
  async list(): Promise<FileEntry[]> {
    return (await this.#read(() => this.#connection.database.getAll('files'))).reverse().map((record) => entryOf(record));
  }

  /** Deletes a content and every name it has; with a `name` that name alone, and the content with the last. */
  async remove(hash: string, name?: string): Promise<void> {
    await this.#connection.write({ place: 'files', bytes: 0, kind: 'deletion' }, async () => {
      const transaction = this.#connection.database.transaction(['files', 'fileContents'], 'readwrite', strict);
      await complete(transaction, async () => {
        const index = transaction.objectStore('files').index('sha256');
        const [orders, entries] = await Promise.all([index.getAllKeys(hash), index.getAll(hash)]);
        const gone = orders.filter((_, at) => name === undefined || entries[at]?.name === name);
        await Promise.all([
          ...gone.map((order) => transaction.objectStore('files').delete(order)),
          ...(gone.length === orders.length ? [transaction.objectStore('fileContents').delete(hash)] : []),
        ]);
      });
    });
  }

  /** Bytes of all contents, each once. */
  async bytes(): Promise<number> {
    const sizes = new Map((await this.list()).map((entry) => [entry.sha256, entry.bytes]));
    return [...sizes.values()].reduce((total, bytes) => total + bytes, 0);
  }

  #read<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#connection.read('files', attempt);
  }
}

async function readAll(name: string, blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    throw new Problem({
      code: 'file-unreadable',
      place: name,
      what: `the browser could not read it: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'It may have been changed, moved or locked after it was chosen; choose it again.',
    });
  }
}

function asEntry(record: FileRecord | undefined): FileEntry | undefined {
  return record && entryOf(record);
}

function entryOf({ sha256: hash, name, bytes, type }: FileRecord): FileEntry {
  return { sha256: hash, name, bytes, type };
}
