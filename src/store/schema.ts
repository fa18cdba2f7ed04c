/**
 * The database: which stores there are, what a record looks like, and the numbered migrations that lead there.
 * A notebook's text is its newest version on the line plus the edits after it; nothing ever rewrites either.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Progress } from '../base/progress.ts';
import type { ValueType } from '../data/values.ts';

/** Where a notebook comes from; a foreign one opens as a preview. */
export type NotebookOrigin = 'bundled' | 'own' | 'foreign';

export interface NotebookRecord {
  readonly id: string;
  readonly title: string;
  readonly origin: NotebookOrigin;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** When it was moved to the bin, milliseconds since 1970; null while it is not there. */
  readonly binned: number | null;
}

/** One acknowledged edit: at most one per revision, so that two writers can never both write the same one. */
export interface EditRecord {
  readonly id: string;
  /** 1, 2, ...; the revision the text has after this edit. Without gaps. */
  readonly revision: number;
  /** Where, in UTF-16 code units, how many units went and what came. */
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
  readonly time: number;
}

/** Why a version was kept. `rescued` versions are texts that lost a race: they lie beside the line, not on it. */
export type VersionReason = 'created' | 'edited' | 'saved' | 'restored' | 'rescued';

export interface VersionRecord {
  readonly id: string;
  /** 1, 2, ... within the notebook. */
  readonly number: number;
  /** The revision this text is; missing on rescued versions, which keeps them out of the index `line`. */
  readonly revision?: number;
  readonly time: number;
  readonly reason: VersionReason;
  readonly summary: string;
  readonly text: string;
}

/** What is known of a result without loading it. */
export interface ResultRecord {
  readonly key: string;
  readonly type: ValueType;
  /** Bytes of its typed arrays and text. */
  readonly bytes: number;
  /** A counter, not a clock: the result with the smallest goes first. */
  readonly lastUsed: number;
}

export interface ResultContentRecord {
  readonly key: string;
  /** A CellValue, large arrays as Blobs (see pack.ts). */
  readonly value: unknown;
  /** The run card, plain data. */
  readonly card: unknown;
}

/** The results that a notebook's current text needs. */
export interface PinRecord {
  readonly owner: string;
  readonly keys: readonly string[];
}

export interface FileRecord {
  /** Counts up; the newest file of a name is the one with the greatest. */
  readonly order: number;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** MIME type, '' when unknown. */
  readonly type: string;
}

export interface FileContentRecord {
  readonly sha256: string;
  readonly content: Blob;
}

/** What is known of an intermediate state without loading it. A run may keep several, each under a name of its own. */
export interface KeptRecord {
  /** Key of the result that the run works towards: with another parameter it is another key. */
  readonly key: string;
  readonly name: string;
  /** Id of the notebook whose run kept it, '' outside a notebook. */
  readonly owner: string;
  /** Name of the cell. */
  readonly cell: string;
  /** How far the run had come. */
  readonly at: Progress;
  /** Whether the reader stopped it there; false where a tab closed or a worker broke. */
  readonly paused: boolean;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface KeptContentRecord {
  readonly key: string;
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Room kept for the text of notebooks on a full disk; see `room.ts`. */
export interface ReserveRecord {
  readonly name: 'text';
  readonly bytes: Blob;
}

export interface SensoriumSchema extends DBSchema {
  notebooks: { key: string; value: NotebookRecord };
  edits: { key: [string, number]; value: EditRecord };
  versions: { key: [string, number]; value: VersionRecord; indexes: { line: [string, number] } };
  results: { key: string; value: ResultRecord; indexes: { lastUsed: number } };
  resultContents: { key: string; value: ResultContentRecord };
  pins: { key: string; value: PinRecord };
  files: { key: number; value: FileRecord; indexes: { name: string; sha256: string } };
  fileContents: { key: string; value: FileContentRecord };
  reserve: { key: string; value: ReserveRecord };
  kept: { key: [string, string]; value: KeptRecord; indexes: { owner: string } };
  keptContents: { key: [string, string]; value: KeptContentRecord };
}

export type Database = IDBPDatabase<SensoriumSchema>;
type Upgrade = IDBPTransaction<SensoriumSchema, StoreNames<SensoriumSchema>[], 'versionchange'>;

/**
 * One step up. Runs inside the upgrade transaction: it may only await requests of that transaction.
 * A migration that shipped is never changed; a new one is one more entry in {@link migrations}.
 */
export type Migration = (database: Database, transaction: Upgrade) => void | Promise<void>;

/** Entry i leads from version i to version i + 1. */
export const migrations: readonly Migration[] = [
  (database) => {
    database.createObjectStore('notebooks', { keyPath: 'id' });
    database.createObjectStore('edits', { keyPath: ['id', 'revision'] });
    database.createObjectStore('versions', { keyPath: ['id', 'number'] }).createIndex('line', ['id', 'revision']);
    database.createObjectStore('results', { keyPath: 'key' }).createIndex('lastUsed', 'lastUsed');
    database.createObjectStore('resultContents', { keyPath: 'key' });
    database.createObjectStore('pins', { keyPath: 'owner' });
    const files = database.createObjectStore('files', { keyPath: 'order', autoIncrement: true });
    files.createIndex('name', 'name');
    files.createIndex('sha256', 'sha256');
    database.createObjectStore('fileContents', { keyPath: 'sha256' });
    database.createObjectStore('reserve', { keyPath: 'name' });
  },
  (database) => {
    database.createObjectStore('kept', { keyPath: ['key', 'name'] }).createIndex('owner', 'owner');
    database.createObjectStore('keptContents', { keyPath: ['key', 'name'] });
  },
];
