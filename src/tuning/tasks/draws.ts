/**
 * Which rows make a batch: a pure function of the seed, the task and the batch's number, so that a resumed run sees the
 * same data in the same order without any state of a generator.
 */
import { philox4x32, PhiloxStream, seedKey } from '../../gpu/philox.ts';

/** FNV-1a, 32 bits, of text in UTF-16 code units. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * Random numbers for one purpose of a seed: purposes get seeds of their own, drawn under the given one, so their streams
 * have nothing in common.
 *
 * @param seed integer, 0 to 2^53 - 1
 * @param stream integer, 0 to 2^32 - 1: an epoch, a row
 * @param block integer, 0 to 2^32 - 1: a second number, where a purpose needs two
 */
export function drawsFor(seed: number, purpose: string, stream: number, block = 0): PhiloxStream {
  const [low, high] = philox4x32([hash32(purpose), block, 0, 2], seedKey(seed));
  return new PhiloxStream((high & 0x1fffff) * 2 ** 32 + low, stream);
}

/** Fisher-Yates: 0 to n - 1 in random order. */
export function shuffle(n: number, stream: PhiloxStream): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** How rows are dealt into batches. */
export interface Deal {
  readonly seed: number;
  /** Name of the task: tasks are shuffled independently of each other. */
  readonly task: string;
  /** Number of rows. */
  readonly rows: number;
  /** Most rows of a batch, at least 1. */
  readonly size: number;
}

export interface Dealt {
  /** From 0: how often all rows were seen before. */
  readonly epoch: number;
  /** Positions of rows. */
  readonly rows: readonly number[];
}

/** Batches in which every row is seen once. */
export function batchesPerEpoch({ rows, size }: Deal): number {
  return Math.ceil(rows / size);
}

/**
 * Gives batches by number. Each epoch shuffles all rows anew and deals them into batches whose sizes differ by one row
 * at most: a last batch of one word would pull as hard as a full one.
 *
 * @returns a function of how many batches of this task were taken before, from 0
 */
export function dealer(deal: Deal): (index: number) => Dealt {
  const { seed, task, rows, size } = deal;
  if (!(rows > 0 && size >= 1 && Number.isInteger(size))) throw new RangeError(`${rows} rows in batches of ${size}`);
  const per = batchesPerEpoch(deal);
  // Consecutive batches need the same order; keeping it changes no result.
  let latest: { readonly epoch: number; readonly order: readonly number[] } | null = null;
  return (index) => {
    const epoch = Math.floor(index / per);
    const at = index % per;
    if (latest?.epoch !== epoch) latest = { epoch, order: shuffle(rows, drawsFor(seed, `order ${task}`, epoch)) };
    return { epoch, rows: latest.order.slice(Math.floor((at * rows) / per), Math.floor(((at + 1) * rows) / per)) };
  };
}
