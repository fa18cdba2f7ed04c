/** The build: one page, one compute worker, everything self-hosted. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

/**
 * Version and hash of every source that can change a number, the bundled model and words among them: part of each
 * result's key, so that no result outlives what made it.
 */
function codeVersion(): string {
  const root = import.meta.dirname;
  const hash = createHash('sha256');
  for (const folder of ['src', 'shaders', 'public']) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|wgsl|onnx|json|csv)$/.test(file)).sort();
    for (const file of files) hash.update(file).update(readFileSync(join(root, folder, file)));
  }
  hash.update(readFileSync(join(root, 'package-lock.json')));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return `${version}+${hash.digest('hex').slice(0, 12)}`;
}

/** Cross-origin isolation gives ONNX Runtime its threads; static hosts that cannot set these still work on one. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

export default defineConfig({
  // Relative addresses: the built folder works from any path of any static host.
  base: './',
  define: { __CODE__: JSON.stringify(codeVersion()) },
  build: {
    target: 'es2023',
    // Keeps light-dark() as it is written: rewritten, a theme chosen by hand would not reach nested parts.
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    // ORT's wasm must stay a file of its own, never inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
});
