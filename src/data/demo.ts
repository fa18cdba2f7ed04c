/** The demo concepts that ship with the app: 240 words in English and Dutch. Their ratings are illustrative, not human data. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { importTable } from './import/import.ts';
import type { TableValue } from './values.ts';

/** Language of each word column of the demo. */
export const demoLanguages: Readonly<Record<string, string>> = { en: 'word', nl: 'dutch' };

/**
 * Loads the demo table: word, dutch, category and the eleven dimensions.
 *
 * @param base address of the app's folder, ending in '/'
 * @throws Problem `demo-missing` where the file cannot be fetched
 */
export async function loadDemo(base: string, watch: Watch = {}): Promise<TableValue> {
  return importTable('concepts.csv', await demoFile(base, 'concepts.csv', 'concepts', watch), { word: 'word', scale: [0, 5] }, watch);
}

/**
 * A file of the demo folder.
 *
 * @param base address of the app's folder, ending in '/'
 * @param holds what is in it, for the reader: "concepts"
 * @throws Problem `demo-missing` where it cannot be fetched
 */
export async function demoFile(base: string, name: string, holds: string, watch: Watch = {}): Promise<Blob> {
  const address = `${base}demo/${name}`;
  const signal = watch.signal ? { signal: watch.signal } : {};
  const response = await fetch(address, signal).catch((error: unknown) => {
    watch.signal?.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  });
  if (typeof response === 'string' || !response.ok) {
    throw new Problem({
      code: 'demo-missing', place: address, what: `the demo ${holds} cannot be fetched (${typeof response === 'string' ? response : response.status})`,
      fix: 'Open the notebook once while online, or check that the server still runs.',
    });
  }
  return response.blob();
}
