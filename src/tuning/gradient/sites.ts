/**
 * Where low-rank adapters can go: products of activations and a constant weight, with the names that their modules have
 * in PyTorch.
 */
import { readAttributes, readScope } from '../../models/onnx/attributes.ts';
import type { OnnxIndex, OnnxNode } from '../../models/onnx/index.ts';
import { liveNodes, sortNodes } from '../../models/onnx/live.ts';
import { headProduct } from '../../models/onnx/rows.ts';
import type { AdapterSite } from '../adapter.ts';

/** A site, and all products that read its weight: more than one where layers share their weights. */
export interface FoundSite {
  readonly site: AdapterSite;
  readonly nodes: readonly OnnxNode[];
}

export interface SiteFinding {
  readonly sites: readonly FoundSite[];
  /** What was unsure, for the reader. */
  readonly notes: readonly string[];
}

/** Last part of the name of the modules that take adapters by default: query and value, or all three in one. */
const usualParts = new Set(['query', 'value', 'q_proj', 'v_proj', 'q_lin', 'v_lin', 'q', 'v', 'wq', 'wv', 'c_attn', 'query_key_value', 'qkv', 'qkv_proj', 'Wqkv']);
const layerPattern = /(?:^|\.)(?:layers?|h|blocks?|layer_groups)\.(\d+)(?:\.|$)/;
/** Handing a constant on leaves it a constant. */
const constantOps = new Set(['Cast', 'Identity', 'DequantizeLinear', 'Transpose']);

/** Whether adapters go here unless others are chosen: the products that make queries and values, as Hu et al. 2021 do. */
export function isUsualSite({ module, layer }: Pick<AdapterSite, 'module' | 'layer'>): boolean {
  return layer !== null && usualParts.has(module.slice(module.lastIndexOf('.') + 1));
}

/**
 * Finds the sites on the way to a tensor.
 * @param hiddenStates tensors of hidden states 0..L, which tell the blocks apart where names do not.
 * @param sink a hidden state or the logits, whose own product with the vocabulary is no site.
 */
export function findSites(index: OnnxIndex, hiddenStates: readonly string[], sink: string): SiteFinding {
  const sorted = sortNodes(index.nodes);
  const sizes = constantSizes(index, sorted);
  const live = liveNodes(sorted, index.inputs.map(({ name }) => name), sink);
  const blocks = blocksOf(live, hiddenStates);
  const head = headProduct(index, sink);
  const found = new Map<string, { nodes: OnnxNode[]; inputs: number; outputs: number }>();
  for (const node of live) {
    const weight = node.inputs[1] ?? '';
    const dims = sizes.get(weight);
    if (!dims || dims.length !== 2 || node === head || !isPlainProduct(index, node)) continue;
    const known = found.get(weight);
    if (known) known.nodes.push(node);
    else found.set(weight, { nodes: [node], inputs: dims[0]!, outputs: dims[1]! });
  }
  const sites = [...found].map(([weight, { nodes, inputs, outputs }]): FoundSite => {
    const node = nodes[0]!;
    const module = moduleOf(index, node);
    const named = layerPattern.exec(module)?.[1];
    return { nodes, site: { node: node.name || node.outputs[0]!, weight, module, layer: named === undefined ? (blocks.get(node) ?? null) : Number(named), inputs, outputs } };
  });
  return withNames(sites);
}

/** Products y = x W. Gemm may scale, transpose or store W the other way round; then the site would not mean what it says. */
function isPlainProduct(index: OnnxIndex, node: OnnxNode): boolean {
  if (node.op === 'MatMul') return true;
  if (node.op !== 'Gemm') return false;
  const { alpha, transA, transB } = readAttributes(index, node);
  return (alpha?.value ?? 1) === 1 && (transA?.value ?? 0) === 0 && (transB?.value ?? 0) === 0;
}

/** Sizes of the tensors that hold a weight, however it is stored. */
function constantSizes(index: OnnxIndex, sorted: readonly OnnxNode[]): ReadonlyMap<string, readonly number[]> {
  const sizes = new Map<string, readonly number[]>([...index.initialisers.values()].map(({ name, dims }) => [name, dims]));
  for (const node of sorted) {
    const dims = constantOps.has(node.op) ? sizes.get(node.inputs[0]!) : undefined;
    if (!dims) continue;
    const perm = node.op === 'Transpose' ? readAttributes(index, node)['perm'] : undefined;
    const order = perm?.type === 'ints' ? perm.value : dims.map((_, axis) => dims.length - 1 - axis);
    sizes.set(node.outputs[0]!, node.op === 'Transpose' ? order.map((axis) => dims[axis]!) : dims);
  }
  return sizes;
}

/** The name of the module in PyTorch, by what the exporter noted, the weight's name or the node's; '' where none tells. */
function moduleOf(index: OnnxIndex, node: OnnxNode): string {
  const scope = readScope(index, node);
  if (scope) return scope;
  // "bert.encoder.layer.0.attention.self.query.weight", perhaps ".transposed", ".T", or ".MatMul.weight".
  const weight = /^([A-Za-z]\w*(?:\.\w+)+?)(?:\.MatMul)?(?:\.weight)?(?:\.transposed|\.T)?$/.exec(node.inputs[1]!)?.[1];
  if (weight && layerPattern.test(weight)) return weight;
  // "/encoder/layer.0/attention/self/query/MatMul".
  const path = /^\/(.+)\/(?:MatMul|Gemm)(?:_\d+)?$/.exec(node.name)?.[1];
  return path ? path.replaceAll('/', '.') : '';
}

/** The block of each node: the number of the last hidden state that it depends on. None from the last one on. */
function blocksOf(live: readonly OnnxNode[], hiddenStates: readonly string[]): ReadonlyMap<OnnxNode, number> {
  const numbers = new Map(hiddenStates.map((name, number) => [name, number]));
  const reached = new Map<string, number>();
  const blocks = new Map<OnnxNode, number>();
  for (const node of live) {
    const block = Math.max(...node.inputs.map((name) => reached.get(name) ?? -1));
    if (block >= 0 && block < hiddenStates.length - 1) blocks.set(node, block);
    for (const name of node.outputs) reached.set(name, Math.max(block, numbers.get(name) ?? -1));
  }
  return blocks;
}

/** Names the products of blocks whose graph has no names, by their order. */
function withNames(sites: readonly FoundSite[]): SiteFinding {
  const nameless = sites.filter(({ site }) => site.module === '');
  if (nameless.length === 0) return { sites, notes: [] };
  const names = new Map<FoundSite, string>();
  for (const layer of new Set(nameless.map(({ site }) => site.layer))) {
    const here = nameless.filter(({ site }) => site.layer === layer);
    const parts = layer === null ? here.map((_, at) => `product_${at}`) : partsOf(here);
    here.forEach((found, at) => names.set(found, layer === null ? parts[at]! : `layers.${layer}.${parts[at]!}`));
  }
  return {
    sites: sites.map((found) => ({ ...found, site: { ...found.site, module: found.site.module || names.get(found)! } })),
    notes: [`The graph does not name the modules of ${nameless.length} matrix products; they are named by their order within each block, as in most transformers: query, key, value, output, then the feed-forward part.`],
  };
}

/** The products of one block in order: those that read the block's states, the output of attention, the feed-forward part. */
function partsOf(block: readonly FoundSite[]): string[] {
  const reads = (found: FoundSite): string => found.nodes[0]!.inputs[0]!;
  const first = block.filter((found) => reads(found) === reads(block[0]!)).length;
  const attention = first === 3 ? ['query', 'key', 'value'] : first === 1 ? ['qkv'] : null;
  const rest = block.length - first - 1;
  const feed = rest === 2 ? ['up', 'down'] : rest === 3 ? ['gate', 'up', 'down'] : null;
  if (!attention || !feed) return block.map((_, at) => `product_${at}`);
  return [...attention, 'output', ...feed];
}
