/**
 * A change to an ONNX file that touches a few bytes: which tensors the graph gives back, and nodes added to it.
 *
 * Protobuf merges repeated occurrences of a message field, so outputs are added by appending one more `graph` field
 * that holds only them. Outputs are taken away by turning the tag of their field into one that onnx.proto reserves,
 * which readers skip. So are the nodes that no output needs any more (a language-model head, a key-value cache): the
 * runtime would run them all the same.
 */
import { Problem } from '../../base/problem.ts';
import type { OnnxIndex, OnnxNode } from './index.ts';
import { concatenate, messageField } from './wire.ts';
import { nodeField, outputField, type NewNode } from './write.ts';

/** GraphProto.node, length-delimited. */
const nodeTag = (1 << 3) | 2;
/** GraphProto.output, length-delimited. */
const outputTag = (12 << 3) | 2;
/** GraphProto reserves 9; length-delimited. */
const skippedTag = (9 << 3) | 2;

/** What a graph is extended by. */
export interface Extension {
  readonly nodes: readonly NewNode[];
  /** Nodes of the file whose place new ones take. */
  readonly replaced: ReadonlySet<OnnxNode>;
  /** Fields that declare new inputs and constants, by the tensor's name. */
  readonly declared: ReadonlyMap<string, readonly number[]>;
}

const nothing: Extension = { nodes: [], replaced: new Set(), declared: new Map() };

/**
 * The model with exactly these outputs, and only the nodes that they need.
 * @param names tensors of the graph: outputs of nodes or outputs it already has.
 * @param extension new nodes, inputs and constants; those that no output needs are left out.
 * @returns a copy, about 40 bytes longer per added name. The runtime infers the types.
 */
export function withOutputs(index: OnnxIndex, names: readonly string[], extension: Extension = nothing): Uint8Array<ArrayBuffer> {
  const wanted = new Set(names);
  const present = new Set(index.outputs.map(({ name }) => name));
  const nodes = [...index.nodes.filter((node) => !extension.replaced.has(node)), ...extension.nodes];
  const known = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const name of wanted) {
    if (present.has(name) || known.has(name)) continue;
    throw new Problem({
      code: 'tensor-missing',
      place: index.file,
      what: `the graph has no tensor ${name}`,
      fix: 'The file is not the one that was inspected; run the model cell again.',
    });
  }
  const needed = neededNodes(nodes, wanted);
  const read = new Set(extension.nodes.flatMap((node) => (needed.has(node) ? node.inputs : [])));
  const fields = [
    ...extension.nodes.filter((node) => needed.has(node)).map(nodeField),
    ...[...extension.declared].flatMap(([name, field]) => (read.has(name) ? [field] : [])),
    ...[...wanted].filter((name) => !present.has(name)).map(outputField),
  ];
  const bytes = concatenate(index.bytes, Uint8Array.from(fields.length > 0 ? messageField(7, fields.flat()) : []));
  for (const { name, at } of index.outputs) {
    if (!wanted.has(name)) skipField(bytes, at, outputTag);
  }
  for (const node of index.nodes) if (!needed.has(node)) skip(bytes, node);
  return bytes;
}

/** Takes a node out of the graph. */
export function skip(bytes: Uint8Array, node: OnnxNode): void {
  skipField(bytes, node.at, nodeTag);
}

/** Makes readers pass over a field of the graph whose tag takes one byte. */
export function skipField(bytes: Uint8Array, at: number, tag: number): void {
  if (bytes[at] !== tag) throw new Error(`byte ${at} is not the tag ${tag} of the field to skip`);
  bytes[at] = skippedTag;
}

/** What a walk through a graph needs of its nodes. */
type Step = Pick<NewNode, 'inputs' | 'outputs'> & Partial<Pick<OnnxNode, 'captured'>>;

/** The nodes that some of the tensors come from. */
export function neededNodes<T extends Step>(nodes: readonly T[], names: Iterable<string>): ReadonlySet<Step> {
  const producer = new Map<string, T>();
  for (const node of nodes) for (const name of node.outputs) if (name) producer.set(name, node);
  const needed = new Set<Step>();
  const stack = [...names];
  while (stack.length > 0) {
    const node = producer.get(stack.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    stack.push(...node.inputs, ...(node.captured ?? []));
  }
  return needed;
}
