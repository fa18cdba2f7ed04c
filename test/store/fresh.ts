/** A database of its own for each test, gone afterwards. */
import { deleteDB } from 'idb';
import { onTestFinished } from 'vitest';
import { openStore, type OpenOptions, type Store } from '../../src/store/database.ts';

/** A name no other test uses; its database is deleted when the test ends. */
export function freshName(): string {
  const name = `test-${crypto.randomUUID()}`;
  onTestFinished(() => deleteDB(name));
  return name;
}

/** An open store, closed and deleted when the test ends. */
export async function freshStore(options: OpenOptions & { readonly name?: string } = {}): Promise<Store> {
  const { name = freshName(), ...rest } = options;
  const store = await openStore(name, rest);
  onTestFinished(() => store.close());
  return store;
}

/** A clock that only the test moves. */
export function testClock(start = Date.UTC(2026, 0, 1)): { now: () => number; advance(milliseconds: number): void } {
  let time = start;
  return { now: () => time, advance: (milliseconds) => (time += milliseconds) };
}

/** The code of the Problem a promise rejects with. */
export async function problemOf(promise: Promise<unknown>): Promise<{ code: string; place: string; what: string; fix: string; action?: { type: string } }> {
  try {
    await promise;
  } catch (error) {
    const { record } = error as { record?: { code: string; place: string; what: string; fix: string } };
    if (record) return record;
    throw error;
  }
  throw new Error('nothing was thrown');
}
