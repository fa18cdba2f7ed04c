/** The notebook that compares models: by hand with a hub on this machine, paused and resumed; and headless with no hub at all. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/app/automation.ts';
import type { LeaderboardValue } from '../../src/data/leaderboard.ts';
import { startHub, type Hub } from '../hub-server.ts';
import { cell, startApp, type App } from './browser.ts';

const root = resolve(import.meta.dirname, '../..');
/** Of the notebook's list; here it is the bundled model under another name, so that its values are known. */
const id = 'Xenova/all-MiniLM-L6-v2';
const onnx = `${id}/onnx/model.onnx`;

let app: App;
let hub: Hub;
beforeAll(async () => {
  [app, hub] = await Promise.all([startApp(), startHub({ models: { [id]: 'public/models/sensorium-mini' } })]);
});
afterAll(() => Promise.all([app.stop(), hub.stop()]));

test('by hand: paused in a download it goes on with that model, compares what could be had and names the rest', async () => {
  const profile = await app.fresh();
  await profile.context.addInitScript((address) => localStorage.setItem('sensorium.hub', address), hub.address);
  const { page, errors } = await profile.tab('#n=bundled%3Acompare-models');
  const board = cell(page, 'board');
  // What Run would download is told beforehand, and nothing is asked of the hub for it.
  await board.getByRole('button', { name: 'Settings' }).click();
  await expect.poll(() => board.locator('leaderboard-downloads').innerText()).toMatch(/^A run downloads about 4\d\d MB\. Nothing comes/);
  await board.getByRole('button', { name: 'Settings' }).click();
  expect(hub.requests).toEqual([]);
  hub.fault(onnx, { stallAfter: 2_000_000 });
  await page.getByRole('switch', { name: 'Quick' }).press('Space');
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  await expect.poll(() => board.locator('.progress-label').innerText(), { timeout: 60_000 }).toMatch(/^3 of 6: Xenova\/all-MiniLM-L6-v2 fp32, download .*, [\d.]+ MB of 10\.\d MB/);
  await board.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => board.getAttribute('data-status')).toBe('paused');
  expect(await board.innerText()).toContain('2 of 6 models');

  hub.fault(onnx, null);
  await page.reload();
  await board.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => board.getAttribute('data-status'), { timeout: 60_000 }).toBe('done');
  await board.locator('data-table tbody tr').first().waitFor();
  const rows = await board.locator('data-table').first().locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map((one) => (one as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim())));
  // The bundled model and its copy on the hub have one value, and nothing tells them apart.
  const of = (label: string): string[] => rows.find(([model]) => model!.endsWith(` ${label}`))!;
  expect(rows).toHaveLength(3);
  expect(of('all-MiniLM-L6-v2').slice(1, 5)).toEqual(of('sensorium-mini').slice(1, 5));
  expect(of('sensorium-mini')[2]).toMatch(/^\.\d{3}$/);
  const text = await board.innerText();
  expect(text).toContain('3 of 6 models skipped');
  expect(text).toContain('Each model’s layer is the best on 120 training words; the values are of other words.');
  expect(await board.locator('.figure-title').allInnerTexts()).toEqual(['Models by RSA with rated', 'RSA with rated by layer on the training words', 'Differences between models']);
  expect(await page.getByText('cannot be drawn').count()).toBe(0);
  // The browser itself writes refusals of the hub into the console.
  expect(errors.filter((error) => !error.includes('Failed to load resource'))).toEqual([]);
});

test('headless, without a hub: the bundled models are compared, the others are skipped with the reason', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'sensorium-compare-')), 'out.json');
  const child = spawn(process.execPath, [join(root, 'tools/notebook.mjs'), 'notebooks/compare-models.md', '--quick', '--hub', 'http://127.0.0.1:9', '--set', 'concepts.sample=60', '--out', out], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect([await new Promise((done) => child.on('close', done)), said]).toEqual([0, said]);
  const { cells } = JSON.parse(readFileSync(out, 'utf8')) as Report;
  expect(cells.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  const value = cells[2]!.value as LeaderboardValue;
  expect(value).toMatchObject({ type: 'leaderboard', choice: 'held-out', models: [{ rank: 1, row: { n: 30 } }, { rank: 2 }] });
  expect(value.models.map(({ label }) => label).sort()).toEqual(['sensorium-mini', 'sensorium-mini-causal']);
  expect(value.skipped.map(({ name, code }) => [name.split('/')[0], code])).toEqual(Array.from({ length: 4 }, () => ['Xenova', 'hub-unreachable']));
  expect(cells[2]!.card!.warnings).toEqual([expect.stringMatching(/^4 of 6 models skipped: Xenova\/all-MiniLM-L6-v2 fp32, /)]);
});
