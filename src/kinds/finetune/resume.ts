/** How a training outlasts its tab: it keeps checkpoints on the way and goes on from the last one. */
import { isSuspension, Problem, problemRecord } from '../../base/problem.ts';
import type { Progress } from '../../base/progress.ts';
import { parseCheckpoint, serialiseCheckpoint, type Checkpoint } from '../../tuning/checkpoint.ts';
import type { TrainWatch } from '../../tuning/trainer.ts';
import type { RunContext } from '../kind.ts';

/** Milliseconds between two checkpoints, at least: what a crash may cost. */
const shortest = 1000;
/** And at least so many times as long as the last one took, so that they cost a fiftieth of the time at most. */
const timesCost = 50;
/** Milliseconds until a checkpoint that found no room is tried again: the reader may have made some. */
const retry = 60_000;

/** One training of a cell, as it is kept. */
export interface KeptTraining {
  /** Tells trainings of one cell apart. */
  readonly name: string;
  /** See {@link Checkpoint.run}. */
  readonly run: string;
  /** How far the cell has come when this training has come so far. */
  readonly at: (step: number) => Progress;
}

/** What a training goes on from, and the seconds that were spent on it before. */
export interface Start {
  readonly from: Checkpoint | null;
  readonly seconds: number;
}

/** What is kept: the seconds spent so far as one float64, then the checkpoint. */
const secondsBytes = 8;

/**
 * Where to go on; at the beginning if nothing is kept, or nothing that is this training's state, which is told in a warning.
 * @throws what reading throws: what cannot be read now may be all right, and must not be replaced by a new beginning.
 */
export async function keptStart({ name, run, at }: KeptTraining, { kept, warn, resumedAt }: RunContext): Promise<Start> {
  const bytes = await kept.load(name);
  if (!bytes) return { from: null, seconds: 0 };
  try {
    const from = parseCheckpoint(bytes.slice(secondsBytes), run);
    resumedAt(at(from.step).label);
    return { from, seconds: new DataView(bytes.buffer).getFloat64(0) };
  } catch (error) {
    warn(`training began anew, what an unfinished one had kept could not be used: ${problemRecord(error).what}`);
    return { from: null, seconds: 0 };
  }
}

/**
 * Keeps a training's state now and then and when it is suspended. Where it finds no room the training goes on, says so
 * in its progress and tries again.
 */
export function keeping({ name, at }: KeptTraining, start: Start, { kept, signal, warn, progress }: RunContext): Required<Pick<TrainWatch, 'checkpoint' | 'checkpointDue' | 'progress'>> {
  const began = performance.now();
  let next = began + shortest;
  /** What is kept, for the reader; '' while nothing is. */
  let last = start.from ? at(start.from.step).label : '';
  let unkept = '';
  return {
    progress: (now) => progress(unkept ? { ...now, label: `${now.label}, not kept: ${unkept}` } : now),
    checkpointDue: () => performance.now() >= next,
    checkpoint: async (checkpoint) => {
      const started = performance.now();
      try {
        const { label, done, total } = at(checkpoint.step);
        const state = serialiseCheckpoint(checkpoint);
        const bytes = new Uint8Array(secondsBytes + state.length);
        new DataView(bytes.buffer).setFloat64(0, start.seconds + (started - began) / 1000);
        bytes.set(state, secondsBytes);
        await kept.save(name, bytes, { label, done, total });
        const ended = performance.now();
        next = ended + Math.max(shortest, timesCost * (ended - started));
        last = label;
        unkept = '';
      } catch (error) {
        const record = problemRecord(error);
        // A pause that kept nothing must not pass for one; what was kept before is still there to go on from.
        if (isSuspension(signal.reason)) throw new Problem({ ...record, what: `${last ? `the training is kept as it was at ${last}, not what came after` : 'nothing of the training is kept'}: ${record.what}` });
        next = performance.now() + retry;
        unkept = record.what;
        warn(`for a time the training could not be kept on the way, so that what came after ${last || 'its beginning'} would have been lost with the tab: ${record.what}`);
      }
    },
  };
}
