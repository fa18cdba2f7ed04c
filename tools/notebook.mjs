/**
 * `npm run notebook -- FILE.md [--files DIR] [--out OUT.json] [--set cell.param=value ...] [--hub ADDRESS]`: runs a notebook in the
 * built app in headless Chromium and writes every cell's status, value and run card. See docs/runner.md.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensurePackages } from './ensure.mjs';

const usage = 'usage: npm run notebook -- FILE.md [--files DIR] [--out OUT.json] [--set cell.param=value ...] [--quick] [--hub ADDRESS] [--timeout SECONDS]';

function stop(message) {
  console.error(message);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { files: { type: 'string' }, out: { type: 'string' }, set: { type: 'string', multiple: true, default: [] }, quick: { type: 'boolean', default: false }, hub: { type: 'string' }, timeout: { type: 'string', default: '3600' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    return stop(`${error.message}\n${usage}`);
  }
}

const { values, positionals } = options();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [file] = positionals;
if (!file || positionals.length > 1) stop(usage);
if (!existsSync(file)) stop(`${file}: no such file`);
if (values.files && !(existsSync(values.files) && statSync(values.files).isDirectory())) stop(`--files ${values.files}: no such folder`);

ensurePackages();
ensureBuilt();
const { parse } = await import('yaml');
const set = values.set.map((text) => {
  const match = /^([\w-]+)\.([\w-]+)=(.*)$/s.exec(text);
  if (!match) stop(`--set ${text}: write cell.param=value`);
  return { cell: match[1], parameter: match[2], value: parse(match[3]) };
});

const folder = values.files ? resolve(values.files) : null;
const offered = folder
  ? readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
  : [];

const { chromium } = await import('playwright');
const { chromiumArguments, findChromium } = await import('./chromium.mjs');
const { serve } = await import('./serve.mjs');
const { address, stop: stopServing } = await serve(0);
const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
let status = 1;
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  // Files answer from the same origin, by name, and only those that the folder really holds.
  await page.route('**/__files__/**', (route) => {
    const name = decodeURIComponent(new URL(route.request().url()).pathname.split('/__files__/')[1]);
    if (offered.includes(name)) return route.fulfill({ body: readFileSync(join(folder, name)), headers: { 'Cross-Origin-Resource-Policy': 'same-origin' } });
    return route.fulfill({ status: 404 });
  });
  await page.exposeFunction('sensoriumProgress', (line) => console.error(line));
  await page.goto(`${address}#automation`);
  await page.waitForFunction(() => window.sensorium !== undefined, undefined, { timeout: 30_000 });
  const order = { text: readFileSync(file, 'utf8'), files: offered, filesAt: './__files__/', set, quick: values.quick, ...(values.hub ? { hub: values.hub } : {}) };
  page.setDefaultTimeout(0);
  const limit = Number(values.timeout) * 1000;
  const running = page.evaluate((given) => window.sensorium.run(given), order);
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`not done after ${values.timeout} s`)), limit).unref());
  const report = await Promise.race([running, late]);
  if (report.problem) throw new Error(`${report.problem.what}. ${report.problem.fix}`);

  if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 1)}\n`);
  else if (!process.stdout.isTTY) console.log(JSON.stringify(report, null, 1));
  // A screen is no place for thousands of lines of numbers.
  else for (const { name, kind, status: is, card } of report.cells) console.log(`${name} (${kind}): ${is}${card ? `, ${card.seconds.toFixed(1)} s on ${card.device}` : ''}`);
  for (const { name, card } of report.cells) for (const warning of card?.warnings ?? []) console.error(`${name}: ${warning}`);
  const failed = report.cells.filter((cell) => !['done', 'clean'].includes(cell.status));
  for (const cell of failed) console.error(`${cell.name}: ${cell.status}: ${cell.problems.map((problem) => `${problem.place ? `${problem.place}: ` : ''}${problem.what}. ${problem.fix}`).join(' | ')}`);
  for (const problem of report.problems) console.error(`notebook: ${problem.what}. ${problem.fix}`);
  console.error(`${report.cells.length - failed.length} of ${report.cells.length} cells done in ${report.seconds.toFixed(1)} s${report.quick ? ', with Quick on' : ''}`);
  status = failed.length === 0 && report.problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
} finally {
  await browser.close();
  await stopServing();
}
process.exit(status);
