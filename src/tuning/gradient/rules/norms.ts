/** Gradients of operators that work along an axis: softmax, means, sums, layer norms. g is the gradient of the result. */
import { NoGradient, type Call, type Rule } from './call.ts';

/** Softmax and its logarithm. Before version 13 of ONNX they ran over all axes from the given one on. */
function softmaxAxis(call: Call): number {
  const rank = call.rank(call.y);
  const axis = call.axis(call.integer('axis', call.graph.opset < 13 ? 1 : -1), rank);
  if (call.graph.opset < 13 && axis !== rank - 1) throw new NoGradient(`it runs over the axes ${axis} to ${rank - 1} together`);
  return axis;
}

/** y (g - sum(g y)). */
const softmax: Rule = (call) => {
  const { graph, g, y } = call;
  const along = [softmaxAxis(call)];
  return [graph.add('Mul', [graph.add('Sub', [g, graph.sum(graph.add('Mul', [g, y]), along, true)]), y])];
};

/** g - exp(y) sum(g). */
const logSoftmax: Rule = (call) => {
  const { graph, g, y } = call;
  const along = [softmaxAxis(call)];
  return [graph.add('Sub', [g, graph.add('Mul', [graph.add('Exp', [y]), graph.sum(g, along, true)])])];
};

function reduction(mean: boolean): Rule {
  return (call) => {
    const { graph } = call;
    const x = call.x(0);
    const rank = call.rank(x);
    const given = call.integers('axes', 1) ?? [];
    if (given.length === 0 && call.integer('noop_with_empty_axes', 0) === 1) return [call.g];
    const axes = given.length > 0 ? given.map((axis) => call.axis(axis, rank)).toSorted((a, b) => a - b) : Array.from({ length: rank }, (_, axis) => axis);
    const kept = call.integer('keepdims', 1) === 1 ? call.g : graph.unsqueeze(call.g, axes);
    const scaled = mean ? graph.add('Div', [kept, numbersPerResult(call, axes)]) : kept;
    return [graph.add('Expand', [scaled, graph.shape(x)])];
  };
}

/** How many numbers each mean is of. */
function numbersPerResult({ graph, facts, node }: Call, axes: readonly number[]): string {
  const x = node.inputs[0]!;
  const { fixed } = facts.of(x);
  const sizes = axes.map((axis) => fixed[axis] ?? null);
  if (!sizes.includes(null)) return graph.float(sizes.reduce<number>((product, size) => product * size!, 1));
  const counted = axes.map((axis) => graph.add('Cast', [graph.sizeAlong(x, axis)], { to: { type: 'int', value: 1 } }));
  return counted.reduce((product, size) => graph.add('Mul', [product, size]));
}

/**
 * Gradient of the norm of x: h = (x - mean) / s, s the root of mean((x - mean)^2) + epsilon, without the means for a
 * root-mean-square norm. With u = g times the scale it is (u - mean(u) - h mean(u h)) / s, without mean(u) for the latter.
 */
function ofNorm({ graph }: Call, x: string, g: string, scale: string, axes: readonly number[], epsilon: number, centred: boolean): string {
  const shifted = centred ? graph.add('Sub', [x, graph.mean(x, axes)]) : x;
  const variance = graph.mean(graph.add('Mul', [shifted, shifted]), axes);
  const inverse = graph.add('Reciprocal', [graph.add('Sqrt', [graph.add('Add', [variance, graph.float(epsilon)])])]);
  const h = graph.add('Mul', [shifted, inverse]);
  const u = graph.add('Mul', [g, scale]);
  const along = graph.add('Mul', [h, graph.mean(graph.add('Mul', [u, h]), axes)]);
  const rest = graph.add('Sub', [centred ? graph.add('Sub', [u, graph.mean(u, axes)]) : u, along]);
  return graph.add('Mul', [rest, inverse]);
}

function fixedScale(call: Call, positions: readonly number[]): void {
  if (positions.some((position) => call.wants(position))) throw new NoGradient('its scale or bias is computed from what is trained');
}

function norm(centred: boolean): Rule {
  return (call) => {
    fixedScale(call, [1, 2]);
    const rank = call.rank(call.x(0));
    const first = call.axis(call.integer('axis', -1), rank);
    const axes = Array.from({ length: rank - first }, (_, at) => first + at);
    return [ofNorm(call, call.x(0), call.g, call.x(1), axes, call.number('epsilon', 1e-5), centred)];
  };
}

/** Input, skip and perhaps a bias are added, then normed. The fourth result is the sum. */
function skipNorm(centred: boolean): Rule {
  return (call) => {
    const { graph, node } = call;
    const scale = call.x(2);
    const bias = centred ? 4 : 3;
    fixedScale(call, [2, ...(centred ? [3] : []), bias]);
    const added = (): string => {
      const sum = graph.add('Add', [call.x(0), call.x(1)]);
      return node.inputs[bias] ? graph.add('Add', [sum, call.x(bias)]) : sum;
    };
    const sum = node.outputs[3] || added();
    const axes = [call.rank(call.x(0)) - 1];
    const [normed, , , passed] = call.gradients;
    const throughNorm = normed ? ofNorm(call, sum, normed, scale, axes, call.number('epsilon', 1e-12), centred) : null;
    const whole = throughNorm && passed ? graph.add('Add', [throughNorm, passed]) : (throughNorm ?? passed);
    if (!whole) throw new NoGradient('a result other than the normed states and their sum is used');
    return [call.fit(whole, 0), call.fit(whole, 1)];
  };
}

export const norms: Readonly<Record<string, Rule>> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  ReduceMean: reduction(true),
  ReduceSum: reduction(false),
  LayerNormalization: norm(true),
  SimplifiedLayerNormalization: norm(false),
  RMSNormalization: norm(false),
  'com.microsoft:SkipLayerNormalization': skipNorm(true),
  'com.microsoft:SkipSimplifiedLayerNormalization': skipNorm(false),
};
