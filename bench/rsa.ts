/** Starts the worker of `npm run bench -- rsa` with what tools/bench.mjs asks for, and hands over what it answers. */
import type { CellOrder, CellTimes } from './rsa.worker.ts';

function benchmark(order: CellOrder): Promise<CellTimes> {
  const worker = new Worker(new URL('./rsa.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', (event: MessageEvent<CellTimes>) => resolve(event.data));
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
    worker.postMessage(order);
  });
}

(window as unknown as { benchmark: typeof benchmark }).benchmark = benchmark;
