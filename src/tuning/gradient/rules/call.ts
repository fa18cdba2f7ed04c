/** What a rule of differentiation is given: a node, the gradients of its results, and a graph to write into. */
import type { NewNode } from '../../../models/onnx/write.ts';
import type { Facts } from '../facts.ts';
import type { GraphWriter } from '../writer.ts';

/**
 * Writes the gradients of a node's inputs, each of the shape of its input. Those of inputs for which `wants` is false
 * may be left out.
 */
export type Rule = (call: Call) => readonly (string | null)[];

/** Why a node cannot be differentiated, for the reader; the engine adds which node it is. */
export class NoGradient extends Error {}

export class Call {
  readonly node: NewNode;
  readonly graph: GraphWriter;
  readonly facts: Facts;
  /** Gradients of the results; null for those that the loss does not depend on. */
  readonly gradients: readonly (string | null)[];
  readonly #active: (tensor: string) => boolean;

  constructor(node: NewNode, gradients: readonly (string | null)[], graph: GraphWriter, facts: Facts, active: (tensor: string) => boolean) {
    this.node = node;
    this.gradients = gradients;
    this.graph = graph;
    this.facts = facts;
    this.#active = active;
  }

  /** The gradient of the first result. */
  get g(): string {
    const gradient = this.gradients[0];
    if (gradient) return gradient;
    throw new NoGradient('a result other than its first is used');
  }

  /** Whether the gradient of an input is wanted. */
  wants(position: number): boolean {
    const name = this.node.inputs[position];
    return Boolean(name) && this.#active(name!);
  }

  /** The name of an input that must be there. */
  x(position: number): string {
    const name = this.node.inputs[position];
    if (!name) throw new NoGradient(`its input ${position} is missing`);
    return name;
  }

  /** The first result. */
  get y(): string {
    return this.node.outputs[0]!;
  }

  rank(tensor: string): number {
    return this.facts.of(tensor).dims.length;
  }

  integer(attribute: string, otherwise: number): number {
    const found = this.node.attributes[attribute];
    return found?.type === 'int' ? found.value : otherwise;
  }

  number(attribute: string, otherwise: number): number {
    const found = this.node.attributes[attribute];
    return found?.type === 'float' ? found.value : otherwise;
  }

  text(attribute: string, otherwise: string): string {
    const found = this.node.attributes[attribute];
    return found?.type === 'text' ? found.value : otherwise;
  }

  /** Integers that older versions of an operator take as an attribute and newer ones as an input; null where neither is given. */
  integers(attribute: string, position: number): readonly number[] | null {
    const found = this.node.attributes[attribute];
    if (found?.type === 'ints') return found.value;
    const name = this.node.inputs[position];
    if (!name) return null;
    const { values } = this.facts.of(name);
    if (!values) throw new NoGradient(`its ${attribute} are computed and vary with the batch`);
    return values;
  }

  /** An axis counted from the front. */
  axis(value: number, rank: number): number {
    return value < 0 ? value + rank : value;
  }

  /**
   * A gradient of the shape of the result that has one, summed over the axes along which an input was stretched to it; null
   * where the input's gradient is not wanted.
   * @param own how many of the last axes are the input's own: those of a matrix are never stretched.
   */
  fit(gradient: string | (() => string), position: number, own = 0): string | null {
    if (!this.wants(position)) return null;
    const written = typeof gradient === 'string' ? gradient : gradient();
    const input = this.facts.of(this.x(position)).dims;
    const result = this.node.outputs[this.gradients.findIndex((each) => each !== null)]!;
    const output = this.facts.of(result).dims;
    const missing = output.length - input.length;
    const stretched = output.flatMap((size, axis) => (axis < missing || (axis < output.length - own && input[axis - missing] === 1 && size !== 1) ? [axis] : []));
    const summed = stretched.length > 0 ? this.graph.sum(written, stretched, true) : written;
    return missing > 0 ? this.graph.squeeze(summed, Array.from({ length: missing }, (_, axis) => axis)) : summed;
  }
}
