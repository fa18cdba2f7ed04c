/** The whole computation that is trained: adapters at their sites, a loss, and the gradients of all that is trained. */
import { Problem } from '../../base/problem.ts';
import type { OnnxIndex } from '../../models/onnx/index.ts';
import { withOutputs } from '../../models/onnx/patch.ts';
import type { InferenceSession, Tensor } from '../../models/runtime.ts';
import { differentiate, findWay } from './differentiate.ts';
import { lookUp } from './facts.ts';
import { addGoal, type Aim, type Goal } from './losses.ts';
import type { FoundSite } from './sites.ts';
import { GraphWriter } from './writer.ts';

export interface AdapterShape {
  readonly rank: number;
  /** What x A B is multiplied by: PEFT's lora_alpha / rank. */
  readonly scale: number;
  /** Whether what an adapter reads is multiplied by a mask, an input of as many numbers; see {@link dropoutInput}. */
  readonly dropout: boolean;
}

/** A trained input of the graph, float32. */
export interface TrainedInput {
  /** "bert.encoder.layer.0.attention.self.query.a", "rating.weight". */
  readonly name: string;
  /** The graph's name for it. */
  readonly input: string;
  readonly dims: readonly number[];
}

/** Forward computation with adapters and loss. */
export interface Computation {
  readonly index: OnnxIndex;
  readonly writer: GraphWriter;
  readonly trained: readonly TrainedInput[];
  readonly goal: Goal;
}

/** Input of the mask of a site: float32, as many numbers as the site reads, texts x tokens x inputs. */
export function dropoutInput(module: string): string {
  return `sensorium.${module}.mask`;
}

/** Writes adapters and loss. Throws Problem `opset-too-old`. */
export function compose(index: OnnxIndex, sites: readonly FoundSite[], shape: AdapterShape, aim: Aim): Computation {
  const writer = new GraphWriter(index);
  const trained = sites.flatMap((found) => addAdapter(index, writer, found, shape));
  const goal = addGoal(index, writer, aim);
  const heads = goal.parameters.map(({ name, dims }): TrainedInput => ({ name: name.replace('sensorium.', ''), input: name, dims }));
  return { index, writer, goal, trained: [...trained, ...heads] };
}

/** y = x W becomes y = x W + scale (x A) B wherever the weight is used. */
function addAdapter(index: OnnxIndex, writer: GraphWriter, { site, nodes }: FoundSite, { rank, scale, dropout }: AdapterShape): TrainedInput[] {
  const sizes = { a: [site.inputs, rank], b: [rank, site.outputs] } as const;
  const [a, b] = (['a', 'b'] as const).map((part): TrainedInput => {
    const name = `${site.module}.${part}`;
    return { name, dims: sizes[part], input: writer.input(name, 'float32', sizes[part]) };
  }) as [TrainedInput, TrainedInput];
  for (const node of nodes) {
    const x = node.inputs[0]!;
    const [output = ''] = node.outputs;
    const base = writer.result('base');
    writer.takeOver(index, node, { outputs: [base] });
    const read = dropout ? writer.add('Mul', [x, writer.reshapeLike(writer.input(dropoutInput(site.module), 'float32', [`${site.module} numbers`]), x)]) : x;
    const branch = writer.add('MatMul', [writer.add('MatMul', [read, a.input]), b.input]);
    writer.add('Add', [base, scale === 1 ? branch : writer.add('Mul', [branch, writer.float(scale)])], {}, output);
  }
  return [a, b];
}

/** The forward computation as a model that gives the predictions and the loss. */
export function forwardModel({ index, writer, goal }: Computation): Uint8Array<ArrayBuffer> {
  return withOutputs(index, [goal.predictions, goal.loss], writer.extension);
}

export interface TrainingModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Gradient outputs in the order of the trained inputs. */
  readonly gradients: readonly string[];
}

/**
 * Adds the gradients.
 * @param open makes a session that is used for looking up sizes, see {@link lookUp}.
 * @throws Problem `no-gradient`, and `not-trainable` when the loss does not depend on something that is to be trained.
 */
export async function trainingModel(
  { index, writer, trained, goal }: Computation, open: (bytes: Uint8Array<ArrayBuffer>) => Promise<InferenceSession>, feeds: (run: 0 | 1, names: readonly string[]) => Record<string, Tensor>,
): Promise<TrainingModel> {
  const way = findWay(index, writer, trained.map(({ input }) => input), goal.loss);
  const facts = await lookUp(index, writer, way.tensors, open, feeds);
  const written = differentiate(index, writer, way, goal.loss, facts);
  const gradients = trained.map(({ name, input }) => {
    const gradient = written.get(input);
    if (gradient) return writer.add('Identity', [gradient], {}, `gradient.${name}`);
    throw new Problem({
      code: 'not-trainable',
      place: index.file,
      what: `the loss does not depend on ${name}`,
      fix: 'Leave this module out, or pool a later layer.',
    });
  });
  return { bytes: withOutputs(index, [goal.loss, ...gradients], writer.extension), gradients };
}
