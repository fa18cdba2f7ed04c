/**
 * A transformer of two post-norm blocks and a masked-LM head with tied embeddings, random weights: a real graph, small
 * enough to write byte by byte. Without a mask: feed texts of one length.
 */
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { tinyOnnx, type TinyGraph, type TinyNode, type TinyWeight } from './tiny-onnx.ts';

export const d = 8;
export const vocabulary = 40;

export interface TransformerShape {
  /**
   * How matrices are stored: as float32, as float32 of values that float16 holds too ('rounded'), or as float16 behind
   * casts to float32 ('cast').
   */
  readonly weights: 'full' | 'rounded' | 'cast';
  /** 'logits' leaves last_hidden_state an inner tensor. */
  readonly outputs: readonly ('last_hidden_state' | 'logits')[];
}

/** The weights in full. */
export function transformerWeights(): Record<string, { dims: readonly number[]; values: Float32Array<ArrayBuffer> }> {
  const stream = new PhiloxStream(7);
  const random = (...dims: readonly number[]) => ({ dims, values: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => 2 * stream.uniform() - 1) });
  const weights: Record<string, { dims: readonly number[]; values: Float32Array<ArrayBuffer> }> = { table: random(vocabulary, d) };
  for (const block of ['0', '1']) {
    for (const part of ['q', 'k', 'v', 'o']) weights[`${block}.${part}`] = random(d, d);
    weights[`${block}.up`] = random(d, 2 * d);
    weights[`${block}.down`] = random(2 * d, d);
    for (const norm of ['attended', 'norm']) weights[`${block}.${norm}.weight`] = random(d);
  }
  weights['head.dense'] = random(d, d);
  weights['head.norm.weight'] = random(d);
  weights['head.bias'] = random(vocabulary);
  return weights;
}

/** Serialises the model: hidden states `0.in`, `1.in` and `last_hidden_state`. */
export function tinyTransformer(shape: TransformerShape): Uint8Array<ArrayBuffer> {
  return tinyOnnx({ ...transformerGraph(shape.weights), inputs: ['input_ids'], output: shape.outputs });
}

/**
 * The same model as exporters merge it: an `If` whose else branch is the model and whose other branch, with a cache,
 * would give other logits. Weights lie outside but for one of a branch of its own.
 */
export function mergedTransformer(): Uint8Array<ArrayBuffer> {
  const { nodes, initialisers } = transformerGraph('full');
  const { [inner]: own, ...outer } = initialisers;
  const plain: TinyGraph = {
    nodes: [...nodes, { op: 'Unsqueeze', inputs: ['0.k.out', 'one'], outputs: ['plain key'] }],
    initialisers: { [inner]: own! },
    outputs: ['logits', 'plain key'],
  };
  const cached: TinyGraph = {
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['cached.in'] },
      { op: 'Transpose', inputs: ['table'], outputs: ['cached.tableT'], attributes: { perm: [1, 0] } },
      { op: 'MatMul', inputs: ['cached.in', 'cached.tableT'], outputs: ['cached.logits'] },
      { op: 'Identity', inputs: ['past_key_values.0.key'], outputs: ['cached.key'] },
    ],
    outputs: ['cached.logits', 'cached.key'],
  };
  return tinyOnnx({
    nodes: [{ op: 'If', inputs: ['use_cache_branch'], outputs: ['logits', 'present.0.key'], graphs: { then_branch: cached, else_branch: plain } }],
    initialisers: { ...outer, one: { dims: [1], values: BigInt64Array.of(1n) } },
    inputs: ['input_ids', { name: 'past_key_values.0.key', dtype: 1, dims: ['batch_size', 1, 'past_sequence_length', d] }, { name: 'use_cache_branch', dtype: 9, dims: [1] }],
    output: ['logits', 'present.0.key'],
  });
}

/** The weight that {@link mergedTransformer} keeps inside a branch. */
const inner = '1.down';

function transformerGraph(weights: TransformerShape['weights']): { nodes: readonly TinyNode[]; initialisers: Readonly<Record<string, TinyWeight>> } {
  const initialisers: Record<string, TinyWeight> = {};
  const casts: TinyNode[] = [];
  for (const [name, { dims, values }] of Object.entries(transformerWeights())) {
    if (weights === 'full' || dims.length < 2) initialisers[name] = { dims, values };
    else if (weights === 'rounded') initialisers[name] = { dims, values: new Float32Array(new Float16Array(values)) };
    else {
      initialisers[`${name}.half`] = { dims, values: new Float16Array(values) };
      casts.push({ op: 'Cast', inputs: [`${name}.half`], outputs: [name], attributes: { to: 1 } });
    }
  }
  const nodes: TinyNode[] = [...casts, { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['0.in'] }];
  const add = (op: string, inputs: readonly string[], output: string, attributes: TinyNode['attributes'] = {}): string => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  for (const [block, output] of [['0', '1.in'], ['1', 'last_hidden_state']] as const) {
    const at = (name: string): string => `${block}.${name}`;
    const [q, k, v] = ['q', 'k', 'v'].map((part) => add('MatMul', [at('in'), at(part)], at(`${part}.out`))) as [string, string, string];
    const scores = add('MatMul', [q, add('Transpose', [k], at('kT'), { perm: [0, 2, 1] })], at('scores'));
    const mixed = add('MatMul', [add('Softmax', [scores], at('shares'), { axis: 2 }), v], at('mixed'));
    const attended = add('Add', [add('MatMul', [mixed, at('o')], at('o.out')), at('in')], at('attended'));
    const normed = add('LayerNormalization', [attended, at('attended.weight')], at('attended.out'));
    const up = add('Relu', [add('MatMul', [normed, at('up')], at('up.out'))], at('up.relu'));
    const sum = add('Add', [add('MatMul', [up, at('down')], at('down.out')), normed], at('sum'));
    add('LayerNormalization', [sum, at('norm.weight')], output);
  }
  const dense = add('Relu', [add('MatMul', ['last_hidden_state', 'head.dense'], 'head.dense.out')], 'head.relu');
  const product = add('MatMul', [add('LayerNormalization', [dense, 'head.norm.weight'], 'head.norm'), add('Transpose', ['table'], 'tableT', { perm: [1, 0] })], 'head.product');
  add('Add', [product, 'head.bias'], 'logits');
  return { nodes, initialisers };
}

/** config.json that fits it. */
export const transformerConfig = { architectures: ['BertForMaskedLM'], model_type: 'bert', hidden_size: d, num_hidden_layers: 2, vocab_size: vocabulary, tie_word_embeddings: true };
