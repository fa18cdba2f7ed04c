/** Which nodes of a graph are attention: fused operators, and the Softmax that weighs one token's values by another's. */
import type { OnnxNode } from './index.ts';

const fusedOps = new Set([
  'Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'PackedMultiHeadAttention', 'PackedAttention',
  'PagedAttention', 'SparseAttention', 'LinearAttention', 'DecoderMaskedMultiHeadAttention', 'DecoderMaskedSelfAttention',
]);

/** Between a Softmax and the choice of the largest, in either direction. */
const passingOps = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Slice', 'Flatten']);

/**
 * The attention nodes among those that lie on the way from the embeddings to the output.
 *
 * A mixture of experts weighs its experts by a Softmax too, but it chooses the largest (TopK) just before or just after.
 */
export function attentionNodes(live: readonly OnnxNode[]): ReadonlySet<OnnxNode> {
  const producer = new Map<string, OnnxNode>();
  const readers = new Map<string, OnnxNode[]>();
  for (const node of live) {
    for (const name of node.outputs) if (name) producer.set(name, node);
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const reaches = (start: OnnxNode, next: (node: OnnxNode) => readonly OnnxNode[]): boolean => {
    const stack = [...next(start)];
    // Two ways may lead to one node, and in a damaged graph round in a circle.
    const seen = new Set<OnnxNode>();
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.op === 'TopK') return true;
      if (seen.has(node) || !passingOps.has(node.op)) continue;
      seen.add(node);
      stack.push(...next(node));
    }
    return false;
  };
  const after = (node: OnnxNode): readonly OnnxNode[] => node.outputs.flatMap((name) => readers.get(name) ?? []);
  const before = (node: OnnxNode): readonly OnnxNode[] => node.inputs.flatMap((name) => producer.get(name) ?? []);
  const chooses = (node: OnnxNode): boolean => reaches(node, after) || reaches(node, before);
  return new Set(live.filter((node) => fusedOps.has(node.op) || (node.op === 'Softmax' && !chooses(node))));
}
