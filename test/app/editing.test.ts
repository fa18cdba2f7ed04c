/** Every edit touches only its lines, is on the disk at once, and can be taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, drop, openTrusted, settled, startApp, storedText, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const small = '---\nsensorium: 1\ntitle: Small\n---\n# Small\n\n```cell stimuli words\nnorms: demo # the demo\nsample: 20\n```\n\nBetween.\n\n```cell ratings rated\nstimuli: words\norigin: illustrative\n```\n';

test('a form edit changes one line of the text, the cells follow, and a reload keeps it', async () => {
  const profile = await app.fresh();
  const { page } = await profile.tab();
  await openTrusted(page, 'small.md', small);
  await settled(page);
  await cell(page, 'words').getByRole('button', { name: 'Settings' }).click();
  const sample = cell(page, 'words').getByLabel('Sample', { exact: true });
  await sample.fill('30');
  await sample.press('Enter');
  await sample.blur();
  await settled(page);
  const text = await storedText(page);
  const before = small.split('\n');
  expect(text.split('\n').filter((line, at) => line !== before[at])).toEqual(['sample: 30']);
  expect(text.split('\n').length).toBe(before.length);
  await expect.poll(() => cell(page, 'rated').innerText()).toContain('30');
  await page.reload();
  await page.locator('notebook-page .prose').first().waitFor();
  expect(await storedText(page)).toBe(text);
});

test('a value that cannot be is kept, marked at its line, and named at its field', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'small.md', small);
  await cell(page, 'words').getByRole('button', { name: 'Settings' }).click();
  const sample = cell(page, 'words').getByLabel('Sample', { exact: true });
  await sample.fill('-3');
  await sample.blur();
  await expect.poll(() => cell(page, 'words').locator('.problem').innerText()).toMatch(/cell words, line 9: sample is -3, below 0/);
  expect(await cell(page, 'words').locator('.field-problem').innerText()).toContain('below 0');
  expect(await storedText(page)).toContain('sample: -3');
});

test('prose is edited in place; what is typed is stored before the editor closes', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'small.md', small);
  await page.getByText('Between.').click();
  const box = page.getByLabel('Text in Markdown');
  await box.press('ControlOrMeta+End');
  await box.pressSequentially(' And **more**.');
  expect(await storedText(page)).toBe(small.replace('Between.', 'Between. And **more**.'));
  // Half a fence must not swallow the cell below.
  await box.pressSequentially('\n\n```\ncode');
  await page.waitForTimeout(700);
  expect(await cell(page, 'rated').count()).toBe(1);
  await box.pressSequentially('\n```');
  await box.press('Escape');
  await expect.poll(() => page.locator('.prose pre').innerText()).toContain('code');
  expect(await page.locator('.prose strong').innerText()).toBe('more');
});

test('the text of a cell is edited beside its result', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'small.md', small);
  await settled(page);
  await cell(page, 'words').getByRole('button', { name: 'Text', exact: true }).click();
  const box = page.getByLabel('Text of words');
  expect(await box.inputValue()).toBe('```cell stimuli words\nnorms: demo # the demo\nsample: 20\n```');
  await box.fill('```cell stimuli words\nnorms: demo\nsample: 25\n```');
  expect(await storedText(page)).toContain('sample: 25\n```\n\nBetween.');
  await expect.poll(() => cell(page, 'rated').innerText()).toContain('25');
});

test('cells are added, moved and deleted, and deleting can be undone to the letter', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'small.md', small);
  await page.getByRole('button', { name: 'Add a cell', exact: true }).click();
  await page.getByRole('menuitem', { name: /^RDM/ }).click();
  await cell(page, 'rdm').waitFor();
  expect(await storedText(page)).toContain('```cell rdm rdm\nof: rated\n```');

  await page.getByRole('button', { name: 'More for rdm' }).click();
  await page.getByRole('menuitem', { name: 'Move up' }).click();
  const names = (): Promise<string[]> => page.locator('article.cell').evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['cell'] ?? ''));
  await expect.poll(names).toEqual(['words', 'rdm', 'rated']);

  const before = await storedText(page);
  await page.getByRole('button', { name: 'More for words' }).click();
  await page.getByRole('menuitem', { name: 'Delete cell' }).click();
  await expect.poll(names).toEqual(['rdm', 'rated']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(names).toEqual(['words', 'rdm', 'rated']);
  expect(await storedText(page)).toBe(before);
});

test('an edited first look can be made the original again, and the edits stay in the history', async () => {
  const { page } = await (await app.fresh()).tab();
  await settled(page);
  const original = await storedText(page);
  await page.getByText('A probe that succeeds').click();
  await page.getByLabel('Text in Markdown').fill('Mine now.');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('Mine now.').waitFor();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Restore the original' }).click();
  await page.getByText('A probe that succeeds').waitFor();
  expect(await storedText(page)).toBe(original);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'History' }).click();
  await page.getByText('before the original was restored').waitFor();
});

test('a dropped table with a rating out of scale names the line', async () => {
  const { page } = await (await app.fresh()).tab();
  await openTrusted(page, 'norms.md', '---\nsensorium: 1\n---\n# Norms\n\n```cell table norms\nfile: norms.csv\n```\n');
  await expect.poll(() => cell(page, 'norms').locator('.problem').innerText()).toContain('norms.csv is not in this browser');
  await drop(page.locator('main'), [{ name: 'norms.csv', text: 'word,Visual.mean,Auditory.mean\nlemon,4.1,0.2\nthunder,2.2,7.2\n' }]);
  await settled(page);
  await expect.poll(() => cell(page, 'norms').locator('.problem').innerText()).toMatch(/line 3.*7\.2/);
  await drop(page.locator('main'), [{ name: 'norms.csv', text: 'word,Visual.mean,Auditory.mean\nlemon,4.1,0.2\nthunder,2.2,4.2\n' }]);
  await expect.poll(() => cell(page, 'norms').getAttribute('data-status')).toBe('done');
  expect(await cell(page, 'norms').locator('.problem').count()).toBe(0);
});
