/** Longer computations of figures in turns with whatever else the page has to do, so that it never stands still. */
import { pause } from '../gpu/pause.ts';

/** A computation that yields now and then: between two yields it takes a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>;

/** Milliseconds between turns: well below the 50 that a reader notices. */
const turn = 10;

/** Everything at once, for what is small. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Rejects with the signal's reason when it is aborted. */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + turn;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (performance.now() < until);
    await pause();
    signal.throwIfAborted();
  }
}
