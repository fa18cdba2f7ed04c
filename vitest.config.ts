/**
 * Three kinds of test. `*.node.test.ts` need no browser (WGSL by Dawn, layering, tools); `test/app/` drives the built
 * app through Playwright; everything else runs inside a real Chromium with WebGPU and IndexedDB.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { hubCommands } from './test/hub-commands.ts';
import { layersPage } from './test/models/tiny/write-tables.ts';
import { pythonCommands } from './test/python-commands.ts';
import { recordAgreement } from './test/reference/record.ts';

const executablePath =
  process.env['CHROME_PATH'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/** Software WebGPU, so that kernels run on any machine; no background traffic. Keep in sync with tools/chromium.mjs. */
const args = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader',
];

/** Test material lies beside the project, never in it; tests that need it say so and skip where it is missing. */
const shared = existsSync('../shared/README.md') ? resolve('../shared') : '';

/**
 * On two cores the app's tests wait for the browser's: side by side each browser takes the other's core, and a training
 * that takes 8 s by itself took 54 s. With more cores both go at once.
 */
const inTurn = availableParallelism() > 2 ? 0 : 1;

export default defineConfig({
  define: { __SHARED__: JSON.stringify(shared), __CODE__: '"test"', __LONG__: JSON.stringify(Boolean(process.env['SENSORIUM_LONG'])) },
  // Tests read ../shared through /@fs; it stays outside the project.
  server: { fs: { allow: ['.', '../shared'] } },
  // Chosen ahead so that Vite does not find them mid-run and reload the page under a test.
  optimizeDeps: {
    include: ['@huggingface/transformers', 'onnxruntime-web/webgpu', 'lit', 'lit/directives/live.js', 'lit/directives/repeat.js', 'lit/directives/style-map.js', 'axe-core', 'idb', 'valibot', 'yaml', 'papaparse', 'micromark', 'micromark-extension-gfm', 'dompurify', '@observablehq/plot', 'fflate', 'read-excel-file/web-worker', 'hyparquet', 'hyparquet-compressors'],
  },
  test: {
    testTimeout: 60_000,
    // What is awaited is a state, not a speed: a busy machine may take its time.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.node.test.ts', 'test/app/**'],
          fileParallelism: false,
          sequence: { groupOrder: inTurn },
          browser: {
            commands: { ...hubCommands, ...pythonCommands, recordAgreement, layersPage },
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...(executablePath ? { executablePath } : {}), args } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      { extends: true, test: { name: 'node', environment: 'node', include: ['test/**/*.node.test.ts'], exclude: ['test/app/**'] } },
      {
        extends: true,
        test: { name: 'app', environment: 'node', include: ['test/app/**/*.test.ts'], fileParallelism: false, sequence: { groupOrder: 2 * inTurn }, testTimeout: 180_000, hookTimeout: 180_000 },
      },
    ],
  },
});
