/** Parts of an ONNX graph as bytes: nodes, constants, inputs and outputs, each a field of GraphProto. */
import type { Attribute, Attributes } from './attributes.ts';
import { integerField, messageField, varint } from './wire.ts';

/** A node to be written. */
export interface NewNode {
  /** '' leaves it without a name. */
  readonly name: string;
  readonly op: string;
  /** '' for ai.onnx, 'com.microsoft' for ONNX Runtime's own. */
  readonly domain: string;
  /** '' where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export function nodeField({ name, op, domain, inputs, outputs, attributes }: NewNode): number[] {
  return messageField(1, [
    ...inputs.flatMap((input) => messageField(1, input)),
    ...outputs.flatMap((output) => messageField(2, output)),
    ...(name ? messageField(3, name) : []),
    ...messageField(4, op),
    ...Object.entries(attributes).flatMap(([key, attribute]) => messageField(5, attributeBody(key, attribute))),
    ...(domain ? messageField(7, domain) : []),
  ]);
}

/** A constant: float32 or int64, as many values as the sizes say. */
export function constantField(name: string, dims: readonly number[], values: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>): number[] {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return messageField(5, [...dims.flatMap((dim) => integerField(1, dim)), ...integerField(2, values instanceof Float32Array ? 1 : 7), ...messageField(8, name), ...messageField(9, bytes)]);
}

/**
 * An input of the graph.
 * @param dtype TensorProto.DataType: 1 float32, 7 int64.
 * @param dims sizes, or names of those that vary.
 */
export function inputField(name: string, dtype: number, dims: readonly (number | string)[]): number[] {
  const sizes = dims.flatMap((dim) => messageField(1, typeof dim === 'number' ? integerField(1, dim) : messageField(2, dim)));
  return messageField(11, [...messageField(1, name), ...messageField(2, messageField(1, [...integerField(1, dtype), ...messageField(2, sizes)]))]);
}

/** An output of the graph; the runtime infers its type. */
export function outputField(name: string): number[] {
  return messageField(12, messageField(1, name));
}

/** Negative integers take ten bytes, as two's complement of 64 bits. */
function signed(value: number): number[] {
  if (value >= 0) return varint(value);
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

function littleEndian(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** AttributeProto: f 2, i 3, s 4, floats 7, ints 8, type 20. */
function attributeBody(name: string, attribute: Attribute): number[] {
  const body = messageField(1, name);
  switch (attribute.type) {
    case 'float': return [...body, ...varint(2 * 8 + 5), ...littleEndian(attribute.value), ...integerField(20, 1)];
    case 'int': return [...body, ...varint(3 * 8), ...signed(attribute.value), ...integerField(20, 2)];
    case 'text': return [...body, ...messageField(4, attribute.value), ...integerField(20, 3)];
    case 'floats': return [...body, ...messageField(7, littleEndian(...attribute.value)), ...integerField(20, 6)];
    case 'ints': return [...body, ...messageField(8, attribute.value.flatMap(signed)), ...integerField(20, 7)];
    default: throw new Error(`unknown attribute ${String(attribute satisfies never)}`);
  }
}
