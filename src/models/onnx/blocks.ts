/**
 * Finds the tensors of an ONNX graph that hold the hidden state of every layer, whatever the exporter called them.
 *
 * A transformer's residual stream is a chain: between two blocks everything passes through one tensor. Walking the
 * nodes between the word embeddings and the output in order, such a place is one where a single node's result is still
 * needed: a cut. Cuts part the graph into segments; a block has exactly one segment with attention in it. So hidden
 * state k is the cut just before the k-th attention segment, and the last one lies as far behind its attention segment
 * as the others do, plus the final norm if one follows (Hugging Face convention: 0 = embeddings, last = after the
 * final norm). Seen to hold for TorchScript and dynamo exports, 8- and 4-bit quantisation and ONNX Runtime's fusions.
 */
import type { OnnxIndex, OnnxInitialiser, OnnxNode } from './index.ts';
import { liveNodes, sortNodes } from './live.ts';
import { weightsByTensor } from './precision.ts';

const attentionOps = new Set([
  'Softmax', 'Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'PackedMultiHeadAttention', 'PackedAttention',
  'PagedAttention', 'SparseAttention', 'LinearAttention', 'DecoderMaskedMultiHeadAttention', 'DecoderMaskedSelfAttention',
]);
/** Their results are integers, never a hidden state. */
const integerOps = new Set(['QuantizeLinear', 'DynamicQuantizeLinear', 'MatMulInteger', 'QLinearMatMul', 'ConvInteger']);
/** What a layer norm or RMS norm may be made of. */
const normOps = new Set([
  'LayerNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'RMSNormalization',
  'ReduceMean', 'ReduceSum', 'Sub', 'Pow', 'Add', 'Sqrt', 'Rsqrt', 'Div', 'Mul', 'Reciprocal', 'Cast', 'Identity', 'LpNormalization',
]);

/** A place where one tensor carries everything on. */
interface Cut {
  readonly tensor: string;
  /** Nodes since the cut before, this one included. */
  readonly segment: readonly OnnxNode[];
}

export interface LayerFinding {
  /** Tensor names of hidden states 0..L; only the last one where the layers are in doubt; empty where nothing was found. */
  readonly hiddenStates: readonly string[];
  /** Blocks found. */
  readonly layers: number;
  /** What is in doubt, for the reader. */
  readonly notes: readonly string[];
}

/**
 * Finds the hidden states.
 * @param expectedLayers `num_hidden_layers` of the model's configuration, to check against; null where it says nothing.
 */
export function findHiddenStates(index: OnnxIndex, expectedLayers: number | null): LayerFinding {
  const sink = outputOf(index);
  const cuts = findCuts(index, sink);
  const attention = cuts.flatMap((cut, position) => (cut.segment.some(({ op }) => attentionOps.has(op)) ? [position] : []));
  const layers = attention.length;
  const first = attention[0];
  if (first === undefined || first === 0) {
    return onlyLast(index, cuts, sink, layers, 'no attention was found between the word embeddings and the output');
  }
  if (expectedLayers !== null && layers !== expectedLayers) {
    return onlyLast(index, cuts, sink, layers, `the graph shows ${layers} blocks but config.json says ${expectedLayers}`);
  }
  const last = lastHiddenState(index, cuts, attention, sink);
  if (!last) return onlyLast(index, cuts, sink, layers, 'the end of the last block was not found');
  const notes = expectedLayers === null ? [`config.json does not say how many layers there are; the graph shows ${layers}`] : [];
  const hiddenStates = [...attention.map((position) => cuts[position - 1]!.tensor), last];
  if (new Set(hiddenStates).size !== hiddenStates.length) return onlyLast(index, cuts, sink, layers, 'two layers share one tensor');
  return { hiddenStates, layers, notes };
}

/** The output whose computation passes through all blocks. */
function outputOf(index: OnnxIndex): string {
  const names = index.outputs.map(({ name }) => name);
  const preferred = ['last_hidden_state', 'token_embeddings', 'logits'].find((name) => names.includes(name));
  return preferred ?? names.find((name) => /hidden|logits|prediction/.test(name)) ?? names[0]!;
}

/** Tensors that are a last hidden state by name, as encoders and base models export them. */
function namedLast(index: OnnxIndex): string | null {
  return index.outputs.find(({ name }) => name === 'last_hidden_state' || name === 'token_embeddings')?.name ?? null;
}

function onlyLast(index: OnnxIndex, cuts: readonly Cut[], sink: string, layers: number, why: string): LayerFinding {
  // Without an output of that name: what the last matrix product, the language-model head, reads.
  const head = cuts.findLastIndex(({ segment }) => segment.some(isProduct));
  const last = namedLast(index) ?? (head > 0 && /logits/.test(sink) ? cuts[head - 1]!.tensor : null);
  if (!last) return { hiddenStates: [], layers, notes: [`${why}, and no output is named last_hidden_state`] };
  return { hiddenStates: [last], layers, notes: [`Only the last hidden state (${last}) is offered: ${why}.`] };
}

function lastHiddenState(index: OnnxIndex, cuts: readonly Cut[], attention: readonly number[], sink: string): string | null {
  const named = namedLast(index);
  if (named) return named;
  const end = attention.at(-1)!;
  const before = attention.at(-2);
  let position: number;
  if (before !== undefined) {
    position = end + (end - 1 - before);
  } else {
    // One block only: its feed-forward part is the first segment with a matrix product, if that is not the head.
    position = cuts.findIndex((cut, at) => at > end && cut.segment.some(isProduct));
  }
  if (position < 0 || position >= cuts.length) return null;
  const weights = weightsByTensor(index);
  while (cuts[position]!.tensor !== sink && position + 1 < cuts.length && isNorm(weights, cuts[position + 1]!)) position++;
  return cuts[position]!.tensor;
}

function isProduct({ op }: OnnxNode): boolean {
  return /MatMul|Gemm|QAttention/.test(op);
}

/** Whether a segment is part of a norm: its operations are, and it does not merely scale everything by one number. */
function isNorm(weights: ReadonlyMap<string, OnnxInitialiser>, { segment }: Cut): boolean {
  if (!segment.every(({ op }) => normOps.has(op))) return false;
  const [only, ...others] = segment;
  if (!only || others.length > 0 || (only.op !== 'Mul' && only.op !== 'Div')) return true;
  const factor = only.inputs.map((name) => weights.get(name)).find((weight) => weight !== undefined);
  return !factor || factor.dims.reduce((size, dim) => size * dim, 1) > 1;
}

function findCuts(index: OnnxIndex, sink: string): Cut[] {
  const live = liveNodes(sortNodes(index.nodes), index.inputs.map(({ name }) => name), sink);
  const producer = new Map<string, number>();
  const lastUse = new Map<number, number>();
  const used = new Set<string>([sink]);
  live.forEach((node, position) => {
    for (const name of [...node.inputs, ...node.captured]) {
      const from = producer.get(name);
      if (from === undefined) continue;
      used.add(name);
      lastUse.set(from, position);
    }
    // Of the fused embedding node only the first output is a hidden state; the others describe the mask.
    const outputs = node.op.endsWith('EmbedLayerNormalization') ? node.outputs.slice(0, 1) : node.outputs;
    for (const name of outputs) if (name) producer.set(name, position);
  });
  const expiring = new Map<number, number[]>();
  for (const [from, until] of lastUse) {
    const list = expiring.get(until);
    if (list) list.push(from);
    else expiring.set(until, [from]);
  }
  const cuts: Cut[] = [];
  const open = new Set<number>();
  let start = 0;
  live.forEach((node, position) => {
    for (const expired of expiring.get(position) ?? []) open.delete(expired);
    open.add(position);
    if (open.size !== 1 || integerOps.has(node.op)) return;
    const needed = node.outputs.filter((name) => used.has(name));
    // Output 3 of the fused residual-and-norm node is the residual stream; output 0 is already normed for the next part.
    const stream = /^Skip(Simplified)?LayerNormalization$/.test(node.op) ? node.outputs[3] : undefined;
    const tensor = stream && needed.includes(stream) ? stream : (needed[0] ?? node.outputs[0]);
    if (!tensor) return;
    cuts.push({ tensor, segment: live.slice(start, position + 1) });
    start = position + 1;
  });
  return cuts;
}
