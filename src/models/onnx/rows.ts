/**
 * A language-model head that is computed only where its result is wanted.
 *
 * The head multiplies the states of every token by the whole vocabulary, which costs more than all layers of a small
 * model together. So the rows of the places asked for are gathered before that product: a copy of its node reads them
 * instead, from a GatherND whose indices are one more input of the graph.
 */
import { skip } from './patch.ts';
import type { OnnxIndex, OnnxNode } from './index.ts';
import { weightsByTensor } from './precision.ts';
import { concatenate, integerField, messageField, readVarint, visitFields } from './wire.ts';

/** Input of the graph: int64 [1, places, 2], text and token of each place. */
export const placesInput = 'sensorium_places';
const rowsTensor = 'sensorium_rows';

/** Products of states and a weight whose result for one row does not depend on other rows. */
const productOps = new Set(['MatMul', 'MatMulNBits', 'FusedMatMul']);
/** Between the product and the logits: a bias, a scale, a soft cap, a change of precision. */
const rowOps = new Set(['Add', 'Mul', 'Div', 'Tanh', 'Cast', 'Identity']);

/** The product that makes the logits out of states; null where it is not one that can be computed row by row. */
export function headProduct(index: OnnxIndex, logits: string): OnnxNode | null {
  const producer = new Map<string, OnnxNode>();
  for (const node of index.nodes) for (const name of node.outputs) if (name) producer.set(name, node);
  const weights = weightsByTensor(index);
  const isFixed = (name: string): boolean => (weights.has(name) ? weights.get(name)!.dims.length < 2 : producer.get(name)?.op === 'Constant');
  let node = producer.get(logits);
  // A damaged graph may go round in a circle.
  const seen = new Set<OnnxNode>();
  while (node && rowOps.has(node.op) && !seen.has(node)) {
    seen.add(node);
    const varying: string[] = node.inputs.filter((name) => !isFixed(name));
    node = varying.length === 1 ? producer.get(varying[0]!) : undefined;
  }
  if (!node || !productOps.has(node.op)) return null;
  const states = node.inputs[0]!;
  return weights.has(states) || !producer.has(states) ? null : node;
}

/**
 * The model with the logits of the places fed as {@link placesInput}, 1 x places x vocabulary, in the order of the places.
 * @param bytes the model's, perhaps with other outputs than it had.
 * @param product from {@link headProduct}; its states must be [texts, tokens, size].
 */
export function withRows(bytes: Uint8Array<ArrayBuffer>, product: OnnxNode): Uint8Array<ArrayBuffer> {
  const gather = [...[product.inputs[0]!, placesInput].flatMap((name) => messageField(1, name)), ...messageField(2, rowsTensor), ...messageField(4, 'GatherND')];
  const dims = [integerField(1, 1), messageField(2, 'places'), integerField(1, 2)].flatMap((dim) => messageField(1, dim));
  const input = [...messageField(1, placesInput), ...messageField(2, messageField(1, [...integerField(1, 7), ...messageField(2, dims)]))];
  const graph = [...messageField(1, gather), ...messageField(1, readingRows(bytes, product)), ...messageField(11, input)];
  const patched = concatenate(bytes, Uint8Array.from(messageField(7, graph)));
  skip(patched, product);
  return patched;
}

/** The body of the product's node, reading the gathered rows in place of all states. */
function readingRows(bytes: Uint8Array, product: OnnxNode): number[] {
  const [, afterTag] = readVarint(bytes, product.at);
  const [length, start] = readVarint(bytes, afterTag);
  const body: number[] = [];
  let first = true;
  visitFields(bytes, start, start + length, ({ field, at, end }) => {
    if (field === 1 && first) {
      body.push(...messageField(1, rowsTensor));
      first = false;
    } else body.push(...bytes.subarray(at, end));
  });
  return body;
}
