/**
 * Adapters merged into a model: W + scale * A B, written over the weight's own bytes in a copy of the ONNX file (or of
 * the file beside it). Nothing is added to the graph: of two initialisers of one name ONNX Runtime ignores one.
 */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import { widened } from '../../models/half.ts';
import type { OnnxFiles } from '../../models/inspect.ts';
import { readAttributes } from '../../models/onnx/attributes.ts';
import type { OnnxIndex, OnnxInitialiser, OnnxNode } from '../../models/onnx/index.ts';
import { readText, visitFields } from '../../models/onnx/wire.ts';
import type { Adapter, AdapterSite } from '../adapter.ts';
import { halfBits } from './float16.ts';

/** What merging did to one weight. */
export interface MergedWeight {
  readonly site: AdapterSite;
  readonly stored: 'float32' | 'float16';
  /** Euclidean norm of scale * A B. */
  readonly change: number;
  /** Largest difference between the weight as stored and as it should be. */
  readonly rounding: number;
  /** Norm of these differences relative to `change`: the share of the tuning that storing it lost. 0 without a change. */
  readonly lost: number;
}

export interface MergedModel {
  /** Of the length of the original. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly external: OnnxFiles['external'];
  readonly weights: readonly MergedWeight[];
}

/** Where a weight's values lie and how they are turned. */
interface Storage {
  readonly initialiser: OnnxInitialiser;
  /** Stored as outputs x inputs. */
  readonly turned: boolean;
}

/**
 * Merges adapters into a copy of the model.
 *
 * @throws Problem `merge-unsupported` where a weight is not a plain matrix in float32 or float16 behind Casts and
 *   Transposes, `merge-shared` where another part of the graph reads it too, `merge-overflow` where float16 cannot hold
 *   the sum, `tensor-missing` where the graph has no such node
 */
export function mergeAdapters({ index, external }: Pick<OnnxFiles, 'index' | 'external'>, adapters: readonly Adapter[]): MergedModel {
  const bytes = index.bytes.slice();
  const others = new Map(external.map(({ path, data }) => [path, data]));
  const merged = new Set<string>();
  const producers = new Map(index.nodes.flatMap((node) => node.outputs.map((name): [string, OnnxNode] => [name, node])));
  const weights = adapters.map((adapter): MergedWeight => {
    const storage = storageOf(index, producers, adapter.site);
    const { name, externalFile } = storage.initialiser;
    if (merged.has(name)) throw new RangeError(`two adapters are for the weight ${name}`);
    merged.add(name);
    if (!externalFile) return add(adapter, storage, bytes, storage.initialiser.data ?? fail(index, adapter.site, 'its values are not stored as bytes'));
    const original = external.find(({ path }) => path === externalFile)?.data;
    const data = others.get(externalFile);
    if (!original || !data) throw unsupported(index, adapter.site, `its values are in ${externalFile}, which is not there`);
    const copy = data === original ? data.slice() : data;
    others.set(externalFile, copy);
    return add(adapter, storage, copy, externalRange(index, storage.initialiser, copy.length) ?? fail(index, adapter.site, `its values are not within ${externalFile}`));
  });
  return { bytes, external: external.map(({ path }) => ({ path, data: others.get(path)! })), weights };
}

/** Follows the weight back to its bytes and makes sure that nothing reads them that the adapter does not change. */
function storageOf(index: OnnxIndex, producers: ReadonlyMap<string, OnnxNode>, site: AdapterSite): Storage {
  const node = index.nodes.find(({ name, outputs }) => name === site.node || outputs[0] === site.node);
  if (!node) throw new Problem({ code: 'tensor-missing', place: index.file, what: `the graph has no node ${site.node}`, fix: 'The adapter belongs to another file; choose the model that it was trained on.' });
  if (!isProductWith(node, site.weight)) throw unsupported(index, site, `it is not what the product ${site.node} (${node.op}) multiplies by`);
  const { transA, transB, alpha } = readAttributes(index, node);
  if ((transA?.value ?? 0) !== 0 || (alpha?.value ?? 1) !== 1) throw unsupported(index, site, `the product ${site.node} also turns or scales what it reads`);
  let turned = transB?.value === 1;
  const path = new Set<OnnxNode>();
  let tensor = site.weight;
  let initialiser = index.initialisers.get(tensor);
  while (!initialiser) {
    const from = producers.get(tensor);
    if (!from || !['Cast', 'Identity', 'Transpose'].includes(from.op)) throw unsupported(index, site, from ? `it comes from ${from.op}, not from a stored matrix` : 'it is not stored in the file');
    if (from.op === 'Transpose' && readAttributes(index, from)['perm']?.value.toString() !== '0,1') turned = !turned;
    path.add(from);
    tensor = from.inputs[0] ?? '';
    initialiser = index.initialisers.get(tensor);
  }
  const { dims, dtype } = initialiser;
  if (dtype !== 1 && dtype !== 10) throw unsupported(index, site, `${initialiser.name} is stored as type ${dtype} of ONNX, neither float32 nor float16`);
  const expected = turned ? [site.outputs, site.inputs] : [site.inputs, site.outputs];
  if (dims.join() !== expected.join()) throw unsupported(index, site, `${initialiser.name} is ${dims.join(' x ')}, not ${expected.join(' x ')}`);
  checkAlone(index, initialiser.name, path, site);
  return { initialiser, turned };
}

function isProductWith({ op, inputs }: OnnxNode, weight: string): boolean {
  return (op === 'MatMul' || op === 'Gemm') && inputs[1] === weight && inputs[0] !== weight;
}

/**
 * Throws where something else reads the initialiser, or what is made of it on the way. Products with the same weight are
 * no strangers: where layers share their weights, an adapter works in all of them.
 */
function checkAlone(index: OnnxIndex, name: string, path: ReadonlySet<OnnxNode>, site: AdapterSite): void {
  const values = new Set([name, ...[...path].flatMap(({ outputs }) => outputs)]);
  const strangers = index.nodes.filter((node) => !path.has(node) && !isProductWith(node, site.weight) && [...node.inputs, ...node.captured].some((input) => values.has(input)));
  if (strangers.length === 0) return;
  throw new Problem({
    code: 'merge-shared',
    place: `${index.file}, weight ${name}`,
    what: `besides ${site.node} it is read by ${shortList(strangers.map(({ name, op, outputs }) => name || `${op} ${outputs[0] ?? ''}`), 3)}, which the adapter does not change`,
    fix: 'Export the adapter as PEFT files, or tune modules that have weights of their own.',
  });
}

/** Where the values are in the file beside the model (TensorProto.external_data: offset, length); null where not within it. */
function externalRange(index: OnnxIndex, { name, dims, dtype }: OnnxInitialiser, size: number): readonly [number, number] | null {
  const { bytes } = index;
  const needed = dims.reduce((product, dim) => product * dim, dtype === 1 ? 4 : 2);
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
      range = Number.isSafeInteger(start) && start >= 0 && start + needed <= size ? [start, start + needed] : null;
    });
  });
  return range;
}

/** W + scale * A B over the bytes, each sum in double precision and rounded once. */
function add({ site, rank, scale, a, b }: Adapter, { initialiser, turned }: Storage, bytes: Uint8Array<ArrayBuffer>, [start, end]: readonly [number, number]): MergedWeight {
  const { inputs, outputs } = site;
  const half = initialiser.dtype === 10;
  if (end - start !== inputs * outputs * (half ? 2 : 4)) throw new RangeError(`${initialiser.name} has ${end - start} bytes for ${inputs} x ${outputs}`);
  if (a.length !== inputs * rank || b.length !== rank * outputs) throw new RangeError(`A has ${a.length} and B ${b.length} numbers, for ${inputs} inputs, rank ${rank} and ${outputs} outputs`);
  // A copy, because bytes of a file begin at any offset.
  const copy = bytes.slice(start, end).buffer;
  const stored = half ? new Uint16Array(copy) : new Float32Array(copy);
  const exact = Float64Array.from(half ? widened(stored) : stored);
  const changes = new Float64Array(exact.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const at = turned ? o * inputs + i : i * outputs + o;
      for (let r = 0; r < rank; r++) changes[at]! += a[i * rank + r]! * b[r * outputs + o]!;
      changes[at]! *= scale;
      // An untouched weight keeps its bits.
      if (changes[at] === 0) continue;
      exact[at]! += changes[at]!;
      stored[at] = half ? halfBits(exact[at]!) : exact[at]!;
    }
  }
  const now = half ? widened(stored) : stored;
  const sum = { change: 0, error: 0, rounding: 0 };
  changes.forEach((change, at) => {
    if (change === 0) return;
    if (!Number.isFinite(now[at]!)) throw overflow(initialiser.name, exact[at]!, half);
    const error = Math.abs(now[at]! - exact[at]!);
    sum.change += change ** 2;
    sum.error += error ** 2;
    sum.rounding = Math.max(sum.rounding, error);
  });
  bytes.set(new Uint8Array(copy), start);
  return { site, stored: half ? 'float16' : 'float32', change: Math.sqrt(sum.change), rounding: sum.rounding, lost: sum.change > 0 ? Math.sqrt(sum.error / sum.change) : 0 };
}

function overflow(name: string, value: number, half: boolean): Problem {
  return new Problem({ code: 'merge-overflow', place: `weight ${name}`, what: `with the adapter a number of it is ${value}, more than ${half ? 'float16' : 'float32'} holds`, fix: 'Use an export of the model in float32, or a smaller scale.' });
}

function unsupported(index: OnnxIndex, site: AdapterSite, what: string): Problem {
  return new Problem({ code: 'merge-unsupported', place: `${index.file}, weight ${site.weight}`, what, fix: 'Export the adapter as PEFT files, or use an export of the model in float32 without fused attention.' });
}

function fail(index: OnnxIndex, site: AdapterSite, what: string): never {
  throw unsupported(index, site, what);
}
