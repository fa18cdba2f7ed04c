/**
 * A change to an ONNX file that touches a few bytes: which tensors the graph gives back.
 *
 * Protobuf merges repeated occurrences of a message field, so outputs are added by appending one more `graph` field
 * that holds only them. Outputs are taken away by turning the tag of their field into one that onnx.proto reserves:
 * readers skip it, and the runtime then leaves out what only they needed (a language-model head, a key-value cache).
 */
import { Problem } from '../../base/problem.ts';
import type { OnnxIndex } from './index.ts';
import { concatenate, messageField } from './wire.ts';

/** GraphProto.output, length-delimited. */
const outputTag = (12 << 3) | 2;
/** GraphProto reserves 9; length-delimited. */
const skippedTag = (9 << 3) | 2;

/**
 * The model with exactly these outputs.
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
    if (wanted.has(name)) continue;
    if (bytes[at] !== outputTag) throw new Error(`output ${name} does not begin with its tag`);
    bytes[at] = skippedTag;
  }
  return bytes;
}
