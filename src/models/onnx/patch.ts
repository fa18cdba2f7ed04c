/**
 * A change to an ONNX file that touches a few bytes: which tensors the graph gives back.
 *
 * Protobuf merges repeated occurrences of a message field, so outputs are added by appending one more `graph` field
 * that holds only them. Outputs are taken away by turning the tag of their field into one that onnx.proto reserves,
 * which readers skip. So are the nodes that no output needs any more (a language-model head, a key-value cache): the
 * runtime would run them all the same.
 */
import { Problem } from '../../base/problem.ts';
import type { OnnxIndex, OnnxNode } from './index.ts';
import { concatenate, messageField } from './wire.ts';

/** GraphProto.node, length-delimited. */
const nodeTag = (1 << 3) | 2;
/** GraphProto.output, length-delimited. */
const outputTag = (12 << 3) | 2;
/** GraphProto reserves 9; length-delimited. */
const skippedTag = (9 << 3) | 2;

/**
 * The model with exactly these outputs, and only the nodes that they need.
 * @param names tensors of the graph: outputs of nodes or outputs it already has.
 * @returns a copy, about 40 bytes longer per added name. The runtime infers the types.
 */
export function withOutputs(index: OnnxIndex, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const wanted = new Set(names);
  const present = new Set(index.outputs.map(({ name }) => name));
  const known = new Set(index.nodes.flatMap(({ outputs }) => outputs));
  for (const name of wanted) {
    if (present.has(name) || known.has(name)) continue;
    throw new Problem({
      code: 'tensor-missing',
      place: index.file,
      what: `the graph has no tensor ${name}`,
      fix: 'The file is not the one that was inspected; run the model cell again.',
    });
  }
  const added = [...wanted].filter((name) => !present.has(name));
  const graph = added.flatMap((name) => messageField(12, messageField(1, name)));
  const bytes = concatenate(index.bytes, Uint8Array.from(added.length > 0 ? messageField(7, graph) : []));
  for (const { name, at } of index.outputs) {
    if (!wanted.has(name)) skipField(bytes, at, outputTag);
  }
  const needed = neededNodes(index, wanted);
  for (const node of index.nodes) if (!needed.has(node)) skip(bytes, node);
  return bytes;
}

/** Takes a node out of the graph. */
export function skip(bytes: Uint8Array, node: OnnxNode): void {
  skipField(bytes, node.at, nodeTag);
}

function skipField(bytes: Uint8Array, at: number, tag: number): void {
  if (bytes[at] !== tag) throw new Error(`byte ${at} is not the tag ${tag} of the field to skip`);
  bytes[at] = skippedTag;
}

/** The nodes that some of the tensors come from. */
function neededNodes(index: OnnxIndex, names: Iterable<string>): ReadonlySet<OnnxNode> {
  const producer = new Map<string, OnnxNode>();
  for (const node of index.nodes) for (const name of node.outputs) if (name) producer.set(name, node);
  const needed = new Set<OnnxNode>();
  const stack = [...names];
  while (stack.length > 0) {
    const node = producer.get(stack.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    stack.push(...node.inputs, ...node.captured);
  }
  return needed;
}
