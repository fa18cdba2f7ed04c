/** Full disks: how to recognise one, what to say, and the reserve that keeps room for text. */
import { Problem } from '../base/problem.ts';
import type { Database } from './schema.ts';

/** Bytes set aside for text: some ten thousand edits, or a few hundred versions. */
export const reserveBytes = 2_000_000;

/**
 * True when the browser found no room: its quota, or (seen in Chromium on a disk that was really full) a write that
 * failed underneath, which it reports as DataError "Failed to write blobs (IOError)" or as UnknownError.
 */
export function isFull(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false;
  return error.name === 'QuotaExceededError' || error.name === 'UnknownError' || (error.name === 'DataError' && error.message.includes('IOError'));
}

/** Bytes as a reader wants them: "512 bytes", "3.4 MB". */
export function readableBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** The problem of a write that found no room; `error` is what the browser said, if it said anything. */
export async function storageFull(place: string, bytes: number, error?: unknown): Promise<Problem> {
  // The quota is left out: Chromium states usage + 10 GiB whatever it grants.
  const { usage = 0 } = await navigator.storage.estimate();
  const sizes = `${readableBytes(usage)} stored, ${readableBytes(bytes)} needed`;
  const disk = error instanceof Error && error.name !== 'QuotaExceededError';
  return new Problem({
    code: 'storage-full',
    place,
    what: disk
      ? `not saved, the browser could not write to the disk, which may be full ("${error.message}"; ${sizes})`
      : `not saved, the browser's storage is full (${sizes})`,
    fix: 'Free stored results or files, or space on the disk, and try again; everything stored before is untouched.',
    action: { type: 'free-storage' },
  });
}

/** Fills the reserve if it is spent and there is room; without room it stays as it is. */
export async function keepReserve(database: Database): Promise<void> {
  if ((await database.count('reserve')) > 0) return;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  if (quota - usage < reserveBytes * 5) return;
  try {
    await database.put('reserve', { name: 'text', bytes: new Blob([new Uint8Array(reserveBytes)]) });
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

/** Gives the reserve's room back; false when it was spent before. */
export async function spendReserve(database: Database): Promise<boolean> {
  if ((await database.count('reserve')) === 0) return false;
  await database.clear('reserve');
  return true;
}
