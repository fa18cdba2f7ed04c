/**
 * What is known of the tensors of a computation: sizes, types, and the values of small integers (axes, begins, ends).
 *
 * An ONNX file states few of them, so they are looked up: the computation runs twice on a handful of tokens, with
 * different numbers of texts, tokens and places, and gives back the shapes. A size that is the same both times belongs
 * to the model; one that differs varies with the batch.
 */
import type { OnnxIndex } from '../../models/onnx/index.ts';
import { withOutputs } from '../../models/onnx/patch.ts';
import { elementTypes } from '../../models/onnx/precision.ts';
import { runSession, type InferenceSession, type Tensor } from '../../models/runtime.ts';
import { GraphWriter } from './writer.ts';

export interface Fact {
  /** Sizes of the first run. Batches of the look-up are never 1, so that a 1 always means an axis that is stretched. */
  readonly dims: readonly number[];
  /** Sizes that belong to the model; null where they vary. */
  readonly fixed: readonly (number | null)[];
  /** Integers of a vector or a single number that are the same whatever the batch; null for all others. */
  readonly values: readonly number[] | null;
}

export interface Facts {
  /** Throws when the tensor was not looked up, which is a fault of ours. */
  of(tensor: string): Fact;
  /** TensorProto.DataType; 0 where it is not known. */
  type(tensor: string): number;
}

/** TensorProto.DataType by name: as the file states or implies, float32 for what we computed ourselves. */
export function typesOf(index: OnnxIndex, writer: GraphWriter): (tensor: string) => number {
  const types = elementTypes(index);
  return (tensor) => writer.typeOf(tensor) ?? types.get(tensor) ?? 0;
}

/**
 * Looks tensors up.
 * @param writer holds what was added to the file; it is left as it is.
 * @param tensors what to look up of each: its sizes only, or its integers too.
 * @param open makes a session of a model.
 * @param feeds tensors of the first and the second run, for the inputs that the session names.
 */
export async function lookUp(
  index: OnnxIndex, writer: GraphWriter, tensors: ReadonlyMap<string, 'sizes' | 'integers'>,
  open: (bytes: Uint8Array<ArrayBuffer>) => Promise<InferenceSession>, feeds: (run: 0 | 1, names: readonly string[]) => Record<string, Tensor>,
): Promise<Facts> {
  const type = typesOf(index, writer);
  const probe = new GraphWriter(index);
  const names = [...tensors.keys()];
  const shapes = names.map((name, at) => probe.add('Shape', [name], {}, `lookup.shape.${at}`));
  const whole = names.map((name, at) => (tensors.get(name) === 'integers' ? probe.add('Identity', [name], {}, `lookup.values.${at}`) : null));
  const { nodes, replaced, declared } = writer.extension;
  const session = await open(withOutputs(index, [...shapes, ...whole.filter((name) => name !== null)], { nodes: [...nodes, ...probe.nodes], replaced, declared }));
  const runs: Record<string, readonly number[]>[] = [];
  const sizes: Record<string, number>[] = [];
  try {
    for (const run of [0, 1] as const) {
      const fed = feeds(run, session.inputNames);
      const results = await runSession(session, fed);
      runs.push(Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.data as BigInt64Array, Number)])));
      sizes.push(Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.dims.length])));
      for (const tensor of [...Object.values(results), ...Object.values(fed)]) tensor.dispose();
    }
  } finally {
    await session.release();
  }
  const [first, second] = runs as [Record<string, readonly number[]>, Record<string, readonly number[]>];
  const facts = new Map<string, Fact>();
  names.forEach((name, at) => {
    const dims = first[shapes[at]!]!;
    const values = whole[at];
    const same = values && sizes[0]![values]! <= 1 && first[values]!.join() === second[values]!.join();
    facts.set(name, {
      dims,
      fixed: dims.map((dim, axis) => (second[shapes[at]!]![axis] === dim ? dim : null)),
      values: same ? first[values]! : null,
    });
  });
  return {
    type,
    of: (tensor) => {
      const fact = facts.get(tensor);
      if (!fact) throw new Error(`the tensor ${tensor} was not looked up`);
      return fact;
    },
  };
}
