/**
 * Calls across a message port, typed by an interface of methods: a result or a problem for each call, progress on the
 * way, cancel at any time, buffers moved rather than copied where asked.
 */
import { isCancelled, isSuspension, Problem, problemRecord, suspension, type ProblemRecord } from '../base/problem.ts';
import type { Progress, Watch } from '../base/progress.ts';

/** A service: each method takes one plain argument and answers with plain data. */
export type Service = { readonly [method: string]: { readonly argument: unknown; readonly answer: unknown } };

/** How the serving side implements a {@link Service}. */
export type Handlers<S extends Service> = {
  readonly [M in keyof S]: (argument: S[M]['argument'], watch: Required<Watch>) => Promise<S[M]['answer']>;
};

type Request =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly type: 'cancel'; readonly id: number; readonly suspended: boolean };

type Reply =
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'problem'; readonly id: number; readonly problem: ProblemRecord }
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress };

/** The part of Worker, MessagePort and DedicatedWorkerGlobalScope that calls need. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** Progress is sent at most this often, so that a tight loop cannot flood the page. */
const progressInterval = 50;

/** Answers calls that arrive at the port. `transfer` picks the buffers of an answer that may be moved. */
export function serve<S extends Service>(port: Port, handlers: Handlers<S>, transfer?: (answer: unknown) => Transferable[]): void {
  const running = new Map<number, AbortController>();
  const reply = (message: Reply, moved: Transferable[] = []): void => port.postMessage(message, moved);

  port.addEventListener('message', (event: MessageEvent) => {
    const request = event.data as Request;
    if (request.type === 'cancel') {
      running.get(request.id)?.abort(request.suspended ? suspension() : undefined);
      return;
    }
    // Other messages share the port: the host's settings.
    if (request.type !== 'call') return;
    const { id, method, argument } = request;
    const controller = new AbortController();
    running.set(id, controller);
    let last = 0;
    const watch: Required<Watch> = {
      signal: controller.signal,
      progress: (progress) => {
        const now = performance.now();
        if (now - last < progressInterval && progress.done !== progress.total) return;
        last = now;
        reply({ type: 'progress', id, progress });
      },
    };
    const answer = async (): Promise<void> => {
      try {
        const handler = handlers[method];
        if (!handler) throw new Error(`no method ${method}`);
        const value = await handler(argument as never, watch);
        reply({ type: 'answer', id, answer: value }, transfer?.(value));
      } catch (error) {
        if (isCancelled(error)) reply({ type: 'cancelled', id });
        else reply({ type: 'problem', id, problem: problemRecord(error) });
      } finally {
        running.delete(id);
      }
    };
    void answer();
  });
}

/** The calling side. */
export interface Client<S extends Service> {
  /** Rejects with a {@link Problem}, or with an AbortError when the watch's signal fires. */
  call<M extends keyof S & string>(method: M, argument: S[M]['argument'], watch?: Watch, transfer?: Transferable[]): Promise<S[M]['answer']>;
  /** Rejects every call under way and every later one: the other side is gone. */
  fail(problem: ProblemRecord): void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly watch: Watch | undefined;
  readonly forget: () => void;
}

/** Makes calls through a port whose other end runs {@link serve}. */
export function connect<S extends Service>(port: Port): Client<S> {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let gone: ProblemRecord | null = null;

  const settle = (id: number): Waiting | undefined => {
    const call = waiting.get(id);
    call?.forget();
    waiting.delete(id);
    return call;
  };

  port.addEventListener('message', (event: MessageEvent) => {
    const message = event.data as Reply;
    switch (message.type) {
      case 'answer':
        settle(message.id)?.resolve(message.answer);
        break;
      case 'problem':
        settle(message.id)?.reject(new Problem(message.problem));
        break;
      case 'cancelled':
        settle(message.id)?.reject(new DOMException('cancelled', 'AbortError'));
        break;
      case 'progress':
        waiting.get(message.id)?.watch?.progress?.(message.progress);
        break;
      default:
        // Other messages share the port (for example the worker's own notices); they are not ours.
        message satisfies never;
    }
  });

  return {
    call(method, argument, watch, transfer = []) {
      return new Promise((resolve, reject) => {
        if (gone) {
          reject(new Problem(gone));
          return;
        }
        watch?.signal?.throwIfAborted();
        const id = next++;
        const cancel = (): void => port.postMessage({ type: 'cancel', id, suspended: isSuspension(watch?.signal?.reason) } satisfies Request, []);
        watch?.signal?.addEventListener('abort', cancel, { once: true });
        waiting.set(id, {
          resolve: resolve as (answer: unknown) => void,
          reject,
          watch,
          forget: () => watch?.signal?.removeEventListener('abort', cancel),
        });
        try {
          port.postMessage({ type: 'call', id, method, argument } satisfies Request, transfer);
        } catch (error) {
          // What cannot be cloned was never sent.
          settle(id)?.reject(error);
        }
      });
    },
    fail(problem) {
      gone = problem;
      for (const id of waiting.keys()) settle(id)?.reject(new Problem(problem));
    },
  };
}
