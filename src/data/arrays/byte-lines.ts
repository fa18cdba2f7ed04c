/** Lines of a long file as bytes, a piece at a time, without keeping what was read. */
import type { Watch } from '../../base/progress.ts';

const feed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Calls `take` with the bytes of every line, without its end, and its number from 1. The bytes are lent for the call.
 *
 * @param total bytes of the stream, for progress; 0 where that is unknown
 */
export async function eachLine(stream: ReadableStream<Uint8Array>, label: string, total: number, take: (line: Uint8Array, number: number) => void, watch: Watch = {}): Promise<void> {
  const reader = stream.getReader();
  let rest: Uint8Array = new Uint8Array(0);
  let number = 0;
  let done = 0;
  const give = (line: Uint8Array): void => take(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line, ++number);
  try {
    for (;;) {
      const step = await reader.read();
      watch.signal?.throwIfAborted();
      if (step.done) break;
      const piece = rest.length > 0 ? joined(rest, step.value) : step.value;
      let start = 0;
      for (let end = piece.indexOf(feed, rest.length); end >= 0; end = piece.indexOf(feed, start)) {
        give(piece.subarray(start, end));
        start = end + 1;
      }
      rest = piece.slice(start);
      done += step.value.length;
      watch.progress?.({ label, done: total > 0 ? Math.min(done, total) : done, total });
    }
  } finally {
    // Also where a line was refused: nothing more is read.
    await reader.cancel().catch(() => undefined);
  }
  if (rest.length > 0) give(rest);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
