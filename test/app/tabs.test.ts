/** Two tabs on one notebook: one writes, the other reads along, and they can change places without a lost word. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, settled, startApp, storedText, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

test('the second tab is read-only, follows, and takes over with every word', async () => {
  const profile = await app.fresh();
  const { page: first } = await profile.tab();
  await settled(first);
  const { page: second } = await profile.tab();
  await second.getByText('Another tab is writing in this notebook').waitFor();
  expect(await second.getByRole('button', { name: 'Edit text' }).count()).toBe(0);
  expect(await second.getByRole('button', { name: 'Run all' }).count()).toBe(0);
  await cell(second, 'concepts').getByRole('button', { name: 'Settings' }).click();
  expect(await cell(second, 'concepts').getByLabel('Sample', { exact: true }).isDisabled()).toBe(true);

  await first.bringToFront();
  await first.getByText('A probe that succeeds').click();
  const box = first.getByLabel('Text in Markdown');
  await box.fill('Written in the first tab');
  await expect.poll(() => second.locator('main').innerText()).toContain('Written in the first tab');

  // The last words are typed and not yet parsed when the other tab takes over.
  await box.press('ControlOrMeta+End');
  await box.pressSequentially(', to the last word.');
  await second.getByRole('button', { name: 'Take over here' }).click();
  await second.getByRole('button', { name: 'Edit text' }).first().waitFor({ state: 'attached' });
  await first.getByText('Another tab is writing in this notebook').waitFor();
  expect(await storedText(second)).toContain('Written in the first tab, to the last word.');
  await expect.poll(() => first.locator('main').innerText()).toContain('Written in the first tab, to the last word.');
  expect(await first.getByLabel('Text in Markdown').count()).toBe(0);

  await second.bringToFront();
  await second.getByText('Written in the first tab').click();
  await second.getByLabel('Text in Markdown').fill('Now from the second.');
  await expect.poll(() => first.locator('main').innerText()).toContain('Now from the second.');

  // When the writer goes, the reader becomes the writer by itself.
  await second.close();
  await expect.poll(() => first.getByText('Another tab is writing').count()).toBe(0);
  expect(await storedText(first)).toContain('Now from the second.');
});
