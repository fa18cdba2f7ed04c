/**
 * `npm run calibration`: thousands of made-up studies through the rsa cell in a real browser; writes the figure
 * docs/statistics/inference/calibration.svg and the tables of calibration.md beside it. Takes some minutes.
 *
 * Options: --runs 2000 (studies of each size with nothing to find), --power-runs 400 (with something to find);
 * --delete-half: differences from samples without replacement alone, prints a table.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, root } from '../ensure.mjs';
import { figure } from './figure.mjs';

ensurePackages();
const { values } = parseArgs({ options: { runs: { type: 'string', default: '2000' }, 'power-runs': { type: 'string', default: '400' }, 'delete-half': { type: 'boolean', default: false } } });
const runs = Number(values.runs);
const powerRuns = Number(values['power-runs']);
const sizes = [20, 50, 100];
const effects = { permutation: [0.1, 0.2, 0.3, 0.4, 0.5], difference: [0.1, 0.2, 0.3, 0.4, 0.5], max: [0.2, 0.4, 0.6, 0.8, 1] };
const permutations = 200;
const bootstrap = 400;
const resampling = values['delete-half'] ? { resampling: 'delete-half' } : {};

const { chromium } = await import('playwright');
const { createServer } = await import('vite');
const { chromiumArguments, findChromium } = await import('../chromium.mjs');
const server = await createServer({ root, logLevel: 'error', server: { port: 0, hmr: false }, optimizeDeps: { entries: ['tools/calibration/page.html'] } });
await server.listen();
const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
const page = await browser.newPage();
page.setDefaultTimeout(0);
page.on('pageerror', (error) => console.error(error.message));
await page.goto(`${server.resolvedUrls.local[0]}tools/calibration/page.html`);
await page.waitForFunction(() => window.calibrate);

/** In pieces, so that a line now and then says how far it is. */
async function rates(design, n, effect, count) {
  const total = {};
  for (let from = 0; from < count; from += 100) {
    const to = Math.min(count, from + 100);
    const found = await page.evaluate(([study, ...range]) => window.calibrate(study, ...range), [{ design, n, effect, permutations, bootstrap, ...resampling }, from, to]);
    for (const [test, rejections] of Object.entries(found)) total[test] = (total[test] ?? 0) + rejections;
  }
  console.error(`${design}, ${n} words, effect ${effect}: ${JSON.stringify(total)} of ${count}`);
  return Object.entries(total).map(([test, rejections]) => ({ design, test, n, effect, rejections, runs: count }));
}

const share = ({ rejections, runs: of }) => `${((100 * rejections) / of).toFixed(1)} %`;
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const found = [];
if (values['delete-half']) {
  const rows = [];
  for (const design of ['difference', 'unrelated']) {
    const shares = [];
    for (const n of sizes) shares.push(share((await rates(design, n, 0, runs)).find(({ test }) => test === design)));
    rows.push([design === 'difference' ? 'difference of equal candidates' : 'difference of unrelated candidates', ...shares]);
  }
  console.log(table(['test', ...sizes.map((n) => `n = ${n}`)], rows));
  process.exit(0);
}
for (const design of ['permutation', 'difference', 'unrelated', 'max']) for (const n of sizes) found.push(...(await rates(design, n, 0, runs)));
for (const [design, list] of Object.entries(effects)) for (const n of sizes) for (const effect of list) found.push(...(await rates(design, n, effect, powerRuns)));
await browser.close();
await server.close();

const names = {
  permutation: 'permutation test',
  difference: 'difference of equal candidates, corrected t',
  'percentile of difference': 'the same, percentile interval leaves out 0',
  unrelated: 'difference of unrelated candidates, corrected t',
  'percentile of unrelated': 'the same, percentile interval leaves out 0',
  max: 'maximum statistic, any of 12 layers',
  uncorrected: 'any of 12 layers, not corrected',
};
const at = (test, n, effect) => found.find((one) => one.test === test && one.n === n && one.effect === effect);
const error = (1.96 * Math.sqrt((0.05 * 0.95) / runs) * 100).toFixed(1);
const numbers = [
  `Nothing to find: share of ${runs.toLocaleString('en')} studies in which the test rejects at 5 % (Monte Carlo error of the share: ${error} points at 95 %).`,
  table(['test', ...sizes.map((n) => `n = ${n}`)], Object.entries(names).map(([test, name]) => [name, ...sizes.map((n) => share(at(test, n, 0)))])),
  `Something to find: share of ${powerRuns.toLocaleString('en')} studies in which it is found.`,
  table(['test', 'effect', ...sizes.map((n) => `n = ${n}`)], Object.entries(effects).flatMap(([design, list]) => list.map((effect) => [
    design === 'max' ? 'maximum statistic, the layer that has it' : design === 'difference' ? 'difference, corrected t' : names[design], effect, ...sizes.map((n) => share(at(design, n, effect))),
  ]))),
].join('\n\n');
const folder = join(root, 'docs/statistics/inference');
const text = readFileSync(join(folder, 'calibration.md'), 'utf8');
writeFileSync(join(folder, 'calibration.md'), text.replace(/(## Numbers\n\n)[\s\S]*?(?=\n## )/, (_, title) => `${title}${numbers}\n`));
writeFileSync(join(folder, 'calibration.svg'), figure({ found, sizes, effects, names }));
process.exit(0);
