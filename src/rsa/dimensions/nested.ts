/**
 * Nested cross-validation of a probe's penalty: within the training words of one fold, folds again. Each penalty predicts
 * every training word from a readout trained without its inner fold; the squared errors tell which to take. The held-out
 * words of the outer fold have no part in it (Stone 1974, JRSS B 36; Varma and Simon 2006, BMC Bioinformatics 7, on what
 * goes wrong otherwise).
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { innerFolds } from './folds.ts';
import { Ridge, rowsOf } from './ridge.ts';

export interface NestedInput {
  /** m x d features of the training words. */
  readonly x: Float64Array;
  readonly d: number;
  /** m ratings per dimension. */
  readonly targets: readonly Float64Array[];
  /** Per training word. */
  readonly penalties: readonly number[];
  readonly scale: boolean;
  /** Number of inner folds, at least 2; with fewer training words, as many as there are. */
  readonly nested: number;
  readonly seed: number;
  readonly folding: number;
  readonly fold: number;
}

/** Sums of squared errors, one array per dimension, one number per penalty. */
export async function nestedErrors(input: NestedInput, watch: Watch): Promise<Float64Array[]> {
  const { x, d, targets, penalties } = input;
  const m = x.length / d;
  const inner = Math.min(input.nested, m);
  const place = innerFolds(m, inner, input);
  const errors = targets.map(() => new Float64Array(penalties.length));
  const words = Uint32Array.from({ length: m }, (_, i) => i);
  const breather = new Breather();
  for (let fold = 0; fold < inner; fold++) {
    const train = words.filter((word) => place[word] !== fold);
    const test = words.filter((word) => place[word] === fold);
    const ridge = await Ridge.of(rowsOf(x, d, train), train.length, d, input.scale, watch);
    const testX = ridge.standardise(rowsOf(x, d, test));
    for (const [t, values] of targets.entries()) {
      const target = ridge.target(Float64Array.from(train, (word) => values[word]!));
      for (const [k, share] of penalties.entries()) {
        ridge.predict(target, share * train.length, testX).forEach((value, row) => { errors[t]![k]! += (values[test[row]!]! - value) ** 2; });
        if (!breather.due()) continue;
        await pause();
        watch.signal?.throwIfAborted();
      }
    }
  }
  return errors;
}
