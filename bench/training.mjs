/**
 * `npm run bench -- training`: step time of fine-tuning beside TensorFlow.js and @jax-js/onnx on the same model, batch
 * and first values. Installs what it compares with (bench/package.json) when it is missing, checks that losses and
 * gradients agree, then times the sides turn by turn and prints Markdown for docs/benchmarks.md.
 *
 * Options: --rounds 30, --settings words-16,words-64,sentences-16, --sides ours,tfjs,jax, --devices wasm,webgpu,
 * --skip tfjs-plain-wasm,jax-jit-wasm,attempts (what is left out), --memory 2000 (instead of times: memory over that
 * many steps).
 */
import { existsSync, rmSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { chromiumArguments, findChromium } from '../tools/chromium.mjs';
import { must, root } from '../tools/ensure.mjs';

const bench = join(root, 'bench');
/** One for each run, taken away at its end. */
const outDir = join(bench, `node_modules/.training-${process.pid}`);

const settings = {
  'words-16': { kind: 'words', texts: 16, tokens: 0 },
  'words-64': { kind: 'words', texts: 64, tokens: 0 },
  'sentences-16': { kind: 'sentences', texts: 16, tokens: 32 },
};

/** `isolated`: the page may share memory between threads; without it everything runs on one. */
const sides = [
  { name: 'Sensorium', side: 'ours', device: 'wasm', isolated: false },
  { name: 'tfjs', side: 'tfjs', variant: 'plain', device: 'wasm', isolated: false },
  { name: 'tfjs, lean', side: 'tfjs', variant: 'lean', device: 'wasm', isolated: false },
  { name: 'jax-js', side: 'jax', variant: 'eager', device: 'wasm', isolated: false },
  { name: 'jax-js, jit', side: 'jax', variant: 'jit', device: 'wasm', isolated: false },
  { name: 'Sensorium', side: 'ours', device: 'wasm', isolated: true },
  { name: 'tfjs', side: 'tfjs', variant: 'plain', device: 'wasm', isolated: true },
  { name: 'tfjs, lean', side: 'tfjs', variant: 'lean', device: 'wasm', isolated: true },
  { name: 'jax-js', side: 'jax', variant: 'eager', device: 'wasm', isolated: true },
  { name: 'jax-js, jit', side: 'jax', variant: 'jit', device: 'wasm', isolated: true },
  { name: 'Sensorium', side: 'ours', device: 'webgpu', isolated: true },
  { name: 'tfjs', side: 'tfjs', variant: 'plain', device: 'webgpu', isolated: true },
  { name: 'jax-js', side: 'jax', variant: 'eager', device: 'webgpu', isolated: true },
  { name: 'jax-js, jit', side: 'jax', variant: 'jit', device: 'webgpu', isolated: true },
];

/** Steps before the clock counts: the first ones compile. */
const warmUp = 5;

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
const median = (values) => quantile(values, 0.5);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const load = () => loadavg()[0].toFixed(1);

/** Largest difference relative to the largest magnitude. */
function apart(actual, expected) {
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, at) => Math.abs(value - actual[at]))) / largest;
}

function ensureBenchPackages() {
  if (existsSync(join(bench, 'node_modules/@jax-js/onnx')) && existsSync(join(bench, 'node_modules/@tensorflow/tfjs-core'))) return;
  console.error('Installing what the benchmark compares with …');
  must('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing the packages of bench/');
}

async function buildPages() {
  const options = {
    configFile: false, root: bench, mode: 'bench', logLevel: 'error', base: './', publicDir: join(root, 'public'),
    define: { __CODE__: '"bench"' }, worker: { format: 'es' },
    // Names stay as they are: tfjs hands the text of its functions to its threads.
    build: { outDir, minify: false, target: 'es2023', assetsInlineLimit: 0, emptyOutDir: true, chunkSizeWarningLimit: 5000, rollupOptions: { input: join(bench, 'training.html') } },
  };
  await build(options);
  const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
  const serve = async (isolated) => (await preview({ ...options, preview: { port: 0, headers: isolated ? headers : {} } })).resolvedUrls.local[0];
  return { plain: await serve(false), isolated: await serve(true) };
}

/** A real GPU where the browser finds one, else the software adapter. */
async function openBrowser(address) {
  const executablePath = await findChromium();
  const launch = (args) => chromium.launch({ executablePath, args });
  const hardware = await launch(chromiumArguments.filter((argument) => !argument.startsWith('--use-webgpu-adapter')));
  const page = await hardware.newPage();
  await page.goto(address);
  const adapter = await page.evaluate(async () => {
    const found = await navigator.gpu?.requestAdapter();
    return found && !found.info.isFallbackAdapter && found.info.architecture !== 'swiftshader' ? `${found.info.vendor} ${found.info.architecture}` : null;
  });
  if (adapter) return { browser: hardware, adapter };
  await hardware.close();
  return { browser: await launch(chromiumArguments), adapter: 'SwiftShader, a software adapter' };
}

async function openSide(browser, addresses, side, setting) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  page.on('pageerror', (error) => console.error(`${side.name}, ${side.device}: ${error.message}`));
  const query = new URLSearchParams({ side: side.side, device: side.device, variant: side.variant ?? '' });
  await page.goto(`${side.isolated ? addresses.isolated : addresses.plain}training.html?${query}`);
  await page.waitForFunction(() => window.driven);
  const opened = await page.evaluate((value) => window.driven.open(value), setting);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  return { ...side, ...opened, page, session, close: () => context.close() };
}

const place = ({ device, isolated, about }) => (device === 'webgpu' ? 'webgpu' : isolated ? `wasm, threads allowed (${about})` : 'wasm, one thread');

/** Sides are compared where the page may do the same; how many threads they make of it is theirs. */
const peers = ({ device, isolated }) => `${device} ${isolated}`;

/** Milliseconds of processor time that the page's process has taken so far, in all threads: what else runs does not count. */
async function processorTime({ session }) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'ProcessTime').value;
}

/** Opens the sides, checks them against the first, and times them turn by turn. */
async function compare(browser, addresses, chosen, setting, rounds) {
  const open = [];
  for (const side of chosen) {
    try {
      open.push(await openSide(browser, addresses, side, setting));
    } catch (error) {
      console.log(`${side.name} on ${side.device} did not open: ${error.message.split('\n')[0]}`);
    }
  }
  const reference = await open[0].page.evaluate(() => window.driven.gradients());
  for (const side of open) {
    console.error(`${new Date().toISOString().slice(11, 19)} warming up ${side.name}, ${place(side)}`);
    const { loss, gradients } = await side.page.evaluate(() => window.driven.gradients());
    side.lossApart = Math.abs(loss - reference.loss) / reference.loss;
    side.gradientsApart = Math.max(...Object.entries(reference.gradients).map(([name, expected]) => (gradients[name] ? apart(gradients[name], expected) : Infinity)));
    Object.assign(side, { times: [], processor: [], losses: [] });
    side.losses.push(...(await side.page.evaluate((count) => window.driven.steps(count), warmUp)).losses);
    side.asked = await side.page.evaluate(() => window.driven.asked());
  }
  const before = load();
  for (let round = 0; round < rounds; round++) {
    for (const side of open) {
      const started = await processorTime(side);
      const { times, losses } = await side.page.evaluate(() => window.driven.steps(1));
      side.processor.push((await processorTime(side)) - started);
      side.times.push(...times);
      side.losses.push(...losses);
    }
  }
  const after = load();
  for (const side of open) {
    const asked = await side.page.evaluate(() => window.driven.asked());
    side.asked = Object.fromEntries(Object.entries(asked).map(([what, count]) => [what, (count - side.asked[what]) / rounds]));
    side.curveApart = Math.max(...side.losses.map((loss, at) => Math.abs(loss - open[0].losses[at]) / open[0].losses[at]));
    await side.close();
  }
  return { open, before, after };
}

function table(name, rounds, { open, before, after }) {
  const [{ shape: [texts, tokens], filled }] = open;
  const ours = new Map(open.filter(({ side }) => side === 'ours').map((side) => [peers(side), side]));
  console.log(`\n${name}: ${texts} texts of ${tokens} tokens, ${Math.round(100 * filled)} % of them no padding; ${rounds} rounds; load ${before} before, ${after} after\n`);
  console.log('| side | where | step, ms | times Sensorium | processor, ms | times Sensorium | loss, gradients, curve apart |\n| --- | --- | --- | --- | --- | --- | --- |');
  const spread = (values, digits) => `${median(values).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)})`;
  for (const side of open) {
    const base = ours.get(peers(side));
    // Round by round, so that what else the machine did in a round weighs on both.
    const ratio = !base || side === base ? '1' : spread(side.times.map((time, at) => time / base.times[at]), 1);
    // The mean: the browser counts in ticks of 10 ms. What the GPU does is not in the page's process.
    const processor = side.device === 'webgpu' ? '| |' : `| ${(sum(side.processor) / rounds).toFixed(0)} | ${base ? (sum(side.processor) / sum(base.processor)).toFixed(1) : ''}`;
    const far = [side.lossApart, side.gradientsApart, side.curveApart].map((value) => value.toExponential(0)).join(', ');
    console.log(`| ${side.name} | ${place(side)} | ${spread(side.times, 0)} | ${ratio} ${processor} | ${side === open[0] ? '' : far} |`);
  }
  const onGpu = open.filter(({ device }) => device === 'webgpu');
  if (onGpu.length === 0) return;
  console.log('\n| side | a step asks the GPU for: kernels, of which with a barrier, submissions, read-backs |\n| --- | --- |');
  for (const { name: side, asked } of onGpu) console.log(`| ${side} | ${Object.values(asked).map((count) => count.toFixed(1)).join(', ')} |`);
}

/** Memory before, after a tenth and after all of the steps. */
async function memory(browser, addresses, chosen, setting, steps) {
  console.log('\n| side | where | steps | WebAssembly, MiB: after a tenth, after all | JavaScript, MiB: after a tenth, after all |\n| --- | --- | --- | --- | --- |');
  for (const side of chosen) {
    const open = await openSide(browser, addresses, side, setting);
    const { session } = open;
    const measure = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return { wasm: await open.page.evaluate(() => window.driven.memory()), heap: usedSize / 2 ** 20 };
    };
    const run = (count) => open.page.evaluate((number) => window.driven.steps(number).then(() => undefined), count);
    await run(steps / 10);
    const early = await measure();
    await run(steps - steps / 10);
    const late = await measure();
    console.log(`| ${open.name} | ${place(open)} | ${steps} | ${early.wasm.toFixed(1)}, ${late.wasm.toFixed(1)} | ${early.heap.toFixed(1)}, ${late.heap.toFixed(1)} |`);
    await open.close();
  }
}

async function attempts(browser, addresses, device) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${addresses.plain}training.html?${new URLSearchParams({ side: 'jax', device })}`);
  await page.waitForFunction(() => window.driven);
  const found = await page.evaluate((setting) => window.driven.attempts(setting), settings['words-16']);
  await context.close();
  console.log(`\nHow far @jax-js/onnx gets on ${device}, each row with the changes above it:\n\n| change of the file | what it says |\n| --- | --- |`);
  for (const { change, error } of found) console.log(`| ${change} | ${error.slice(0, 200) || 'runs'} |`);
}

export async function benchTraining(args) {
  const { values } = parseArgs({
    args, allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '30' }, settings: { type: 'string', default: Object.keys(settings).join(',') },
      sides: { type: 'string', default: 'ours,tfjs,jax' }, skip: { type: 'string', default: '' }, devices: { type: 'string', default: 'wasm,webgpu' }, memory: { type: 'string' },
    },
  });
  ensureBenchPackages();
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  const addresses = await buildPages();
  const { browser, adapter } = await openBrowser(`${addresses.plain}training.html`);
  const [processor] = cpus();
  console.log(`Machine: ${cpus().length} cores of ${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Chromium ${browser.version()}; WebGPU: ${adapter}; ${new Date().toISOString().slice(0, 16)}`);
  const [wantedSides, devices] = [values.sides.split(','), values.devices.split(',')];
  const skipped = new Set(values.skip.split(','));
  const chosen = sides.filter(({ side, device, variant }) => wantedSides.includes(side) && devices.includes(device) && !skipped.has(`${side}-${variant}-${device}`));
  const names = values.settings.split(',');
  if (values.memory) await memory(browser, addresses, chosen, settings[names[0]], Number(values.memory));
  else {
    if (wantedSides.includes('jax') && !skipped.has('attempts')) for (const device of devices) await attempts(browser, addresses, device);
    for (const name of names) table(name, Number(values.rounds), await compare(browser, addresses, chosen, settings[name], Number(values.rounds)));
  }
  await browser.close();
  process.exit(0);
}
