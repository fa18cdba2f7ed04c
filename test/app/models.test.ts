/** Choosing a model by hand, in the built app and with a hub on this machine in place of the public one. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/app/automation.ts';
import { startHub, type Hub } from '../hub-server.ts';
import { cell, openFile, openTrusted, settled, startApp, storedText, type App } from './browser.ts';

const stories = '../shared/models/stories260k';
const folder = resolve(import.meta.dirname, '../..', stories);
const small = 'Xenova/all-MiniLM-L6-v2';
const files = Object.fromEntries([
  ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'].map((path) => [path, `${stories}/${path}`] as const),
  // The same graph under the name of another precision: what it is called is what is chosen.
  ['onnx/model_q4.onnx', `${stories}/onnx/model.onnx`] as const,
]);
const about = { pipeline_tag: 'feature-extraction', library_name: 'transformers.js', downloads: 12_345, lastModified: '2026-05-04T10:00:00.000Z', cardData: { license: 'apache-2.0', language: ['en', 'nl'] }, config: { architectures: ['LlamaForCausalLM'], model_type: 'llama' } };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function serious(page: Page): Promise<string[]> {
  interface Found { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[] }
  const { violations, passes } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<{ violations: Found[]; passes: unknown[] }> } }).axe.run());
  expect(passes.length).toBeGreaterThan(15);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 240)}`));
}

const notebook = (...cells: string[]): string => `---\nsensorium: 1\n---\n# Models\n${cells.map((text) => `\n\`\`\`cell ${text}\n\`\`\`\n`).join('')}`;

/** Drops files of ../shared on an element, under the names they are given. */
async function dropShared(target: Locator, paths: Readonly<Record<string, string>>): Promise<void> {
  const dropped = Object.entries(paths).map(([name, path]) => ({ name, content: readFileSync(resolve(folder, path)).toString('base64') }));
  await target.evaluate((element, given) => {
    const dataTransfer = new DataTransfer();
    for (const { name, content } of given) dataTransfer.items.add(new File([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], name));
    for (const type of ['dragenter', 'dragover', 'drop']) element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  }, dropped);
}

/** What `npm run notebook` says. */
function runner(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../tools/notebook.mjs'), ...args], { cwd: resolve(import.meta.dirname, '../..'), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done) => child.on('close', () => done(said)));
}

async function openPanel(page: Page, name: 'Settings' | 'Storage'): Promise<Locator> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
  return page.getByRole('dialog', { name });
}

describe.skipIf(!existsSync(folder))('a model by hand (skipped where ../shared is missing)', () => {
  let app: App;
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub({ models: { [small]: { files, about }, 'lab/closed': { files, about: { ...about, gated: 'manual' } } } });
    app = await startApp();
  });
  afterAll(async () => {
    await app.stop();
    await hub.stop();
  });

  test('choose from the list, ask the hub, choose a precision, run, see its card, free it; nothing is asked before it is pressed', async () => {
    const profile = await app.fresh({ reducedMotion: 'reduce' });
    await profile.context.addInitScript(axe);
    const { page, errors, hosts } = await profile.tab();

    // Cells have run, so the compute worker was told of the public hub.
    await settled(page);
    // A mirror stands in for the hub; what is no address is refused, and what is set lasts.
    let panel = await openPanel(page, 'Settings');
    const address = panel.getByLabel('Hub address');
    await address.fill('https://me:secret@mirror.example');
    await address.press('Enter');
    await panel.getByText('the address carries a name or a password').waitFor();
    await address.fill(`${hub.address}/`);
    await panel.getByRole('button', { name: 'Use', exact: true }).click();
    await panel.getByRole('button', { name: 'Use the public hub' }).waitFor();
    expect(await serious(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => localStorage.getItem('sensorium.hub'))).toBe(hub.address);

    await openTrusted(page, 'models.md', notebook('model one\ndtype: q8 # mine'));
    const one = cell(page, 'one');
    await one.getByRole('button', { name: 'Settings' }).click();
    await one.getByText('Models to begin with').click();
    const choice = one.getByRole('button', { name: small });
    await choice.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => storedText(page)).toContain(`dtype: fp32 # mine\nsource: hub\nid: ${small}\n`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => storedText(page)).toContain('cell model one\ndtype: q8 # mine\n```');
    // The list makes room for what was chosen.
    await choice.waitFor({ state: 'hidden' });
    await one.getByText('Models to begin with').click();
    await choice.click();
    await expect.poll(() => one.getByRole('button', { name: small, includeHidden: true }).getAttribute('aria-pressed')).toBe('true');
    const host = new URL(hub.address).host;
    await one.getByText(`Nothing was asked yet. ${host} will see`).waitFor();
    expect(hub.requests).toEqual([]);

    await one.getByRole('button', { name: 'Ask the hub' }).click();
    const told = one.getByRole('group', { name: 'What the hub knows' });
    await told.getByText('apache-2.0').waitFor();
    for (const text of ['feature-extraction', 'en and nl', 'LlamaForCausalLM', hub.commit(small).slice(0, 7)]) await told.getByText(text, { exact: true }).waitFor();
    expect(await told.getByRole('radio').evaluateAll((all) => all.map((radio) => (radio as HTMLInputElement).value))).toEqual(['fp32', 'q4']);
    expect(hub.requests.map(({ path }) => path)).toEqual([`api/models/${small}`]);
    const bytes = Object.entries(files).filter(([path]) => path !== 'onnx/model_q4.onnx').reduce((sum, [, path]) => sum + readFileSync(resolve(import.meta.dirname, '../..', path)).length, 0);
    expect(await told.locator('.picker-precision').first().innerText()).toContain(`${(bytes / 1e6).toFixed(1)} MB to download`);
    // The form follows, to the right and back to the left.
    const inForm = (dtype: string): Promise<boolean> => one.locator('cell-form').getByRole('radio', { name: dtype, exact: true }).isChecked();
    for (const dtype of ['q4', 'fp32', 'q4']) {
      await told.getByRole('radio', { name: new RegExp(`^${dtype} `) }).check();
      await expect.poll(() => inForm(dtype)).toBe(true);
    }
    await expect.poll(() => storedText(page)).toContain('dtype: q4 # mine');
    await told.getByRole('button', { name: 'pin it' }).click();
    await expect.poll(() => storedText(page)).toContain(`revision: ${hub.commit(small)}\n`);
    await told.getByText('apache-2.0').waitFor();
    for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect({ colorScheme, width, found: await serious(page) }).toEqual({ colorScheme, width, found: [] });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1440, height: 900 });

    await one.getByRole('button', { name: 'Run', exact: true }).click();
    await expect.poll(() => one.getAttribute('data-status'), { timeout: 60_000 }).toBe('done');
    const card = one.locator('.view');
    for (const text of ['LlamaForCausalLM', 'feature-extraction', 'apache-2.0', 'q4']) await card.getByText(text, { exact: true }).first().waitFor();
    expect(await card.locator('code[title]').getAttribute('title')).toBe(hub.commit(small));
    expect(await card.getByRole('link').getAttribute('href')).toBe(`${hub.address}/${small}/tree/${hub.commit(small)}`);
    await card.getByText('Layers found in onnx/model_q4.onnx (6)').click();
    expect(await card.locator('.card-layers li').count()).toBe(6);
    await told.getByText(/kept offline/).first().waitFor();
    // What it takes to run is here; the other precision would come from the hub.
    expect(await told.locator('.picker-precision').allInnerTexts()).toEqual([expect.stringMatching(/fp32[^]*to download/), expect.stringMatching(/q4[^]*kept offline/)]);

    panel = await openPanel(page, 'Storage');
    await panel.getByText(small, { exact: true }).waitFor();
    expect(await panel.locator('.model-kept').innerText()).toContain(`commit ${hub.commit(small).slice(0, 7)}, ${host}`);
    expect(await serious(page)).toEqual([]);
    await panel.getByRole('button', { name: `Free ${small} at` }).click();
    await page.getByRole('dialog', { name: `Free ${small}?` }).getByRole('button', { name: 'Free', exact: true }).click();
    await panel.getByText('None. Models of the hub are kept here').waitFor();
    expect([...hosts].sort()).toEqual([...new Set([new URL(app.address).host, ...[...hosts].filter((name) => name.startsWith('127.0.0.1'))])].sort());
    expect(errors).toEqual([]);
  });

  test('a pasted address is read; a gated model and one that is not there say so; the setting lasts and can be taken back', async () => {
    const { page } = await (await app.fresh()).tab();
    await page.evaluate((address) => localStorage.setItem('sensorium.hub', address), hub.address);
    await page.reload();
    await openTrusted(page, 'models.md', notebook('model one'));
    const one = cell(page, 'one');
    await one.getByRole('button', { name: 'Settings' }).click();
    await one.getByText('Models to begin with').waitFor();
    const id = one.getByLabel('Model', { exact: true });
    await id.fill('https://huggingface.co/lab/closed/tree/main');
    await id.press('Tab');
    await expect.poll(() => storedText(page)).toContain('source: hub\nid: lab/closed\nrevision: main\n');
    await one.getByRole('button', { name: 'Ask the hub' }).click();
    await one.getByText('The model is gated').waitFor();
    await one.getByText('It has no export at').waitFor({ state: 'detached' });
    await id.fill('lab/nobody@v2');
    await id.press('Tab');
    await expect.poll(() => storedText(page)).toContain('id: lab/nobody\nrevision: v2\n');
    await one.getByRole('button', { name: 'Ask the hub' }).click();
    await one.getByText('has no such model').waitFor();
    const panel = await openPanel(page, 'Settings');
    await panel.getByRole('button', { name: 'Use the public hub' }).click();
    await expect.poll(() => panel.getByLabel('Hub address').inputValue()).toBe('https://huggingface.co');
    expect(await page.evaluate(() => localStorage.getItem('sensorium.hub'))).toBeNull();
    await page.keyboard.press('Escape');
    await one.getByText('Nothing was asked yet. huggingface.co will see').waitFor();
  });

  test('the preview of a notebook from outside names the mirror, and asks it for sizes only when told to', async () => {
    const { page } = await (await app.fresh()).tab();
    await settled(page);
    await page.evaluate((address) => localStorage.setItem('sensorium.hub', address), hub.address);
    hub.forgetRequests();
    await openFile(page, 'outside.md', notebook(`model one\nsource: hub\nid: ${small}`, `model two\nsource: hub\nid: ${small}\ndtype: q8`));
    const banner = page.locator('foreign-banner');
    await banner.getByText('size unknown until asked').first().waitFor();
    const host = new URL(hub.address).host;
    expect(await banner.innerText()).toContain(`from ${host}`);
    expect(await banner.innerText()).not.toContain('huggingface.co');
    expect(hub.requests).toEqual([]);
    await banner.getByRole('button', { name: 'Ask the hub for the sizes of all' }).click();
    await banner.getByText('MB in all, for 1 of 2.').waitFor();
    await banner.getByText('has no export at q8, only fp32, q4').waitFor();
    expect(hub.requests.every(({ path }) => path === `api/models/${small}`)).toBe(true);
  });

  test('dropped files make a local model under a name; what is missing is named and can be dropped on the cell; a folder does the same', async () => {
    const { page, errors } = await (await app.fresh()).tab();
    await openTrusted(page, 'models.md', notebook());
    await dropShared(page.locator('main'), { 'model.onnx': 'onnx/model.onnx' });
    const asked = page.getByRole('dialog', { name: 'A model of 1 file' });
    await asked.getByLabel('Name of the model').fill('tiny');
    await asked.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('It still lacks config.json and tokenizer.json').waitFor();
    await page.getByRole('button', { name: 'Add a model cell' }).click();
    await expect.poll(() => storedText(page)).toContain('cell model model\nsource: local\nid: tiny\n');
    const model = cell(page, 'model');
    await model.getByRole('button', { name: 'Run', exact: true }).click();
    await model.getByText('the folder lacks config.json, tokenizer.json; it has model.onnx').waitFor();
    await dropShared(model, { 'config.json': 'config.json', 'tokenizer.json': 'tokenizer.json' });
    await page.getByText('tiny (2 files) is in this browser.').waitFor();
    // A second press within half a second is taken for a double click, and this page is fast.
    await model.getByRole('button', { name: 'Run', exact: true }).focus();
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect.poll(() => model.getAttribute('data-status')).toBe('done');
    await model.getByText('Layers found in model.onnx (6)').waitFor();

    await openTrusted(page, 'folder.md', notebook('model clone\nsource: local\nid: clone'));
    const clone = cell(page, 'clone');
    const chooser = page.waitForEvent('filechooser');
    await clone.getByRole('button', { name: 'Choose the folder…' }).click();
    await (await chooser).setFiles(folder);
    await clone.getByText('is not in this browser').waitFor({ state: 'detached' });
    await clone.getByRole('button', { name: 'Run', exact: true }).click();
    await expect.poll(() => clone.getAttribute('data-status')).toBe('done');
    const panel = await openPanel(page, 'Storage');
    const kept = panel.locator('.model-list > li').filter({ hasText: 'clone' });
    await kept.getByText('5 files of a local model').click();
    await kept.getByText('clone/onnx/model.onnx').waitFor();
    // The same weights for PyTorch are of no use here.
    expect(await panel.getByText('clone/model.safetensors').count()).toBe(0);
    // The same content under another name stays.
    await kept.getByRole('button', { name: 'Remove clone', exact: true }).click();
    await page.getByRole('dialog', { name: 'Remove clone?' }).getByRole('button', { name: 'Remove', exact: true }).click();
    await kept.waitFor({ state: 'detached' });
    await panel.getByText('3 files of a local model').waitFor();
    expect(errors).toEqual([]);
  });

  test('the runner takes the hub as --hub', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sensorium-models-')), 'hub.md');
    writeFileSync(file, notebook(`model one\nsource: hub\nid: ${small}`));
    const out = `${file}.json`;
    expect(await runner(file, '--hub', hub.address, '--out', out)).toContain('1 of 1 cells done');
    const [one] = (JSON.parse(readFileSync(out, 'utf8')) as Report).cells;
    expect(one?.value).toMatchObject({ revision: hub.commit(small), about: { host: hub.address, licence: 'apache-2.0' } });
  });
});
