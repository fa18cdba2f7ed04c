/** Gradients of operators that move numbers without changing them: the gradient goes back where its number came from. */
import type { Attributes } from '../../../models/onnx/attributes.ts';
import { int } from '../writer.ts';
import { NoGradient, type Call, type Rule } from './call.ts';

/** The same numbers in the same order. */
const reordered: Rule = (call) => [call.graph.reshapeLike(call.g, call.x(0))];

const transpose: Rule = (call) => {
  const rank = call.rank(call.x(0));
  const perm = call.integers('perm', Infinity) ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse: number[] = [];
  perm.forEach((from, to) => {
    inverse[from] = to;
  });
  return [call.graph.transpose(call.g, inverse)];
};

/** Sizes of tensors along an axis as one int64 vector, constant where they belong to the model. */
function sizesAlong({ graph, facts }: Call, tensors: readonly string[], axis: number): string {
  const fixed = tensors.map((tensor) => facts.of(tensor).fixed[axis] ?? null);
  if (!fixed.includes(null)) return graph.integers(fixed as number[]);
  return graph.add('Concat', tensors.map((tensor) => graph.sizeAlong(tensor, axis)), { axis: int(0) });
}

const concat: Rule = (call) => {
  const { graph, facts, node } = call;
  const axis = call.axis(call.integer('axis', 0), call.rank(call.y));
  const outputs = node.inputs.map((_, position) => graph.result(`part.${position}`));
  if (graph.opset >= 13) graph.addAll('Split', [call.g, sizesAlong(call, node.inputs, axis)], outputs, { axis: int(axis) });
  else {
    const sizes = node.inputs.map((tensor) => facts.of(tensor).fixed[axis] ?? null);
    if (sizes.includes(null)) throw new NoGradient('the sizes of its parts vary with the batch, which ONNX before version 13 cannot split again');
    graph.addAll('Split', [call.g], outputs, { axis: int(axis), split: { type: 'ints', value: sizes as number[] } });
  }
  return outputs;
};

const split: Rule = (call) => {
  const { graph, node } = call;
  const axis = call.axis(call.integer('axis', 0), call.rank(call.x(0)));
  const parts = node.outputs.map((output, position) => call.gradients[position] ?? graph.zerosLike(output));
  return [graph.add('Concat', parts, { axis: int(axis) })];
};

const expand: Rule = (call) => [call.fit(call.g, 0)];

/**
 * Puts the slices of g along an axis at positions of zeros of the shape of x.
 * @param positions int64, one per slice along the axis, none twice unless they `repeat`.
 */
function scatter(call: Call, g: string, positions: string, axis: number, repeat: boolean): string {
  const { graph } = call;
  const x = call.x(0);
  const others = Array.from({ length: call.rank(x) }, (_, at) => at).filter((at) => at !== axis);
  const spread = others.length > 0 ? graph.unsqueeze(positions, others) : positions;
  const full = graph.add('Expand', [spread, graph.shape(g)]);
  return graph.add('ScatterElements', [graph.zerosLike(x), full, g], { axis: int(axis), ...(repeat ? { reduction: { type: 'text', value: 'add' } } : {}) });
}

const gather: Rule = (call) => {
  const { graph, facts } = call;
  const [x, indices] = [call.x(0), call.x(1)];
  const rank = call.rank(x);
  const axis = call.axis(call.integer('axis', 0), rank);
  const of = call.rank(indices);
  if (of > 1) throw new NoGradient(`its indices have ${of} axes; at most one is supported`);
  const { values } = facts.of(indices);
  const distinct = values !== null && new Set(values).size === values.length;
  if (!distinct && graph.opset < 16) throw new NoGradient('its indices vary or repeat, which ONNX before version 16 cannot add up');
  const g = of === 0 ? graph.unsqueeze(call.g, [axis]) : call.g;
  const positions = graph.add('Cast', [of === 0 ? graph.unsqueeze(indices, [0]) : indices], { to: int(7) });
  return [scatter(call, g, positions, axis, !distinct)];
};

const slice: Rule = (call) => {
  const { graph, facts } = call;
  const x = call.x(0);
  const rank = call.rank(x);
  const { fixed, dims } = facts.of(x);
  const begins = call.integers('starts', 1);
  if (!begins) throw new NoGradient('where it begins is not stated');
  const axes = (call.integers('axes', 3) ?? begins.map((_, at) => at)).map((axis) => call.axis(axis, rank));
  const steps = call.integers('steps', 4) ?? begins.map(() => 1);
  // Along axes of fixed size, whole pieces are put back by padding.
  if (axes.every((axis) => fixed[axis] !== null) && steps.every((step) => step === 1)) {
    const before: number[] = dims.map(() => 0);
    const after: number[] = dims.map(() => 0);
    axes.forEach((axis, at) => {
      const size = dims[axis]!;
      const begin = begins[at]! < 0 ? Math.max(0, begins[at]! + size) : Math.min(begins[at]!, size);
      before[axis] = begin;
      after[axis] = size - begin - facts.of(call.y).dims[axis]!;
    });
    return [graph.add('Pad', [call.g, graph.integers([...before, ...after])])];
  }
  if (axes.length !== 1) throw new NoGradient('it cuts along several axes whose sizes vary with the batch');
  // The positions that it picked: the same slice of 0, 1, 2, ...
  const axis = axes[0]!;
  const counted = graph.add('Range', [graph.integer(0), graph.squeeze(graph.sizeAlong(x, axis), [0]), graph.integer(1)]);
  const ends = call.integers('ends', 2);
  if (!ends) throw new NoGradient('where it ends is not stated');
  const positions = graph.add('Slice', [counted, graph.integers(begins), graph.integers(ends), graph.integers([0]), graph.integers(steps)]);
  return [scatter(call, call.g, positions, axis, false)];
};

const gatherElements: Rule = (call) => {
  const { graph, facts } = call;
  const x = call.x(0);
  const axis = call.axis(call.integer('axis', 0), call.rank(x));
  if (facts.of(call.x(1)).fixed[axis] !== 1) throw new NoGradient('it picks several elements along its axis');
  return [graph.add('ScatterElements', [graph.zerosLike(x), call.x(1), call.g], { axis: int(axis) })];
};

const gatherNd: Rule = (call) => {
  const { graph } = call;
  if (call.integer('batch_dims', 0) !== 0) throw new NoGradient('it gathers within batches');
  // The places that we ask for are never the same twice; those of a model may be.
  const ours = call.graph.typeOf(call.x(1)) !== undefined;
  if (!ours && graph.opset < 16) throw new NoGradient('its places may repeat, which ONNX before version 16 cannot add up');
  const attributes: Attributes = ours ? {} : { reduction: { type: 'text', value: 'add' } };
  return [graph.add('ScatterND', [graph.zerosLike(call.x(0)), call.x(1), call.g], attributes)];
};

export const shapes: Readonly<Record<string, Rule>> = {
  Reshape: reordered,
  Flatten: reordered,
  Squeeze: reordered,
  Unsqueeze: reordered,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
};
