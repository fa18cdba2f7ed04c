/** How a training outlasts its tab: it keeps checkpoints on the way and goes on from the last one. */
import { isSuspension, problemRecord } from '../../base/problem.ts';
import type { Progress } from '../../base/progress.ts';
import { parseCheckpoint, serialiseCheckpoint, type Checkpoint } from '../../tuning/checkpoint.ts';
import type { TrainWatch } from '../../tuning/trainer.ts';
import type { RunContext } from '../kind.ts';

/** Milliseconds between two checkpoints, at least: what a crash may cost. */
const shortest = 1000;
/** And at least so many times as long as the last one took, so that they cost a fiftieth of the time at most. */
const timesCost = 50;

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

/** Where to go on; at the beginning if nothing is kept, or nothing that can be read, which is told in a warning. */
export async function keptStart({ name, run, at }: KeptTraining, { kept, warn, resumedAt }: RunContext): Promise<Start> {
  try {
    const bytes = await kept.load(name);
    if (!bytes) return { from: null, seconds: 0 };
    const from = parseCheckpoint(bytes.slice(secondsBytes), run);
    resumedAt(at(from.step).label);
    return { from, seconds: new DataView(bytes.buffer).getFloat64(0) };
  } catch (error) {
    warn(`training began anew, what an unfinished one had kept could not be used: ${problemRecord(error).what}`);
    return { from: null, seconds: 0 };
  }
}

/** Keeps a training's state now and then and when it is suspended. One that finds no room is told once and training goes on. */
export function keeping({ name, at }: KeptTraining, start: Start, { kept, signal, warn }: RunContext): Required<Pick<TrainWatch, 'checkpoint' | 'checkpointDue'>> {
  const began = performance.now();
  let next = began + shortest;
  return {
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
      } catch (error) {
        // A pause that kept nothing would lose the training unasked.
        if (isSuspension(signal.reason)) throw error;
        next = Infinity;
        warn(`the training could not be kept on the way, so that it could not have been resumed: ${problemRecord(error).what}`);
      }
    },
  };
}
