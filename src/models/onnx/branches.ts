/**
 * Merged decoders: exporters put a decoder without a cache and one that reads a cache into one file, as the two branches
 * of a single `If` on the input `use_cache_branch`; both read the weights outside. Here the branch without a cache takes
 * the place of the `If`, so that everything else sees a plain graph. Its fields are moved as bytes, no weight is decoded.
 */
import { Problem } from '../../base/problem.ts';
import { indexOnnx, type OnnxIndex, type OnnxNode } from './index.ts';
import { skipField } from './patch.ts';
import { concatenate, readText, readVarint, varint, visitFields, type WireField } from './wire.ts';
import { nodeField } from './write.ts';

const condition = 'use_cache_branch';

/** GraphProto.input, length-delimited. */
const inputTag = (11 << 3) | 2;

/** Fields of a branch that become fields of the graph: nodes, initialisers, value infos, annotations, sparse initialisers. */
const movedFields = new Set([1, 5, 13, 14, 15]);

/** The branch that stands for a node. */
interface Branch {
  readonly node: OnnxNode;
  readonly body: WireField;
}

/**
 * The model without its cache branch; the same index where there is no such branch. Inputs that only the other branch
 * read (the cache) are gone.
 * @throws Problem `onnx-branches` where the branch uses a name that the graph has already.
 */
export function withoutCacheBranch(index: OnnxIndex): OnnxIndex {
  const branches = index.nodes.flatMap((node) => branchOf(index, node) ?? []);
  if (branches.length === 0) return index;
  const { bytes, file } = index;
  const parts: Uint8Array[] = [];
  visitFields(bytes, 0, bytes.length, (model) => {
    if (model.field !== 7) parts.push(bytes.subarray(model.at, model.end));
    else {
      const graph = graphParts(bytes, model, branches);
      const length = graph.reduce((sum, part) => sum + part.length, 0);
      parts.push(Uint8Array.from([...varint(7 * 8 + 2), ...varint(length)]), ...graph);
    }
  });
  const plain = indexOnnx(concatenate(...parts), file);
  checkNames(plain);
  return withoutUnreadCaches(plain);
}

/** The branch of an `If` that is taken when no cache is used; null for other nodes. */
function branchOf(index: OnnxIndex, node: OnnxNode): Branch | null {
  if (node.op !== 'If') return null;
  const producer = new Map(index.nodes.flatMap((other) => other.outputs.map((name): [string, OnnxNode] => [name, other])));
  let tensor = node.inputs[0];
  // What the condition is when use_cache_branch is false.
  let value = false;
  // A damaged graph may go round in a circle.
  const seen = new Set<OnnxNode>();
  while (tensor !== undefined && tensor !== condition) {
    const from = producer.get(tensor);
    if (!from || seen.has(from) || !['Cast', 'Identity', 'Squeeze', 'Reshape', 'Not'].includes(from.op)) return null;
    seen.add(from);
    if (from.op === 'Not') value = !value;
    [tensor] = from.inputs;
  }
  if (tensor === undefined) return null;
  const wanted = value ? 'then_branch' : 'else_branch';
  let body: WireField | null = null;
  const { start, end } = nodeBody(index.bytes, node);
  visitFields(index.bytes, start, end, (part) => {
    if (part.field !== 5) return;
    let name = '';
    let graph: WireField | null = null;
    visitFields(index.bytes, part.start, part.end, (item) => {
      if (item.field === 1) name = readText(index.bytes, item);
      else if (item.field === 6 && item.wire === 2) graph = item;
    });
    if (name === wanted) body = graph;
  });
  return body ? { node, body } : null;
}

function nodeBody(bytes: Uint8Array, node: OnnxNode): { readonly start: number; readonly end: number } {
  const [, afterTag] = readVarint(bytes, node.at);
  const [length, start] = readVarint(bytes, afterTag);
  return { start, end: start + length };
}

/** The graph's fields, each branch in the place of its node. */
function graphParts(bytes: Uint8Array, graph: WireField, branches: readonly Branch[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  visitFields(bytes, graph.start, graph.end, (part) => {
    const branch = part.field === 1 ? branches.find(({ node }) => node.at === part.at) : undefined;
    if (!branch) {
      parts.push(bytes.subarray(part.at, part.end));
      return;
    }
    const results: string[] = [];
    visitFields(bytes, branch.body.start, branch.body.end, (item) => {
      if (movedFields.has(item.field)) parts.push(bytes.subarray(item.at, item.end));
      else if (item.field === 12) results.push(nameOf(bytes, item));
    });
    branch.node.outputs.forEach((output, place) => {
      const result = results[place];
      if (!output || !result || output === result) return;
      parts.push(Uint8Array.from(nodeField({ name: '', op: 'Identity', domain: '', inputs: [result], outputs: [output], attributes: {} })));
    });
  });
  return parts;
}

/** ValueInfoProto.name. */
function nameOf(bytes: Uint8Array, value: WireField): string {
  let name = '';
  visitFields(bytes, value.start, value.end, (part) => {
    if (part.field === 1) name = readText(bytes, part);
  });
  return name;
}

function checkNames({ nodes, inputs, initialisers, file }: OnnxIndex): void {
  const names = new Set([...inputs.map(({ name }) => name), ...initialisers.keys()]);
  for (const { outputs } of nodes) {
    for (const name of outputs) {
      if (!name) continue;
      if (names.has(name)) {
        throw new Problem({
          code: 'onnx-branches',
          place: file,
          what: `its branch without a cache makes a tensor ${name}, and so does the graph around it`,
          fix: 'Use the export without a cache (decoder_model.onnx or model.onnx).',
        });
      }
      names.add(name);
    }
  }
}

/** Without the inputs that nothing reads now: the caches, and the switch between the branches. */
function withoutUnreadCaches(index: OnnxIndex): OnnxIndex {
  const read = new Set(index.nodes.flatMap(({ inputs, captured }) => [...inputs, ...captured]));
  const unread = index.inputs.filter(({ name }) => !read.has(name) && (name === condition || name.startsWith('past_')));
  if (unread.length === 0) return index;
  // The bytes are our own copy.
  for (const { at } of unread) skipField(index.bytes, at, inputTag);
  return indexOnnx(index.bytes, index.file);
}
