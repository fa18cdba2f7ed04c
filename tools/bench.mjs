/**
 * `npm run bench -- training`: fine-tuning beside other libraries, see bench/training.mjs.
 * `npm run bench -- rsa`: whole cells of many words, see bench/rsa.mjs.
 * `npm run bench -- sessions`: hidden states beside transformers.js, see bench/sessions.mjs.
 *
 * `npm run bench`: kernels on the GPU and in WebAssembly against their twins, and the default notebook from a cold start to its RSA figure. Prints
 * Markdown for docs/benchmarks.md. Run it on an idle machine.
 */
import { cpus, totalmem } from 'node:os';
import { ensureBuilt, ensurePackages, root } from './ensure.mjs';

ensurePackages();
if (process.argv.includes('training')) await (await import('../bench/training.mjs')).benchTraining(process.argv.slice(2));
if (process.argv.includes('rsa')) await (await import('../bench/rsa.mjs')).benchRsa(process.argv.slice(2));
if (process.argv.includes('sessions')) await (await import('../bench/sessions.mjs')).benchSessions(process.argv.slice(2));
ensureBuilt();
const { chromium } = await import('playwright');
const { createServer } = await import('vite');
const { chromiumArguments, findChromium } = await import('./chromium.mjs');
const { serve } = await import('./serve.mjs');
const executablePath = await findChromium();

/** A browser with an empty profile: nothing cached, nothing stored. */
async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

const processor = cpus();
const version = await withBrowser(async (browser) => browser.version());
console.log(`Machine: ${processor.length} cores of ${processor[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Chromium ${version}; ${new Date().toISOString().slice(0, 10)}\n`);

const { address, stop } = await serve(0);
const times = [];
for (let round = 0; round < 3; round++) {
  times.push(
    await withBrowser(async (browser) => {
      const page = await browser.newPage();
      const started = performance.now();
      await page.goto(address);
      const runAll = page.getByRole('button', { name: 'Run all' });
      await runAll.click();
      const ready = (performance.now() - started) / 1000;
      const rsa = page.locator('[data-cell="closeness"]');
      await rsa.locator('figure svg').first().waitFor({ timeout: 120_000 });
      return { ready, figure: (performance.now() - started) / 1000 };
    }),
  );
}
await stop();
console.log('| first-look.md, empty profile | seconds |\n| --- | --- |');
for (const [index, { ready, figure }] of times.entries()) console.log(`| run ${index + 1}: Run all pressed / RSA figure drawn | ${ready.toFixed(1)} / ${figure.toFixed(1)} |`);

const server = await createServer({ root, logLevel: 'error', server: { port: 0, hmr: false }, optimizeDeps: { entries: ['bench/kernels.html'] } });
await server.listen();
const { adapter, rows } = await withBrowser(async (browser) => {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${server.resolvedUrls.local[0]}bench/kernels.html`);
  await page.waitForFunction(() => window.benchmark);
  return page.evaluate(() => window.benchmark);
});
await server.close();
console.log(`\n| kernel (${adapter}) | WebGPU ms | WebAssembly ms | CPU twin ms | twin / WebGPU | twin / WebAssembly |\n| --- | --- | --- | --- | --- | --- |`);
for (const { what, webgpu, wasm, cpu } of rows) {
  console.log(`| ${what} | ${webgpu.toFixed(0)} | ${wasm.toFixed(0)} | ${cpu.toFixed(0)} | ${(cpu / webgpu).toFixed(2)} | ${(cpu / wasm).toFixed(1)} |`);
}
process.exit(0);
