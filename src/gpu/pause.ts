/** Gives the event loop a turn, so that cancel messages arrive while JavaScript computes. */

/** Resolves after the messages that already wait; unlike `setTimeout` it is not held to 4 ms a turn. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

/** A pause whenever `every` milliseconds have passed since the last one; call it often in long loops. */
export class Breather {
  readonly #every: number;
  #last = performance.now();

  constructor(every = 50) {
    this.#every = every;
  }

  /** True when it is time to `await pause()`. */
  due(): boolean {
    const now = performance.now();
    if (now - this.#last < this.#every) return false;
    this.#last = now;
    return true;
  }
}
