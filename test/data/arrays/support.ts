/** Files that NumPy, safetensors and pyarrow wrote (make.py), and how a test reads vectors from a file. */
import { openVectors } from '../../../src/data/arrays/open.ts';
import type { OpenVectors, VectorFile } from '../../../src/data/arrays/vector-file.ts';
import type { Watch } from '../../../src/base/progress.ts';
import { Problem } from '../../../src/base/problem.ts';
import made from './made.json';

export const words: readonly string[] = made.words;
/** 4 words x 3 numbers. */
export const table: readonly number[] = made.table;
/** The same, doubled, and moved by 16: three layers. */
export const deep: readonly (readonly number[])[] = [table, table.map((value) => value * 2), table.map((value) => value + 16)];

/** A file made by make.py. */
export function madeFile(name: string): Blob {
  const content = (made.files as Readonly<Record<string, string>>)[name];
  if (content === undefined) throw new Error(`make.py makes no ${name}`);
  return new Blob([Uint8Array.from(atob(content), (char) => char.charCodeAt(0))]);
}

export const plainly: OpenVectors = { keys: '', first: 'layers', wordColumn: '', wanted: () => true, warn: () => undefined };

export async function open(name: string, options: Partial<OpenVectors> = {}, content: Blob = madeFile(name), watch: Watch = {}): Promise<VectorFile> {
  return openVectors(name, content, { ...plainly, ...options }, watch);
}

/** Every row of every layer. */
export async function all(file: VectorFile): Promise<number[][]> {
  return (await file.read(Int32Array.from({ length: file.rows }, (_, row) => row), [...file.layers.keys()])).map((layer) => [...layer]);
}

/** What a file is refused with: "code: message". */
export async function refusal(reading: Promise<VectorFile>): Promise<string> {
  try {
    await all(await reading);
  } catch (error) {
    if (error instanceof Problem) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'was read';
}
