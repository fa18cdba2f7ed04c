/**
 * One writer per notebook, by Web Locks: the browser gives the lock to one tab and takes it back when that tab dies.
 * Other tabs are readers. A reader becomes the writer when the writer leaves, or at once by taking over: the writer
 * is asked first and saves before it yields; if it does not answer in time (a frozen tab) the lock is stolen.
 */

export type Role = 'writer' | 'reader';

/** How long a writer has to save before its lock is stolen, and to be taken over after it yielded. Milliseconds. */
const patience = 2000;

export interface LeaseOptions {
  /** Saves what is pending; runs when another tab takes over, with the lock still held and the role already `reader`. */
  readonly beforeYield?: () => Promise<void>;
  readonly onChange?: (role: Role) => void;
}

type Message = 'yield-please' | 'yielded';

export class Lease {
  readonly #name: string;
  readonly #options: LeaseOptions;
  readonly #channel: BroadcastChannel;
  #role: Role = 'reader';
  #release: (() => void) | null = null;
  #waiting: AbortController | null = null;
  #onYielded: (() => void) | null = null;
  #closed = false;

  /** Use {@link acquireLease}. */
  constructor(name: string, options: LeaseOptions) {
    this.#name = name;
    this.#options = options;
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', (event: MessageEvent<Message>) => this.#hear(event.data));
  }

  get role(): Role {
    return this.#role;
  }

  /** Becomes the writer if nobody is, else a reader that waits its turn. */
  async start(): Promise<void> {
    if (!(await this.#request({ ifAvailable: true }))) this.#wait();
  }

  /** Becomes the writer. Afterwards read the notebook again: the former writer saved before it yielded. */
  async takeOver(): Promise<void> {
    if (this.#role === 'writer' || this.#closed) return;
    const yielded = new Promise<void>((resolve) => (this.#onYielded = resolve));
    this.#say('yield-please');
    await Promise.race([yielded, new Promise((resolve) => setTimeout(resolve, patience))]);
    this.#onYielded = null;
    this.#waiting?.abort();
    // The lock may have come by itself meanwhile, when the writer closed its tab.
    if (this.#release) this.#become('writer');
    else await this.#request({ steal: true });
  }

  /** Gives the notebook up; the next reader in line becomes the writer. */
  close(): void {
    this.#closed = true;
    this.#waiting?.abort();
    this.#channel.close();
    this.#release?.();
    this.#role = 'reader';
  }

  /** True once the lock is held, false when `ifAvailable` found it taken. */
  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let release: (() => void) | null = null;
      navigator.locks
        .request(this.#name, options, (lock) => {
          if (!lock) {
            resolve(false);
            return undefined;
          }
          const held = new Promise<void>((done) => (release = done));
          this.#release = release;
          this.#become('writer');
          resolve(true);
          return held;
        })
        .catch((error: unknown) => {
          // Rejects with AbortError when stolen, or when waiting was given up.
          if (release && this.#release === release) {
            this.#release = null;
            this.#become('reader');
            this.#wait();
          } else {
            reject(error);
          }
        });
    });
  }

  #wait(): void {
    if (this.#closed) return;
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal }).catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error;
    });
  }

  #say(message: Message): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel takes no target
    this.#channel.postMessage(message);
  }

  #hear(message: Message): void {
    if (message === 'yielded') this.#onYielded?.();
    else if (this.#role === 'writer') void this.#yield();
  }

  /** Saves, says so and waits to be taken over; if the other tab died meanwhile, goes on as the writer. */
  async #yield(): Promise<void> {
    this.#become('reader');
    await Promise.allSettled([this.#options.beforeYield?.()]);
    if (this.#closed) return;
    this.#say('yielded');
    const mine = this.#release;
    setTimeout(() => {
      if (mine && this.#release === mine && !this.#closed) this.#become('writer');
    }, patience * 2);
  }

  #become(role: Role): void {
    if (role === this.#role || this.#closed) return;
    this.#role = role;
    this.#options.onChange?.(role);
  }
}

/**
 * Asks for the right to write a notebook; the lease tells whether it is the writer.
 * @param name the same for all tabs on one notebook: `${store.name}/notebook/${id}`.
 */
export async function acquireLease(name: string, options: LeaseOptions = {}): Promise<Lease> {
  const lease = new Lease(name, options);
  await lease.start();
  return lease;
}
