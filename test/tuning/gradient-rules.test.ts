/** Every rule of differentiation against differences of the loss, on graphs of a node or two. */
import { expect, test } from 'vitest';
import { gradientError, type SmallGraph, type SmallNode } from './small-graph.ts';

const whole = (...dims: readonly number[]) => (): readonly number[] => dims;
const batch = (...dims: readonly number[]) => (n: number): readonly number[] => [n, ...dims];
/** Batch and tokens both vary. */
const tokens = (...dims: readonly number[]) => (n: number): readonly number[] => [n, n + 1, ...dims];
const integers = (...values: readonly number[]) => ({ dims: [values.length], values, type: 'int64' as const });

/** One node of x; constants are named by their position. */
function unary(op: string, attributes: SmallNode['attributes'] = {}, more: Partial<SmallGraph> = {}): SmallGraph {
  return { nodes: [{ op, inputs: ['x', ...Object.keys(more.constants ?? {})], attributes }], inputs: { x: batch(3, 4) }, ...more };
}

/** One node of x and z. */
function binary(op: string, x: SmallGraph['inputs'][string], z: SmallGraph['inputs'][string], more: Partial<SmallGraph> = {}, attributes: SmallNode['attributes'] = {}): SmallGraph {
  return { nodes: [{ op, inputs: ['x', 'z'], attributes }], inputs: { x, z }, ...more };
}

const scale = { dims: [4], values: [0.5, -1, 2, 1.5] };
const bias = { dims: [4], values: [0.1, 0.2, -0.3, 0.4] };

const cases: Readonly<Record<string, SmallGraph>> = {
  'Add, stretched': binary('Add', tokens(4), whole(4)),
  'Add, both stretched': binary('Add', batch(1, 4), whole(3, 1)),
  'Add of itself': { nodes: [{ op: 'Add', inputs: ['x', 'x'] }], inputs: { x: batch(2) } },
  'Sub, stretched in the middle': binary('Sub', batch(3, 4), batch(1, 4)),
  'Mul, stretched at the end': binary('Mul', tokens(4), tokens(1)),
  'Div, stretched': binary('Div', batch(3, 4), batch(3, 1), { shift: 2 }),
  Sum: { nodes: [{ op: 'Sum', inputs: ['x', 'z', 'x'] }], inputs: { x: batch(3), z: whole(3) } },
  'Pow 3': unary('Pow', {}, { constants: { e: { dims: [], values: [3] } } }),
  'Pow 2, an integer': unary('Pow', {}, { constants: { e: { dims: [], values: [2], type: 'int64' } } }),
  Sqrt: unary('Sqrt', {}, { shift: 2 }),
  Reciprocal: unary('Reciprocal', {}, { shift: 2 }),
  Log: unary('Log', {}, { shift: 2 }),
  'FastGelu with a bias': unary('com.microsoft:FastGelu', {}, { constants: { bias } }),
  'BiasGelu of both': binary('com.microsoft:BiasGelu', batch(3, 4), whole(4)),
  'QuickGelu, alpha given': unary('com.microsoft:QuickGelu', { alpha: 1.5 }),
  'Gelu by tanh, version 20': unary('Gelu', { approximate: 'tanh' }, { opset: 20 }),
  'Gelu, version 20': unary('Gelu', {}, { opset: 20 }),
  'Max of two': binary('Max', batch(3, 4), whole(4)),
  'Min of two': binary('Min', batch(3, 4), whole(4)),
  'Clip with both bounds': unary('Clip', {}, { constants: { low: { dims: [], values: [-0.6] }, high: { dims: [], values: [0.55] } } }),
  'Where, both sides': { nodes: [{ op: 'Greater', inputs: ['x', 'zero'], outputs: ['c'] }, { op: 'Where', inputs: ['c', 'x', 'z'] }], inputs: { x: batch(3, 4), z: whole(4) }, constants: { zero: { dims: [], values: [0] } } },
  'Dropout in inference': unary('Dropout'),
  'Softmax along the middle': unary('Softmax', { axis: 1 }),
  'Softmax before version 13': unary('Softmax', { axis: 2 }, { opset: 11 }),
  LogSoftmax: unary('LogSoftmax'),
  LayerNormalization: unary('LayerNormalization', { epsilon: 0.05 }, { constants: { scale, bias } }),
  'LayerNormalization over two axes': unary('LayerNormalization', { axis: 1, epsilon: 0.1 }, { constants: { scale: { dims: [3, 4], values: Array.from({ length: 12 }, (_, i) => Math.cos(i)) } } }),
  SimplifiedLayerNormalization: unary('SimplifiedLayerNormalization', { epsilon: 0.01 }, { constants: { scale } }),
  'SkipLayerNormalization, its sum used': {
    nodes: [{ op: 'com.microsoft:SkipLayerNormalization', inputs: ['x', 'z', 'scale', 'bias', 'more'], outputs: ['n', '', '', 's'] }, { op: 'Mul', inputs: ['n', 's'] }],
    inputs: { x: batch(3, 4), z: batch(3, 4) }, constants: { scale, bias, more: { dims: [4], values: [1, 0, -1, 0.5] } },
  },
  'SkipLayerNormalization, its sum not given': { nodes: [{ op: 'com.microsoft:SkipLayerNormalization', inputs: ['x', 'z', 'scale', '', 'more'] }], inputs: { x: batch(3, 4), z: batch(3, 4) }, constants: { scale, more: bias } },
  'SkipSimplifiedLayerNormalization with a bias': { nodes: [{ op: 'com.microsoft:SkipSimplifiedLayerNormalization', inputs: ['x', 'z', 'scale', 'bias'], attributes: { epsilon: 0.01 } }], inputs: { x: batch(3, 4), z: batch(3, 4) }, constants: { scale, bias } },
  'SkipSimplifiedLayerNormalization, only its sum used': {
    nodes: [{ op: 'com.microsoft:SkipSimplifiedLayerNormalization', inputs: ['x', 'z', 'scale'], outputs: ['n', '', '', 's'] }, { op: 'Mul', inputs: ['s', 's'] }],
    inputs: { x: batch(3, 4), z: batch(3, 4) }, constants: { scale },
  },
  'RMSNormalization, version 23': unary('RMSNormalization', { epsilon: 0.01 }, { opset: 23, constants: { scale } }),
  'ReduceMean, axes an attribute': unary('ReduceMean', { axes: [-1], keepdims: 0 }),
  'ReduceMean, axes an input': unary('ReduceMean', {}, { opset: 18, constants: { axes: integers(1, 0) } }),
  'ReduceMean over all, of a varying number': unary('ReduceMean', { keepdims: 0 }, { inputs: { x: tokens(2) } }),
  'ReduceSum, axes an attribute': unary('ReduceSum', { axes: [2, 0], keepdims: 0 }, { opset: 11 }),
  'ReduceSum, axes an input': unary('ReduceSum', { keepdims: 0 }, { constants: { axes: integers(1) } }),
  'ReduceSum of none': unary('ReduceSum', { noop_with_empty_axes: 1 }),
  Reshape: unary('Reshape', {}, { constants: { shape: integers(0, 2, -1) } }),
  Flatten: unary('Flatten', { axis: 1 }),
  'Squeeze before version 13': unary('Squeeze', { axes: [1] }, { opset: 11, inputs: { x: batch(1, 4) } }),
  Unsqueeze: unary('Unsqueeze', {}, { constants: { axes: integers(-1) } }),
  'Transpose by default': unary('Transpose'),
  'Transpose, no inverse of itself': unary('Transpose', { perm: [1, 2, 0] }),
  'Slice of a fixed axis': unary('Slice', {}, { constants: { starts: integers(-3), ends: integers(9999), axes: integers(-1) } }),
  'Slice of two fixed axes': unary('Slice', {}, { constants: { starts: integers(1, 0), ends: integers(3, -2), axes: integers(1, 2) } }),
  'Slice of a varying axis': unary('Slice', {}, { constants: { starts: integers(1), ends: integers(2147483647), axes: integers(0) } }),
  'Slice by steps, backwards': unary('Slice', {}, { constants: { starts: integers(3), ends: integers(-99), axes: integers(2), steps: integers(-2) } }),
  'Concat of fixed sizes': binary('Concat', batch(3, 4), batch(2, 4), {}, { axis: 1 }),
  'Concat of varying sizes': binary('Concat', tokens(2), (n) => [n, 2, 2], {}, { axis: 1 }),
  'Concat before version 13, with a constant': { opset: 11, nodes: [{ op: 'Concat', inputs: ['x', 'c'], attributes: { axis: 0 } }], inputs: { x: whole(2, 3) }, constants: { c: { dims: [1, 3], values: [1, 2, 3] } } },
  'Split, one part unused': { nodes: [{ op: 'Split', inputs: ['x', 'sizes'], outputs: ['a', 'b', 'y'], attributes: { axis: 2 } }], inputs: { x: batch(3, 4) }, constants: { sizes: integers(1, 2, 1) } },
  'Split before version 13': { opset: 11, nodes: [{ op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: -1, split: [1, 3] } }, { op: 'Mul', inputs: ['a', 'b'] }], inputs: { x: batch(3, 4) } },
  'Gather of one': unary('Gather', { axis: 1 }, { constants: { i: { dims: [], values: [-1], type: 'int64' } } }),
  'Gather of several': unary('Gather', { axis: 2 }, { opset: 11, constants: { i: integers(3, 0) } }),
  'Gather of the same twice': unary('Gather', { axis: 0 }, { constants: { i: integers(1, 1, 0) } }),
  GatherElements: unary('GatherElements', { axis: 1 }, { inputs: { x: whole(2, 3) }, constants: { i: { dims: [2, 1], values: [2, 0], type: 'int64' } } }),
  'GatherND, the same twice': unary('GatherND', {}, { constants: { i: { dims: [3, 2], values: [0, 1, 1, 2, 0, 1], type: 'int64' } } }),
  Expand: unary('Expand', {}, { inputs: { x: batch(1, 4) }, constants: { shape: integers(2, 1, 3, 1) } }),
  'MatMul of batches': binary('MatMul', batch(2, 3, 4), batch(2, 4, 2)),
  'MatMul of stretched batches': binary('MatMul', batch(2, 3, 4), batch(1, 4, 2)),
  'MatMul with rows of one number': binary('MatMul', batch(2, 1), batch(1, 3)),
  'MatMul by a matrix': binary('MatMul', tokens(4), whole(4, 3)),
  'MatMul of a matrix by batches': binary('MatMul', whole(3, 4), batch(4, 2)),
  'MatMul of two matrices': binary('MatMul', batch(4), whole(4, 1)),
  'FusedMatMul, both transposed': binary('com.microsoft:FusedMatMul', batch(4, 3), batch(2, 4), {}, { transA: 1, transB: 1, alpha: 0.3 }),
  'FusedMatMul by a transposed matrix': binary('com.microsoft:FusedMatMul', tokens(4), whole(3, 4), {}, { transB: 1 }),
  'FusedMatMul, the first transposed, by a matrix': binary('com.microsoft:FusedMatMul', batch(4, 3), whole(4, 2), {}, { transA: 1 }),
  ...Object.fromEntries([[0, 0], [0, 1], [1, 0], [1, 1]].map(([transA, transB]): [string, SmallGraph] => [
    `Gemm, transposed ${transA} ${transB}`,
    {
      nodes: [{ op: 'Gemm', inputs: ['x', 'z', 'c'], attributes: { transA: transA!, transB: transB!, alpha: 0.7, beta: 1.5 } }],
      inputs: { x: transA ? (n) => [4, n] : batch(4), z: transB ? whole(3, 4) : whole(4, 3), c: whole(3) },
    },
  ])),
};

for (const op of ['Neg', 'Exp', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'Identity', 'Softmax', 'com.microsoft:Gelu', 'com.microsoft:FastGelu', 'com.microsoft:QuickGelu']) {
  test(`gradient of ${op}`, async () => {
    expect(await gradientError(unary(op))).toBeLessThan(2e-3);
  });
}

for (const [name, graph] of Object.entries(cases)) {
  test(`gradient of ${name}`, async () => {
    expect(await gradientError(graph)).toBeLessThan(2e-3);
  });
}

const refused: readonly (readonly [string, SmallGraph])[] = [
  ['node the Det: gradients must pass through it, but its operator Det has no rule for them. Choose another export', unary('Det', {}, { inputs: { x: batch(3, 3) } })],
  ['its operator Gelu of made.up has no rule', unary('made.up:Gelu')],
  ['Choose an export whose attention is written in plain operators', unary('com.microsoft:Attention')],
  ['Choose the fp32 export', unary('com.microsoft:MatMulNBits')],
  ['its operator Cast cannot be differentiated here: its result is float16. Choose an export that computes in float32', { nodes: [{ op: 'Cast', inputs: ['x'], outputs: ['h'], attributes: { to: 10 } }, { op: 'Cast', inputs: ['h'], attributes: { to: 1 } }], inputs: { x: batch(2) } }],
  ['its indices vary or repeat, which ONNX before version 16', unary('Gather', {}, { opset: 11, constants: { i: integers(0, 0) } })],
  ['it runs over the axes 1 to 2 together', unary('Softmax', {}, { opset: 11 })],
  ['one of its operands is a vector', binary('MatMul', batch(4), whole(4))],
  ['its exponent is trained', binary('Pow', batch(3), whole(3), { shift: 2 })],
  ['it is written in version 10 of ONNX; gradients need version 11', unary('Relu', {}, { opset: 10 })],
];

for (const [words, graph] of refused) {
  test(`refused: ${words}`, async () => {
    await expect(gradientError(graph)).rejects.toThrow(words);
  });
}
