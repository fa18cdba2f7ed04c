/** What a first visitor meets: a text that can be read at once, and a notebook that runs to the end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, runAll, settled, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

test('opens on the first look, readable, with nothing asked of other hosts and no error', async () => {
  const { page, errors, hosts } = await (await app.fresh()).tab();
  await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toContain('does a language model know');
  await expect.poll(() => page.title()).toBe('A first look · Sensorium');
  // Cheap cells run by themselves, costly ones wait.
  await expect.poll(() => cell(page, 'rated').getAttribute('data-status')).toBe('done');
  expect(await cell(page, 'hidden').getAttribute('data-status')).toBe('stale');
  expect(await cell(page, 'rated').locator('table').first().innerText()).toContain('dog');
  expect([...hosts]).toEqual([new URL(app.address).host]);
  expect(errors).toEqual([]);
});

test('Run all brings every cell to done, and a reload shows the same results without running', async () => {
  const profile = await app.fresh();
  const { page, errors, hosts } = await profile.tab();
  await runAll(page);
  const statuses = await page.locator('article.cell').evaluateAll((cards) => cards.map((card) => `${(card as HTMLElement).dataset['cell']} ${(card as HTMLElement).dataset['status']}`));
  expect(statuses.filter((status) => !status.endsWith(' done'))).toEqual([]);
  expect(statuses.length).toBe(8);
  expect(await page.getByText('cannot be drawn').count()).toBe(0);
  const result = await cell(page, 'closeness').locator('figcaption').first().innerText();
  expect(result).toMatch(/\.\d/);
  expect([...hosts]).toEqual([new URL(app.address).host]);
  expect(errors).toEqual([]);
  await page.close();

  const again = await profile.tab();
  await expect.poll(() => again.page.locator('article.cell[data-status="clean"]').count(), { timeout: 10_000 }).toBe(8);
  await expect.poll(() => cell(again.page, 'closeness').locator('figcaption').first().innerText()).toBe(result);
  expect(again.errors).toEqual([]);
});

test('a run can be cancelled and the page says so', async () => {
  const { page } = await (await app.fresh()).tab();
  await settled(page);
  await page.evaluate(() => {
    const status = document.querySelector('notebook-page > [role=status]')!;
    const heard: string[] = [];
    (window as unknown as { heard: string[] }).heard = heard;
    new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect.poll(() => page.locator('article.cell[data-status="cancelled"]').count()).toBeGreaterThan(0);
  await expect.poll(() => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join(' '))).toContain('was cancelled');
});

test('a small screen shows everything without scrolling sideways', async () => {
  const { page } = await (await app.fresh({ viewport: { width: 390, height: 844 } })).tab();
  await settled(page);
  await cell(page, 'rated').getByRole('button', { name: 'Settings' }).click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('the bundled model carries its card: data, recipe, scores of every layer, limits', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await cell(page, 'mini').getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => cell(page, 'mini').getAttribute('data-status')).toBe('done');
  await expect.poll(() => cell(page, 'mini').innerText()).toContain('weights stored as float16, computed as float32');
  await cell(page, 'mini').getByText('Model card').click();
  const card = cell(page, 'mini').locator('.card-prose');
  await card.getByRole('heading', { name: 'Limits' }).waitFor();
  expect(await card.innerText()).toContain('No human ratings');
  expect(await card.innerText()).not.toContain('<!--');
  // Five layers, the intervals of the study's measures among their scores.
  const scores = card.locator('table', { hasText: 'EN RSA' }).locator('tbody tr');
  expect(await scores.count()).toBe(5);
  expect(await scores.nth(2).innerText()).toMatch(/0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]/);
  // Nor do its wide tables push a small screen sideways.
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  expect(errors).toEqual([]);
});
