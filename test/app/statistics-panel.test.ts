/** Pages about statistics in the app: asked for from a form, read, left again by keyboard. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

test('from a field to its page, to others by their links, and back to the field by keyboard', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await cell(page, 'closeness').getByRole('button', { name: 'Settings' }).click();
  const about = cell(page, 'closeness').getByRole('button', { name: 'About the Mantel test' });
  await about.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Statistics' });
  await panel.getByRole('heading', { name: 'Mantel test' }).waitFor();
  await panel.getByRole('heading', { name: 'Formula' }).waitFor();
  await panel.getByRole('button', { name: 'All statistics' }).click();
  await panel.getByRole('link', { name: 'Crossnobis distance' }).focus();
  await page.keyboard.press('Enter');
  await panel.getByRole('heading', { name: 'Crossnobis distance' }).waitFor();
  // Reading goes on where the new page begins, and its blocks can be scrolled by keyboard.
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
  expect(await focused()).toBe('Crossnobis distance');
  expect(await panel.evaluate((dialog) => dialog.scrollTop)).toBe(0);
  expect(await panel.locator('article :is(pre, .statistics-table)').evaluateAll((blocks) => blocks.filter((block) => (block as HTMLElement).tabIndex !== 0 || block.role !== 'region' || !block.ariaLabel).length)).toBe(0);
  // Back goes the way that was come.
  await panel.getByRole('button', { name: 'Back' }).click();
  await panel.getByRole('link', { name: 'Crossnobis distance' }).waitFor();
  await panel.getByRole('button', { name: 'Back' }).click();
  await panel.getByRole('heading', { name: 'Mantel test' }).waitFor();
  expect([await focused(), await panel.getByRole('button', { name: 'Back' }).count()]).toEqual(['Mantel test', 0]);
  // A page leads nowhere outside the app but to addresses that say so.
  expect(await panel.locator('article a').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => href !== '#' && !/^https?:/.test(href ?? '')))).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => panel.count()).toBe(0);
  expect(await about.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(errors).toEqual([]);
});

test('Close gives the focus back, and pages that do not load can be asked for again', async () => {
  const profile = await app.fresh();
  let lost = true;
  await profile.context.route('**/assets/statistics-pages-*.js', (route) => (lost ? route.abort() : route.continue()));
  const { page } = await profile.tab();
  await cell(page, 'closeness').getByRole('button', { name: 'Settings' }).click();
  const about = cell(page, 'closeness').getByRole('button', { name: 'About the Mantel test' });
  await about.click();
  const panel = page.getByRole('dialog', { name: 'Statistics' });
  await panel.getByText('could not be loaded').waitFor();
  lost = false;
  await panel.getByRole('button', { name: 'Try again' }).click();
  await panel.getByRole('heading', { name: 'Mantel test' }).waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => panel.count()).toBe(0);
  expect(await about.evaluate((button) => button === document.activeElement)).toBe(true);
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
