/**
 * Reverse-mode differentiation of an ONNX graph, as a change of the graph: for every node between what is trained and
 * the loss, nodes are added that carry the gradient of the loss from the node's results to its inputs.
 *
 * Griewank and Walther, Evaluating Derivatives (2008), chapter 3. Only the way from trained tensors to the loss is
 * followed: embeddings, masks, positions and the model's own weights get no gradient.
 */
import { Problem } from '../../base/problem.ts';
import { readAttributes } from '../../models/onnx/attributes.ts';
import type { OnnxIndex, OnnxNode } from '../../models/onnx/index.ts';
import { sortNodes } from '../../models/onnx/live.ts';
import { neededNodes } from '../../models/onnx/patch.ts';
import { floatTypes } from '../../models/onnx/precision.ts';
import type { NewNode } from '../../models/onnx/write.ts';
import { typesOf, type Facts } from './facts.ts';
import { arithmetic } from './rules/arithmetic.ts';
import { Call, NoGradient, type Rule } from './rules/call.ts';
import { norms } from './rules/norms.ts';
import { products } from './rules/products.ts';
import { shapes } from './rules/shapes.ts';
import type { GraphWriter } from './writer.ts';

/** By operator; those of ONNX Runtime's own with their domain in front. */
const rules: Readonly<Record<string, Rule>> = { ...arithmetic, ...norms, ...products, ...shapes };

/** Their results do not change with small changes of what they read. */
const steps = new Set([
  'Shape', 'Size', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Not', 'And', 'Or', 'Xor', 'IsNaN', 'IsInf',
  'ArgMax', 'ArgMin', 'NonZero', 'ConstantOfShape', 'Range',
]);

/** Inputs whose integers decide what a rule writes. */
const integerInputs: Readonly<Record<string, readonly number[]>> = { Slice: [1, 2, 3, 4], Gather: [1], ReduceMean: [1], ReduceSum: [1] };

/** The way from what is trained to the loss. */
export interface Way {
  /** In the order of computation. */
  readonly nodes: readonly NewNode[];
  readonly active: ReadonlySet<string>;
  /** All that the rules may ask about: of tensors their sizes, of axes, begins and indices their integers too. */
  readonly tensors: ReadonlyMap<string, 'sizes' | 'integers'>;
}

/** A node of either kind, with what sorting needs. */
interface Step {
  readonly source: OnnxNode | NewNode;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly captured: readonly string[];
}

function ruleOf({ domain, op }: NewNode): Rule | undefined {
  return rules[domain && domain !== 'ai.onnx' ? `${domain}:${op}` : op];
}

/**
 * Finds the way.
 * @param trained inputs of the graph.
 * @throws Problem `no-gradient` naming the node on the way that has no rule, or that is not computed in float32.
 */
export function findWay(index: OnnxIndex, writer: GraphWriter, trained: readonly string[], loss: string): Way {
  const all: readonly Step[] = [...index.nodes.filter((node) => !writer.replaced.has(node)), ...writer.nodes].map((source) => ({
    source, inputs: source.inputs, outputs: source.outputs, captured: 'captured' in source ? source.captured : [],
  }));
  const needed = neededNodes(all, [loss]);
  const type = typesOf(index, writer);
  const active = new Set(trained);
  const forward: Step[] = [];
  for (const step of sortNodes(all.filter((node) => needed.has(node)))) {
    const { op } = step.source;
    if (steps.has(op) || (op === 'Cast' && !floatTypes.has(type(step.outputs[0]!)))) continue;
    // A sub-graph (If, Loop) may read trained tensors without naming them among its inputs.
    if (![...step.inputs, ...step.captured].some((name) => active.has(name))) continue;
    forward.push(step);
    for (const name of step.outputs) if (name) active.add(name);
  }
  // What leads to the loss only through sizes and comparisons gets no gradient.
  const carried = new Set([loss]);
  const nodes: NewNode[] = [];
  for (const { source, inputs, outputs, captured } of forward.toReversed()) {
    if (!outputs.some((name) => carried.has(name))) continue;
    const node: NewNode = 'captured' in source ? { ...source, attributes: readAttributes(index, source) } : source;
    if (!ruleOf(node)) throw unsupported(index, node, '');
    const half = outputs.find((name) => floatTypes.has(type(name)) && type(name) !== 1);
    if (half) throw unsupported(index, node, `its result is ${floatTypes.get(type(half))}`);
    nodes.push(node);
    for (const name of [...inputs, ...captured]) if (active.has(name)) carried.add(name);
  }
  nodes.reverse();
  // Second results that nothing reads (a mask of dropout) may not even exist.
  const read = new Set([loss, ...all.flatMap((step) => step.inputs)]);
  const tensors = new Map<string, 'sizes' | 'integers'>();
  for (const { op, inputs, outputs } of nodes) {
    for (const name of [...inputs, ...outputs.filter((output) => read.has(output))]) if (name && !tensors.has(name)) tensors.set(name, 'sizes');
    for (const position of integerInputs[op] ?? []) if (inputs[position]) tensors.set(inputs[position], 'integers');
  }
  return { nodes, active, tensors };
}

/**
 * Writes the gradients.
 * @returns the name of the gradient of each trained tensor, of its shape; those that the loss does not depend on are
 *   missing.
 */
export function differentiate(index: OnnxIndex, writer: GraphWriter, way: Way, loss: string, facts: Facts): ReadonlyMap<string, string> {
  const gradients = new Map<string, string>([[loss, writer.float(1)]]);
  for (const node of way.nodes.toReversed()) {
    const given = node.outputs.map((name) => gradients.get(name) ?? null);
    if (given.every((gradient) => gradient === null)) continue;
    const call = new Call(node, given, writer, facts, (tensor) => way.active.has(tensor));
    let found: readonly (string | null)[];
    try {
      found = ruleOf(node)!(call);
    } catch (error) {
      if (!(error instanceof NoGradient)) throw error;
      throw unsupported(index, node, error.message);
    }
    node.inputs.forEach((input, position) => {
      const gradient = found[position];
      if (!gradient || !call.wants(position)) return;
      const other = gradients.get(input);
      gradients.set(input, other ? writer.add('Add', [other, gradient]) : gradient);
    });
  }
  return gradients;
}

function unsupported(index: OnnxIndex, node: NewNode, why: string): Problem {
  const domain = node.domain ? ` of ${node.domain}` : '';
  return new Problem({
    code: 'no-gradient',
    place: `${index.file}, node ${node.name || node.outputs[0]}`,
    what: `gradients must pass through it, but its operator ${node.op}${domain} ${why ? `cannot be differentiated here: ${why}` : 'has no rule for them'}`,
    fix: remedyFor(node, why),
  });
}

function remedyFor({ op }: NewNode, why: string): string {
  if (/float16|bfloat16|float64/.test(why)) return 'Choose an export that computes in float32: fp32, or half-precision weights behind casts.';
  if (/Quantize|Integer|NBits|QAttention/.test(op)) return 'Choose the fp32 export: quantised weights cannot be trained over.';
  if (/Attention|RotaryEmbedding/.test(op)) return 'Choose an export whose attention is written in plain operators (not optimised by ONNX Runtime\'s transformer fusions), or adapters that come after it.';
  return 'Choose another export of the model, or adapters in later blocks, and report this one.';
}
