/**
 * A hub on this machine for tests: local files as models, with the hub's API, addresses, redirects and headers, and with
 * faults on order. Large files come from a second origin, as the hub's do. Both let a page read what the real ones let it
 * read and no more: a preflight is refused, since the hub's storage refuses it (huggingface/datasets issue 7931).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf, commitOf, hash, served, type HubFile, type HubModel, type Served } from './hub-models.ts';

/** What goes wrong with a file. */
export interface Fault {
  /** For how many requests; all by default. */
  readonly times?: number;
  /** What goes wrong after these. */
  readonly next?: Fault;
  /** The connection breaks when so many bytes of the answer have gone out. */
  readonly cutAfter?: number;
  /** Milliseconds before the answer begins. */
  readonly delay?: number;
  /** Milliseconds between pieces of 64 KiB. */
  readonly pace?: number;
  /** No bytes come after so many, and the connection stays. */
  readonly stallAfter?: number;
  /** This status, without a body, in place of the file: 401, 403, 404, 429, 503. */
  readonly status?: number;
  /** A web page comes in place of the file or the answer, as from a network that asks to sign in first. */
  readonly page?: boolean;
  /** Seconds, with `status`; the page may read it. */
  readonly retryAfter?: number;
  /** Ranges are not known: the whole file comes, with status 200. */
  readonly noRanges?: boolean;
  /** Another etag than the file's own. */
  readonly etag?: string;
  /** The first byte differs from the file's, and the length stays. */
  readonly corrupt?: boolean;
  /** The body ends so many bytes early, and the length agrees with that. */
  readonly shortBy?: number;
  /** The page may read no header beyond what browsers always let it read. */
  readonly hideHeaders?: boolean;
}

/** Plain data, so that a browser test can order it. */
export interface HubOrder {
  /** By id: a folder, or more about it. */
  readonly models: Readonly<Record<string, string | HubModel>>;
  /** False: a plain mirror, which has the files and not the API. */
  readonly api?: boolean;
  /** False: the host does not name commits. */
  readonly commits?: boolean;
}

/** A request that came in, on either origin. */
export interface HubRequest {
  readonly method: string;
  /** "owner/name/onnx/model.onnx", or "api/models/owner/name". */
  readonly path: string;
  /** The Range header; '' without one. */
  readonly range: string;
  readonly at: 'hub' | 'storage';
  /** What was answered; 302 for a redirect. */
  readonly status: number;
}

export interface Hub {
  /** Without a slash at the end. */
  readonly address: string;
  /** Commit that 'main' stands for. */
  commit(id: string): string;
  /** Makes a file go wrong from now on; the path as in {@link HubRequest}, '*' for all. Null mends it. */
  fault(path: string, fault: Fault | null): void;
  /** Puts other content in place of a file, which moves 'main' to another commit. */
  change(id: string, path: string, file: HubFile): void;
  readonly requests: readonly HubRequest[];
  forgetRequests(): void;
  /** No connection is taken any more, until {@link Hub.goOnline}. */
  goOffline(): void;
  goOnline(): void;
  stop(): Promise<void>;
}

/** What the hub lets a page read beyond what every browser does. */
const exposed = 'X-Repo-Commit, X-Request-Id, X-Error-Code, X-Error-Message, ETag, Link, Accept-Ranges, Content-Range, X-Linked-Size, X-Linked-ETag';
const piece = 65_536;
/** Kept apart in large-file storage on the hub. */
const stored = /\.(onnx|onnx_data(_\d+)?|onnx\.data|safetensors|bin)$/;

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts a hub; stop it when the test is over. */
export async function startHub(order: HubOrder): Promise<Hub> {
  const models = new Map(Object.entries(order.models).map(([id, given]): [string, Served] => [id, served(id, given)]));
  const faults = new Map<string, { fault: Fault; left: number }>();
  const requests: HubRequest[] = [];
  let online = true;

  const faultOf = (path: string): Fault => {
    const found = faults.get(path) ?? faults.get('*');
    if (!found) return {};
    if (found.left <= 0) {
      const { next } = found.fault;
      if (!next) return {};
      Object.assign(found, { fault: next, left: next.times ?? Infinity });
    }
    found.left -= 1;
    return found.fault;
  };
  const find = (id: string, revision: string): Served | undefined => {
    const model = models.get(id);
    return model && (revision === 'main' || revision === model.commit) ? model : undefined;
  };
  const refuse = (response: ServerResponse, status: number, code = '', retryAfter?: number): number => {
    if (code) response.setHeader('x-error-code', code);
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter).setHeader('access-control-expose-headers', `${exposed}, Retry-After`);
    response.writeHead(status, { 'content-length': 0 }).end();
    return status;
  };
  const answerJson = (response: ServerResponse, data: unknown): number => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(data));
    return 200;
  };

  const answerPage = (response: ServerResponse): number => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Sign in</title>');
    return 200;
  };

  const send = async (request: IncomingMessage, response: ServerResponse, bytes: Buffer, etag: string, fault: Fault): Promise<number> => {
    let body = fault.corrupt ? Buffer.concat([Buffer.from([bytes[0]! ^ 255]), bytes.subarray(1)]) : bytes;
    if (fault.shortBy) body = body.subarray(0, body.length - fault.shortBy);
    const range = fault.noRanges ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(range?.[2] ? Number(range[2]) + 1 : body.length, body.length);
    response.setHeader('etag', `"${fault.etag ?? etag}"`);
    if (!fault.noRanges) response.setHeader('accept-ranges', 'bytes');
    if (range && from >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}`, 'content-length': 0 }).end();
      return 416;
    }
    const status = range ? 206 : 200;
    response.writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': to - from, ...(range ? { 'content-range': `bytes ${from}-${to - 1}/${body.length}` } : {}) });
    if (request.method === 'HEAD') {
      response.end();
      return status;
    }
    const stop = Math.min(to, from + Math.min(fault.cutAfter ?? Infinity, fault.stallAfter ?? Infinity));
    for (let at = from; at < stop; at += piece) {
      // The reader is gone.
      if (response.destroyed) return status;
      if (!response.write(body.subarray(at, Math.min(at + piece, stop)))) {
        await new Promise<void>((goOn) => {
          const done = (): void => {
            response.off('drain', done).off('close', done);
            goOn();
          };
          response.on('drain', done).on('close', done);
        });
      }
      if (fault.pace) await wait(fault.pace);
    }
    if (fault.cutAfter !== undefined && stop < to) {
      // What was written goes out first, and is read: a browser drops what it has not handed on when a connection breaks.
      await wait(100);
      response.destroy();
    } else if (stop === to) {
      response.end();
    }
    return status;
  };

  const open = (request: IncomingMessage, response: ServerResponse, fault: Fault): boolean => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (!fault.hideHeaders) response.setHeader('access-control-expose-headers', exposed);
    return request.method === 'GET' || request.method === 'HEAD';
  };
  const note = (request: IncomingMessage, path: string, at: HubRequest['at'], answer: () => number | Promise<number>): Promise<void> => {
    const entry = { method: request.method ?? '', path, range: request.headers.range ?? '', at, status: 0 };
    requests.push(entry);
    return Promise.resolve(answer()).then((status) => void (entry.status = status));
  };

  const storage = await listen(async (request, response) => {
    if (!online) return void request.socket.destroy();
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://storage').pathname.slice(1));
    const [, id = '', inside = ''] = /^([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
    const fault = faultOf(path);
    await note(request, path, 'storage', async () => {
      if (!open(request, response, fault)) return refuse(response, 403);
      if (fault.delay) await wait(fault.delay);
      if (fault.status) return refuse(response, fault.status, '', fault.retryAfter);
      if (fault.page) return answerPage(response);
      const bytes = models.get(id)?.files.get(inside);
      return bytes ? send(request, response, bytes, hash('sha256', bytes), fault) : refuse(response, 404);
    });
  });

  const hub = await listen(async (request, response) => {
    if (!online) return void request.socket.destroy();
    const { pathname } = new URL(request.url ?? '/', 'http://hub');
    const path = decodeURIComponent(pathname.slice(1));
    const api = /^api\/models\/([^/]+\/[^/]+)(?:\/revision\/(.+))?$/.exec(path);
    const file = /^([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (api && order.api !== false) {
      const name = `api/models/${api[1]}`;
      const fault = faultOf(name);
      await note(request, name, 'hub', async () => {
        if (!open(request, response, fault)) return refuse(response, 403);
        if (fault.delay) await wait(fault.delay);
        if (fault.status) return refuse(response, fault.status, fault.status === 403 ? 'GatedRepo' : '', fault.retryAfter);
        if (fault.page) return answerPage(response);
        if (!models.has(api[1]!)) return refuse(response, 401, 'RepoNotFound');
        const model = find(api[1]!, api[2] ?? 'main');
        if (!model) return refuse(response, 404, 'RevisionNotFound');
        const siblings = [...model.files].map(([rfilename, bytes]) => ({
          rfilename, size: bytes.length, blobId: hash('sha1', `blob ${bytes.length}\0`, bytes),
          ...(stored.test(rfilename) ? { lfs: { sha256: hash('sha256', bytes), size: bytes.length, pointerSize: 134 } } : {}),
        }));
        return answerJson(response, { id: api[1], modelId: api[1], sha: model.commit, gated: false, private: false, tags: [], downloads: 0, lastModified: '2026-01-01T00:00:00.000Z', ...model.about, siblings });
      });
      return;
    }
    if (!file) return note(request, path, 'hub', () => (open(request, response, {}), refuse(response, 404)));
    const [, id = '', revision = '', inside = ''] = file;
    const name = `${id}/${inside}`;
    const model = find(id, revision);
    const bytes = model?.files.get(inside);
    // What comes from the storage goes wrong there.
    const redirected = bytes !== undefined && stored.test(inside);
    const fault = redirected ? {} : faultOf(name);
    await note(request, name, 'hub', async () => {
      if (!open(request, response, fault)) return refuse(response, 403);
      if (fault.delay) await wait(fault.delay);
      if (fault.status) return refuse(response, fault.status, fault.status === 403 ? 'GatedRepo' : '', fault.retryAfter);
      if (fault.page) return answerPage(response);
      if (!models.has(id)) return refuse(response, 401, 'RepoNotFound');
      if (!model) return refuse(response, 404, 'RevisionNotFound');
      if (order.commits !== false) response.setHeader('x-repo-commit', model.commit);
      if (!bytes) return refuse(response, 404, 'EntryNotFound');
      if (!redirected) return send(request, response, bytes, hash('sha1', `blob ${bytes.length}\0`, bytes), fault);
      response.writeHead(302, {
        location: `${storage.address}/${name.split('/').map(encodeURIComponent).join('/')}?signed=1`, 'content-length': 0,
        'x-linked-size': bytes.length, 'x-linked-etag': `"${hash('sha256', bytes)}"`,
      }).end();
      return 302;
    });
  });

  const known = (id: string): Served => {
    const model = models.get(id);
    if (!model) throw new Error(`this hub has no model ${id}`);
    return model;
  };
  return {
    address: hub.address,
    commit: (id) => known(id).commit,
    fault: (path, fault) => void (fault ? faults.set(path, { fault, left: fault.times ?? Infinity }) : faults.delete(path)),
    change: (id, path, file) => {
      const model = known(id);
      model.files.set(path, bytesOf(file));
      model.commit = commitOf(id, model.files);
    },
    requests,
    forgetRequests: () => void requests.splice(0),
    goOffline: () => void (online = false),
    goOnline: () => void (online = true),
    stop: async () => {
      await Promise.all([hub.server, storage.server].map((server) => {
        server.closeAllConnections();
        return new Promise((closed) => server.close(closed));
      }));
    },
  };
}
