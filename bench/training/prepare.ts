/**
 * The graph as @jax-js/onnx 0.1.2 can run it. The package is not changed; the file is, step by step, and each step says
 * what stood in the way. Adapters and the loss are in the file already, so that the package sees an ordinary model.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema, TensorProtoSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema, type ModelProto } from 'onnx-buf';
import { widened } from '../../src/models/half.ts';
import { neededNodes } from '../../src/models/onnx/patch.ts';
import { sortNodes } from '../../src/models/onnx/live.ts';

/** Input that takes the place of the mask's own computation: float32 [texts, 1, 1, tokens], 0 or a very negative number. */
export const maskInput = 'additive_mask';

export interface Stage {
  /** What was changed to get here. */
  readonly change: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** From the file as it is to one that runs; every stage includes those before it. */
export function stagesOf(bytes: Uint8Array<ArrayBuffer>): Stage[] {
  const model = fromBinary(ModelProtoSchema, bytes);
  const stage = (change: string): Stage => ({ change, bytes: toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer> });
  const stages: Stage[] = [{ change: 'none', bytes }];
  sortAll(model);
  stages.push(stage('nodes in the order in which they are needed'));
  maskFromOutside(model);
  stages.push(stage('the additive mask as an input, in place of the nodes that make it'));
  // What runs without this step runs faster with it: the package would cast every weight anew at each step.
  widenAll(model);
  stages.push(stage('half-precision weights stored as float32, their Casts taken out'));
  return stages;
}

type Graph = NonNullable<ModelProto['graph']>;

function graphOf(model: ModelProto): Graph {
  if (!model.graph) throw new Error('the file has no graph');
  return model.graph;
}

function sortAll(model: ModelProto): void {
  const graph = graphOf(model);
  const steps = graph.node.map((node) => ({ node, inputs: node.input, outputs: node.output, captured: [] }));
  graph.node = sortNodes(steps).map(({ node }) => node);
}

function widenAll(model: ModelProto): void {
  const graph = graphOf(model);
  const halves = new Map(graph.initializer.filter(({ dataType }) => dataType === 10).map((tensor) => [tensor.name, tensor]));
  graph.node = graph.node.filter((node) => {
    const half = node.opType === 'Cast' ? halves.get(node.input[0]!) : undefined;
    if (!half) return true;
    const { buffer } = half.rawData.slice();
    const values = widened(new Uint16Array(buffer));
    graph.initializer.push(create(TensorProtoSchema, { name: node.output[0]!, dims: half.dims, dataType: 1, rawData: new Uint8Array(values.buffer as ArrayBuffer) }));
    return false;
  });
  graph.initializer = graph.initializer.filter(({ name }) => !halves.has(name));
}

/** The mask is what the scores of every layer are added to before the softmax. */
function maskFromOutside(model: ModelProto): void {
  const graph = graphOf(model);
  const producer = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const counts = new Map<string, number>();
  for (const { opType, input } of graph.node) {
    const sum = opType === 'Softmax' ? producer.get(input[0]!) : undefined;
    for (const name of sum?.input ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [mask = ''] = [...counts].find(([, count]) => count > 1) ?? [];
  if (!mask) throw new Error('no tensor is added to the scores of all layers');
  graph.node = graph.node.filter((node) => !node.output.includes(mask));
  graph.node.unshift(create(NodeProtoSchema, { opType: 'Identity', name: 'mask', input: [maskInput], output: [mask] }));
  const tensorType = create(TypeProto_TensorSchema, { elemType: 1 });
  graph.input.push(create(ValueInfoProtoSchema, { name: maskInput, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }) }));
  const steps = graph.node.map((node) => ({ node, inputs: node.input, outputs: node.output }));
  const needed = neededNodes(steps, graph.output.map(({ name }) => name));
  graph.node = steps.filter((step) => needed.has(step)).map(({ node }) => node);
  const read = new Set(graph.node.flatMap(({ input }) => input));
  graph.input = graph.input.filter(({ name }) => read.has(name));
  graph.initializer = graph.initializer.filter(({ name }) => read.has(name));
}
