/** ONNX models written by hand, small enough to read: nodes, a few initialisers, one output or several. */
import { concatenate, integerField, messageField, varint } from '../../src/models/onnx/wire.ts';

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers, or lists of them. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** Sub-graphs, by attribute. */
  readonly graphs?: Readonly<Record<string, TinyGraph>>;
}

/** A graph inside a node: it may read what stands around it. */
export interface TinyGraph {
  readonly nodes: readonly TinyNode[];
  readonly initialisers?: Readonly<Record<string, TinyWeight>>;
  readonly outputs: readonly string[];
}

/** An input other than int64 [b, s]. */
export interface TinyInput {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly dtype: number;
  readonly dims: readonly (number | string)[];
}

export interface TinyWeight {
  readonly dims: readonly number[];
  /** Stored as float32, float16 or int64. */
  readonly values: Float32Array | Float16Array | BigInt64Array;
}

export interface TinyModel {
  readonly nodes: readonly TinyNode[];
  readonly initialisers?: Readonly<Record<string, TinyWeight>>;
  readonly inputs: readonly (string | TinyInput)[];
  readonly output: string | readonly string[];
  /** TensorProto.DataType of the outputs; float32 (1) by default. */
  readonly outputType?: number;
}

/** Serialises the model (IR version 8, opset 17); inputs are int64 [b, s] unless they say otherwise, outputs [b, s, <name> size]. */
export function tinyOnnx({ nodes, initialisers = {}, inputs, output, outputType = 1 }: TinyModel): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap((node) => messageField(1, nodeBody(node))),
    ...messageField(2, 'tiny'),
    ...Object.entries(initialisers).flatMap(([name, weight]) => messageField(5, weightBody(name, weight))),
    ...inputs.flatMap((input) => messageField(11, typeof input === 'string' ? valueInfo(input, 7, ['b', 's']) : valueInfo(input.name, input.dtype, input.dims))),
    ...[output].flat().flatMap((name) => messageField(12, valueInfo(name, outputType, ['b', 's', `${name} size`]))),
  ];
  return concatenate(Uint8Array.from([...integerField(1, 8), ...messageField(8, integerField(2, 17)), ...messageField(7, graph)]));
}

function nodeBody({ op, inputs, outputs, attributes = {}, graphs = {} }: TinyNode): number[] {
  return [
    ...inputs.flatMap((name) => messageField(1, name)),
    ...outputs.flatMap((name) => messageField(2, name)),
    ...messageField(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => messageField(5, attributeBody(name, value))),
    ...Object.entries(graphs).flatMap(([name, graph]) => messageField(5, [...messageField(1, name), ...messageField(6, graphBody(name, graph)), ...integerField(20, 5)])),
  ];
}

function graphBody(name: string, { nodes, initialisers = {}, outputs }: TinyGraph): number[] {
  return [
    ...nodes.flatMap((node) => messageField(1, nodeBody(node))),
    ...messageField(2, name),
    ...Object.entries(initialisers).flatMap(([weight, stored]) => messageField(5, weightBody(weight, stored))),
    ...outputs.flatMap((output) => messageField(12, valueInfo(output, 1, ['b', 's', `${output} size`]))),
  ];
}

/** AttributeProto: i (3) of type INT (2), or ints (8) of type INTS (7). */
function attributeBody(name: string, value: number | readonly number[]): number[] {
  if (typeof value === 'number') return [...messageField(1, name), ...integerField(3, value), ...integerField(20, 2)];
  return [...messageField(1, name), ...messageField(8, value.flatMap(varint)), ...integerField(20, 7)];
}

function weightBody(name: string, { dims, values }: TinyWeight): number[] {
  const type = values instanceof Float32Array ? 1 : values instanceof BigInt64Array ? 7 : 10;
  return [...dims.flatMap((dim) => integerField(1, dim)), ...integerField(2, type), ...messageField(8, name), ...messageField(9, new Uint8Array(values.buffer))];
}

function valueInfo(name: string, dtype: number, dims: readonly (number | string)[]): number[] {
  const shape = dims.flatMap((dim) => messageField(1, typeof dim === 'number' ? integerField(1, dim) : messageField(2, dim)));
  return [...messageField(1, name), ...messageField(2, messageField(1, [...integerField(1, dtype), ...messageField(2, shape)]))];
}
