/** Opens the one database of the app, in whatever version it is found, and hands out its stores. */
import { openDB } from 'idb';
import { Problem } from '../base/problem.ts';
import { Changes } from './changes.ts';
import { Connection } from './connection.ts';
import { FileStore } from './files.ts';
import { KeptStore } from './kept.ts';
import { NotebookStore } from './notebooks.ts';
import { ResultStore, type ResultRoom } from './results.ts';
import { keepReserve, spendReserve } from './room.ts';
import { migrations as shipped, type Database, type Migration, type SensoriumSchema } from './schema.ts';

/** Why the store closed: `close()`, or a newer version in another tab. */
export type CloseReason = 'asked' | 'newer-version';

export interface Usage {
  /** What the browser counts for the whole site, models included. Bytes. */
  readonly usedBytes: number;
  /** What the browser says it grants: Chromium says usage + 10 GiB whatever the disk holds, so a hint at most. */
  readonly quotaBytes: number;
  /** Of these the store's own, by content. Bytes. */
  readonly notebooks: number;
  readonly results: number;
  readonly files: number;
  /** What unfinished runs keep. */
  readonly kept: number;
}

export interface Store {
  readonly name: string;
  readonly notebooks: NotebookStore;
  readonly results: ResultStore;
  readonly files: FileStore;
  readonly kept: KeptStore;
  /** Written by a newer version of the app: everything can be read, nothing written. */
  readonly readOnly: boolean;
  /** Resolves when the database is closed, with the reason. */
  readonly closed: Promise<CloseReason>;
  usage(): Promise<Usage>;
  /** Runs `task` before the database is closed for a newer version; returns how to take it back. */
  beforeClose(task: () => Promise<void>): () => void;
  close(): void;
}

export interface OpenOptions {
  /** Called when other tabs with an older version hold up the opening. */
  readonly onBlocked?: () => void;
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number;
  /** Room for results in place of the browser's quota. */
  readonly resultRoom?: () => Promise<ResultRoom>;
  /** Bytes that unfinished runs may use which no text asks for any more. */
  readonly spareRuns?: number;
  /** Other migrations, for tests of what newer versions will do. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens (and if needed creates or migrates) the database.
 * @throws Problem `store-unavailable` when the browser gives no database, as in some private windows.
 */
export async function openStore(name = 'sensorium', options: OpenOptions = {}): Promise<Store> {
  const tasks = new Set<() => Promise<void>>();
  let settle: (reason: CloseReason) => void = () => undefined;
  const closed = new Promise<CloseReason>((resolve) => (settle = resolve));
  const events: OpenEvents = {
    async onNewer() {
      await Promise.allSettled([...tasks].map((task) => task()));
      connection.database.close();
      settle('newer-version');
    },
    onTerminated: () => connection.lose(),
  };
  const { database, readOnly } = await open(name, options, events);
  const changes = new Changes(name);
  const connection = new Connection(database, readOnly, changes, options.now ?? Date.now);
  connection.reopen = () => openAgain(name, database.version, events);
  const notebooks = new NotebookStore(connection);
  const results = new ResultStore(connection, options.resultRoom);
  const files = new FileStore(connection);
  const kept = new KeptStore(connection, options.spareRuns);
  connection.makeRoom = async (bytes) => {
    const gone = await results.free({ bytes });
    return gone < bytes ? gone + (await kept.free({ bytes: bytes - gone })) : gone;
  };
  connection.spendReserve = () => spendReserve(connection.database);
  if (!readOnly) await keepReserve(database);

  return {
    name, notebooks, results, files, kept, readOnly, closed,
    async usage() {
      const { usage = 0, quota = 0 } = await navigator.storage.estimate();
      const [notebookBytes, resultBytes, fileBytes, keptBytes] = await Promise.all([notebooks.bytes(), results.bytes(), files.bytes(), kept.bytes()]);
      return { usedBytes: usage, quotaBytes: quota, notebooks: notebookBytes, results: resultBytes, files: fileBytes, kept: keptBytes };
    },
    beforeClose(task) {
      tasks.add(task);
      return () => tasks.delete(task);
    },
    close() {
      changes.close();
      connection.database.close();
      settle('asked');
    },
  };
}

interface OpenEvents {
  /** A newer version wants to open and waits for this connection to close. */
  onNewer(): Promise<void>;
  onTerminated(): void;
}

async function open(name: string, options: OpenOptions, events: OpenEvents): Promise<{ database: Database; readOnly: boolean }> {
  const { migrations = shipped, onBlocked } = options;
  const callbacks = { blocking: () => void events.onNewer(), terminated: () => events.onTerminated() };
  let failed: unknown;
  try {
    const database = await openDB<SensoriumSchema>(name, migrations.length, {
      ...callbacks,
      ...(onBlocked ? { blocked: onBlocked } : {}),
      async upgrade(upgrading, oldVersion, _newVersion, transaction) {
        // idb does not wait for this promise: a migration that fails must take the whole upgrade back itself.
        try {
          for (const migrate of migrations.slice(oldVersion)) await migrate(upgrading, transaction);
        } catch (error) {
          failed = error;
          // Rejects with the abort, which the opening reports below.
          transaction.done.catch(() => undefined);
          transaction.abort();
        }
      },
    });
    return { database, readOnly: false };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'VersionError') {
      // Without a version the browser opens whatever is there.
      return { database: await openDB<SensoriumSchema>(name, undefined, callbacks), readOnly: true };
    }
    const why = failed ?? error;
    throw new Problem({
      code: 'store-unavailable',
      place: '',
      what: `the browser's database did not open: ${why instanceof Error ? why.message : String(why)}`,
      fix: 'Leave private browsing or allow this site to store data, then reload; until then nothing can be saved.',
    });
  }
}

/** Opens the database as it was; an empty one in its place means that the site's data were cleared, and is refused. */
function openAgain(name: string, version: number, { onNewer, onTerminated }: OpenEvents): Promise<Database> {
  return openDB<SensoriumSchema>(name, version, {
    blocking: () => void onNewer(),
    terminated: onTerminated,
    upgrade(_database, _oldVersion, _newVersion, transaction) {
      transaction.done.catch(() => undefined);
      transaction.abort();
    },
  });
}
