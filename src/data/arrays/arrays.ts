/** Files of arrays: npy, npz and safetensors, as files of vectors. */
import { Problem } from '../../base/problem.ts';
import { namedLayers } from './named-layers.ts';
import { isText, openNpy, readNpyText } from './npy.ts';
import { openSafetensors } from './safetensors.ts';
import { type Axes, axesOf, readVectors, type StoredArray } from './stored-array.ts';
import type { OpenVectors, StoredLayer, VectorFile } from './vector-file.ts';
import { openZip } from './zip.ts';

/** Names under which an npz file may hold its words. */
const wordKeys = ['words', 'word', 'vocab', 'tokens'];

/** A single npy array. */
export async function npyVectors(file: string, content: Blob, options: OpenVectors): Promise<VectorFile> {
  return ofArrays(file, 'npy', [{ name: 'vectors', index: 0, array: await openNpy(content, file) }], null, options);
}

/** Arrays of an npz file: one of two or three dimensions, or one for each layer; an array of text called words is its list. */
export async function npzVectors(file: string, content: Blob, options: OpenVectors): Promise<VectorFile> {
  const zip = await openZip(content, file);
  if (zip.names.some((name) => name.endsWith('data.pkl'))) {
    throw new Problem({ code: 'python-file', place: file, what: 'it was written by torch.save, which only Python can read', fix: 'Save it with safetensors.torch.save_file.' });
  }
  const names = zip.names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -'.npy'.length));
  const placeOf = (name: string): string => `${file}, array ${name}`;
  const wordKey = wordKeys.find((key) => names.includes(key));
  const words = wordKey === undefined ? null : await readNpyText(await zip.open(`${wordKey}.npy`), placeOf(wordKey));
  const numbers: string[] = [];
  for (const name of names) if (name !== wordKey && (name === options.keys.trim() || !(await isText(await zip.open(`${name}.npy`), placeOf(name))))) numbers.push(name);
  const layers: NamedArray[] = [];
  for (const { key, name, index } of namedLayers(numbers, options.keys, file)) {
    layers.push({ name, index, array: await openNpy(await zip.open(`${key}.npy`), placeOf(key)) });
  }
  return ofArrays(file, 'npz', layers, words, options);
}

/** Tensors of a safetensors file; its metadata may hold the words, a JSON list or one word a line. */
export async function safetensorsVectors(file: string, content: Blob, options: OpenVectors): Promise<VectorFile> {
  const { tensors, metadata } = await openSafetensors(content, file);
  const layers: NamedArray[] = [];
  for (const { key, name, index } of namedLayers([...tensors.keys()], options.keys, file)) layers.push({ name, index, array: tensors.get(key)!() });
  const written = metadata['words'];
  return ofArrays(file, 'safetensors', layers, written === undefined ? null : wordsOfMetadata(written, file), options);
}

function wordsOfMetadata(text: string, file: string): readonly string[] {
  if (!text.trimStart().startsWith('[')) return text.split('\n').map((word) => word.trim());
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list;
  } catch {
    // Told below, as what is no list of texts.
  }
  throw new Problem({ code: 'no-word-list', place: `${file}, metadata words`, what: `${JSON.stringify(text.slice(0, 40))} is not a list of words`, fix: 'Write json.dumps(words), or "\\n".join(words).' });
}

interface NamedArray {
  readonly name: string;
  readonly index: number;
  readonly array: StoredArray;
}

/** One array of several layers, or several arrays of one each. */
function ofArrays(file: string, format: string, arrays: readonly NamedArray[], words: readonly string[] | null, options: OpenVectors): VectorFile {
  const [first, ...others] = arrays as [NamedArray, ...NamedArray[]];
  const axes = arrays.map(({ array }) => axesOf(array, options.first));
  if (others.length > 0) {
    const deep = arrays.find(({ array }) => array.dims.length !== 2);
    if (deep) throw new Problem({ code: 'array-shape', place: deep.array.place, what: `${deep.array.dims.join(' x ')}, where each of ${arrays.length} arrays is a layer`, fix: 'Save words x features in each, or name one array in keys.' });
    const other = others.find(({ array }) => array.dims[0] !== first.array.dims[0]);
    if (other) throw new Problem({ code: 'array-shape', place: other.array.place, what: `it has ${other.array.dims[0]} rows, and ${first.name} has ${first.array.dims[0]}`, fix: 'Every layer needs the same words.' });
  }
  const rows = first.array.dims[axes[0]!.word]!;
  if (words && words.length !== rows) throw wordsAndRows(file, `its list of words has ${words.length}`, first.array, axes[0]!, words.length);
  const depth = axes[0]!.layer === null ? null : first.array.dims[axes[0]!.layer]!;
  const layers: readonly StoredLayer[] = depth === null
    ? arrays.map(({ name, index, array }, at) => ({ name, index, d: array.dims[axes[at]!.feature]! }))
    : Array.from({ length: depth }, (_, index) => ({ name: `layer ${index}`, index, d: first.array.dims[2]! }));
  return {
    rows, words, layers, format: `${format}, ${[...new Set(arrays.map(({ array }) => array.type))].join(' and ')}`,
    placeOf: (row) => `row ${row + 1}`,
    read: async (wanted, chosen, watch) => {
      if (depth !== null) return readVectors(first.array, axes[0]!, wanted, chosen, watch);
      const read: Float32Array[] = [];
      for (const layer of chosen) read.push(...(await readVectors(arrays[layer]!.array, axes[layer]!, wanted, [0], watch)));
      return read;
    },
  };
}

/** Where the number of words is that of another axis, says so. */
function wordsAndRows(file: string, what: string, { dims }: StoredArray, { word }: Axes, words: number): Problem {
  const other = dims.length === 3 && dims[1 - word] === words;
  return new Problem({
    code: 'words-and-rows', place: file, what: `the array is ${dims.join(' x ')}, with ${dims[word]} rows, and ${what}`,
    fix: other ? `Set first to ${word === 0 ? 'layers' : 'words'}: the array has its words on the other axis.` : 'Save the words in the order of the rows, one for each.',
  });
}
