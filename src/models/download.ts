/**
 * One download that survives a bad network: with progress and cancel, tried again from where it broke off, checked when
 * it is whole, and with a problem the reader can act on when it fails for good. See docs/decisions/0014-downloads.md.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { bytes as sizeOf } from '../ui/format.ts';
import { Arrival, type Expected } from './arrival.ts';
import type { KeptFile } from './hub/kept-file.ts';
import { Interruption, passing, secondsAsked, usualPatience, type Patience } from './patience.ts';

/** What came. */
export interface Download {
  /** Empty unless the status is 200. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 200 for a whole file, or one of the statuses that were to be given back. */
  readonly status: number;
  /** Content type, '' where not given. */
  readonly type: string;
  readonly headers: Headers;
  /** Whether a web page came in place of the file, where that was to be told; the status is 404 then. */
  readonly page?: boolean;
}

/** How a download is made, beyond its address. */
export interface DownloadOptions {
  /** How far the browser's own copy is trusted, as fetch has it; if absent, none is made of what we keep, otherwise 'default'. */
  readonly cache?: RequestCache;
  /** Where what has come is kept, and what came earlier is found. Its file must never change under this address. */
  readonly keep?: KeptFile | null;
  /** What the file is known to be. */
  readonly expected?: Expected | null;
  /** Statuses that are an answer; 404 alone if absent. */
  readonly answers?: readonly number[];
  /**
   * Whether a web page is no file: it is not read, not kept, and told as `page`. Static hosts give one
   * where there is no file, and so do networks that ask to sign in first.
   */
  readonly noPages?: boolean;
  /** Told when the file could not be kept: it is used all the same. */
  readonly warn?: (message: string) => void;
  readonly patience?: Partial<Patience>;
}

/**
 * Downloads a whole file, reporting bytes.
 * @param name the file's name, for messages and progress.
 * @throws Problem `download-failed` (unreachable, refused), `download-incomplete` (broke off too often) or
 *   `download-wrong` (not the file that it should be; nothing of it stays); an AbortError after cancel, which keeps what
 *   has come.
 */
export function download(address: string, name: string, watch: Watch = {}, options: DownloadOptions = {}): Promise<Download> {
  const { keep } = options;
  const run = (): Promise<Download> => new Downloading(address, name, watch, options).run();
  if (!keep) return run();
  // Two that wrote the same parts would spoil them; who comes second finds the file kept.
  const once = async (): Promise<Download> => {
    const bytes = await keep.whole().catch(() => null);
    return bytes ? { bytes, status: 200, type: '', headers: new Headers() } : run();
  };
  return keep.alone(once, watch.signal, () => watch.progress?.({ label: `${name} is being downloaded by another tab or cell, waiting`, done: 0, total: 0 }));
}

class Downloading {
  readonly #address: string;
  readonly #name: string;
  readonly #watch: Watch;
  readonly #options: DownloadOptions;
  readonly #patience: Patience;
  readonly #come: Arrival;
  /** Most that ever came: less than that again is no progress. */
  #most = 0;
  /** How often the host began at the beginning although it was asked for the rest. */
  #restarts = 0;
  #answered = false;
  /** How often what had come turned out to be of another file. */
  #changes = 0;

  constructor(address: string, name: string, watch: Watch, options: DownloadOptions) {
    this.#address = address;
    this.#name = name;
    this.#watch = watch;
    this.#options = options;
    this.#patience = { ...usualPatience, ...options.patience };
    this.#come = new Arrival(options.keep ?? null, options.expected ?? null, (why) => {
      options.warn?.(`${name} could not be kept for next time: ${why}. It is used all the same; free storage in the storage panel to keep it`);
    });
  }

  async run(): Promise<Download> {
    await this.#come.takeUp();
    if (this.#come.length > 0) this.#report();
    let idle = 0;
    try {
      for (;;) {
        this.#most = Math.max(this.#most, this.#come.length);
        try {
          const answer = await this.#attempt();
          if (answer.status === 200) await this.#finish();
          return { ...answer, bytes: answer.status === 200 ? this.#come.bytes : new Uint8Array(0) };
        } catch (error) {
          this.#watch.signal?.throwIfAborted();
          if (!(error instanceof Interruption)) throw error;
          this.#answered ||= error.answered;
          idle = this.#come.length > this.#most ? 0 : idle + 1;
          const { waits, unanswered } = this.#patience;
          if (idle > waits.length || (!this.#answered && idle >= unanswered)) throw this.#givenUp(error);
          await this.#wait(error, error.asked ?? waits[Math.max(0, idle - 1)] ?? 0);
        }
      }
    } catch (error) {
      await this.#come.keepRest();
      throw error;
    }
  }

  /** One request, for what is still missing. Throws an Interruption where another may help. */
  async #attempt(): Promise<Omit<Download, 'bytes'>> {
    // All parts were there, and only the end was not noted.
    if (this.#come.total > 0 && this.#come.length === this.#come.total) return { status: 200, type: '', headers: new Headers() };
    const from = this.#come.length;
    const attempt = new AbortController();
    const cancel = (): void => attempt.abort();
    this.#watch.signal?.addEventListener('abort', cancel, { once: true });
    let timer = 0;
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => attempt.abort(), this.#patience.stall * 1000) as unknown as number;
    };
    try {
      alive();
      const response = await this.#ask(from, attempt.signal);
      const type = response.headers.get('content-type') ?? '';
      const isPage = this.#options.noPages === true && response.ok && type.startsWith('text/html');
      const answer = { status: isPage ? 404 : response.status === 206 ? 200 : response.status, type, headers: response.headers, page: isPage };
      if (isPage || !(await this.#accept(response, from))) return answer;
      await this.#readBody(response, alive);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#watch.signal?.removeEventListener('abort', cancel);
      // Lets go of a body that is not wanted.
      attempt.abort();
    }
  }

  async #ask(from: number, signal: AbortSignal): Promise<Response> {
    this.#watch.signal?.throwIfAborted();
    try {
      // A single range needs no preflight; If-Range would, and the hub's storage refuses those. Instead the answer is compared.
      return await fetch(this.#address, from > 0 ? { cache: 'no-store', signal, headers: { range: `bytes=${from}-` } } : { cache: this.#options.cache ?? (this.#options.keep ? 'no-store' : 'default'), signal });
    } catch (error) {
      if (signal.aborted) throw new Interruption(`nothing came for ${this.#patience.stall} s`, false);
      throw new Interruption(error instanceof Error ? error.message : String(error), false);
    }
  }

  /** Whether a body follows that is to be read. Throws what is wrong with the answer. */
  async #accept(response: Response, from: number): Promise<boolean> {
    const { status, headers } = response;
    if ((this.#options.answers ?? [404]).includes(status)) return false;
    if (passing.has(status)) {
      const asked = secondsAsked(headers.get('retry-after'));
      if (asked !== null && asked > this.#patience.longestAsked) throw this.#failed(`the host has too much to do (status ${status}) and asks to come back in ${Math.ceil(asked / 60)} minutes`);
      throw new Interruption(`the host answered with status ${status}`, true, asked);
    }
    if (status === 416 || (status === 206 && !this.#continues(headers, from))) {
      await this.#come.forget();
      // A host that tells something else each time would keep us here for ever.
      if (this.#changes++ >= this.#patience.waits.length) throw this.#failed('the host gives another file each time');
      throw new Interruption('the file has changed meanwhile', true);
    }
    if (status === 401 || status === 403) throw this.#failed(`the host refuses it without an account (status ${status}): the model does not exist or is gated`);
    if (!response.ok) throw this.#failed(`the host answered with status ${status}`);
    if (status === 206) return true;
    // The host sends all of it, whether it was asked to or knows no ranges.
    if (from > 0) {
      if (this.#restarts++ >= this.#patience.waits.length) throw this.#incomplete(`it broke off ${this.#restarts} times, and the host begins at the beginning each time`, false);
      await this.#come.forget();
    }
    // With a content encoding the header counts compressed bytes.
    const stated = headers.has('content-encoding') ? 0 : Number(headers.get('content-length') ?? 0);
    const { expected } = this.#options;
    if (expected && stated > 0 && stated !== expected.bytes) throw await this.#wrong(`the host has ${stated} bytes of it, and the hub lists it with ${expected.bytes}`);
    const total = stated || (expected?.bytes ?? 0);
    try {
      this.#come.begin(total, etagOf(headers));
    } catch {
      throw this.#tooLarge(total);
    }
    return true;
  }

  /** Whether a partial answer goes on where we are, in the same file. */
  #continues(headers: Headers, from: number): boolean {
    const etag = etagOf(headers);
    if (etag && this.#come.etag && etag !== this.#come.etag) return false;
    // Hosts that hide the range from pages still tell how much follows.
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    if (range) return Number(range[1]) === from && (range[2] === '*' || Number(range[2]) === this.#come.total);
    const follows = Number(headers.get('content-length') ?? 0);
    return follows === 0 || from + follows === this.#come.total;
  }

  async #readBody(response: Response, alive: () => void): Promise<void> {
    const reader = response.body?.getReader();
    if (!reader) return;
    for (;;) {
      let piece;
      try {
        piece = await reader.read();
      } catch (error) {
        // Without a known size nothing says where to go on.
        if (this.#come.total === 0) this.#come.startOver();
        throw new Interruption(error instanceof Error && error.name !== 'AbortError' ? error.message : `nothing came for ${this.#patience.stall} s`, true);
      }
      alive();
      if (piece.done) break;
      await this.#take(piece.value);
      this.#watch.signal?.throwIfAborted();
    }
    if (this.#come.total > 0 && this.#come.length < this.#come.total) throw new Interruption(`${this.#come.length} of ${this.#come.total} bytes came`, true);
  }

  async #take(piece: Uint8Array): Promise<void> {
    const { length, total } = this.#come;
    if (total > 0 && length + piece.length > total) throw await this.#wrong(`more than its ${total} bytes came`);
    this.#answered = true;
    await this.#come.take(piece).catch((error: unknown) => {
      throw error instanceof RangeError ? this.#tooLarge(2 * length) : error;
    });
    this.#report();
  }

  /** Checks the whole file and keeps it. */
  async #finish(): Promise<void> {
    const { expected } = this.#options;
    const { length } = this.#come;
    if (expected && length !== expected.bytes) throw await this.#wrong(`${length} bytes came, and the hub lists it with ${expected.bytes}`);
    const found = this.#come.sha256();
    if (found && expected?.sha256 && found !== expected.sha256) throw await this.#wrong(`its SHA-256 is ${found.slice(0, 12)}…, and the hub lists it with ${expected.sha256.slice(0, 12)}…`);
    await this.#come.keepWhole();
  }

  #report(note = ''): void {
    const { length, total, resumedFrom } = this.#come;
    const from = resumedFrom > 0 ? ` from ${sizeOf(resumedFrom)}` : '';
    const came = total > 0 ? `, ${sizeOf(length)} of ${sizeOf(total)}` : '';
    this.#watch.progress?.({ label: `download ${this.#name}${from}${came}${note}`, done: length, total: Math.max(total, length) });
  }

  async #wait(why: Interruption, seconds: number): Promise<void> {
    this.#report(seconds >= 1 ? `, again in ${Math.round(seconds)} s (${why.message})` : '');
    const { signal } = this.#watch;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, seconds * 1000);
      signal?.addEventListener('abort', done, { once: true });
    });
    signal?.throwIfAborted();
  }

  #failed(what: string): Problem {
    return new Problem({
      code: 'download-failed',
      place: this.#name,
      what,
      fix: `Try again later, or download the model's files by hand from ${this.#address} and use them as a local model.`,
    });
  }

  #tooLarge(bytes: number): Problem {
    return this.#failed(`it has ${sizeOf(bytes)}, more than this browser gives a page in one piece`);
  }

  #givenUp(last: Interruption): Problem {
    const host = new URL(this.#address).host;
    if (!this.#answered) return this.#failed(`${host} was not reached (${navigator.onLine ? last.message : 'this machine is offline'})`);
    if (this.#come.length === 0) return this.#failed(last.message);
    const of = this.#come.total > 0 ? ` of ${sizeOf(this.#come.total)}` : '';
    return this.#incomplete(`the download broke off: ${sizeOf(this.#come.length)}${of} came, and then nothing more in ${this.#patience.waits.length + 1} attempts (${last.message})`, this.#come.outlasts);
  }

  #incomplete(what: string, goesOn: boolean): Problem {
    return new Problem({
      code: 'download-incomplete',
      place: this.#name,
      what,
      fix: `${goesOn ? 'Run the cell again when the network is better; it goes on from there' : 'Run the cell again when the network is better'}. The file is ${this.#address}.`,
    });
  }

  /** The file is not what it should be: nothing of it stays. */
  async #wrong(what: string): Promise<Problem> {
    await this.#come.forget();
    return new Problem({
      code: 'download-wrong',
      place: this.#name,
      what: `what came is not the file that the hub lists: ${what}`,
      fix: `It was thrown away. Run the cell again; if it stays, the host (${new URL(this.#address).host}) or a proxy on the way changes files: use another network, or the hub itself.`,
    });
  }
}

/** Weak or strong, it names the same bytes to us: they are counted and hashed besides. */
function etagOf(headers: Headers): string {
  return (headers.get('etag') ?? '').replace(/^W\//, '');
}
