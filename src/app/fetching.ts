/** Fetches a file from an address that the reader agreed to, with progress and a problem that says what to do instead. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';

function failed(name: string, address: string, what: string): Problem {
  return new Problem({ code: 'fetch-failed', place: name, what, fix: `Download it yourself from ${address} and drop it here.` });
}

/**
 * Downloads a file.
 * @throws Problem `fetch-failed` when the host was not reached, refused, or broke off; an AbortError after cancel.
 */
export async function fetchFile(address: string, name: string, watch: Watch = {}): Promise<Blob> {
  if (!/^https?:$/.test(new URL(address).protocol)) throw failed(name, address, 'the address is not one of the web');
  const { host } = new URL(address);
  const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer', ...(watch.signal ? { signal: watch.signal } : {}) }).catch((error: unknown) => {
    watch.signal?.throwIfAborted();
    throw failed(name, address, `${host} was not reached, or does not let other pages read it (${error instanceof Error ? error.message : String(error)})`);
  });
  if (!response.ok || !response.body) throw failed(name, address, `${host} answered with status ${response.status}`);
  // With a content encoding the header counts compressed bytes.
  const total = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const step = await reader.read();
      if (step.done) break;
      chunks.push(step.value);
      done += step.value.length;
      watch.progress?.({ label: `fetching ${name}`, done, total });
    }
  } catch (error) {
    watch.signal?.throwIfAborted();
    throw failed(name, address, `the download broke off (${error instanceof Error ? error.message : String(error)})`);
  }
  if (total > 0 && done !== total) throw failed(name, address, `${done} of ${total} bytes came`);
  return new Blob(chunks, { type: response.headers.get('content-type') ?? '' });
}
