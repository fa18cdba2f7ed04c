/**
 * Notebooks: a title, a text that grows edit by edit, and a history that is only added to.
 * An edit is one record under its revision; adding it fails if that revision exists, so no writer can overwrite another.
 */
import { Problem } from '../base/problem.ts';
import { complete, type Connection } from './connection.ts';
import { removeUnneeded } from './kept.ts';
import { replay, tip } from './replay.ts';
import type { NotebookOrigin, NotebookRecord, VersionReason, VersionRecord } from './schema.ts';
import { spliceBetween, type Splice } from './splice.ts';

export interface NotebookEntry {
  readonly id: string;
  readonly title: string;
  readonly origin: NotebookOrigin;
  /** ISO 8601, of the last edit. */
  readonly updated: string;
  readonly revision: number;
}

export interface NotebookText extends NotebookEntry {
  readonly text: string;
  /** Edits since the newest version on the line, and its time: Autosave decides by them when to keep another. */
  readonly editsSinceVersion: number;
  readonly versionTime: number;
}

/** A version in the history; its text is read by {@link NotebookStore.version}. */
export interface HistoryEntry {
  readonly number: number;
  /** ISO 8601. */
  readonly time: string;
  readonly reason: VersionReason;
  /** "+120 -8 characters", or what the saver said. */
  readonly summary: string;
  readonly characters: number;
}

/** An edit and the revision it was made on; it makes revision `base + 1`. */
export interface Edit extends Splice {
  readonly base: number;
}

/** Every write of text is flushed to the disk before it counts as acknowledged. */
const strict = { durability: 'strict' } as const;

export class NotebookStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Notebooks that are not in the bin, last edited first. */
  list(): Promise<NotebookEntry[]> {
    return this.#entries(false);
  }

  /** Notebooks in the bin. */
  bin(): Promise<NotebookEntry[]> {
    return this.#entries(true);
  }

  /** Calls `listener` with the notebook's id whenever one changes, in any tab; returns how to stop. */
  watch(listener: (change: { readonly id: string; readonly what: 'edited' | 'listed' }) => void): () => void {
    return this.#connection.changes.listen(listener);
  }

  /** A new notebook at revision 0, its text the first version of its history. `id` is made up unless given. */
  async create(options: { readonly title: string; readonly text: string; readonly origin: NotebookOrigin; readonly id?: string }): Promise<NotebookEntry> {
    const { title, text, origin, id = crypto.randomUUID() } = options;
    const time = this.#connection.now();
    await this.#write(title, text.length, async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'versions'], 'readwrite', strict);
      await complete(transaction, () => Promise.all([
        transaction.objectStore('notebooks').add({ id, title, origin, created: time, binned: null }),
        transaction.objectStore('versions').add({ id, number: 1, revision: 0, time, reason: 'created', summary: 'created', text }),
      ]));
    });
    this.#connection.changes.tell({ id, what: 'listed' });
    return { id, title, origin, updated: new Date(time).toISOString(), revision: 0 };
  }

  /**
   * The text as last acknowledged.
   * @throws Problem `notebook-missing`, `notebook-damaged`.
   */
  read(id: string): Promise<NotebookText> {
    return this.#connection.read(`notebook ${id}`, async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'edits', 'versions']);
      const record = await existing(transaction.objectStore('notebooks'), id);
      const { text, revision, edits, time, version } = await replay(transaction, record);
      return {
        id, title: record.title, origin: record.origin, updated: new Date(time).toISOString(), revision, text,
        editsSinceVersion: edits, versionTime: version.time,
      };
    });
  }

  /**
   * Adds an edit. The promise resolves with the new revision when the edit is on the disk: it is acknowledged.
   * The whole transaction is handed over at once, so an edit that was sent arrives even if the tab dies.
   *
   * @throws Problem `notebook-changed` when someone else made that revision, `storage-full`.
   */
  async append(id: string, edit: Edit): Promise<number> {
    const { at, removed, inserted } = edit;
    const revision = edit.base + 1;
    const record = { id, revision, at, removed, inserted, time: this.#connection.now() };
    await this.#write(id, inserted.length, async () => {
      const transaction = this.#connection.database.transaction('edits', 'readwrite', strict);
      await complete(transaction, () => {
        const added = transaction.store.add(record);
        transaction.commit();
        return added.catch((error: unknown) => {
          throw error instanceof DOMException && error.name === 'ConstraintError' ? changed(id, revision) : error;
        });
      });
    });
    this.#connection.changes.tell({ id, what: 'edited' });
    return revision;
  }

  /**
   * Keeps the text at a revision (the newest unless given) as a version; does nothing when that revision has one.
   */
  async keepVersion(id: string, options: { readonly reason: 'edited' | 'saved'; readonly summary?: string; readonly revision?: number }): Promise<void> {
    await this.#write(id, 200_000, async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'edits', 'versions'], 'readwrite', strict);
      await complete(transaction, async () => {
        const versions = transaction.objectStore('versions');
        const head = await replay(transaction, await existing(transaction.objectStore('notebooks'), id), options.revision);
        if (head.revision === head.version.revision) return;
        await versions.add({
          id, number: await nextNumber(versions, id), revision: head.revision, time: head.time,
          reason: options.reason, summary: options.summary ?? difference(head.version.text, head.text), text: head.text,
        });
      });
    });
    this.#connection.changes.tell({ id, what: 'listed' });
  }

  /** Keeps a text that could not become the notebook's text, beside the line of revisions. */
  async rescue(id: string, text: string, summary: string): Promise<void> {
    await this.#write(id, text.length, async () => {
      const transaction = this.#connection.database.transaction('versions', 'readwrite', strict);
      await complete(transaction, async () => {
        const number = await nextNumber(transaction.store, id);
        await transaction.store.add({ id, number, time: this.#connection.now(), reason: 'rescued', summary, text });
      });
    });
    this.#connection.changes.tell({ id, what: 'listed' });
  }

  /** The versions of a notebook, newest first. */
  async history(id: string): Promise<HistoryEntry[]> {
    const records = await this.#connection.read(`notebook ${id}`, () => this.#connection.database.getAll('versions', IDBKeyRange.bound([id], [id, []])));
    return records.reverse().map(({ number, time, reason, summary, text }) => ({
      number, time: new Date(time).toISOString(), reason, summary, characters: text.length,
    }));
  }

  /** The text of a version. */
  async version(id: string, number: number): Promise<string> {
    const record = await this.#connection.read(`notebook ${id}`, () => this.#connection.database.get('versions', [id, number]));
    return (record ?? missingVersion(id, number)).text;
  }

  /**
   * Makes an old version the text again, as one more edit and one more version; what was there stays in the history.
   * Use `OpenNotebook.restore` while the notebook is open.
   */
  async restore(id: string, number: number): Promise<NotebookText> {
    await this.keepVersion(id, { reason: 'edited' });
    await this.#write(id, 400_000, async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'edits', 'versions'], 'readwrite', strict);
      await complete(transaction, async () => {
        const versions = transaction.objectStore('versions');
        const head = await replay(transaction, await existing(transaction.objectStore('notebooks'), id));
        const version = (await versions.get([id, number])) ?? missingVersion(id, number);
        const time = this.#connection.now();
        const revision = head.revision + 1;
        await transaction.objectStore('edits').add({ id, revision, ...spliceBetween(head.text, version.text), time });
        await versions.add({
          id, number: await nextNumber(versions, id), revision, time,
          reason: 'restored', summary: `version ${number} restored`, text: version.text,
        });
      });
    });
    this.#connection.changes.tell({ id, what: 'edited' });
    return this.read(id);
  }

  /** Changes the title. */
  rename(id: string, title: string): Promise<void> {
    return this.#update(id, (record) => ({ ...record, title }));
  }

  /** Changes where it comes from: a foreign notebook becomes the reader's own once allowed. */
  setOrigin(id: string, origin: NotebookOrigin): Promise<void> {
    return this.#update(id, (record) => ({ ...record, origin }));
  }

  /** Moves a notebook to the bin; nothing of it is deleted, but its results may go. */
  async remove(id: string): Promise<void> {
    await this.#update(id, (record) => ({ ...record, binned: this.#connection.now() }));
    await this.#write(id, 0, () => this.#connection.database.delete('pins', id));
  }

  /** Brings a notebook back from the bin. */
  recover(id: string): Promise<void> {
    return this.#update(id, (record) => ({ ...record, binned: null }));
  }

  /** Deletes a notebook of the bin for good, with its history and its unfinished runs. Any other notebook is left alone. */
  async erase(id: string): Promise<void> {
    await this.#write(id, 0, async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'edits', 'versions', 'pins', 'kept', 'keptContents'], 'readwrite', strict);
      await complete(transaction, async () => {
        const record = await transaction.objectStore('notebooks').get(id);
        if (!record || record.binned === null) return;
        const all = IDBKeyRange.bound([id], [id, []]);
        await Promise.all([
          transaction.objectStore('notebooks').delete(id),
          transaction.objectStore('edits').delete(all),
          transaction.objectStore('versions').delete(all),
          transaction.objectStore('pins').delete(id),
        ]);
        await removeUnneeded(transaction, id);
      });
    });
    this.#connection.changes.tell({ id, what: 'listed' });
  }

  /** Bytes of all texts, versions and edits, about. */
  bytes(): Promise<number> {
    return this.#connection.read('notebooks', async () => {
      const transaction = this.#connection.database.transaction(['edits', 'versions']);
      let units = 0;
      for await (const { value } of transaction.objectStore('versions')) units += value.text.length;
      for await (const { value } of transaction.objectStore('edits')) units += value.inserted.length;
      return units * 2;
    });
  }

  async #entries(binned: boolean): Promise<NotebookEntry[]> {
    const entries = await this.#connection.read('notebooks', async () => {
      const transaction = this.#connection.database.transaction(['notebooks', 'edits', 'versions']);
      const records = (await transaction.objectStore('notebooks').getAll()).filter((record) => (record.binned !== null) === binned);
      return Promise.all(records.map(async (record) => {
        const { revision, time } = await tip(transaction, record);
        return { id: record.id, title: record.title, origin: record.origin, updated: new Date(time).toISOString(), revision };
      }));
    });
    return entries.sort((a, b) => (a.updated < b.updated ? 1 : a.updated > b.updated ? -1 : 0));
  }

  async #update(id: string, change: (record: NotebookRecord) => NotebookRecord): Promise<void> {
    await this.#write(id, 0, async () => {
      const transaction = this.#connection.database.transaction('notebooks', 'readwrite', strict);
      await complete(transaction, async () => transaction.store.put(change(await existing(transaction.store, id))));
    });
    this.#connection.changes.tell({ id, what: 'listed' });
  }

  #write<T>(place: string, characters: number, attempt: () => Promise<T>): Promise<T> {
    return this.#connection.write({ place: `notebook ${place}`, bytes: characters * 2 + 1000, kind: 'text' }, attempt);
  }
}

async function nextNumber(versions: { openCursor(range: IDBKeyRange, direction: 'prev'): Promise<{ value: VersionRecord } | null> }, id: string): Promise<number> {
  const last = await versions.openCursor(IDBKeyRange.bound([id], [id, []]), 'prev');
  return (last?.value.number ?? 0) + 1;
}

/** "+120 -8 characters": what came and went between two texts. */
function difference(from: string, to: string): string {
  const { removed, inserted } = spliceBetween(from, to);
  return `+${inserted.length} -${removed} characters`;
}

function changed(id: string, revision: number): Problem {
  return new Problem({
    code: 'notebook-changed',
    place: `notebook ${id}`,
    what: `revision ${revision} was already written by another tab`,
    fix: 'Nothing was overwritten: both texts are kept, see the history.',
  });
}

function missingVersion(id: string, number: number): never {
  throw new Problem({ code: 'version-missing', place: `notebook ${id}`, what: `there is no version ${number}`, fix: 'Choose one from the history.' });
}

async function existing(notebooks: { get(id: string): Promise<NotebookRecord | undefined> }, id: string): Promise<NotebookRecord> {
  const record = await notebooks.get(id);
  if (record) return record;
  throw new Problem({
    code: 'notebook-missing',
    place: '',
    what: `there is no notebook ${id} in this browser`,
    fix: 'It may have been deleted in another tab; open another one from the library.',
  });
}
