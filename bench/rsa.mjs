/**
 * `npm run bench -- rsa`: an `rdm` and an `rsa` cell of many words, whole, in a worker of a real browser: seconds of each
 * step, processor time, and the most memory that the page's process held (Linux only). Prints Markdown for docs/benchmarks.md.
 *
 * Options: --settings words-1000,words-4000.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumArguments, findChromium } from '../tools/chromium.mjs';
import { root } from '../tools/ensure.mjs';

const settings = {
  'words-1000': {
    title: '1,000 words, 12 layers of 384, 10,000 permutations, 1,000 bootstrap draws',
    order: { n: 1000, d: 384, layers: 12, backend: 'wasm', rdm: false, rsa: { permutations: 10_000, bootstrap: 1000 } },
  },
  'words-4000': {
    title: '4,000 words, 6 layers of 384, an rdm cell, then 100 permutations, 20 bootstrap draws',
    order: { n: 4000, d: 384, layers: 6, backend: 'wasm', rdm: true, rsa: { permutations: 100, bootstrap: 20 } },
  },
};

/**
 * Of the browser's renderer that worked most: largest resident memory so far, MB, and processor seconds of all its threads,
 * which count its own work alone on a machine that others use too. Null where the system does not tell.
 */
async function costOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const costs = processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => {
    try {
      return { peak: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1024, processor: cpuTime };
    } catch {
      return { peak: null, processor: cpuTime };
    }
  });
  return costs.sort((a, b) => b.processor - a.processor)[0];
}

export async function benchRsa(given) {
  const { values } = parseArgs({ args: given.filter((word) => word !== 'rsa'), options: { settings: { type: 'string', default: Object.keys(settings).join(',') } } });
  const server = await createServer({ root, logLevel: 'error', server: { port: 0, hmr: false }, optimizeDeps: { entries: ['bench/rsa.html'] } });
  await server.listen();
  const [processor] = cpus();
  console.log(`Machine: ${cpus().length} cores of ${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; ${new Date().toISOString().slice(0, 16)} UTC; without a GPU\n`);
  for (const name of values.settings.split(',')) {
    const { title, order } = settings[name];
    const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(`${server.resolvedUrls.local[0]}bench/rsa.html`);
    await page.waitForFunction(() => window.benchmark);
    const before = loadavg()[0];
    const times = await page.evaluate((wanted) => window.benchmark(wanted), order);
    const { peak, processor: seconds } = await costOf(browser);
    await browser.close();
    console.log(`### ${title}\n\n${times.ranOn.join(', ')}; peak of the page's process ${peak === null ? 'unknown' : `${Math.round(peak)} MB`}; ${seconds.toFixed(0)} s of processor time; load ${before.toFixed(1)} to ${loadavg()[0].toFixed(1)}\n`);
    console.log('| step | seconds |\n| --- | --- |');
    for (const [step, seconds] of times.steps) if (seconds >= 0.05) console.log(`| ${step} | ${seconds.toFixed(1)} |`);
    for (const [cell, seconds] of Object.entries(times.seconds)) console.log(`| **${cell}, whole** | ${seconds.toFixed(1)} |`);
    for (const warning of times.warnings) console.log(`\nwarning: ${warning}`);
    console.log('');
  }
  await server.close();
  process.exit(0);
}
