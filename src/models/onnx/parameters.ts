/** Counts a model's parameters from the sizes of its weights, whatever their precision. */
import type { OnnxIndex } from './index.ts';
import { floatTypes, passesOn, weightsByTensor } from './precision.ts';

const bytes = new Set([2, 3]);

/** They read tables by position. */
const tableOps = new Set(['Slice', 'Gather', 'Where', 'Expand']);

/** Inputs that hold scales, zero points and group indices of quantised weights, by operator. */
const bookkeeping: Readonly<Record<string, readonly number[]>> = {
  DequantizeLinear: [1, 2],
  QuantizeLinear: [1, 2],
  MatMulInteger: [2, 3],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  MatMulNBits: [2, 3, 4],
  GatherBlockQuantized: [2, 3],
  DynamicQuantizeMatMul: [2, 3],
  QAttention: [3, 4, 6, 7],
  QEmbedLayerNormalization: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
  RotaryEmbedding: [2, 3],
  GroupQueryAttention: [7, 8],
};

/** What the configuration says that the graph does not. */
export interface ParameterHints {
  readonly hiddenSize: number;
  /** 0 where unknown. */
  readonly vocabularySize: number;
  /** Whether the output layer is the embedding matrix again. */
  readonly tied: boolean;
}

/**
 * Trainable numbers in the graph, read as they are stored or through a Cast. Packed 4-bit weights count twice per byte
 * and a tied embedding matrix once, even if the file holds it twice; constants, tables that are only sliced or looked
 * up (causal masks, rotary angles) and integers do not count.
 */
export function countParameters(index: OnnxIndex, hints: ParameterHints): number {
  return [...parametersByType(index, hints).values()].reduce((sum, count) => sum + count, 0);
}

/** The same count, by the TensorProto.DataType in which the file stores them. */
export function parametersByType(index: OnnxIndex, hints: ParameterHints): ReadonlyMap<number, number> {
  const skipped = new Set<string>();
  const packed = new Set<string>();
  const readers = new Map<string, Set<string>>();
  const weights = weightsByTensor(index);
  for (const node of index.nodes) {
    const inputs = node.inputs.map((tensor) => weights.get(tensor)?.name ?? '');
    for (const name of inputs) {
      // A Cast reads nothing for itself: what reads its result counts.
      if (!name || passesOn(node.op)) continue;
      const ops = readers.get(name);
      if (ops) ops.add(node.op);
      else readers.set(name, new Set([node.op]));
    }
    for (const position of bookkeeping[node.op] ?? []) {
      const name = inputs[position];
      if (name) skipped.add(name);
    }
    const weight = node.op === 'MatMulNBits' ? inputs[1] : node.op === 'GatherBlockQuantized' ? inputs[0] : undefined;
    if (weight) packed.add(weight);
    // The scale of a dynamically quantised product is a Mul of two scales.
    if (node.op === 'Mul') for (const name of inputs) if (name.endsWith('_scale')) skipped.add(name);
  }
  const counts = new Map<number, number>();
  let embeddingSeen = false;
  for (const { name, dims, dtype } of index.initialisers.values()) {
    const stored = dims.reduce((product, dim) => product * dim, 1);
    if (stored <= 1 || skipped.has(name) || !(floatTypes.has(dtype) || bytes.has(dtype))) continue;
    const ops = [...(readers.get(name) ?? [])];
    if (ops.length === 0 || (ops.every((op) => tableOps.has(op)) && !dims.includes(hints.hiddenSize))) continue;
    const size = packed.has(name) && bytes.has(dtype) ? 2 * stored : stored;
    const isEmbedding = hints.tied && size === hints.vocabularySize * hints.hiddenSize;
    if (!isEmbedding || !embeddingSeen) counts.set(dtype, (counts.get(dtype) ?? 0) + size);
    embeddingSeen ||= isEmbedding;
  }
  return counts;
}
