/** The part of an ONNX graph that lies between the word embeddings and one output. */
import type { OnnxNode } from './index.ts';

/** They pass on sizes, not values. */
const shapeOps = new Set(['Shape', 'Size']);
/** Between `input_ids` and the look-up of the embeddings. */
const passingOps = new Set(['Cast', 'Identity', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Slice']);
const lookupOps = new Set(['Gather', 'GatherBlockQuantized', 'EmbedLayerNormalization', 'QEmbedLayerNormalization']);

/** Nodes in an order in which each follows what it reads. ONNX demands it, but some fusion tools do not deliver it. */
export function sortNodes<T extends Pick<OnnxNode, 'inputs' | 'outputs' | 'captured'>>(nodes: readonly T[]): T[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, position) => {
    for (const name of node.outputs) if (name) producer.set(name, position);
  });
  const waiting = new Int32Array(nodes.length);
  const readers: number[][] = nodes.map(() => []);
  nodes.forEach((node, position) => {
    const sources = new Set<number>();
    for (const name of [...node.inputs, ...node.captured]) {
      const from = producer.get(name);
      if (from !== undefined && from !== position) sources.add(from);
    }
    for (const from of sources) readers[from]!.push(position);
    waiting[position] = sources.size;
  });
  const queue: number[] = [];
  waiting.forEach((count, position) => {
    if (count === 0) queue.push(position);
  });
  for (let next = 0; next < queue.length; next++) {
    for (const reader of readers[queue[next]!]!) {
      waiting[reader]! -= 1;
      if (waiting[reader] === 0) queue.push(reader);
    }
  }
  return queue.map((position) => nodes[position]!);
}

/**
 * The nodes on some path from a look-up by `input_ids` (or from `inputs_embeds`) to the tensor `sink`, in the given
 * order, which must be sorted. Masks, positions and sizes are off the path: they do not come from the embeddings.
 */
export function liveNodes(sorted: readonly OnnxNode[], inputs: readonly string[], sink: string): OnnxNode[] {
  const ids = new Set(inputs.filter((name) => name.includes('input_ids')));
  const reached = new Set(inputs.filter((name) => name.includes('inputs_embeds')));
  const forward = new Uint8Array(sorted.length);
  const producer = new Map<string, number>();
  sorted.forEach((node, position) => {
    for (const name of node.outputs) if (name) producer.set(name, position);
    const readsIds = node.inputs.some((name) => ids.has(name));
    if (readsIds && passingOps.has(node.op)) for (const name of node.outputs) ids.add(name);
    const looksUp = readsIds && lookupOps.has(node.op);
    const readsReached = !shapeOps.has(node.op) && [...node.inputs, ...node.captured].some((name) => reached.has(name));
    if (!looksUp && !readsReached) return;
    forward[position] = 1;
    for (const name of node.outputs) if (name) reached.add(name);
  });
  const backward = new Uint8Array(sorted.length);
  const stack = [producer.get(sink)];
  while (stack.length > 0) {
    const position = stack.pop();
    if (position === undefined || !forward[position] || backward[position]) continue;
    backward[position] = 1;
    const node = sorted[position]!;
    for (const name of [...node.inputs, ...node.captured]) stack.push(producer.get(name));
  }
  return sorted.filter((_, position) => backward[position]);
}
