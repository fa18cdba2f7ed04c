/**
 * `npm run bench -- sessions`: words per second of hidden states beside the feature-extraction pipeline of
 * transformers.js, in a real browser. Prints Markdown for docs/benchmarks.md.
 *
 * Options: --model FOLDER (config.json, tokenizer.json, onnx/model.onnx; the bundled model when not given),
 * --device wasm|webgpu, --words 240, --rounds 5.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumArguments, findChromium } from '../tools/chromium.mjs';
import { root } from '../tools/ensure.mjs';

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export async function benchSessions(given) {
  const { values } = parseArgs({
    args: given.filter((word) => word !== 'sessions'),
    options: { model: { type: 'string' }, device: { type: 'string', default: 'wasm' }, words: { type: 'string', default: '240' }, rounds: { type: 'string', default: '5' } },
  });
  // transformers.js asks for files below one folder: a model from elsewhere is copied below one of its own.
  const folder = values.model ? mkdtempSync(join(tmpdir(), 'sensorium-bench-')) : join(root, 'public');
  const id = values.model ? basename(resolve(values.model)) : 'sensorium-mini';
  if (values.model) cpSync(resolve(values.model), join(folder, 'models', id), { recursive: true });
  const server = await createServer({ root, logLevel: 'error', server: { port: 0, hmr: false, fs: { allow: [root, folder] } }, optimizeDeps: { entries: ['bench/sessions.html'] } });
  await server.listen();
  const address = server.resolvedUrls.local[0];
  const concepts = readFileSync(join(root, 'public/demo/concepts.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[0]);
  const texts = Array.from({ length: Number(values.words) }, (_, at) => concepts[at % concepts.length]);
  const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    page.on('pageerror', (error) => console.error(error.message));
    page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
    await page.goto(`${address}bench/sessions.html`);
    await page.waitForFunction(() => window.benchmark);
    const before = loadavg()[0];
    const models = values.model ? `${address}@fs${folder}/models/` : `${address}models/`;
    const { layers, speeds, difference } = await page.evaluate((order) => window.benchmark(order), { models, id, device: values.device, texts, rounds: Number(values.rounds) });
    const processor = cpus();
    console.log(`Machine: ${processor.length} cores of ${processor[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Chromium ${browser.version()}; ${new Date().toISOString().slice(0, 16)} UTC; load ${before.toFixed(1)} to ${loadavg()[0].toFixed(1)}\n`);
    console.log(`### ${id}, ${values.device}: ${texts.length} words, ${layers} hidden states, median of ${values.rounds} rounds\n`);
    const slowest = middle(Object.values(speeds)[0]);
    console.log('| way | words per second | to one at a time |\n| --- | --- | --- |');
    for (const [way, each] of Object.entries(speeds)) console.log(`| ${way} | ${middle(each).toFixed(0)} | ${(middle(each) / slowest).toFixed(2)} |`);
    console.log(`\nThe last layers differ by at most ${difference.toExponential(1)} of the largest value.`);
  } finally {
    await browser.close();
    await server.close();
    if (values.model) rmSync(folder, { recursive: true });
  }
  process.exit(0);
}
