/** Runs an import inside a worker, as the app does. */
import { problemRecord } from '../../src/base/problem.ts';
import { importTable } from '../../src/data/import/import.ts';

self.addEventListener('message', (event: MessageEvent<{ name: string; content: Blob }>) => {
  importTable(event.data.name, event.data.content).then(
    (table) => self.postMessage({ table }),
    (error: unknown) => self.postMessage({ problem: problemRecord(error) }),
  );
});
