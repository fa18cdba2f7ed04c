/** What breaks is shown where it broke; the rest of the page goes on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openTrusted, settled, startApp, storedText, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

/** The parts of the app that these tests break on purpose. */
interface Inside {
  bench: { session: { cell(name: string): { value: unknown } | undefined; filesChanged(): void }; environment: { host: { stop(): void } } };
}

test('a result that cannot be drawn is a problem in its own card', async () => {
  const { page, errors } = await (await app.fresh()).tab();
  await settled(page);
  await cell(page, 'rated').locator('table').waitFor();
  await page.evaluate(() => {
    const { session } = (document.querySelector('sensorium-app') as unknown as Inside).bench;
    session.cell('concepts')!.value = { type: 'stimuli', words: null };
    session.filesChanged();
  });
  await cell(page, 'concepts').getByText('the result cannot be drawn').waitFor();
  expect(await cell(page, 'rated').locator('table').count()).toBe(1);
  // The other cards still answer.
  await cell(page, 'rated').getByRole('button', { name: 'Settings' }).click();
  await cell(page, 'rated').locator('cell-form').waitFor();
  expect(errors).toEqual([]);
});

test('a view that cannot be loaded is a problem in its own card', async () => {
  const profile = await app.fresh();
  await profile.context.route('**/assets/view-*.js', (route) => route.abort());
  const { page } = await profile.tab();
  await settled(page);
  await cell(page, 'rated').getByText('the result cannot be drawn').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('does a language model know');
});

test('a worker that dies fails its cell, which then runs again', async () => {
  const { page } = await (await app.fresh()).tab();
  await settled(page);
  await cell(page, 'closeness').getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('article.cell[data-status="running"]').first().waitFor();
  const name = (await page.locator('article.cell[data-status="running"]').first().getAttribute('data-cell'))!;
  await page.evaluate(() => (document.querySelector('sensorium-app') as unknown as Inside).bench.environment.host.stop());
  await expect.poll(() => cell(page, name).locator('.problem').innerText()).toContain('the compute worker stopped');
  await settled(page);
  await cell(page, name).getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => cell(page, name).getAttribute('data-status'), { timeout: 60_000 }).toBe('done');
});

test('without WebGPU the page says what that means, once', async () => {
  const profile = await app.fresh();
  await profile.context.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  const { page } = await profile.tab();
  await page.getByText('This browser offers no WebGPU').waitFor();
  await page.getByRole('button', { name: 'Understood' }).click();
  await page.reload();
  await page.locator('notebook-page .prose').first().waitFor();
  expect(await page.getByText('This browser offers no WebGPU').count()).toBe(0);
});

test('a notebook of 300 cells takes a keystroke without blocking the page for long', async () => {
  const { page } = await (await app.fresh()).tab();
  const cells = Array.from({ length: 300 }, (_, at) => `Paragraph ${at}.\n\n\`\`\`cell rdm map${at}\nof: rated\n\`\`\`\n`).join('\n');
  await openTrusted(page, 'long.md', `---\nsensorium: 1\n---\n# Long\n\n\`\`\`cell stimuli words\nsample: 10\n\`\`\`\n\n\`\`\`cell ratings rated\nstimuli: words\norigin: illustrative\n\`\`\`\n\n${cells}`);
  await settled(page);
  await page.getByText('Paragraph 7.', { exact: true }).click();
  await page.evaluate(() => {
    const longest = { milliseconds: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.milliseconds = Math.max(longest.milliseconds, duration);
    }).observe({ type: 'longtask' });
    (window as unknown as { longest: typeof longest }).longest = longest;
  });
  await page.getByLabel('Text in Markdown').pressSequentially('abcdefghij', { delay: 60 });
  await page.waitForTimeout(1500);
  const longest = await page.evaluate(() => (window as unknown as { longest: { milliseconds: number } }).longest.milliseconds);
  console.log(`longest task while typing among 300 cells: ${Math.round(longest)} ms`);
  // 50 ms is the aim; the bound leaves room for a machine that others use.
  expect(longest).toBeLessThan(400);
  expect(await storedText(page)).toContain('abcdefghij');
});
