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
import { attentionNodes } from './attention.ts';
import type { OnnxIndex, OnnxInitialiser, OnnxNode } from './index.ts';
import { liveNodes, sortNodes } from './live.ts';
import { weightsByTensor } from './precision.ts';
import { lastSizes } from './widths.ts';

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
 * @param hiddenSize numbers per token, to check against where the graph tells them; null leaves them unchecked.
 */
export function findHiddenStates(index: OnnxIndex, expectedLayers: number | null, hiddenSize: number | null = null): LayerFinding {
  const graph = readGraph(index, hiddenSize);
  const { cuts } = graph;
  const attention = cuts.flatMap(({ segment }, position) => (segment.some((node) => graph.attention.has(node)) ? [position] : []));
  const layers = attention.length;
  const first = attention[0];
  if (first === undefined) return onlyLast(graph, layers, 'no attention was found between the word embeddings and the output');
  if (first === 0) return onlyLast(graph, layers, `the blocks cannot be told apart${throughout(graph)}`);
  if (expectedLayers !== null && layers !== expectedLayers) {
    return onlyLast(graph, layers, `the graph shows ${layers} ${layers === 1 ? 'block' : 'blocks'} but config.json says ${expectedLayers}${layers < expectedLayers ? throughout(graph) : ''}`);
  }
  const last = lastHiddenState(graph, attention);
  if (!last) return onlyLast(graph, layers, 'the end of the last block was not found');
  const notes = expectedLayers === null ? [`config.json does not say how many layers there are; the graph shows ${layers}`] : [];
  const named = namedLast(index);
  if (named && named !== last) notes.push(`${named} is ${graph.sizes.get(named)} numbers wide and not ${hiddenSize}: a projection follows the last layer, which is taken from before it (${last})`);
  const hiddenStates = [...attention.map((position) => cuts[position - 1]!.tensor), last];
  if (new Set(hiddenStates).size !== hiddenStates.length) return onlyLast(graph, layers, 'two layers share one tensor');
  const odd = hiddenStates.find((name) => !fits(graph, name));
  if (odd) return onlyLast(graph, layers, `the tensor ${odd} is ${graph.sizes.get(odd)} numbers wide but config.json says ${hiddenSize}`);
  return { hiddenStates, layers, notes };
}

/** What the finder knows of a graph. */
interface Graph {
  readonly index: OnnxIndex;
  readonly sink: string;
  /** Nodes between the word embeddings and the output, in order. */
  readonly live: readonly OnnxNode[];
  readonly cuts: readonly Cut[];
  readonly attention: ReadonlySet<OnnxNode>;
  /** Last dimension of tensors, where the graph tells it. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly hiddenSize: number | null;
}

function readGraph(index: OnnxIndex, hiddenSize: number | null): Graph {
  const sink = outputOf(index);
  const sorted = sortNodes(index.nodes);
  const live = liveNodes(sorted, index.inputs.map(({ name }) => name), sink);
  return { index, sink, live, cuts: findCuts(live, sink), attention: attentionNodes(live), sizes: lastSizes(index, sorted), hiddenSize };
}

/** Whether a tensor is as wide as a hidden state, as far as the graph tells. */
function fits({ sizes, hiddenSize }: Graph, name: string): boolean {
  const size = sizes.get(name);
  return size === undefined || hiddenSize === null || size === hiddenSize;
}

/** Names the tensors that are read by the first and by the last attention or after it: no block stands alone because of them. */
function throughout({ live, attention }: Graph): string {
  const places = live.flatMap((node, position) => (attention.has(node) ? [position] : []));
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined || first === last) return '';
  const made = new Set(live.slice(0, first).flatMap(({ outputs }) => outputs.filter((name) => name !== '')));
  const read = new Set(live.slice(last).flatMap(({ inputs, captured }) => [...inputs, ...captured]));
  const names = [...made].filter((name) => read.has(name));
  if (names.length === 0) return '';
  return `: besides the residual stream ${names.slice(0, 2).join(' and ')}${names.length > 2 ? ` and ${names.length - 2} more` : ''}, made before the first block, ${names.length === 1 ? 'is' : 'are'} read again after the last attention, as by inputs that every layer gets`;
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

function onlyLast(graph: Graph, layers: number, why: string): LayerFinding {
  const { index, cuts, sink } = graph;
  // Without an output of that name: what the last matrix product, the language-model head, reads.
  const head = cuts.findLastIndex(({ segment }) => segment.some(isProduct));
  const last = namedLast(index) ?? (head > 0 && /logits/.test(sink) ? cuts[head - 1]!.tensor : null);
  if (!last) return { hiddenStates: [], layers, notes: [`${why}, and no output is named last_hidden_state`] };
  if (!fits(graph, last)) return { hiddenStates: [], layers, notes: [`${why}, and the last tensor that could be one (${last}) is ${graph.sizes.get(last)} numbers wide, not ${graph.hiddenSize}`] };
  return { hiddenStates: [last], layers, notes: [`Only the last hidden state (${last}) is offered: ${why}.`] };
}

function lastHiddenState(graph: Graph, attention: readonly number[]): string | null {
  const { index, cuts, sink } = graph;
  const named = namedLast(index);
  if (named && fits(graph, named)) return named;
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

function findCuts(live: readonly OnnxNode[], sink: string): Cut[] {
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
    // Some exporters leave a Dropout that counts as training; as an output it would be computed, and not left out.
    const plain = node.op === 'Dropout' ? node.inputs[0] : undefined;
    const tensor = plain ?? (stream && needed.includes(stream) ? stream : (needed[0] ?? node.outputs[0]));
    if (!tensor) return;
    cuts.push({ tensor, segment: live.slice(start, position + 1) });
    start = position + 1;
  });
  return cuts;
}
