/** A notebook's text from its newest version and the edits after it. Works inside a transaction of the caller. */
import type { IDBPTransaction, StoreNames } from 'idb';
import { Problem } from '../base/problem.ts';
import type { EditRecord, NotebookRecord, SensoriumSchema, VersionRecord } from './schema.ts';
import { applySplice } from './splice.ts';

/** Any transaction over at least notebooks, edits and versions. */
export type Reading = IDBPTransaction<SensoriumSchema, StoreNames<SensoriumSchema>[], IDBTransactionMode>;

/** The text at one revision. */
export interface Head {
  readonly text: string;
  readonly revision: number;
  /** Of the last edit, milliseconds since 1970. */
  readonly time: number;
  /** The newest version on the line at or before this revision, and how many edits follow it. */
  readonly version: VersionRecord;
  readonly edits: number;
}

/**
 * The text at `upTo`, or at the newest revision.
 * @throws Problem `notebook-damaged` when the edits do not fit the text; the versions before stay readable.
 */
export async function replay(transaction: Reading, record: NotebookRecord, upTo = Infinity): Promise<Head> {
  const line = IDBKeyRange.bound([record.id, 0], [record.id, upTo]);
  const version = (await transaction.objectStore('versions').index('line').openCursor(line, 'prev'))?.value;
  if (!version) throw damaged(record, 'its history is empty');
  const start = version.revision ?? 0;
  const after = IDBKeyRange.bound([record.id, start], [record.id, upTo], true);
  const edits = start < upTo ? await transaction.objectStore('edits').getAll(after) : [];
  const { text, revision } = applyEdits(record, { text: version.text, revision: start }, edits);
  return { text, revision, time: edits.at(-1)?.time ?? version.time, version, edits: edits.length };
}

/** The newest revision and its time, without the text. */
export async function tip(transaction: Reading, record: NotebookRecord): Promise<{ readonly revision: number; readonly time: number }> {
  const line = IDBKeyRange.bound([record.id, 0], [record.id, Infinity]);
  const [edit, version] = await Promise.all([
    transaction.objectStore('edits').openCursor(line, 'prev'),
    transaction.objectStore('versions').index('line').openCursor(line, 'prev'),
  ]);
  if (edit && edit.value.revision > (version?.value.revision ?? 0)) return edit.value;
  return { revision: version?.value.revision ?? 0, time: edit?.value.time ?? version?.value.time ?? record.created };
}

function applyEdits(record: NotebookRecord, from: { text: string; revision: number }, edits: readonly EditRecord[]) {
  let { text, revision } = from;
  for (const edit of edits) {
    if (edit.revision !== revision + 1) throw damaged(record, `edit ${revision + 1} is missing`);
    try {
      text = applySplice(text, edit);
    } catch (error) {
      throw damaged(record, `edit ${edit.revision} does not fit: ${error instanceof Error ? error.message : String(error)}`);
    }
    revision = edit.revision;
  }
  return { text, revision };
}

function damaged(record: NotebookRecord, why: string): Problem {
  return new Problem({
    code: 'notebook-damaged',
    place: `notebook "${record.title}"`,
    what: `the stored text cannot be put together, ${why}`,
    fix: 'Open its history and take an earlier version; every version is kept whole.',
  });
}
