/**
 * Reads that are shared while they last: who asks for a file that is on its way waits for the same download. Small
 * files stay; a failed read is forgotten, so that the next attempt starts anew.
 */
import type { Progress, Watch } from '../base/progress.ts';

type Bytes = Uint8Array<ArrayBuffer> | null;

/** Configurations and tokenizers stay in memory, weights do not. */
const keptBytes = 4 * 2 ** 20;

interface Reading {
  readonly result: Promise<Bytes>;
  readonly controller: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
  waiting: number;
}

export class SharedReads {
  readonly #readings = new Map<string, Reading>();
  readonly #load: (path: string, watch: Watch) => Promise<Bytes>;

  constructor(load: (path: string, watch: Watch) => Promise<Bytes>) {
    this.#load = load;
  }

  /** The file's bytes. A cancelled caller stops waiting; the read itself stops when nobody waits any more. */
  async read(path: string, watch: Watch = {}): Promise<Bytes> {
    const { progress, signal } = watch;
    signal?.throwIfAborted();
    const reading = this.#readings.get(path) ?? this.#start(path);
    reading.waiting++;
    if (progress) reading.listeners.add(progress);
    let stop = (): void => undefined;
    try {
      if (!signal) return await reading.result;
      const cancelled = new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
      });
      return await Promise.race([reading.result, cancelled]);
    } finally {
      signal?.removeEventListener('abort', stop);
      if (progress) reading.listeners.delete(progress);
      reading.waiting--;
      if (reading.waiting === 0 && signal?.aborted) {
        reading.controller.abort(signal.reason);
        this.#forget(path, reading);
      }
    }
  }

  #start(path: string): Reading {
    const controller = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const result = this.#load(path, {
      signal: controller.signal,
      progress: (progress) => {
        for (const listener of listeners) listener(progress);
      },
    });
    const reading: Reading = { result, controller, listeners, waiting: 0 };
    this.#readings.set(path, reading);
    result.then(
      (bytes) => {
        if (!bytes || bytes.length > keptBytes) this.#forget(path, reading);
      },
      () => this.#forget(path, reading),
    );
    return reading;
  }

  #forget(path: string, reading: Reading): void {
    if (this.#readings.get(path) === reading) this.#readings.delete(path);
  }
}
