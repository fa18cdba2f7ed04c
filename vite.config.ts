/** The build: one page, one compute worker, everything self-hosted. */
import { defineConfig } from 'vite';

/** Cross-origin isolation gives ONNX Runtime its threads; static hosts that cannot set these still work on one. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

export default defineConfig({
  // Relative addresses: the built folder works from any path of any static host.
  base: './',
  build: {
    target: 'es2023',
    // ORT's wasm must stay a file of its own, never inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
});
