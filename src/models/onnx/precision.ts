/**
 * In which precision a graph stores its weights and computes its tensors. The two differ where half-precision weights
 * are each followed by a Cast: the file is half as large and the arithmetic stays float32.
 */
import type { OnnxIndex, OnnxInitialiser } from './index.ts';
import { sortNodes } from './live.ts';

/** TensorProto.DataType of the types that hold fractions, by the name that readers know. */
export const floatTypes: ReadonlyMap<number, string> = new Map([[1, 'float32'], [10, 'float16'], [11, 'float64'], [16, 'bfloat16']]);

const bool = 9;
const int64 = 7;
/** Operators whose result is of another type than what they read. */
const resultTypes: Readonly<Record<string, number>> = {
  Shape: int64, Size: int64, NonZero: int64, ArgMax: int64, ArgMin: int64,
  Equal: bool, Greater: bool, GreaterOrEqual: bool, Less: bool, LessOrEqual: bool, Not: bool, And: bool, Or: bool, Xor: bool, IsNaN: bool, IsInf: bool,
};
/** They hand the values of a weight on as they are, or in another precision. */
const passingOps = new Set(['Cast', 'Identity']);

/** Whether a node only hands on values, perhaps in another precision. */
export function passesOn(op: string): boolean {
  return passingOps.has(op);
}

/** The initialiser whose values a tensor holds: initialisers themselves, and what a Cast or an Identity makes of them. */
export function weightsByTensor(index: OnnxIndex): ReadonlyMap<string, OnnxInitialiser> {
  const weights = new Map(index.initialisers);
  for (const node of sortNodes(index.nodes)) {
    const weight = passesOn(node.op) ? weights.get(node.inputs[0] ?? '') : undefined;
    const [output] = node.outputs;
    if (weight && output) weights.set(output, weight);
  }
  return weights;
}

/**
 * TensorProto.DataType of every tensor whose type the graph states or implies, 0 for the others. Without a statement a
 * tensor is of the type of the first operand that holds fractions: true of all operators between the word embeddings
 * and the output, quantised ones included (their scales are such operands).
 */
export function elementTypes(index: OnnxIndex): ReadonlyMap<string, number> {
  const types = new Map<string, number>();
  for (const { name, dtype } of [...index.initialisers.values(), ...index.inputs]) types.set(name, dtype);
  const stated = new Map([...index.values.values(), ...index.outputs].map(({ name, dtype }) => [name, dtype]));
  for (const node of sortNodes(index.nodes)) {
    const operand = node.inputs.map((name) => types.get(name) ?? 0).find((type) => floatTypes.has(type));
    const type = node.dtype || resultTypes[node.op] || operand || 0;
    for (const name of node.outputs) if (name) types.set(name, stated.get(name) || type);
  }
  return types;
}

/** How weights are stored and how the states that come of them are computed. */
export interface Precision {
  readonly stored: string;
  readonly computed: string;
}

/**
 * The two precisions where they differ and both are floating point; null where they are one, or where the weights are
 * quantised. The type that holds the most weights counts: biases and norms may be stored in full.
 * @param parameters counts by stored type, see parameters.ts.
 * @param state a hidden state.
 */
export function mixedPrecision(index: OnnxIndex, parameters: ReadonlyMap<number, number>, state: string): Precision | null {
  const [most] = [...parameters].sort(([, a], [, b]) => b - a);
  const stored = floatTypes.get(most?.[0] ?? 0);
  const computed = floatTypes.get(elementTypes(index).get(state) ?? 0);
  return stored && computed && stored !== computed ? { stored, computed } : null;
}
