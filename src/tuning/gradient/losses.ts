/**
 * What is trained for, as parts of the graph. Each part reads the states of a model and inputs that the batch fills, and
 * gives a loss, one number, and the predictions that it judges.
 */
import type { OnnxIndex } from '../../models/onnx/index.ts';
import { headProduct } from '../../models/onnx/rows.ts';
import { int, type GraphWriter } from './writer.ts';

/** What is trained for. */
export type Aim =
  /** Ratings of a word on k dimensions, by a linear head on the mean state of its tokens; mean squared error. */
  | { readonly type: 'ratings'; readonly dimensions: number; readonly state: string; readonly size: number }
  /** Tokens at given places; mean negative log-probability. */
  | { readonly type: 'language'; readonly logits: string }
  /** The right one of `options` consecutive texts, each scored by a linear head on its mean state; mean negative log-probability. */
  | { readonly type: 'choice'; readonly options: number; readonly state: string; readonly size: number }
  /** The right one of `options`, each scored by the log-probabilities of its tokens; mean negative log-probability. */
  | { readonly type: 'options'; readonly options: number; readonly logits: string };

/** A trained input besides the adapters. */
export interface HeadParameter {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Goal {
  readonly loss: string;
  /** ratings: texts x dimensions. language: ln p of each place, 1 x places x 1. choice, options: ln p, questions x options. */
  readonly predictions: string;
  readonly parameters: readonly HeadParameter[];
}

/** What reads the answers off the pooled state, by the names of its parameters: each task has a head of its own. */
export const heads = {
  rating: { weight: 'rating.weight', bias: 'rating.bias' },
  /** One score for each option, to which a bias would add nothing. */
  choice: { weight: 'choice.weight' },
} as const;

/** Inputs that the batch fills, by the names that the graph knows. */
export const inputs = {
  /** ratings, choice: float32 texts x tokens, each row a share of 1 over the tokens that count. */
  shares: 'sensorium.shares',
  /** ratings: float32 texts x dimensions. */
  targets: 'sensorium.targets',
  /** ratings: float32 texts x dimensions, what each error counts: 0 where no rating is known, 1 in all. */
  counts: 'sensorium.counts',
  /** language, options: int64 1 x places x 2, text and token, none twice. */
  places: 'sensorium.places',
  /** language, options: int64 1 x places x 1. */
  ids: 'sensorium.ids',
  /** options: float32 options x places, what each place counts in the score of an option. */
  optionShares: 'sensorium.optionShares',
  /** choice, options: int64 questions x 1. */
  right: 'sensorium.right',
} as const;

/** Writes the loss into the graph. */
export function addGoal(index: OnnxIndex, writer: GraphWriter, aim: Aim): Goal {
  switch (aim.type) {
    case 'ratings': return ratings(writer, aim);
    case 'language': return language(index, writer, aim.logits);
    case 'choice': return choice(writer, aim);
    case 'options': return options(index, writer, aim);
    default: throw new Error(`unknown aim ${String(aim satisfies never)}`);
  }
}

/** The mean state of each text over the tokens that count, texts x size. */
function pooled(writer: GraphWriter, state: string): string {
  const shares = writer.unsqueeze(writer.input(inputs.shares, 'float32', ['texts', 'tokens']), [1]);
  return writer.squeeze(writer.add('MatMul', [shares, state]), [1]);
}

function ratings(writer: GraphWriter, { state, size, dimensions }: Extract<Aim, { type: 'ratings' }>): Goal {
  const weight = writer.input(heads.rating.weight, 'float32', [size, dimensions]);
  const bias = writer.input(heads.rating.bias, 'float32', [dimensions]);
  const predictions = writer.add('Add', [writer.add('MatMul', [pooled(writer, state), weight]), bias]);
  const targets = writer.input(inputs.targets, 'float32', ['texts', dimensions]);
  const counts = writer.input(inputs.counts, 'float32', ['texts', dimensions]);
  const errors = writer.add('Sub', [predictions, targets]);
  const loss = writer.sum(writer.add('Mul', [counts, writer.add('Mul', [errors, errors])]), [0, 1], false);
  return { loss, predictions, parameters: [{ name: weight, dims: [size, dimensions] }, { name: bias, dims: [dimensions] }] };
}

/** Minus the mean of the log-probabilities, which are ln p with one number per case. */
function meanSurprise(writer: GraphWriter, predictions: string, rank: number): string {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const sum = writer.sum(predictions, axes, false);
  return writer.add('Neg', [writer.add('Div', [sum, writer.add('Cast', [writer.add('Size', [predictions])], { to: int(1) })])]);
}

/** ln p of the token at each place. Places are gathered before the product with the vocabulary where the graph allows it (see rows.ts), else after it. */
function placed(index: OnnxIndex, writer: GraphWriter, logits: string): string {
  const places = writer.input(inputs.places, 'int64', [1, 'places', 2]);
  const product = headProduct(index, logits);
  const rows = writer.add('GatherND', [product ? product.inputs[0]! : logits, places]);
  if (product) writer.takeOver(index, product, { inputs: [rows, ...product.inputs.slice(1)] });
  const shares = writer.add('LogSoftmax', [product ? logits : rows], { axis: int(2) });
  const ids = writer.input(inputs.ids, 'int64', [1, 'places', 1]);
  return writer.add('GatherElements', [shares, ids], { axis: int(2) });
}

function language(index: OnnxIndex, writer: GraphWriter, logits: string): Goal {
  const predictions = placed(index, writer, logits);
  return { loss: meanSurprise(writer, predictions, 3), predictions, parameters: [] };
}

function choice(writer: GraphWriter, { state, size, options }: Extract<Aim, { type: 'choice' }>): Goal {
  const weight = writer.input(heads.choice.weight, 'float32', [size, 1]);
  return { ...among(writer, writer.add('MatMul', [pooled(writer, state), weight]), options), parameters: [{ name: weight, dims: [size, 1] }] };
}

function options(index: OnnxIndex, writer: GraphWriter, aim: Extract<Aim, { type: 'options' }>): Goal {
  const logs = writer.squeeze(placed(index, writer, aim.logits), [0]);
  const shares = writer.input(inputs.optionShares, 'float32', ['options', 'places']);
  return { ...among(writer, writer.add('MatMul', [shares, logs]), aim.options), parameters: [] };
}

/** The loss of choosing by scores, one for each option of the questions: texts x 1. */
function among(writer: GraphWriter, column: string, each: number): Pick<Goal, 'loss' | 'predictions'> {
  const predictions = writer.add('LogSoftmax', [writer.add('Reshape', [column, writer.integers([-1, each])])], { axis: int(1) });
  const right = writer.input(inputs.right, 'int64', ['questions', 1]);
  const chosen = writer.add('GatherElements', [predictions, right], { axis: int(1) });
  return { loss: meanSurprise(writer, chosen, 2), predictions };
}
