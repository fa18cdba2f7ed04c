/**
 * A causal decoder of two blocks with a cache as the hub's exports have it: past_key_values in, present out, mask and
 * positions fed. Random weights; plain operators only, so that a run may read several tokens behind a cache.
 */
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { concatenate, integerField, messageField } from '../../src/models/onnx/wire.ts';
import { tinyOnnx, type TinyNode, type TinyWeight } from './tiny-onnx.ts';

const d = 8;
const heads = 2;
const size = d / heads;
const blocks = ['0', '1'] as const;
export const decoderVocabulary = 40;

/** config.json that fits it. */
export const decoderConfig = { architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_size: d, num_hidden_layers: 2, num_attention_heads: heads, vocab_size: decoderVocabulary, max_position_embeddings: 64, tie_word_embeddings: true };

/** @param dynamic whether what the feed-forward parts read is rounded to 8 bits by a scale taken from all of it, as dynamic q8 exports do */
export function tinyDecoder({ dynamic = false } = {}): Uint8Array<ArrayBuffer> {
  const stream = new PhiloxStream(11);
  const random = (...dims: readonly number[]): TinyWeight => ({ dims, values: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => 2 * stream.uniform() - 1) });
  const integers = (...values: readonly number[]): TinyWeight => ({ dims: [values.length], values: BigInt64Array.from(values, BigInt) });
  const number = (value: number): TinyWeight => ({ dims: [], values: Float32Array.of(value) });
  const index = (value: number): TinyWeight => ({ dims: [], values: BigInt64Array.of(BigInt(value)) });
  const initialisers: Record<string, TinyWeight> = {
    table: random(decoderVocabulary, d), positions: random(64, d), apart: integers(0, 0, heads, size), together: integers(0, 0, d),
    nought: index(0), one: index(1), two: index(2), axes: integers(1, 2), last: integers(1), low: number(-1e9), none: number(0), zero: integers(0),
  };
  const nodes: TinyNode[] = [];
  const add = (op: string, inputs: readonly string[], output: string, attributes: TinyNode['attributes'] = {}): string => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const rounded = (name: string): string => {
    if (!dynamic) return name;
    const parts = ['q', 'scale', 'zero'].map((part) => `${name} ${part}`);
    nodes.push({ op: 'DynamicQuantizeLinear', inputs: [name], outputs: parts });
    return add('DequantizeLinear', parts, `${name} rounded`);
  };
  add('Add', [add('Gather', ['table', 'input_ids'], 'words'), add('Gather', ['positions', 'position_ids'], 'places')], '0.in');
  // A token sees those before it and itself, and no padding: row i of s new tokens is token T - s + i of all T.
  const all = add('Gather', [add('Shape', ['attention_mask'], 'mask shape'), 'one'], 'all');
  const fresh = add('Gather', [add('Shape', ['input_ids'], 'ids shape'), 'one'], 'fresh');
  const rows = add('Unsqueeze', [add('Range', [add('Sub', [all, fresh], 'past'), all, 'one'], 'row numbers'), 'last'], 'rows');
  const before = add('LessOrEqual', [add('Range', ['nought', all, 'one'], 'columns'), rows], 'before');
  const real = add('Unsqueeze', [add('Cast', ['attention_mask'], 'real', { to: 9 }), 'axes'], 'real columns');
  const bias = add('Where', [add('And', [before, real], 'seen'), 'none', 'low'], 'bias');
  for (const block of blocks) {
    const at = (name: string): string => `${block}.${name}`;
    for (const part of ['q', 'k', 'v', 'o', 'up', 'down']) initialisers[at(part)] = random(d, d);
    const [q, k, v] = ['q', 'k', 'v'].map((part) => add('Transpose', [add('Reshape', [add('MatMul', [at('in'), at(part)], at(`${part}.flat`)), 'apart'], at(`${part}.apart`))], at(`${part}.heads`), { perm: [0, 2, 1, 3] })) as [string, string, string];
    const keys = add('Concat', [`past_key_values.${block}.key`, k], `present.${block}.key`, { axis: 2 });
    const values = add('Concat', [`past_key_values.${block}.value`, v], `present.${block}.value`, { axis: 2 });
    const scores = add('Add', [add('MatMul', [q, add('Transpose', [keys], at('kT'), { perm: [0, 1, 3, 2] })], at('products')), bias], at('scores'));
    const mixed = add('MatMul', [add('Softmax', [scores], at('shares'), { axis: 3 }), values], at('mixed'));
    const joined = add('Reshape', [add('Transpose', [mixed], at('joined'), { perm: [0, 2, 1, 3] }), 'together'], at('flat'));
    const attended = add('Add', [add('MatMul', [joined, at('o')], at('o.out')), at('in')], at('attended'));
    const up = add('Relu', [add('MatMul', [rounded(attended), at('up')], at('up.out'))], at('up.relu'));
    add('Add', [add('MatMul', [up, at('down')], at('down.out')), attended], block === '0' ? '1.in' : 'last_hidden_state');
  }
  add('MatMul', ['last_hidden_state', add('Transpose', ['table'], 'tableT', { perm: [1, 0] })], 'logits');
  const bytes = tinyOnnx({ nodes, initialisers, inputs: ['input_ids', 'attention_mask', 'position_ids'], output: 'logits' });
  const caches = blocks.flatMap((block) => ['key', 'value'].map((part) => `${block}.${part}`));
  const value = (field: number, name: string, tokens: string): number[] => {
    const dims = [messageField(2, 'b'), integerField(1, heads), messageField(2, tokens), integerField(1, size)].flatMap((dim) => messageField(1, dim));
    return messageField(field, [...messageField(1, name), ...messageField(2, messageField(1, [...integerField(1, 1), ...messageField(2, dims)]))]);
  };
  const graph = caches.flatMap((name) => [...value(11, `past_key_values.${name}`, 'past'), ...value(12, `present.${name}`, 'total')]);
  return concatenate(bytes, Uint8Array.from(messageField(7, graph)));
}
