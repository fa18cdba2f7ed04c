/**
 * The tiny models beside this file: one archive per architecture with every export of it and PyTorch's hidden states.
 * See README.md.
 */
import { strFromU8, unzipSync } from 'fflate';
import { localFiles, type ModelFiles } from '../../../src/models/files.ts';

export interface TinyStates {
  /** Token ids of each text. */
  readonly sequences: readonly (readonly number[])[];
  readonly padding: number;
  readonly d: number;
  /** Layer by layer (0 = embeddings, the last one after the final norm): the tokens of all texts in turn, tokens x d. */
  readonly layers: readonly Float32Array[];
}

export interface TinyModel {
  /** Paths, such as config.json, torchscript.onnx, q8.onnx. */
  readonly paths: readonly string[];
  /** Names of the exports: the ONNX files without their ending. */
  readonly exports: readonly string[];
  bytes(path: string): Uint8Array<ArrayBuffer>;
  /** PyTorch's, in float32 and with the full weights. */
  readonly states: TinyStates;
  /** The configuration and the named files as a local folder. */
  folder(...paths: readonly string[]): ModelFiles;
}

/** Opens an archive whose bytes are at hand; in Node, from readFile. */
export function openTiny(archive: Uint8Array, name: string): TinyModel {
  const { 'files.json': listing, bytes: stored } = unzipSync(archive);
  if (!listing || !stored) throw new Error(`${name}.zip is not an archive of make.py`);
  const ranges = JSON.parse(strFromU8(listing)) as Record<string, readonly number[]>;
  const bytes = (path: string): Uint8Array<ArrayBuffer> => {
    const list = ranges[path];
    if (!list) throw new Error(`${name}.zip has no ${path}, only ${Object.keys(ranges).join(', ')}`);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < list.length; at += 2) parts.push(stored.slice(list[at]!, list[at]! + list[at + 1]!));
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let end = 0;
    for (const part of parts) {
      whole.set(part, end);
      end += part.length;
    }
    return whole;
  };
  const paths = Object.keys(ranges);
  return {
    paths,
    exports: paths.filter((path) => path.endsWith('.onnx')).map((path) => path.slice(0, -'.onnx'.length)),
    bytes,
    states: readStates(bytes),
    folder: (...wanted) => localFiles(name, new Map(['config.json', ...wanted].map((path) => [path, new Blob([bytes(path)])]))),
  };
}

function readStates(bytes: (path: string) => Uint8Array<ArrayBuffer>): TinyStates {
  const { sequences, padding, d, layers } = JSON.parse(strFromU8(bytes('states.json'))) as { sequences: number[][]; padding: number; d: number; layers: number };
  const all = new Float32Array(bytes('states.f32').buffer);
  const size = all.length / layers;
  return { sequences, padding, d, layers: Array.from({ length: layers }, (_, layer) => all.subarray(layer * size, (layer + 1) * size)) };
}

/**
 * Fetches an architecture's archive, in a browser test.
 * @param name "bert", "llama": see README.md for all.
 */
export async function loadTiny(name: string): Promise<TinyModel> {
  const response = await fetch(new URL(`./${name}.zip`, import.meta.url));
  if (!response.ok) throw new Error(`${name}.zip: ${response.status}`);
  return openTiny(new Uint8Array(await response.arrayBuffer()), name);
}
