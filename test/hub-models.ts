/** The models that the hub for tests hands out: described as plain data, read from this machine or made up. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A file: its path on this machine (from the project's folder), its text, or so many bytes that look random. */
export type HubFile = string | { readonly text: string } | { readonly random: number };

export interface HubModel {
  /** A folder, or files by their path in the model. */
  readonly files: string | Readonly<Record<string, HubFile>>;
  /** What the API says besides id, sha and siblings: pipeline_tag, library_name, cardData, tags, gated, downloads, config. */
  readonly about?: Readonly<Record<string, unknown>>;
}

const root = resolve(import.meta.dirname, '..');

/** In hexadecimal digits, of the parts one after the other. */
export const hash = (algorithm: 'sha1' | 'sha256', ...parts: (string | Uint8Array)[]): string => parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest('hex');

/** The content of a file that is described. */
export function bytesOf(file: HubFile): Buffer {
  if (typeof file === 'string') return readFileSync(resolve(root, file));
  if ('text' in file) return Buffer.from(file.text);
  // A linear congruential generator (Numerical Recipes): pieces differ, so that a part in the wrong place shows.
  const bytes = Buffer.alloc(file.random);
  for (let k = 0, state = 1; k < bytes.length; k++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[k] = state >>> 24;
  }
  return bytes;
}

/** A model as it is handed out. */
export interface Served {
  readonly about: Readonly<Record<string, unknown>>;
  readonly files: Map<string, Buffer>;
  commit: string;
}

/** What stands for a commit: another file gives another. */
export function commitOf(id: string, files: ReadonlyMap<string, Buffer>): string {
  return hash('sha1', id, ...[...files].flatMap(([path, bytes]) => [path, bytes]));
}

/** Reads the files of a model. */
export function served(id: string, given: string | HubModel): Served {
  const { files: source, about = {} } = typeof given === 'string' ? { files: given } : given;
  const files = new Map<string, Buffer>();
  if (typeof source === 'string') {
    const folder = resolve(root, source);
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) if (statSync(join(folder, path)).isFile()) files.set(path, readFileSync(join(folder, path)));
  } else {
    for (const [path, file] of Object.entries(source)) files.set(path, bytesOf(file));
  }
  return { about, files, commit: commitOf(id, files) };
}
