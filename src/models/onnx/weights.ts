/** Other values for weights that a file holds: written over their own bytes, in copies of the file and of those beside it. */
import { Problem } from '../../base/problem.ts';
import type { OnnxIndex, OnnxInitialiser } from './index.ts';
import { readText, visitFields } from './wire.ts';

/** A file beside the model, by the name that the graph uses. */
export interface ExternalFile {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface NewWeight {
  readonly initialiser: OnnxInitialiser;
  /** Little-endian, in the type and of the length of the old ones. */
  readonly values: Uint8Array;
}

/** The files with new weights; those without a change are the ones handed in. */
export interface Rewritten {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly external: readonly ExternalFile[];
}

/**
 * The model with other values in some of its weights. No initialiser is added under a name that there is: ONNX Runtime
 * ignores one of the two.
 * @throws Problem `weight-not-stored` where a weight's values are not stored as bytes that can be found, or are not as
 *   many as the new ones.
 */
export function withWeights(index: OnnxIndex, external: readonly ExternalFile[], weights: readonly NewWeight[]): Rewritten {
  let bytes = index.bytes;
  const files = new Map(external.map(({ path, data }) => [path, data]));
  for (const { initialiser, values } of weights) {
    const [start, end] = storedRange(index, initialiser, files);
    if (end - start !== values.length) throw notStored(index, initialiser, `holds ${end - start} bytes, not ${values.length}`);
    const { externalFile } = initialiser;
    if (externalFile === null) {
      if (bytes === index.bytes) bytes = bytes.slice();
      bytes.set(values, start);
      continue;
    }
    const original = external.find(({ path }) => path === externalFile)?.data;
    const copy = files.get(externalFile) === original ? original!.slice() : files.get(externalFile)!;
    copy.set(values, start);
    files.set(externalFile, copy);
  }
  return { bytes, external: external.map(({ path }) => ({ path, data: files.get(path)! })) };
}

/** Where a weight's values lie, in the model's file or in the one beside it. */
function storedRange(index: OnnxIndex, initialiser: OnnxInitialiser, files: ReadonlyMap<string, Uint8Array>): readonly [number, number] {
  const { externalFile, data } = initialiser;
  if (externalFile === null) {
    if (!data) throw notStored(index, initialiser, 'is not stored as bytes');
    return data;
  }
  const file = files.get(externalFile);
  if (!file) throw notStored(index, initialiser, `is in ${externalFile}, which is not there`);
  const range = externalRange(index, initialiser, file.length);
  if (!range) throw notStored(index, initialiser, `is not within ${externalFile}`);
  return range;
}

function notStored({ file }: OnnxIndex, { name }: OnnxInitialiser, what: string): Problem {
  return new Problem({ code: 'weight-not-stored', place: file, what: `the weight ${name} ${what}`, fix: 'Use the files that belong together, of an export in float32 or float16.' });
}

/** Bytes of a number, by TensorProto.DataType; types below a byte are not read here. */
const widths: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2 };

/**
 * Where the values are in the file beside the model (TensorProto.external_data: offset, length).
 * @param size bytes of that file.
 * @returns null where they are not within it.
 */
export function externalRange(index: OnnxIndex, { name, dims, dtype }: OnnxInitialiser, size: number): readonly [number, number] | null {
  const { bytes } = index;
  const needed = dims.reduce((product, dim) => product * dim, widths[dtype] ?? NaN);
  let range: readonly [number, number] | null = null;
  visitFields(bytes, 0, bytes.length, (model) => {
    if (model.field !== 7) return;
    visitFields(bytes, model.start, model.end, (part) => {
      if (part.field !== 5) return;
      let found = '';
      const entries: Record<string, string> = {};
      visitFields(bytes, part.start, part.end, (item) => {
        if (item.field === 8) found = readText(bytes, item);
        if (item.field !== 13) return;
        const texts = ['', '', ''];
        visitFields(bytes, item.start, item.end, (text) => { texts[text.field] = readText(bytes, text); });
        entries[texts[1]!] = texts[2]!;
      });
      if (found !== name) return;
      const start = Number(entries['offset'] ?? 0);
      const end = start + needed;
      range = Number.isSafeInteger(start) && start >= 0 && end <= size ? [start, end] : null;
    });
  });
  return range;
}
