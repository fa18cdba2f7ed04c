/**
 * Long GPU work in short pieces. A dispatch of seconds hangs Windows devices, so work goes in chunks of about 50 ms,
 * two in flight; between them cancel and device loss are seen and progress is told.
 */
import type { Watch } from '../base/progress.ts';
import type { Gpu } from './device.ts';

/** Work that can be cut anywhere. */
export interface ChunkedWork {
  /** For the reader: "distances", "permutations". */
  readonly label: string;
  /** Units in all. */
  readonly total: number;
  /** Units in the first chunk, before anything is known about their cost. */
  readonly first: number;
  /** Units in a chunk at most. */
  readonly largest: number;
  /** Submits units from..from+count-1; resolves when the device has done them. */
  readonly submit: (from: number, count: number) => Promise<void>;
}

/** How long a chunk should take. */
const targetMs = 50;

/** The next chunk size after `count` units took `ms`: towards the target, growing at most twofold. */
export function nextChunk(count: number, ms: number, largest: number): number {
  const factor = Math.min(2, targetMs / Math.max(ms, 0.1));
  return Math.max(1, Math.min(largest, Math.floor(count * factor)));
}

/**
 * Runs all chunks in order.
 *
 * @throws the signal's reason (AbortError) when cancelled, a Problem when the device is lost or refuses; either way no
 *   chunk is left running when it throws
 */
export async function runChunks(gpu: Gpu, work: ChunkedWork, watch: Watch = {}): Promise<void> {
  const { total, largest } = work;
  const queue: { count: number; done: Promise<{ started: number; ended: number }> }[] = [];
  let size = Math.max(1, Math.min(work.first, largest));
  let from = 0;
  let finished = 0;
  let lastEnd = 0;
  const start = (first: number, count: number): void => {
    const started = performance.now();
    const done = work.submit(first, count).then(() => ({ started, ended: performance.now() }));
    // A failure is thrown where it is awaited below; until then it must not count as unhandled.
    done.catch(() => undefined);
    queue.push({ count, done });
  };
  try {
    while (finished < total) {
      watch.signal?.throwIfAborted();
      gpu.check();
      while (queue.length < 2 && from < total) {
        const count = Math.min(size, total - from);
        start(from, count);
        from += count;
      }
      const chunk = queue.shift()!;
      const { started, ended } = await chunk.done;
      size = nextChunk(chunk.count, ended - Math.max(started, lastEnd), largest);
      lastEnd = ended;
      finished += chunk.count;
      watch.progress?.({ label: work.label, done: finished, total });
    }
    watch.signal?.throwIfAborted();
  } finally {
    await Promise.allSettled(queue.map((chunk) => chunk.done));
  }
}
