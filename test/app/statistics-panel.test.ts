/** Pages about statistics in the app: asked for from a form, read, left again by keyboard. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

test('from a field to its page, to others by their links, and back to the field by keyboard', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await cell(page, 'closeness').getByRole('button', { name: 'Settings' }).click();
  const about = cell(page, 'closeness').getByRole('button', { name: 'About permutations' });
  await about.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Statistics' });
  await panel.getByRole('heading', { name: 'Mantel test' }).waitFor();
  await panel.getByRole('heading', { name: 'Formula' }).waitFor();
  await panel.getByRole('button', { name: 'All statistics' }).click();
  await panel.getByRole('link', { name: 'Crossnobis distance' }).click();
  await panel.getByRole('heading', { name: 'Crossnobis distance' }).waitFor();
  // A page leads nowhere outside the app but to addresses that say so.
  expect(await panel.locator('article a').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => href !== '#' && !/^https?:/.test(href ?? '')))).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => panel.count()).toBe(0);
  expect(await about.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(errors).toEqual([]);
});

test('the calibration page shows its figure, with no network but the app’s own', async () => {
  const { page, hosts } = await (await app.fresh()).tab();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Statistics' }).click();
  const panel = page.getByRole('dialog', { name: 'Statistics' });
  await panel.getByRole('link', { name: 'Calibration of the tests' }).click();
  await expect.poll(() => panel.locator('article img').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
  expect([...hosts]).toEqual([new URL(app.address).host]);
});
