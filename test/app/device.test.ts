/** The device is lost or was never there: the notebook and earlier results stay, and work goes on. */
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumArguments, findChromium } from '../../tools/chromium.mjs';
import { cell, openTrusted, runAll, startApp, storedText, type App } from './browser.ts';

const notebook = `---
sensorium: 1
title: Losing the device
---
\`\`\`cell stimuli words
\`\`\`

\`\`\`cell ratings rated
stimuli: words
origin: illustrative
\`\`\`

\`\`\`cell rdm map
of: rated
\`\`\`

\`\`\`cell model mini
\`\`\`

\`\`\`cell activations hidden
model: mini
stimuli: words
\`\`\`

\`\`\`cell rsa gap
reference: rated
candidates: [hidden]
permutations: 1000000
bootstrap: 0
\`\`\`
`;

let app: App;

beforeAll(async () => {
  app = await startApp();
});

afterAll(() => app.stop());

test('a cell whose device is lost runs once more by itself; a second loss fails it alone, the text and earlier results stay, and it runs again', async () => {
  const { tab } = await app.fresh();
  const { page } = await tab();
  await openTrusted(page, 'loss.md', notebook);
  await cell(page, 'map').getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => cell(page, 'map').getAttribute('data-status')).toBe('done');
  const devtools = await app.browser.newBrowserCDPSession();
  await cell(page, 'gap').getByRole('button', { name: 'Run', exact: true }).click();
  // Inside the permutations: the device has been opened by the hidden states before them.
  const permuting = cell(page, 'gap').getByText(/permutations\s+\d+\s*%/).first();
  await permuting.waitFor({ timeout: 120_000 });
  await devtools.send('Browser.crashGpuProcess');
  await cell(page, 'gap').getByText('device lost, running once more').first().waitFor();
  await permuting.waitFor({ timeout: 120_000 });
  expect(await cell(page, 'map').getAttribute('data-status')).toBe('done');
  expect(await cell(page, 'hidden').getAttribute('data-status')).toBe('done');
  await devtools.send('Browser.crashGpuProcess');
  await cell(page, 'gap').getByText('device was lost').first().waitFor();
  expect(await cell(page, 'gap').getAttribute('data-status')).toBe('failed');
  // On the CPU, which is left, these would be other results: they are still shown, as those of before.
  for (const name of ['map', 'hidden']) await cell(page, name).locator('figure, table').first().waitFor();
  await cell(page, 'gap').getByRole('button', { name: 'Text' }).click();
  expect(await storedText(page)).toBe(notebook);
  await cell(page, 'gap').getByRole('textbox').first().fill(notebook.slice(notebook.indexOf('```cell rsa')).replace('1000000', '100'));
  await expect.poll(() => cell(page, 'gap').getAttribute('data-status')).toBe('stale');
  await cell(page, 'gap').getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => cell(page, 'gap').getAttribute('data-status')).toBe('done');
});

test('without WebGPU the default notebook runs to its end on the CPU', async () => {
  const args = chromiumArguments.filter((argument) => !argument.includes('webgpu'));
  const browser = await chromium.launch({ executablePath: await findChromium(), args: [...args, '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.goto(app.address);
    await page.locator('notebook-page .prose').first().waitFor();
    expect(await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) ?? null)).toBeNull();
    await runAll(page);
    expect(await page.locator('.cell:not([data-status=done])').count()).toBe(0);
  } finally {
    await browser.close();
  }
});
