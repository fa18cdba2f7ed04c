/** Graphs that could mislead the layer finder, written by hand: experts, inputs that every layer gets, projections, odd widths. */
import { expect, test } from 'vitest';
import { findHiddenStates, type LayerFinding } from '../../src/models/onnx/blocks.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { tinyOnnx, type TinyNode, type TinyWeight } from './tiny-onnx.ts';

const node = (op: string, inputs: readonly string[], ...outputs: readonly string[]): TinyNode => ({ op, inputs, outputs });
const weight = (...dims: readonly number[]): TinyWeight => ({ dims, values: new Float32Array(dims.reduce((size, dim) => size * dim, 1)) });

/** Attention with its residual, from one tensor to another: without projections, the finder reads no weights. */
function attention(from: string, to: string): TinyNode[] {
  const at = (part: string): string => `${to}/${part}`;
  return [
    node('Transpose', [from], at('keys')), node('MatMul', [from, at('keys')], at('scores')), node('Softmax', [at('scores')], at('shares')),
    node('MatMul', [at('shares'), from], at('mixed')), node('Add', [at('mixed'), from], to),
  ];
}

/** A mixture of experts with its residual: the Softmax of the router, and the choice of the largest before or after it. */
function experts(from: string, to: string, chosenFirst: boolean): TinyNode[] {
  const at = (part: string): string => `${to}/${part}`;
  const router = chosenFirst
    ? [node('TopK', [at('scores'), 'two'], at('largest'), at('which')), node('Softmax', [at('largest')], at('shares'))]
    : [node('Softmax', [at('scores')], at('all')), node('TopK', [at('all'), 'two'], at('shares'), at('which'))];
  return [
    node('MatMul', [from, 'router'], at('scores')), ...router,
    node('MatMul', [at('shares'), 'expert'], at('expert')), node('Add', [at('expert'), from], to),
  ];
}

function find(nodes: readonly TinyNode[], layers: number | null, hiddenSize: number | null = null, output = 'last_hidden_state'): LayerFinding {
  const initialisers = { table: weight(10, 8), router: weight(8, 4), expert: weight(2, 8), two: { dims: [1], values: BigInt64Array.of(2n) }, narrow: weight(8, 4), wide: weight(4, 8), gain: weight(8) };
  return findHiddenStates(indexOnnx(tinyOnnx({ nodes: [node('Gather', ['table', 'input_ids'], 'embedded'), ...nodes], initialisers, inputs: ['input_ids'], output }), 'tiny'), layers, hiddenSize);
}

test('the Softmax that weighs experts is no attention, whether the largest are chosen before it or after', () => {
  for (const chosenFirst of [true, false]) {
    const nodes = [...attention('embedded', 'a0'), ...experts('a0', 'h1', chosenFirst), ...attention('h1', 'a1'), ...experts('a1', 'last_hidden_state', chosenFirst)];
    expect(find(nodes, 2, 8)).toEqual({ hiddenStates: ['embedded', 'h1', 'last_hidden_state'], layers: 2, notes: [] });
  }
});

test('embeddings that are scaled or projected first are hidden state 0 as the first block reads them', () => {
  const last = attention('scaled', 'last_hidden_state');
  expect(find([node('Mul', ['embedded', 'gain'], 'scaled'), ...last], 1, 8).hiddenStates[0]).toBe('scaled');
  const projected = [node('MatMul', ['embedded', 'narrow'], 'low'), node('MatMul', ['low', 'wide'], 'scaled')];
  expect(find([...projected, ...last], 1, 8).hiddenStates[0]).toBe('scaled');
});

test('something that every layer gets besides is named, and only the last hidden state is offered', () => {
  const nodes = [
    node('Gather', ['table', 'input_ids'], 'per layer'),
    ...attention('embedded', 'a0'), node('Add', ['a0', 'per layer'], 'h1'), ...attention('h1', 'a1'), node('Add', ['a1', 'per layer'], 'last_hidden_state'),
  ];
  const { hiddenStates, notes } = find(nodes, 2, 8);
  expect(hiddenStates).toEqual(['last_hidden_state']);
  expect(notes.join()).toMatch(/Only the last hidden state .* is offered: .*besides the residual stream per layer, made before the first block, is read again after the last attention/);
});

test('an output that is projected is no hidden state: the last one is taken before it, with a note', () => {
  const nodes = [...attention('embedded', 'a0'), node('Relu', ['a0'], 'h1'), ...attention('h1', 'a1'), node('Relu', ['a1'], 'h2'), node('MatMul', ['h2', 'narrow'], 'last_hidden_state')];
  expect(find(nodes, 2, 8)).toEqual({
    hiddenStates: ['embedded', 'h1', 'h2'], layers: 2,
    notes: ['last_hidden_state is 4 numbers wide and not 8: a projection follows the last layer, which is taken from before it (h2)'],
  });
});

test('a tensor that is not as wide as config.json says is no hidden state', () => {
  const nodes = [...attention('embedded', 'a0'), node('MatMul', ['a0', 'narrow'], 'h1'), ...attention('h1', 'last_hidden_state')];
  expect(find(nodes, 2, 4)).toMatchObject({ hiddenStates: ['last_hidden_state'], notes: [expect.stringMatching(/the tensor embedded is 8 numbers wide but config.json says 4/)] });
  const refused = find([...attention('embedded', 'last_hidden_state')], 1, 4);
  expect(refused.hiddenStates).toEqual([]);
  expect(refused.notes.join()).toMatch(/8 numbers wide/);
});

test('a Dropout that an exporter left hands on its input: that is the hidden state', () => {
  expect(find([node('Dropout', ['embedded', '', 'two'], 'dropped'), ...attention('dropped', 'last_hidden_state')], 1, 8).hiddenStates).toEqual(['embedded', 'last_hidden_state']);
});
