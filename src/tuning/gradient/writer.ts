/**
 * Writes new nodes into a graph: names, constants and the forms that operators take in the graph's version of ONNX
 * (axes and sizes became inputs in versions 13 and 18).
 */
import { Problem } from '../../base/problem.ts';
import { readAttributes, type Attribute, type Attributes } from '../../models/onnx/attributes.ts';
import type { OnnxIndex, OnnxNode } from '../../models/onnx/index.ts';
import type { Extension } from '../../models/onnx/patch.ts';
import { constantField, inputField, type NewNode } from '../../models/onnx/write.ts';

/** The oldest version of ai.onnx with all operators that gradients are made of. */
const oldestOpset = 11;
/** TensorProto.DataType. */
const float32 = 1;
const int64 = 7;
/** All tensors that we add begin like this. */
const prefix = 'sensorium.';

export class GraphWriter {
  /** Version of ai.onnx. */
  readonly opset: number;
  readonly nodes: NewNode[] = [];
  readonly replaced = new Set<OnnxNode>();
  readonly #declared = new Map<string, readonly number[]>();
  readonly #types = new Map<string, number>();
  readonly #results = new Map<string, string>();
  #count = 0;

  /** Throws Problem `opset-too-old`. */
  constructor(index: Pick<OnnxIndex, 'opset' | 'file'>) {
    this.opset = index.opset[''] ?? 0;
    if (this.opset >= oldestOpset) return;
    throw new Problem({
      code: 'opset-too-old',
      place: index.file,
      what: `it is written in version ${this.opset} of ONNX; gradients need version ${oldestOpset} at least`,
      fix: 'Choose a newer export of the model.',
    });
  }

  get extension(): Extension {
    return { nodes: this.nodes, replaced: this.replaced, declared: this.#declared };
  }

  /** A node with one output. @returns the name of its result. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const name = output ?? this.result(op);
    this.addAll(op, inputs, [name], attributes);
    return name;
  }

  /** A node with results of these names. */
  addAll(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}): void {
    this.nodes.push({ name: '', op, domain: '', inputs, outputs, attributes });
    for (const name of outputs) this.#types.set(name, float32);
  }

  /** A name that no tensor has yet. */
  result(word: string): string {
    return `${prefix}${word}.${this.#count++}`;
  }

  /** Takes a node of the file out and puts a copy with other inputs or outputs in its place. */
  takeOver(index: OnnxIndex, node: OnnxNode, change: Partial<Pick<NewNode, 'inputs' | 'outputs'>>): void {
    this.replaced.add(node);
    this.nodes.push({ name: node.name, op: node.op, domain: node.domain, inputs: node.inputs, outputs: node.outputs, attributes: readAttributes(index, node), ...change });
  }

  /** Declares an input of the graph. @returns its name. */
  input(name: string, dtype: 'float32' | 'int64', dims: readonly (number | string)[]): string {
    const full = name.startsWith(prefix) ? name : prefix + name;
    const type = dtype === 'float32' ? float32 : int64;
    return this.#declare(full, type, inputField(full, type, dims));
  }

  /** A float32 number. */
  float(value: number): string {
    const name = `${prefix}float.${value}`;
    return this.#declare(name, float32, constantField(name, [], Float32Array.of(value)));
  }

  /** An int64 number. */
  integer(value: number): string {
    const name = `${prefix}integer.${value}`;
    return this.#declare(name, int64, constantField(name, [], BigInt64Array.of(BigInt(value))));
  }

  /** A vector of int64 numbers. */
  integers(values: readonly number[]): string {
    const name = `${prefix}integers.${values.join('.')}`;
    return this.#declare(name, int64, constantField(name, [values.length], BigInt64Array.from(values, BigInt)));
  }

  /** TensorProto.DataType of a new input, constant or result (which are float32, but for sizes); undefined for tensors of the file. */
  typeOf(tensor: string): number | undefined {
    return this.#types.get(tensor);
  }

  #declare(name: string, type: number, field: readonly number[]): string {
    this.#declared.set(name, field);
    this.#types.set(name, type);
    return name;
  }

  /** A node whose result is the same whenever its inputs are: asked for again, it is not written again. */
  #once(key: string, make: () => string): string {
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#results.set(key, made);
    return made;
  }

  /** The sizes of a tensor, int64. */
  shape(tensor: string): string {
    return this.#once(`shape ${tensor}`, () => this.add('Shape', [tensor]));
  }

  /** The size of a tensor along one axis, int64 [1]. */
  sizeAlong(tensor: string, axis: number): string {
    return this.#once(`size ${tensor} ${axis}`, () => this.add('Gather', [this.shape(tensor), this.integers([axis])], { axis: int(0) }));
  }

  /** Zeros of the shape of a tensor. */
  zerosLike(tensor: string): string {
    return this.#once(`zeros ${tensor}`, () => this.add('ConstantOfShape', [this.shape(tensor)]));
  }

  /** A tensor in the shape of another one of as many numbers. */
  reshapeLike(tensor: string, like: string): string {
    return this.add('Reshape', [tensor, this.shape(like)]);
  }

  /** Sum over axes. `output` names the result. */
  sum(tensor: string, axes: readonly number[], keep: boolean, output?: string): string {
    return this.#reduce('ReduceSum', 13, tensor, axes, keep, output);
  }

  /** Mean over axes, which stay as axes of size 1. */
  mean(tensor: string, axes: readonly number[]): string {
    return this.#reduce('ReduceMean', 18, tensor, axes, true);
  }

  #reduce(op: string, axesAsInput: number, tensor: string, axes: readonly number[], keep: boolean, output?: string): string {
    const keepdims = int(keep ? 1 : 0);
    if (this.opset >= axesAsInput) return this.add(op, [tensor, this.integers(axes)], { keepdims }, output);
    return this.add(op, [tensor], { axes: ints(axes), keepdims }, output);
  }

  unsqueeze(tensor: string, axes: readonly number[]): string {
    return this.#alongAxes('Unsqueeze', tensor, axes);
  }

  squeeze(tensor: string, axes: readonly number[]): string {
    return this.#alongAxes('Squeeze', tensor, axes);
  }

  #alongAxes(op: string, tensor: string, axes: readonly number[]): string {
    return this.opset >= 13 ? this.add(op, [tensor, this.integers(axes)]) : this.add(op, [tensor], { axes: ints(axes) });
  }

  transpose(tensor: string, perm: readonly number[]): string {
    return this.add('Transpose', [tensor], { perm: ints(perm) });
  }

  /** The matrices in the last two of `rank` axes, transposed. */
  transposeLast(tensor: string, rank: number): string {
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return this.transpose(tensor, perm);
  }
}

export function int(value: number): Attribute {
  return { type: 'int', value };
}

export function ints(value: readonly number[]): Attribute {
  return { type: 'ints', value };
}

export function float(value: number): Attribute {
  return { type: 'float', value };
}
