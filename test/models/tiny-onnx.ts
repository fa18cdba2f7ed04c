/** ONNX models written by hand, small enough to read: nodes, a few initialisers, one output. */
import { concatenate, integerField, messageField } from '../../src/models/onnx/wire.ts';

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface TinyModel {
  readonly nodes: readonly TinyNode[];
  readonly initialisers?: Readonly<Record<string, { readonly dims: readonly number[]; readonly values: Float32Array }>>;
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Serialises the model (IR version 8, opset 17); inputs are int64 [b, s], the output float [b, s, d]. */
export function tinyOnnx({ nodes, initialisers = {}, inputs, output }: TinyModel): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap(({ op, inputs: from, outputs: to }) => messageField(1, [...from.flatMap((name) => messageField(1, name)), ...to.flatMap((name) => messageField(2, name)), ...messageField(4, op)])),
    ...messageField(2, 'tiny'),
    ...Object.entries(initialisers).flatMap(([name, { dims, values }]) =>
      messageField(5, [...dims.flatMap((dim) => integerField(1, dim)), ...integerField(2, 1), ...messageField(8, name), ...messageField(9, new Uint8Array(values.buffer))])),
    ...inputs.flatMap((name) => messageField(11, valueInfo(name, 7, ['b', 's']))),
    ...messageField(12, valueInfo(output, 1, ['b', 's', 'd'])),
  ];
  return concatenate(Uint8Array.from([...integerField(1, 8), ...messageField(8, integerField(2, 17)), ...messageField(7, graph)]));
}

function valueInfo(name: string, dtype: number, dims: readonly string[]): number[] {
  const shape = dims.flatMap((dim) => messageField(1, messageField(2, dim)));
  return [...messageField(1, name), ...messageField(2, messageField(1, [...integerField(1, dtype), ...messageField(2, shape)]))];
}
