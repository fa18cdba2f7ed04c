/** How wide tensors are: their last dimension, as the graph states it or as the weights that made them imply it. */
import type { OnnxIndex, OnnxNode } from './index.ts';
import { weightsByTensor } from './precision.ts';

/** One number per place of the last dimension: what they read and what they give are as wide as their weights. */
const normOps = new Set(['LayerNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'RMSNormalization', 'EmbedLayerNormalization']);
/** As wide as their operands, which may be one wide. */
const sameOps = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sqrt', 'Cast', 'Identity', 'Relu', 'Tanh', 'Erf', 'Sigmoid', 'Gelu', 'Dropout']);

/**
 * The last dimension of the tensors whose last dimension is known.
 * @param sorted the nodes, each after what it reads.
 */
export function lastSizes(index: OnnxIndex, sorted: readonly OnnxNode[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const set = (name: string, size: number | string | undefined): void => {
    if (name && typeof size === 'number' && size > 0) sizes.set(name, size);
  };
  const weights = weightsByTensor(index);
  const stated = [...index.values.values(), ...index.outputs, ...index.inputs];
  for (const { name, dims } of stated) set(name, dims?.at(-1));
  for (const node of sorted) {
    const [output] = node.outputs;
    if (!output || sizes.has(output)) continue;
    const size = impliedSize(node, (name) => weights.get(name)?.dims, sizes);
    // The residual stream of a fused norm is as wide as its result.
    for (const name of normOps.has(node.op) ? [output, node.outputs[3] ?? ''] : [output]) set(name, size);
  }
  return sizes;
}

function impliedSize({ op, inputs }: OnnxNode, weightDims: (name: string) => readonly number[] | undefined, sizes: ReadonlyMap<string, number>): number | undefined {
  const dims = inputs.map((name) => weightDims(name));
  if (op === 'Gather') return dims[0]?.length === 2 ? dims[0][1] : undefined;
  if (op === 'MatMul') return dims[1]?.length === 2 ? dims[1][1] : undefined;
  if (normOps.has(op)) return dims.find((weight) => weight?.length === 1)?.[0];
  if (!sameOps.has(op)) return undefined;
  // Of [b, s, n] and [n] or [1]: the wider one. Where one of them is unknown, a known n > 1 holds all the same.
  const known = inputs.flatMap((name, place) => sizes.get(name) ?? dims[place]?.at(-1) ?? []);
  const widest = Math.max(0, ...known);
  return widest > 1 ? widest : undefined;
}
