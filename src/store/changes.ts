/** Word of changed notebooks, in this tab and all others, so that lists and read-only views stay current. */

export interface Change {
  readonly id: string;
  /** `edited`: the text has a new revision. `listed`: title, origin, bin or existence changed. */
  readonly what: 'edited' | 'listed';
}

/** A BroadcastChannel that also reaches listeners of its own tab. It carries no text: text is read from the store. */
export class Changes {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(name: string) {
    this.#channel = new BroadcastChannel(`${name}/changes`);
    this.#channel.addEventListener('message', (event: MessageEvent<Change>) => this.#tell(event.data));
  }

  /** Tells everyone; call it after the transaction is complete. */
  tell(change: Change): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel takes no target
    this.#channel.postMessage(change);
    this.#tell(change);
  }

  /** Calls `listener` for every change until the returned function is called. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#channel.close();
    this.#listeners.clear();
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
