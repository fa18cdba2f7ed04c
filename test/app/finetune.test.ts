/** A model tuned on ratings in the app: beside its base in a figure, with its card, and as a file for Python. */
import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors } from '../../src/tuning/files/safetensors.ts';
import { cell, openTrusted, runAll, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const cells = {
  words: 'stimuli\nsample: 80',
  people: 'ratings\nstimuli: words\norigin: illustrative',
  base: 'model\nid: sensorium-mini',
  taught: 'finetune\nmodel: base\nstimuli: words\nsteps: 12\nevery: 4\ndevice: wasm',
  before: 'activations\nmodel: base\nstimuli: words\ndevice: wasm\nlabel: untaught',
  after: 'activations\nmodel: taught\nstimuli: words\ndevice: wasm',
  closeness: 'rsa\nreference: people\ncandidates: [before, after]\nlayers: [last]\npermutations: 100\nbootstrap: 100',
};
const names = Object.keys(cells);
const notebook = `---\nsensorium: 1\ntitle: Tuned\n---\n# Tuned\n${Object.entries(cells).map(([name, text]) => `\n\`\`\`cell ${text.replace('\n', ` ${name}\n`)}\n\`\`\`\n`).join('')}`;

test('Run all tunes a model that figures name beside its base; its card adds up, its zip is whole, a reload runs nothing', async () => {
  const profile = await app.fresh();
  const { page, errors, hosts } = await profile.tab();
  await openTrusted(page, 'tuned.md', notebook);
  await runAll(page);
  const statuses = await page.locator('article.cell').evaluateAll((cards) => cards.map((card) => `${(card as HTMLElement).dataset['cell']} ${(card as HTMLElement).dataset['status']}`));
  expect(statuses).toEqual(names.map((name) => `${name} done`));
  expect(await page.getByText('cannot be drawn').count()).toBe(0);

  const figure = cell(page, 'closeness').locator('.figure').first();
  const shown = await figure.innerText();
  for (const label of ['untaught', 'taught']) expect(shown).toMatch(new RegExp(`(^|[^a-z])${label}([^a-z]|$)`));

  // The card: every word on one side, and the sides' words are those listed.
  const taught = cell(page, 'taught');
  const facts = Object.fromEntries(await taught.locator('.facts div').evaluateAll((all) => all.map((fact) => [fact.querySelector('dt')!.textContent, fact.querySelector('dd')!.textContent.trim()])));
  const [train, validation, held] = ['trained on', 'validated on', 'held out'].map((name) => Number(/^(\d+) words$/.exec(facts[name] ?? '')?.[1]));
  expect(train! + validation! + held!).toBe(80);
  expect([validation, held]).toEqual([8, 16]);
  await taught.getByText('Split: 56 / 8 / 16 words').click();
  const lists = (await taught.locator('.split-list dd').allInnerTexts()).map((list) => list.split(', '));
  expect(lists.map((list) => list.length)).toEqual([train, validation, held]);
  expect(new Set(lists.flat()).size).toBe(80);

  // The file for Python holds what was learnt, and none of the words.
  const waiting = page.waitForEvent('download');
  await taught.getByRole('button', { name: 'Adapter for PEFT (zip)' }).click();
  const saved = await waiting;
  expect(saved.suggestedFilename()).toBe('taught-peft.zip');
  const files = unzipSync(await readFile(await saved.path()));
  expect(Object.keys(files).sort()).toEqual(['README.md', 'adapter_config.json', 'adapter_model.safetensors', 'head-rating.safetensors', 'sensorium.json']);
  const config = JSON.parse(strFromU8(files['adapter_config.json']!)) as { r: number; target_modules: string[] };
  const adapters = readSafetensors(files['adapter_model.safetensors']!, 'adapter_model.safetensors').tensors;
  expect(Object.keys(adapters).sort()).toEqual(config.target_modules.flatMap((module) => ['A', 'B'].map((part) => `base_model.model.${module}.lora_${part}.weight`)).sort());
  expect(adapters[`base_model.model.${config.target_modules[0]}.lora_A.weight`]?.dims).toEqual([config.r, 128]);
  expect(Object.keys(readSafetensors(files['head-rating.safetensors']!, 'head-rating.safetensors').tensors).sort()).toEqual(['bias', 'weight']);
  const written = new Set(strFromU8(files['README.md']!).toLowerCase().match(/\p{L}+/gu));
  expect(lists.flat().filter((word) => written.has(word.toLowerCase()))).toEqual([]);

  const result = await figure.innerText();
  expect([...hosts]).toEqual([new URL(app.address).host]);
  expect(errors).toEqual([]);
  const address = page.url().slice(app.address.length);
  await page.close();

  const again = await profile.tab(address);
  await expect.poll(() => again.page.locator('article.cell[data-status="clean"]').count(), { timeout: 20_000 }).toBe(names.length);
  await expect.poll(() => cell(again.page, 'closeness').locator('.figure').first().innerText()).toBe(result);
  await cell(again.page, 'taught').getByText('Split: 56 / 8 / 16 words').click();
  expect((await cell(again.page, 'taught').locator('.split-list dd').allInnerTexts()).map((list) => list.split(', '))).toEqual(lists);

  // Nothing scrolls sideways on a small screen, lists and data open.
  await again.page.setViewportSize({ width: 390, height: 844 });
  await cell(again.page, 'taught').locator('.figure-data summary').click();
  await again.page.waitForTimeout(500);
  expect(await again.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(await cell(again.page, 'taught').evaluate((card) => [...card.querySelectorAll('*')].filter((one) => !one.closest('.data-table, table, svg') && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.className))).toEqual([]);
  expect(again.errors).toEqual([]);
});

test('while it trains, a cell draws the losses of each task and of validation, and says how fast it goes', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await openTrusted(page, 'long.md', `---\nsensorium: 1\n---\n# Long\n${['stimuli words\nsample: 60', 'model base\nid: sensorium-mini', 'finetune long\nmodel: base\nstimuli: words\ntask: [rating, choice]\noptions: head\nsteps: 50000\nbatch: 2\nevery: 4\npatience: 0\ndevice: wasm'].map((text) => `\n\`\`\`cell ${text}\n\`\`\`\n`).join('')}`);
  const long = cell(page, 'long');
  await long.getByRole('button', { name: 'Run', exact: true }).click();
  const lines = long.locator('.live-curve polyline');
  await expect.poll(() => lines.count(), { timeout: 120_000 }).toBe(3);
  const points = async (): Promise<number[]> => lines.evaluateAll((all) => all.map((line) => line.getAttribute('points')!.split(' ').filter(Boolean).length));
  await expect.poll(async () => Math.min(...(await points())), { timeout: 120_000 }).toBeGreaterThan(3);
  expect(await long.locator('.live-curve .legend li').allInnerTexts()).toEqual(['rating loss', 'choice loss', 'validation loss']);
  expect(await long.locator('.progress-label').innerText()).toMatch(/^step \d+ of 50000, loss [\d.]+, validation [\d.]+, [\d.]+ steps\/s, .+ left \d+ %$/);
  await long.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => long.getAttribute('data-status'), { timeout: 60_000 }).toBe('cancelled');
  expect(await lines.count()).toBe(0);
  expect(errors).toEqual([]);
});
