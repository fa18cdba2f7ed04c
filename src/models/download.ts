/** One download with progress, cancel, and a problem the reader can act on when it fails. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';

export interface Download {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 200 or 404; anything else throws. */
  readonly status: number;
  /** Content type, '' where not given. */
  readonly type: string;
  readonly headers: Headers;
}

/**
 * Downloads a whole file, reporting bytes.
 * @param name the file's name, for messages and progress.
 * @param cache how far the browser's own copy is trusted, as fetch has it.
 * @throws Problem `download-failed` (unreachable, refused) or `download-incomplete`; an AbortError after cancel.
 */
export async function download(address: string, name: string, watch: Watch = {}, cache: RequestCache = 'default'): Promise<Download> {
  const label = `download ${name}`;
  let response: Response;
  try {
    response = await fetch(address, { cache, ...(watch.signal ? { signal: watch.signal } : {}) });
  } catch (error) {
    watch.signal?.throwIfAborted();
    throw failed(name, address, `${new URL(address).host} was not reached (${error instanceof Error ? error.message : String(error)})`);
  }
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 404) {
    await response.body?.cancel();
    return { bytes: new Uint8Array(0), status: 404, type, headers: response.headers };
  }
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel();
    throw failed(name, address, `the host refuses it without an account (status ${response.status}): the model does not exist or is gated`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw failed(name, address, `the host answered with status ${response.status}`);
  }
  // With a content encoding the header counts compressed bytes.
  const stated = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
  const bytes = await readBody(response, stated, (done) => watch.progress?.({ label, done, total: Math.max(stated, done) })).catch((error: unknown) => {
    watch.signal?.throwIfAborted();
    throw incomplete(name, address, error instanceof Error ? error.message : String(error));
  });
  if (stated > 0 && bytes.length !== stated) throw incomplete(name, address, `${bytes.length} of ${stated} bytes came`);
  return { bytes, status: response.status, type, headers: response.headers };
}

async function readBody(response: Response, stated: number, report: (done: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  // One array where the size is known: a model must not be in memory twice.
  let whole = new Uint8Array(stated > 0 ? stated : 65_536);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > whole.length) {
      const grown = new Uint8Array(Math.max(2 * whole.length, length + value.length));
      grown.set(whole.subarray(0, length));
      whole = grown;
    }
    whole.set(value, length);
    length += value.length;
    report(length);
  }
  return length === whole.length ? whole : whole.slice(0, length);
}

function failed(name: string, address: string, what: string): Problem {
  return new Problem({
    code: 'download-failed',
    place: name,
    what,
    fix: `Try again later, or download the model's files by hand from ${address} and use them as a local model.`,
    action: { type: 'choose-file', name, address },
  });
}

function incomplete(name: string, address: string, what: string): Problem {
  return new Problem({ code: 'download-incomplete', place: name, what: `the download broke off: ${what}`, fix: `Run the cell again to repeat it; the file is ${address}.` });
}
