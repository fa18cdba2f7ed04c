/**
 * Adapters merged into a model: W + scale * A B, written over the weight's own bytes in a copy of the ONNX file (or of
 * the file beside it). No initialiser is added under a name that there is: ONNX Runtime ignores one of the two.
 *
 * A weight stored in half precision behind a Cast can be rounded again, or widened: then the sum takes the place of the
 * Cast, as a new initialiser in float32 under the name of the Cast's result.
 */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import { widened as halves } from '../../models/half.ts';
import type { OnnxFiles } from '../../models/inspect.ts';
import { readAttributes } from '../../models/onnx/attributes.ts';
import type { OnnxIndex, OnnxInitialiser, OnnxNode } from '../../models/onnx/index.ts';
import { skip } from '../../models/onnx/patch.ts';
import { externalRange, withWeights, type NewWeight } from '../../models/onnx/weights.ts';
import { concatenate, integerField, messageField, varint } from '../../models/onnx/wire.ts';
import type { Adapter, AdapterSite } from '../adapter.ts';
import { halfBits } from './float16.ts';

/** What merging did to one weight. */
export interface MergedWeight {
  readonly site: AdapterSite;
  /** As it is stored now. */
  readonly stored: 'float32' | 'float16';
  /** Euclidean norm of scale * A B. */
  readonly change: number;
  /** Largest difference between the weight as stored and as it should be. */
  readonly rounding: number;
  /** Norm of these differences relative to `change`: the share of the tuning that storing it lost. 0 without a change. */
  readonly lost: number;
}

export interface MergeOptions {
  /** What becomes of weights in half precision behind a Cast; 'round' by default. */
  readonly half?: 'round' | 'widen';
}

export interface MergedModel {
  /** Of the length of the original, and longer by the weights that were widened. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly external: OnnxFiles['external'];
  readonly weights: readonly MergedWeight[];
}

/** Where a weight's values lie and how they are turned. */
interface Storage {
  readonly initialiser: OnnxInitialiser;
  /** Stored as outputs x inputs. */
  readonly turned: boolean;
  /** The Cast to float32 that reads the initialiser, if one does. */
  readonly cast: OnnxNode | null;
}

/**
 * Merges adapters into a copy of the model.
 *
 * @throws Problem `merge-unsupported` where a weight is not a plain matrix in float32 or float16 behind Casts and
 *   Transposes, `merge-shared` where another part of the graph reads it too, `merge-overflow` where float16 cannot hold
 *   the sum, `tensor-missing` where the graph has no such node
 */
export function mergeAdapters({ index, external }: Pick<OnnxFiles, 'index' | 'external'>, adapters: readonly Adapter[], { half = 'round' }: MergeOptions = {}): MergedModel {
  const widened: Uint8Array[] = [];
  const casts: OnnxNode[] = [];
  const rewritten: NewWeight[] = [];
  const others = new Map(external.map(({ path, data }) => [path, data]));
  const merged = new Set<string>();
  const producers = new Map(index.nodes.flatMap((node) => node.outputs.map((name): [string, OnnxNode] => [name, node])));
  const weights = adapters.map((adapter): MergedWeight => {
    const storage = storageOf(index, producers, adapter.site);
    const { name, externalFile } = storage.initialiser;
    if (merged.has(name)) throw new RangeError(`two adapters are for the weight ${name}`);
    merged.add(name);
    const file = externalFile ? others.get(externalFile) : index.bytes;
    if (!file) throw unsupported(index, adapter.site, `its values are in ${externalFile}, which is not there`);
    const range = externalFile ? externalRange(index, storage.initialiser, file.length) : storage.initialiser.data;
    if (!range) throw unsupported(index, adapter.site, externalFile ? `its values are not within ${externalFile}` : 'its values are not stored as bytes');
    const cast = half === 'widen' && storage.initialiser.dtype === 10 ? storage.cast : null;
    const { values, report } = sumOf(adapter, storage, file.slice(...range).buffer, cast !== null);
    if (cast) {
      casts.push(cast);
      widened.push(initialiserField(cast.outputs[0]!, storage.initialiser.dims, values));
    } else rewritten.push({ initialiser: storage.initialiser, values });
    return report;
  });
  const files = withWeights(index, external, rewritten);
  // The widened weights come last in the file; what they replace is passed over. A model without a change is a copy too.
  const bytes = files.bytes === index.bytes || casts.length > 0 ? concatenate(files.bytes, widened.length > 0 ? field(7, concatenate(...widened)) : new Uint8Array(0)) : files.bytes;
  for (const cast of casts) skip(bytes, cast);
  return { bytes, external: files.external, weights };
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
  const first = [...path].at(-1);
  return { initialiser, turned, cast: first?.op === 'Cast' && first.dtype === 1 ? first : null };
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

/**
 * W + scale * A B, each sum in double precision and rounded once.
 * @param stored the bytes of W
 * @param widen give float32 whatever W is
 */
function sumOf({ site, rank, scale, a, b }: Adapter, { initialiser, turned }: Storage, stored: ArrayBuffer, widen: boolean): { values: Uint8Array; report: MergedWeight } {
  const { inputs, outputs } = site;
  const half = initialiser.dtype === 10;
  if (stored.byteLength !== inputs * outputs * (half ? 2 : 4)) throw new RangeError(`${initialiser.name} has ${stored.byteLength} bytes for ${inputs} x ${outputs}`);
  if (a.length !== inputs * rank || b.length !== rank * outputs) throw new RangeError(`A has ${a.length} and B ${b.length} numbers, for ${inputs} inputs, rank ${rank} and ${outputs} outputs`);
  const before = half ? halves(new Uint16Array(stored)) : new Float32Array(stored);
  const exact = Float64Array.from(before);
  const changes = new Float64Array(exact.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const at = turned ? o * inputs + i : i * outputs + o;
      for (let r = 0; r < rank; r++) changes[at]! += a[i * rank + r]! * b[r * outputs + o]!;
      changes[at]! *= scale;
      // An untouched weight keeps its bits.
      if (changes[at] !== 0) exact[at]! += changes[at]!;
    }
  }
  const rounded = half && !widen;
  const numbers = rounded ? Uint16Array.from(exact, halfBits) : Float32Array.from(exact);
  const now = rounded ? halves(numbers) : numbers;
  const sum = { change: 0, error: 0, rounding: 0 };
  changes.forEach((change, at) => {
    if (change === 0) return;
    if (!Number.isFinite(now[at]!)) throw overflow(initialiser.name, exact[at]!, rounded);
    const error = Math.abs(now[at]! - exact[at]!);
    sum.change += change ** 2;
    sum.error += error ** 2;
    sum.rounding = Math.max(sum.rounding, error);
  });
  return {
    values: new Uint8Array(numbers.buffer),
    report: { site, stored: rounded ? 'float16' : 'float32', change: Math.sqrt(sum.change), rounding: sum.rounding, lost: sum.change > 0 ? Math.sqrt(sum.error / sum.change) : 0 },
  };
}

/** A length-delimited field around bytes that are too many for messageField. */
function field(number: number, body: Uint8Array): Uint8Array {
  return concatenate(Uint8Array.from([...varint(number * 8 + 2), ...varint(body.length)]), body);
}

/** GraphProto.initializer: 1 = dims, 2 = data_type (float), 8 = name, 9 = raw_data. */
function initialiserField(name: string, dims: readonly number[], values: Uint8Array): Uint8Array {
  return field(5, concatenate(Uint8Array.from([...dims.flatMap((dim) => integerField(1, dim)), ...integerField(2, 1), ...messageField(8, name)]), field(9, values)));
}

function overflow(name: string, value: number, half: boolean): Problem {
  return new Problem({ code: 'merge-overflow', place: `weight ${name}`, what: `with the adapter a number of it is ${value}, more than ${half ? 'float16' : 'float32'} holds`, fix: 'Use an export of the model in float32, or a smaller scale.' });
}

function unsupported(index: OnnxIndex, site: AdapterSite, what: string): Problem {
  return new Problem({ code: 'merge-unsupported', place: `${index.file}, weight ${site.weight}`, what, fix: 'Export the adapter as PEFT files, or use an export of the model in float32 without fused attention.' });
}
