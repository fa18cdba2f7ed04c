/**
 * A training run as one plain value from which it goes on bit for bit, and its bytes: a safetensors file whose metadata
 * hold what is not a tensor. Batches are functions of the seed and of how many were taken (tasks/), so no state of a
 * random generator is kept.
 */
import * as v from 'valibot';
import { Problem } from '../base/problem.ts';
import { readSafetensors, writeSafetensors, type NamedTensor } from './files/safetensors.ts';
import type { OptimiserState, Tensors } from './optimiser.ts';
import type { StoppingState } from './stopping.ts';

/** One step of the curve. */
export interface TrainPoint {
  /** From 1. */
  readonly step: number;
  /** Task of the batch. */
  readonly task: string;
  readonly loss: number;
  /** Gradient norm before clipping. */
  readonly norm: number;
  readonly rate: number;
}

/** One evaluation on the validation side. */
export interface ValidationPoint {
  /** Steps taken. */
  readonly step: number;
  /** Mean over tasks, by their shares of the run's steps. */
  readonly loss: number;
  /** Of each task that is validated, by name. */
  readonly tasks: Readonly<Record<string, number>>;
}

/** Plain data; survives `postMessage` and IndexedDB. */
export interface Checkpoint {
  /**
   * What is trained, on what and how: a hash of model, data and settings. Only a run of the same name may go on from
   * here.
   */
  readonly run: string;
  readonly seed: number;
  /** Steps taken. */
  readonly step: number;
  readonly parameters: Tensors;
  readonly optimiser: OptimiserState;
  /** Batches taken, by task: the position in each task's order of data. */
  readonly taken: Readonly<Record<string, number>>;
  readonly stopping: StoppingState;
  readonly history: readonly TrainPoint[];
  readonly validation: readonly ValidationPoint[];
}

/** Raised when the layout below changes; older ones are then read by their number. */
const version = 1;
const metadataKey = 'sensorium-checkpoint';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const rest = v.object({
  version: v.literal(version),
  run: v.pipe(v.string(), v.nonEmpty()),
  seed: count,
  step: count,
  optimiserStep: count,
  taken: v.record(v.string(), count),
  stopping: v.object({ best: v.nullable(finite), bestStep: count, waited: count, weights: v.boolean() }),
  history: v.array(v.object({ step: count, task: v.string(), loss: finite, norm: finite, rate: finite })),
  validation: v.array(v.object({ step: count, loss: finite, tasks: v.record(v.string(), finite) })),
});

/** Groups of tensors in the file, by the beginning of their names. */
const groups = ['parameter', 'm', 'v', 'best'] as const;

/** A copy that later steps do not reach: they write to the parameters and the moments in place. */
export function snapshot(checkpoint: Checkpoint): Checkpoint {
  return structuredClone(checkpoint);
}

/** The checkpoint as bytes. Equal checkpoints give equal bytes. Throws where a loss, norm or rate is not a number. */
export function serialiseCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { parameters, optimiser, stopping, history, validation, run, seed, step, taken } = checkpoint;
  const parts: Record<(typeof groups)[number], Tensors> = { parameter: parameters, m: optimiser.m, v: optimiser.v, best: stopping.weights ?? {} };
  const tensors = groups.flatMap((group) => Object.entries(parts[group]).map(([name, data]): [string, NamedTensor] => [`${group}/${name}`, { dims: [data.length], data }]));
  const text: v.InferInput<typeof rest> = {
    version, run, seed, step, optimiserStep: optimiser.step, taken: { ...taken },
    stopping: { best: stopping.best, bestStep: stopping.bestStep, waited: stopping.waited, weights: stopping.weights !== null },
    history: [...history], validation: [...validation],
  };
  // The order of names is the order of sums over parameters, so it is kept with them.
  return writeSafetensors({ tensors: Object.fromEntries(tensors), metadata: { [metadataKey]: JSON.stringify(v.parse(rest, text)), order: JSON.stringify(Object.keys(parameters)) } });
}

/**
 * Reads a checkpoint.
 * @param run the run that is to go on from it
 * @throws Problem `checkpoint-unreadable` where the bytes are not a whole checkpoint of this version,
 *   `checkpoint-of-another-run` where model, data or settings have changed since
 */
export function parseCheckpoint(bytes: Uint8Array, run: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, 'checkpoint');
  const parsed = v.safeParse(rest, jsonOf(metadata[metadataKey]));
  const order = v.safeParse(v.array(v.string()), jsonOf(metadata['order']));
  if (!parsed.success || !order.success) {
    const issue = (parsed.issues ?? order.issues)![0];
    throw unreadable(`${v.getDotPath(issue) ?? 'its description'}: ${issue.message}`);
  }
  const { run: owner, seed, step, taken, optimiserStep, stopping, history, validation } = parsed.output;
  if (owner !== run) {
    throw new Problem({
      code: 'checkpoint-of-another-run', place: 'checkpoint',
      what: `it belongs to the run ${owner.slice(0, 12)}, and this is ${run.slice(0, 12)}: model, data or settings have changed since`,
      fix: 'Start the training anew, or take the changes back.',
    });
  }
  const take = (group: (typeof groups)[number]): Tensors => Object.fromEntries(order.output.map((name) => {
    const tensor = tensors[`${group}/${name}`];
    const size = tensors[`parameter/${name}`]?.data.length;
    if (tensor?.data.length !== size || !tensor) throw unreadable(`${group}/${name} is missing or of another size than the parameter`);
    return [name, tensor.data];
  }));
  const expected = order.output.length * (stopping.weights ? 4 : 3);
  if (new Set(order.output).size !== order.output.length || Object.keys(tensors).length !== expected) {
    throw unreadable(`it holds ${Object.keys(tensors).length} tensors, not ${expected}`);
  }
  return {
    run, seed, step, taken, history, validation,
    parameters: take('parameter'),
    optimiser: { step: optimiserStep, m: take('m'), v: take('v') },
    stopping: { ...stopping, weights: stopping.weights ? take('best') : null },
  };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function unreadable(what: string): Problem {
  return new Problem({ code: 'checkpoint-unreadable', place: 'checkpoint', what: `this is not a checkpoint that this version reads: ${what}`, fix: 'Start the training anew.' });
}
