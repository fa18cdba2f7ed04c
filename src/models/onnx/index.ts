/**
 * What is in an ONNX file and where: nodes, initialisers by byte range, inputs, outputs, shapes. Reads the protobuf on
 * the wire and decodes no weights. Field numbers follow onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
import { Problem } from '../../base/problem.ts';
import { readIntegers, readText, visitFields, WireError, type WireField } from './wire.ts';

/** A half-open byte range [start, end). */
export type ByteRange = readonly [number, number];

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** '' for ai.onnx, 'com.microsoft' for ONNX Runtime's own. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names that sub-graphs of the node (If, Loop) read; some are defined inside. */
  readonly captured: readonly string[];
  /** TensorProto.DataType that an attribute states: what a Cast gives, what a Constant holds; 0 without one. */
  readonly dtype: number;
  /** Where its field begins, the tag included. */
  readonly at: number;
}

export interface OnnxInitialiser {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType: 1 float, 2 uint8, 3 int8, 7 int64, 10 float16, 16 bfloat16. */
  readonly dtype: number;
  /** Little-endian values (raw_data, or packed float_data, which is the same bytes); null where stored otherwise. */
  readonly data: ByteRange | null;
  /** File beside the model that holds the values, or null. */
  readonly externalFile: string | null;
}

/** An input, output or intermediate tensor. */
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; 0 where not stated. */
  readonly dtype: number;
  /** Sizes, or names of the sizes that vary ('' where unnamed); null where not stated. */
  readonly dims: readonly (number | string)[] | null;
  /** Where the field that states it begins, its tag included. */
  readonly at: number;
}

export interface OnnxIndex {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: string;
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: ReadonlyMap<string, OnnxInitialiser>;
  /** Graph inputs that are fed, initialisers left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly values: ReadonlyMap<string, OnnxValue>;
  /** Version by operator-set domain ('' = ai.onnx). */
  readonly opset: Readonly<Record<string, number>>;
  readonly producer: string;
  /** Files that hold initialisers, beside the model. */
  readonly externalFiles: readonly string[];
}

/**
 * Indexes an ONNX model.
 * @param file its name, for messages.
 * @throws Problem `onnx-unreadable` naming the byte offset where the file stops being an ONNX model.
 */
export function indexOnnx(bytes: Uint8Array<ArrayBuffer>, file: string): OnnxIndex {
  const nodes: OnnxNode[] = [];
  const initialisers = new Map<string, OnnxInitialiser>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const values = new Map<string, OnnxValue>();
  const opset: Record<string, number> = {};
  let producer = '';
  try {
    visitFields(bytes, 0, bytes.length, (model) => {
      if (model.field === 2) producer = readText(bytes, message(model));
      else if (model.field === 8) readOpset(bytes, message(model), opset);
      else if (model.field === 7) {
        visitFields(bytes, message(model).start, model.end, (part) => {
          if (part.field === 1) nodes.push(readNode(bytes, message(part)));
          else if (part.field === 5) {
            const initialiser = readInitialiser(bytes, message(part));
            initialisers.set(initialiser.name, initialiser);
          } else if (part.field === 11) inputs.push(readValue(bytes, message(part)));
          else if (part.field === 12) outputs.push(readValue(bytes, message(part)));
          else if (part.field === 13) {
            const value = readValue(bytes, message(part));
            values.set(value.name, value);
          }
        });
      }
    });
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw unreadable(file, `${error.message} (at byte ${error.offset} of ${bytes.length})`);
  }
  if (nodes.length === 0 || outputs.length === 0) throw unreadable(file, `no graph was found in its ${bytes.length} bytes`);
  const externalFiles = new Set<string>();
  for (const { externalFile } of initialisers.values()) if (externalFile) externalFiles.add(externalFile);
  return {
    bytes, file, nodes, initialisers, outputs, values, opset, producer,
    inputs: inputs.filter(({ name }) => !initialisers.has(name)),
    externalFiles: [...externalFiles],
  };
}

function unreadable(file: string, what: string): Problem {
  return new Problem({
    code: 'onnx-unreadable',
    place: file,
    what: `this is not a whole ONNX model: ${what}`,
    fix: 'Download the file again; an interrupted download and a Git LFS pointer look like this.',
  });
}

function message(field: WireField): WireField {
  if (field.wire !== 2) throw new WireError(`field ${field.field} should hold a message but has wire type ${field.wire}`, field.at);
  return field;
}

function readOpset(bytes: Uint8Array, message: WireField, opset: Record<string, number>): void {
  let domain = '';
  let version = 0;
  visitFields(bytes, message.start, message.end, (part) => {
    if (part.field === 1) domain = readText(bytes, part);
    else if (part.field === 2) version = part.value;
  });
  opset[domain === 'ai.onnx' ? '' : domain] = version;
}

function readNode(bytes: Uint8Array, message: WireField): OnnxNode {
  let name = '';
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const captured: string[] = [];
  let dtype = 0;
  visitFields(bytes, message.start, message.end, (part) => {
    if (part.field === 1) inputs.push(readText(bytes, part));
    else if (part.field === 2) outputs.push(readText(bytes, part));
    else if (part.field === 3) name = readText(bytes, part);
    else if (part.field === 4) op = readText(bytes, part);
    else if (part.field === 5) dtype = readAttribute(bytes, part, captured) || dtype;
    else if (part.field === 7) domain = readText(bytes, part);
  });
  return { name, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, captured, dtype, at: message.at };
}

/**
 * Collects the node inputs inside the sub-graphs of an attribute, at any depth.
 * @returns the TensorProto.DataType that it states, 0 for other attributes.
 */
function readAttribute(bytes: Uint8Array, attribute: WireField, into: string[]): number {
  let name = '';
  let integer = 0;
  let tensorType = 0;
  visitFields(bytes, attribute.start, attribute.end, (part) => {
    // AttributeProto: 1 = name, 3 = i, 5 = t, 6 = g, 11 = graphs.
    if (part.field === 1) name = readText(bytes, part);
    else if (part.field === 3) integer = part.value;
    else if (part.field === 5 && part.wire === 2) tensorType = readInitialiser(bytes, part).dtype;
    if ((part.field !== 6 && part.field !== 11) || part.wire !== 2) return;
    visitFields(bytes, part.start, part.end, (item) => {
      if (item.field === 1 && item.wire === 2) {
        const node = readNode(bytes, item);
        into.push(...node.inputs, ...node.captured);
      } else if (item.field === 12 && item.wire === 2) into.push(readValue(bytes, item).name);
    });
  });
  if (name === 'to') return integer;
  return name === 'value' ? tensorType : 0;
}

function readInitialiser(bytes: Uint8Array, message: WireField): OnnxInitialiser {
  let name = '';
  let dtype = 0;
  let data: ByteRange | null = null;
  let externalFile: string | null = null;
  let external = false;
  const dims: number[] = [];
  visitFields(bytes, message.start, message.end, (part) => {
    if (part.field === 1) dims.push(...readIntegers(bytes, part));
    else if (part.field === 2) dtype = part.value;
    else if (part.field === 8) name = readText(bytes, part);
    else if (part.field === 9 || (part.field === 4 && part.wire === 2)) data = [part.start, part.end];
    else if (part.field === 13) {
      const [key, value] = readEntry(bytes, part);
      if (key === 'location') externalFile = value;
    } else if (part.field === 14) external = part.value === 1;
  });
  return { name, dims, dtype, data: external ? null : data, externalFile: external ? externalFile : null };
}

function readEntry(bytes: Uint8Array, message: WireField): readonly [string, string] {
  let key = '';
  let value = '';
  visitFields(bytes, message.start, message.end, (part) => {
    if (part.field === 1) key = readText(bytes, part);
    else if (part.field === 2) value = readText(bytes, part);
  });
  return [key, value];
}

/** ValueInfoProto: name, and type.tensor_type {elem_type, shape}. */
function readValue(bytes: Uint8Array, message: WireField): OnnxValue {
  let name = '';
  let dtype = 0;
  let dims: (number | string)[] | null = null;
  const readDims = (shape: WireField): void => {
    const sizes: (number | string)[] = [];
    visitFields(bytes, shape.start, shape.end, (dimension) => {
      let size: number | string = '';
      visitFields(bytes, dimension.start, dimension.end, (part) => {
        if (part.field === 1) size = part.value;
        else if (part.field === 2) size = readText(bytes, part);
      });
      sizes.push(size);
    });
    dims = sizes;
  };
  visitFields(bytes, message.start, message.end, (part) => {
    if (part.field === 1) name = readText(bytes, part);
    else if (part.field === 2) {
      visitFields(bytes, part.start, part.end, (type) => {
        if (type.field !== 1) return;
        visitFields(bytes, type.start, type.end, (tensor) => {
          if (tensor.field === 1) dtype = tensor.value;
          else if (tensor.field === 2) readDims(tensor);
        });
      });
    }
  });
  return { name, dtype, dims, at: message.at };
}
