/** Whether a graph measures its own numbers while it runs, so that what is run together shares one scale. */
import type { OnnxIndex } from './index.ts';
import { neededNodes } from './patch.ts';

/**
 * Whether some of these tensors come from activations that are quantised by a scale found in the run itself, as dynamic
 * 8-bit exports do (DynamicQuantizeLinear and what it is fused into). That scale is one for the whole tensor: texts that
 * share a run, and padding, change each other's numbers by some per cent. Products with weights of 4 bits are not meant:
 * where they quantise what they read, they do so row by row.
 */
export function quantisesByRun(index: Pick<OnnxIndex, 'nodes'>, names: Iterable<string>): boolean {
  const needed = neededNodes(index.nodes, names);
  return index.nodes.some((node) => node.op.startsWith('DynamicQuantize') && needed.has(node));
}
