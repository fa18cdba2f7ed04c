/** The transfer cell in the built app: a heatmap that reads by keyboard, fits a small screen, and holds its numbers as a table. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openTrusted, runAll, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const cells = {
  words: 'stimuli\ntranslation: "nl: dutch"\nsample: 140',
  base: 'model\nid: sensorium-mini',
  senses: 'finetune\nmodel: base\nstimuli: words\ndimensions: [sensory]\nsteps: 6\nevery: 6\ndevice: wasm',
  asked: 'finetune\nmodel: base\ntask: choice\noptions: head\nsteps: 6\nbatch: 4\nevery: 6\ndevice: wasm',
  gains: 'transfer\nbase: base\ntuned: [senses, asked]\ntests: [words]\nlanguages: [en, nl]\nquestions: demo\nbootstrap: 400\ndevice: wasm',
};
const notebook = `---\nsensorium: 1\ntitle: Transfer\n---\n# Transfer\n${Object.entries(cells).map(([name, text]) => `\n\`\`\`cell ${text.replace('\n', ` ${name}\n`)}\n\`\`\`\n`).join('')}`;

test('the heatmap names every difference, reads by keyboard, and scrolls by itself on a small screen', async () => {
  const profile = await app.fresh({ reducedMotion: 'reduce' });
  await profile.context.addInitScript(axe);
  const { page, errors } = await profile.tab();
  await openTrusted(page, 'transfer.md', notebook);
  await runAll(page);
  const gains = cell(page, 'gains');
  expect(await gains.getAttribute('data-status')).toBe('done');

  const heatmap = gains.locator('transfer-matrix');
  // The view comes in a file of its own.
  await expect.poll(() => heatmap.locator('tbody tr').count()).toBe(3);
  // RSA and probes of three sets, predicted ratings of three, in two languages; questions read in two ways in two languages.
  const width = 2 * (3 + 3 + 3 + 2);
  expect(await heatmap.locator('tbody td').count()).toBe(3 * width);
  expect(await heatmap.locator('thead tr').first().locator('th').allInnerTexts()).toEqual(['model', 'RSA', 'Probe', 'Predicted ratings', 'Questions']);

  // By keyboard every cell is read as a sentence; what was not measured says why.
  await heatmap.locator('td').first().focus();
  await page.keyboard.press('ArrowDown');
  const readout = heatmap.locator('.matrix-readout');
  await expect.poll(() => readout.innerText()).toMatch(/^senses: RSA, demo concepts in en, motor: \.\d+ \[.*\], \d+ words\. Difference from the base: [+−]?\.\d+ \[.*\], p .*, corrected p .*\. Transfer to other dimensions\.$/);
  expect(await page.evaluate(() => document.activeElement?.querySelector('.visually-hidden')?.textContent)).toBe(await readout.innerText());
  await page.keyboard.press('End');
  await expect.poll(() => readout.innerText()).toMatch(/^senses: Questions by likelihood, demo questions in nl: [\d.]+ % \[/);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => readout.innerText()).toMatch(/^senses: Questions own head, demo questions in nl: not measured, it has no head that answers questions\.$/);

  // Trained-on cells are told from transfer: senses in English alone.
  const trained = await heatmap.locator('tbody tr').nth(1).locator('td[data-trained="all"]').evaluateAll((all) => all.map((one) => one.querySelector('.visually-hidden')!.textContent.split(':')[1]));
  expect(trained).toEqual([' RSA, demo concepts in en, sensory', ' Probe, demo concepts in en, sensory', ' Predicted ratings, demo concepts in en, sensory']);

  // The table behind it has a record for every model and column; the other figures follow their controls.
  await gains.locator('.figure-data summary').first().click();
  await gains.getByRole('button', { name: 'Show all' }).first().click();
  expect(await gains.locator('.figure-data').first().locator('tbody tr').count()).toBe(3 * width);
  await gains.locator('.figure').nth(1).getByRole('radio', { name: 'Questions' }).check();
  await expect.poll(() => gains.locator('.figure').nth(1).locator('.figure-title').innerText()).toContain('Questions');
  await gains.locator('.figure').nth(2).getByRole('combobox').selectOption('ratings by a head, demo concepts in nl');
  await expect.poll(() => gains.locator('.figure').nth(2).locator('figcaption').innerText()).toContain('its probe stands for it');

  for (const [size, scheme] of [[1440, 'light'], [390, 'dark'], [1440, 'dark'], [390, 'light']] as const) {
    await page.setViewportSize({ width: size, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: { run(context: string): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run('article.cell[data-cell="gains"]'));
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`)).toEqual([]);
    if (process.env['SHOTS']) {
      await heatmap.scrollIntoViewIfNeeded();
      await gains.screenshot({ path: `${process.env['SHOTS']}/transfer-${size}-${scheme}.png` });
    }
  }
  expect(await page.getByText('cannot be drawn').count()).toBe(0);
  expect(errors).toEqual([]);
});
