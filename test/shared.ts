/** Reads the test material beside the project (`../shared`), which is never copied into it. */
import { test } from 'vitest';

declare const __SHARED__: string;

/** Absolute path of ../shared, or '' where it is missing. */
export const sharedFolder = __SHARED__;

declare const __LONG__: boolean;

/** Whether SENSORIUM_LONG asks for what takes long and seldom breaks by itself. */
export const long = __LONG__;

/** `test` where ../shared is there; a named skip where it is not. */
export function testWithShared(name: string, body: () => Promise<void> | void, timeout?: number): void {
  if (sharedFolder) test(name, body, timeout);
  else test.skip(`${name} (skipped: ../shared is missing, see README)`, () => undefined);
}

/** A file of ../shared as a response; fails the test when it cannot be read. */
export async function sharedFile(path: string): Promise<Response> {
  const response = await fetch(`/@fs${sharedFolder}/${path}?raw-bytes`);
  if (!response.ok) throw new Error(`../shared/${path}: ${response.status}`);
  return response;
}

/** A JSON file of ../shared. The caller states its shape. */
export async function sharedJson<T>(path: string): Promise<T> {
  return (await (await sharedFile(path)).json()) as T;
}

/** The bytes of a file of ../shared. */
export async function sharedBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await sharedFile(path)).arrayBuffer());
}
