/** Texts into batches of similar length, so that little is computed for padding. */
import type { TokenBatch } from './feeds.ts';

/** Positions of the texts in each batch. */
export type Batches = readonly (readonly number[])[];

/**
 * Groups texts by length, shortest first, equal lengths in their given order: the same texts always give the same
 * batches.
 * @param lengths tokens per text.
 * @param batchTokens most tokens of a batch, padding included; a longer text makes a batch of its own.
 */
export function batchByLength(lengths: readonly number[], batchTokens: number): Batches {
  const order = lengths.map((_, position) => position).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  for (const position of order) {
    // In ascending order the newest text is the longest: it sets the width.
    if (current.length > 0 && (current.length + 1) * lengths[position]! > batchTokens) {
      batches.push(current);
      current = [];
    }
    current.push(position);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** Texts side by side, right padded to the longest. */
export function gridOf(ids: readonly (readonly number[])[], padding: number): TokenBatch {
  return { batch: ids.length, tokens: Math.max(...ids.map((text) => text.length)), ids, padding };
}
