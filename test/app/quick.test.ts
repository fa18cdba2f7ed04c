/** Quick in the app: the switch is an edit like any other, results of both positions stay, and every figure says which. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openFile, openTrusted, settled, startApp, storedText, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const fence = '```';
const text = `---\nsensorium: 1\ntitle: Quick\n---\n# Quick\n\n${fence}cell stimuli words\nnorms: demo\nsample: 40\nquick: {sample: 20}\n${fence}\n\n${fence}cell ratings rated\nstimuli: words\norigin: illustrative\n${fence}\n\n${fence}cell ratings again\nstimuli: words\norigin: illustrative\n${fence}\n\n${fence}cell rsa gap\nreference: rated\ncandidates: [again]\npermutations: 400\nbootstrap: 0\nquick:\n  permutations: 100\n${fence}\n\n${fence}cell model mini\n${fence}\n`;

const quickSwitch = (page: Page): Locator => page.getByRole('switch', { name: 'Quick' });
const status = (page: Page, name: string): Promise<string | null> => cell(page, name).getAttribute('data-status');
const caption = (page: Page): Promise<string> => cell(page, 'gap').locator('figcaption').first().innerText();
const isQuick = /Quick 100 of 400 permutations; 20 of 40 words \(words\)\./;

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run (all|stale)/ }).click();
  await expect.poll(() => status(page, 'gap')).toBe('done');
  await settled(page);
}

test('the switch writes one line, cells below follow, figures and cards say so, and switching back runs nothing', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await openTrusted(page, 'quick.md', text);
  await settled(page);
  await run(page);
  expect(await caption(page)).not.toContain('Quick');
  expect(await page.locator('.quick-notice').count()).toBe(0);
  const described = await quickSwitch(page).getAttribute('aria-describedby');
  expect(await page.locator(`#${described}`).textContent()).toBe('Fewer words, permutations or steps in words and gap, and in what uses them.');

  // By keyboard alone.
  await quickSwitch(page).focus();
  await page.keyboard.press('Space');
  await expect.poll(() => storedText(page)).toBe(text.replace('title: Quick\n', 'title: Quick\nquick: true\n'));
  await page.getByText('Quick is on. Fewer words').waitFor();
  expect(await page.locator('.quick-notice').innerText()).toMatch(/20 of 40 words \(words\); 100 of 400 permutations \(gap\)/);
  await expect.poll(() => status(page, 'gap')).toBe('stale');
  // The full result is still shown, and not under Quick's name.
  expect(await cell(page, 'gap').innerText()).toContain('Made with earlier settings');
  expect(await caption(page)).not.toContain('Quick');
  await run(page);
  await expect.poll(() => caption(page)).toMatch(isQuick);
  await expect.poll(() => cell(page, 'words').locator('.cell-quick').innerText()).toMatch(/Quick 20 of 40 words\./);
  expect(await cell(page, 'rated').locator('.cell-quick').innerText()).toMatch(/Quick 20 of 40 words \(words\)\./);
  expect(await cell(page, 'mini').locator('.cell-quick, .cell-quick-mark').count()).toBe(0);
  await cell(page, 'gap').getByRole('button', { name: 'Run card' }).click();
  expect(await cell(page, 'gap').locator('.run-card').innerText()).toMatch(/Quick\s+gap: 100 of 400 permutations\s+words: 20 of 40 words/);

  await page.locator('.header-quick .toggle').click();
  await expect.poll(() => storedText(page)).toBe(text);
  await expect.poll(() => status(page, 'gap')).toBe('clean');
  await expect.poll(() => caption(page)).not.toContain('Quick');
  await page.locator('.header-quick .toggle').click();
  await expect.poll(() => status(page, 'gap')).toBe('clean');
  await expect.poll(() => caption(page)).toMatch(isQuick);

  // After a reload too.
  await page.reload();
  await expect.poll(() => status(page, 'gap')).toBe('clean');
  await expect.poll(() => caption(page)).toMatch(isQuick);
  expect(await quickSwitch(page).isChecked()).toBe(true);
  expect(errors).toEqual([]);
});

test('a figure saved while Quick is on says so in its drawing, its description and the name of its file', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'quick.md', text.replace('title: Quick\n', 'title: Quick\nquick: true\n'));
  await settled(page);
  await run(page);
  await cell(page, 'gap').locator('figure-data summary').first().click();
  const saved = async (name: string): Promise<{ name: string; text: string }> => {
    const [download] = await Promise.all([page.waitForEvent('download'), cell(page, 'gap').getByRole('button', { name, exact: true }).first().click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  };
  const svg = await saved('SVG');
  expect(svg.name).toMatch(/-quick\.svg$/);
  expect(svg.text).toMatch(/<desc>[^<]*Quick: 100 of 400 permutations; 20 of 40 words \(words\)\.<\/desc>/);
  expect(svg.text).toMatch(/<text[^>]*>Quick: 100 of 400 permutations/);
  expect((await saved('csv')).name).toMatch(/-quick\.csv$/);
});

test('the form shows both values and changes only the full one', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'quick.md', text);
  await cell(page, 'gap').getByRole('button', { name: 'Settings' }).click();
  const field = cell(page, 'gap').locator('[data-field=permutations]');
  expect(await field.innerText()).toContain('With Quick: 100.');
  await field.getByLabel('Permutations').fill('300');
  await field.getByLabel('Permutations').blur();
  await expect.poll(() => storedText(page)).toBe(text.replace('permutations: 400', 'permutations: 300'));
});

test('a preview and a tab that only reads show the switch and cannot flip it; without quick blocks there is none', async () => {
  const profile = await app.fresh();
  const { page } = await profile.tab();
  await openFile(page, 'quick.md', text);
  await page.getByRole('button', { name: 'Trust and run' }).waitFor();
  await quickSwitch(page).waitFor();
  expect(await quickSwitch(page).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Trust and run' }).click();
  await expect.poll(() => quickSwitch(page).isDisabled()).toBe(false);
  const second = await profile.tab(new URL(page.url()).hash);
  await second.page.getByText('Another tab is writing').waitFor();
  expect(await quickSwitch(second.page).isDisabled()).toBe(true);

  await openTrusted(page, 'plain.md', '---\nsensorium: 1\ntitle: Plain\n---\n# Plain\n\n```cell stimuli words\nsample: 20\n```\n');
  await settled(page);
  expect(await quickSwitch(page).count()).toBe(0);
});
