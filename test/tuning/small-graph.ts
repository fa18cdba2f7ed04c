/** Small graphs with float inputs, differentiated by the engine and by differences of the loss. */
import { loadRuntime, createSession, type InferenceSession, type Tensor } from '../../src/models/runtime.ts';
import type { Attribute, Attributes } from '../../src/models/onnx/attributes.ts';
import { indexOnnx, type OnnxIndex } from '../../src/models/onnx/index.ts';
import { withOutputs } from '../../src/models/onnx/patch.ts';
import { concatenate, integerField, messageField } from '../../src/models/onnx/wire.ts';
import { constantField, inputField, nodeField, outputField } from '../../src/models/onnx/write.ts';
import { differentiate, findWay } from '../../src/tuning/gradient/differentiate.ts';
import { lookUp } from '../../src/tuning/gradient/facts.ts';
import { GraphWriter, int } from '../../src/tuning/gradient/writer.ts';

export interface SmallNode {
  /** "com.microsoft:Gelu" for operators of another domain. */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs?: readonly string[];
  /** Integers are ints, others floats, lists integers; texts texts. */
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>;
}

export interface SmallGraph {
  readonly opset?: number;
  /** Each with one output named y unless it says otherwise. */
  readonly nodes: readonly SmallNode[];
  /** Trained inputs: sizes for a batch of n. */
  readonly inputs: Readonly<Record<string, (n: number) => readonly number[]>>;
  readonly constants?: Readonly<Record<string, { readonly dims: readonly number[]; readonly values: readonly number[]; readonly type?: 'int64' }>>;
  /** What is added to the numbers of the inputs, which lie between -1 and 1. */
  readonly shift?: number;
}

function attributesOf(given: SmallNode['attributes'] = {}): Attributes {
  return Object.fromEntries(Object.entries(given).map(([name, value]): [string, Attribute] => {
    if (typeof value === 'string') return [name, { type: 'text', value }];
    if (typeof value === 'object' && 'float' in value) return [name, { type: 'float', value: value.float }];
    if (typeof value === 'object') return [name, { type: 'ints', value }];
    return [name, Number.isInteger(value) ? { type: 'int', value } : { type: 'float', value }];
  }));
}

/** Serialises the graph; its output is y. */
export function smallModel({ opset = 17, nodes, inputs, constants = {} }: SmallGraph): Uint8Array<ArrayBuffer> {
  const written = nodes.map(({ op, inputs: read, outputs = ['y'], attributes }) => {
    const [domain = '', name = op] = op.includes(':') ? op.split(':') : ['', op];
    return nodeField({ name: `the ${name}`, op: name, domain, inputs: read, outputs, attributes: attributesOf(attributes) });
  });
  const graph = [
    ...written.flat(),
    ...messageField(2, 'small'),
    ...Object.entries(constants).flatMap(([name, { dims, values, type }]) => constantField(name, dims, type ? BigInt64Array.from(values, BigInt) : Float32Array.from(values))),
    ...Object.entries(inputs).flatMap(([name, dims]) => inputField(name, 1, dims(2).map((dim, axis) => (dim === dims(3)[axis] ? dim : 'n')))),
    ...outputField('y'),
  ];
  const opsets = [...messageField(8, integerField(2, opset)), ...messageField(8, [...messageField(1, 'com.microsoft'), ...integerField(2, 1)])];
  return concatenate(Uint8Array.from([...integerField(1, 8), ...opsets, ...messageField(7, graph)]));
}

/** The sum of y times weights between 1/3 and 5/3 that are not the same everywhere. */
function addLoss(writer: GraphWriter): string {
  const counted = writer.add('Range', [writer.integer(0), writer.add('Size', ['y']), writer.integer(1)]);
  const weights = writer.add('Mod', [writer.add('Mul', [counted, writer.integer(7)]), writer.integer(5)]);
  const scaled = writer.add('Div', [writer.add('Add', [writer.add('Cast', [weights], { to: int(1) }), writer.float(1)]), writer.float(3)]);
  return writer.sum(writer.add('Mul', [writer.add('Reshape', ['y', writer.integers([-1])]), scaled]), [0], false);
}

function open(bytes: Uint8Array<ArrayBuffer>): Promise<InferenceSession> {
  return createSession(bytes, { backend: 'wasm', gpu: null, external: [], outputs: 'cpu', file: 'small' });
}

type Numbers = Record<string, Float32Array>;

/** Tenths, each input off them by another fraction: neither 0 nor another input's number is ever a step of the differences away. */
function numbersOf({ inputs, shift = 0 }: SmallGraph, n: number): Numbers {
  return Object.fromEntries(Object.entries(inputs).map(([name, dims], place) => {
    const length = dims(n).reduce((product, dim) => product * dim, 1);
    return [name, Float32Array.from({ length }, (_, i) => shift + Math.round(10 * Math.sin(0.4 + 2.1 * i + 1.3 * place + 0.05 * i * i)) / 10 + 0.03 + 0.05 * place)];
  }));
}

/** Norm of the difference between the engine's gradients and central differences of the loss, over the norm of these. */
export async function gradientError(graph: SmallGraph): Promise<number> {
  const ort = await loadRuntime();
  const names = Object.keys(graph.inputs);
  const feed = (values: Numbers, n: number): Record<string, Tensor> => Object.fromEntries(names.map((name) => [name, new ort.Tensor('float32', values[name]!, graph.inputs[name]!(n))]));
  const index: OnnxIndex = indexOnnx(smallModel(graph), 'small');
  const writer = new GraphWriter(index);
  const loss = addLoss(writer);
  const way = findWay(index, writer, names, loss);
  const facts = await lookUp(index, writer, way.tensors, open, (run) => feed(numbersOf(graph, run + 2), run + 2));
  const gradients = differentiate(index, writer, way, loss, facts);
  const outputs = names.map((name) => writer.add('Identity', [gradients.get(name)!], {}, `gradient.${name}`));
  const session = await open(withOutputs(index, [loss, ...outputs], writer.extension));
  // A batch of a size that was not looked up.
  const n = 4;
  const values = numbersOf(graph, n);
  const found = await session.run(feed(values, n));
  const step = 1e-2;
  let difference = 0;
  let norm = 0;
  for (const [place, name] of names.entries()) {
    const gradient = found[outputs[place]!]!;
    if (gradient.dims.join() !== graph.inputs[name]!(n).join()) throw new Error(`the gradient of ${name} is ${gradient.dims.join(' x ')}`);
    for (const [at, analytic] of (gradient.data as Float32Array).entries()) {
      const [up, down] = await Promise.all([step, -step].map(async (delta) => {
        const moved = values[name]!.map((value, i) => (i === at ? value + delta : value));
        return { moved: moved[at]!, values: { ...values, [name]: moved } };
      }));
      const lossUp = (await session.run(feed(up!.values, n)))[loss]!.data[0] as number;
      const lossDown = (await session.run(feed(down!.values, n)))[loss]!.data[0] as number;
      const numeric = (lossUp - lossDown) / (up!.moved - down!.moved);
      difference += (numeric - analytic) ** 2;
      norm += numeric ** 2;
    }
  }
  await session.release();
  return norm === 0 ? NaN : Math.sqrt(difference / norm);
}
