/** The library and the storage panel: notebooks come, go and come back; bundled ones follow the app until edited. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, drop, openTrusted, settled, startApp, storedText, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

async function library(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Notebooks' }).click();
  await page.getByRole('button', { name: 'New notebook' }).waitFor();
}

test('a new notebook is begun, renamed, copied, thrown away and brought back', async () => {
  const { page } = await (await app.fresh()).tab();
  await library(page);
  await page.getByRole('button', { name: 'New notebook' }).click();
  await page.getByRole('heading', { name: 'Untitled notebook' }).waitFor();

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByLabel('Title').fill('Smells: a test');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect.poll(() => page.title()).toBe('Smells: a test · Sensorium');
  expect(await storedText(page)).toContain('title: "Smells: a test"');

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect.poll(() => page.title()).toBe('Smells: a test (copy) · Sensorium');

  await library(page);
  await page.getByRole('button', { name: 'More for Smells: a test', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Move to the bin' }).click();
  await page.getByText('Bin (1)').click();
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: 'More for Smells: a test', exact: true }).waitFor();
});

test('a notebook saved as a file has the bytes of its text', async () => {
  const { page } = await (await app.fresh()).tab();
  const text = '---\r\nsensorium: 1\r\ntitle: Büchse\r\n---\r\n# Büchse  \r\n\r\n~~~cell stimuli words # note\r\n~~~\r\n';
  await openTrusted(page, 'x.md', text);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Save as a file' }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toBe('buchse.md');
  expect(readFileSync(await file.path(), 'utf8')).toBe(text);
});

test('a bundled notebook follows the app while it is unedited, and no longer', async () => {
  for (const edited of [false, true]) {
    const { page } = await (await app.fresh()).tab('#n=bundled%3Athe-study');
    await page.evaluate(async (mine) => {
      const { store } = (document.querySelector('sensorium-app') as unknown as { bench: { environment: { store: { notebooks: {
        create(options: object): Promise<unknown>; append(id: string, edit: object): Promise<unknown>;
      } } } } }).bench.environment;
      await store.notebooks.create({ id: 'bundled:first-look', title: 'A first look', text: '---\nsensorium: 1\n---\n# An older first look\n', origin: 'bundled' });
      if (mine) await store.notebooks.append('bundled:first-look', { base: 0, at: 0, removed: 0, inserted: '' });
      if (mine) await store.notebooks.append('bundled:first-look', { base: 1, at: 43, removed: 0, inserted: ' of mine' });
    }, edited);
    await library(page);
    await page.getByRole('button', { name: /^A first look/ }).first().click();
    await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toContain(edited ? 'An older first look' : 'does a language model know');
  }
});

test('the storage panel lists files and results, and frees them', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'norms.md', '---\nsensorium: 1\n---\n# Norms\n\n```cell table norms\nfile: norms.csv\n```\n');
  await drop(page.locator('main'), [{ name: 'norms.csv', text: 'word,Visual.mean\nlemon,4.1\n' }]);
  await expect.poll(() => cell(page, 'norms').getAttribute('data-status')).toBe('done');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Storage' }).click();
  const panel = page.locator('storage-panel');
  await panel.getByText(/\d results?, /).waitFor();
  await panel.getByRole('button', { name: 'Remove norms.csv' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await panel.getByText('No files.').waitFor();
  await panel.getByRole('button', { name: 'Free all' }).click();
  await panel.getByText('0 results').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => cell(page, 'norms').locator('.problem').innerText()).toContain('is not in this browser');
});

test('a dropped table that no cell asks for is offered as a cell; what cannot be used is named', async () => {
  const { page } = await (await app.fresh()).tab();
  await settled(page);
  await drop(page.locator('main'), [{ name: 'mine.csv', text: 'word,Visual.mean\nlemon,4.1\n' }, { name: 'photo.heic', text: 'x' }]);
  await page.getByText(/photo\.heic is no table, notebook, adapter, .*model folder\./).waitFor();
  await page.getByRole('button', { name: 'Add a table cell' }).click();
  await expect.poll(() => cell(page, 'table').getAttribute('data-status')).toBe('done');
});
