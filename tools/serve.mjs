/** Serves the built app from this machine only, with the headers that give ONNX Runtime its threads. */
import { root } from './ensure.mjs';

/** Starts the server; `port` 0 takes any free one. Resolves to its address and a way to stop it. */
export async function serve(port) {
  const { preview } = await import('vite');
  const server = await preview({ root, logLevel: 'error', preview: { host: 'localhost', port, strictPort: false } });
  const address = server.resolvedUrls?.local[0] ?? `http://localhost:${server.httpServer.address().port}/`;
  return { address, stop: () => new Promise((resolve) => server.httpServer.close(resolve)) };
}
