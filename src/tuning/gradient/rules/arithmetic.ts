/** Gradients of operators that work number by number. y is the result, g the gradient of the loss by y. */
import { NoGradient, type Call, type Rule } from './call.ts';

const float32 = 1;

/** One operand: the gradient of x is g times the derivative. */
function single(derivative: (call: Call) => string): Rule {
  return (call) => [call.graph.add('Mul', [call.g, derivative(call)])];
}

/** Where a condition holds the gradient passes, elsewhere it is 0. */
function passing(call: Call, condition: string): string {
  return call.graph.add('Where', [condition, call.g, call.graph.float(0)]);
}

const passOn: Rule = ({ g }) => [g];

/** Of two operands the one that was chosen gets the gradient; the first where they are equal. */
function chosen(comparison: 'Less' | 'Greater'): Rule {
  return (call) => {
    if (call.node.inputs.length === 1) return [call.g];
    if (call.node.inputs.length !== 2) throw new NoGradient(`it compares ${call.node.inputs.length} tensors; at most two are supported`);
    const second = call.graph.add(comparison, [call.x(1), call.x(0)]);
    return [
      call.fit(() => passing(call, call.graph.add('Not', [second])), 0),
      call.fit(() => passing(call, second), 1),
    ];
  };
}

/** Derivative of x Phi(x), Phi the normal distribution: Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi). */
function geluDerivative({ graph }: Call, x: string): string {
  const phi = graph.add('Mul', [graph.float(0.5), graph.add('Add', [graph.float(1), graph.add('Erf', [graph.add('Mul', [x, graph.float(Math.SQRT1_2)])])])]);
  const density = graph.add('Exp', [graph.add('Mul', [graph.add('Mul', [x, x]), graph.float(-0.5)])]);
  return graph.add('Add', [phi, graph.add('Mul', [x, graph.add('Mul', [density, graph.float(1 / Math.sqrt(2 * Math.PI))])])]);
}

/** Derivative of 0.5 x (1 + t), t = tanh(c (x + 0.044715 x^3)), c = sqrt(2 / pi). */
function tanhGeluDerivative({ graph }: Call, x: string): string {
  const c = Math.sqrt(2 / Math.PI);
  const square = graph.add('Mul', [x, x]);
  const inner = graph.add('Mul', [x, graph.add('Add', [graph.float(c), graph.add('Mul', [square, graph.float(c * 0.044715)])])]);
  const t = graph.add('Tanh', [inner]);
  const slope = graph.add('Add', [graph.float(c), graph.add('Mul', [square, graph.float(3 * c * 0.044715)])]);
  const bend = graph.add('Mul', [graph.add('Mul', [x, slope]), graph.add('Sub', [graph.float(1), graph.add('Mul', [t, t])])]);
  return graph.add('Mul', [graph.float(0.5), graph.add('Add', [graph.add('Add', [graph.float(1), t]), bend])]);
}

/** Derivative of s = sigmoid(k x) times x: s + k x s (1 - s). */
function sigmoidGeluDerivative({ graph }: Call, x: string, k: number): string {
  const kx = graph.add('Mul', [x, graph.float(k)]);
  const s = graph.add('Sigmoid', [kx]);
  return graph.add('Mul', [s, graph.add('Add', [graph.float(1), graph.add('Mul', [kx, graph.add('Sub', [graph.float(1), s])])])]);
}

/** An activation of x, or of x and a bias. */
function activation(derivative: (call: Call, x: string) => string): Rule {
  return (call) => {
    const biased = Boolean(call.node.inputs[1]);
    const gradient = call.graph.add('Mul', [call.g, derivative(call, biased ? call.graph.add('Add', [call.x(0), call.x(1)]) : call.x(0))]);
    return biased ? [call.fit(gradient, 0), call.fit(gradient, 1)] : [gradient];
  };
}

function power(call: Call): readonly (string | null)[] {
  const { graph } = call;
  if (call.wants(1)) throw new NoGradient('its exponent is trained');
  const stated = call.x(1);
  const exponent = call.facts.type(stated) === float32 ? stated : graph.add('Cast', [stated], { to: { type: 'int', value: float32 } });
  const lower = graph.add('Pow', [call.x(0), graph.add('Sub', [exponent, graph.float(1)])]);
  return [call.fit(() => graph.add('Mul', [call.g, graph.add('Mul', [exponent, lower])]), 0)];
}

function clip(call: Call): readonly (string | null)[] {
  const { graph, node } = call;
  const bounds = ([['Less', 1, 'min'], ['Greater', 2, 'max']] as const).flatMap(([comparison, position, name]) => {
    const stated = node.attributes[name];
    const bound = node.inputs[position] || (stated?.type === 'float' ? graph.float(stated.value) : '');
    return bound ? [graph.add('Not', [graph.add(comparison, [call.x(0), bound])])] : [];
  });
  if (bounds.length === 0) return [call.g];
  return [passing(call, bounds.length === 1 ? bounds[0]! : graph.add('And', bounds))];
}

export const arithmetic: Readonly<Record<string, Rule>> = {
  Identity: passOn,
  // Gradients are float32, and so is every tensor that they are of.
  Cast: passOn,
  // In inference, which this graph is for, it hands its input on.
  Dropout: passOn,
  Add: (call) => [call.fit(call.g, 0), call.fit(call.g, 1)],
  Sum: (call) => call.node.inputs.map((_, position) => call.fit(call.g, position)),
  Sub: (call) => [call.fit(call.g, 0), call.fit(() => call.graph.add('Neg', [call.g]), 1)],
  Mul: (call) => [
    call.fit(() => call.graph.add('Mul', [call.g, call.x(1)]), 0),
    call.fit(() => call.graph.add('Mul', [call.g, call.x(0)]), 1),
  ],
  Div: (call) => [
    call.fit(() => call.graph.add('Div', [call.g, call.x(1)]), 0),
    call.fit(() => call.graph.add('Neg', [call.graph.add('Mul', [call.g, call.graph.add('Div', [call.y, call.x(1)])])]), 1),
  ],
  Neg: (call) => [call.graph.add('Neg', [call.g])],
  Pow: power,
  Exp: single(({ y }) => y),
  Log: (call) => [call.graph.add('Div', [call.g, call.x(0)])],
  Sqrt: (call) => [call.graph.add('Div', [call.graph.add('Mul', [call.g, call.graph.float(0.5)]), call.y])],
  Reciprocal: single(({ graph, y }) => graph.add('Neg', [graph.add('Mul', [y, y])])),
  // 2 / sqrt(pi) exp(-x^2).
  Erf: single((call) => call.graph.add('Mul', [call.graph.float(2 / Math.sqrt(Math.PI)), call.graph.add('Exp', [call.graph.add('Neg', [call.graph.add('Mul', [call.x(0), call.x(0)])])])])),
  Tanh: single(({ graph, y }) => graph.add('Sub', [graph.float(1), graph.add('Mul', [y, y])])),
  Sigmoid: single(({ graph, y }) => graph.add('Mul', [y, graph.add('Sub', [graph.float(1), y])])),
  Relu: (call) => [passing(call, call.graph.add('Greater', [call.x(0), call.graph.float(0)]))],
  Gelu: activation((call, x) => (call.text('approximate', 'none') === 'tanh' ? tanhGeluDerivative(call, x) : geluDerivative(call, x))),
  'com.microsoft:Gelu': activation(geluDerivative),
  'com.microsoft:BiasGelu': activation(geluDerivative),
  'com.microsoft:FastGelu': activation(tanhGeluDerivative),
  'com.microsoft:QuickGelu': activation((call, x) => sigmoidGeluDerivative(call, x, call.number('alpha', 1.702))),
  Max: chosen('Greater'),
  Min: chosen('Less'),
  Clip: clip,
  Where: (call) => [
    null,
    call.fit(() => passing(call, call.x(0)), 1),
    call.fit(() => call.graph.add('Where', [call.x(0), call.graph.float(0), call.g]), 2),
  ],
};
