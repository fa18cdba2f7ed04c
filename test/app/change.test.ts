/** What tuning changed, in the app: from Run all to figures that a keyboard reads and a small screen holds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openTrusted, runAll, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const cells = {
  words: 'stimuli\nsample: 120',
  people: 'ratings\nstimuli: words\norigin: illustrative',
  base: 'model\nid: sensorium-mini',
  taught: 'finetune\nmodel: base\nstimuli: words\nsteps: 8\nevery: 4\ntest: 0.4\ndevice: wasm',
  before: 'activations\nmodel: base\nstimuli: words\ndevice: wasm\nlabel: untaught',
  after: 'activations\nmodel: taught\nstimuli: words\ndevice: wasm',
  changed: 'change\nbefore: before\nafter: after\nreference: people\nmodel: taught\nsets: [sensory, all]\nbootstrap: 200',
};
const names = Object.keys(cells);
const notebook = `---\nsensorium: 1\ntitle: Changed\n---\n# Changed\n${Object.entries(cells).map(([name, text]) => `\n\`\`\`cell ${text.replace('\n', ` ${name}\n`)}\n\`\`\`\n`).join('')}`;

test('Run all shows what tuning changed on words the model was not trained on; keys read it, a reload keeps it', async () => {
  const profile = await app.fresh();
  const { page, errors } = await profile.tab();
  await openTrusted(page, 'changed.md', notebook);
  await runAll(page);
  const statuses = await page.locator('article.cell').evaluateAll((cards) => cards.map((card) => `${(card as HTMLElement).dataset['cell']} ${(card as HTMLElement).dataset['status']}`));
  expect(statuses).toEqual(names.map((name) => `${name} done`));
  expect(await page.getByText('cannot be drawn').count()).toBe(0);

  // 40 % of 120 words are held out of training; the others are named as left out.
  const changed = cell(page, 'changed');
  await expect.poll(() => changed.locator('.figure-title').allInnerTexts()).toEqual([
    'RSA with people by layer, before and after, All dimensions', 'Change in RSA with people by layer, All dimensions', 'How far each layer has moved, untaught to taught',
    'Similarity to people, word by word, before and after', 'Reorganisation or global gain?', 'Words that move most from untaught to taught', 'RDMs before and after, and of people',
  ]);
  expect(await changed.locator('figure').first().innerText()).toContain('n = 48 words that the tuned model was neither trained nor validated on.');
  expect(await changed.locator('.dropped summary').innerText()).toContain('72 words left out');

  // One choice of measure for both figures of words, one choice of set for both figures of layers.
  await changed.locator('figure').nth(3).getByRole('radio', { name: 'per-word RSA' }).check();
  await expect.poll(() => changed.locator('figure').nth(5).locator('figcaption').innerText()).toContain('before and after, per-word RSA');
  await changed.locator('figure').nth(1).getByRole('radio', { name: 'Sensory' }).check();
  await expect.poll(() => changed.locator('.figure-title').first().innerText()).toContain('Sensory dimensions');

  // A pair is read in all three RDMs at once.
  const squares = changed.locator('.trio-squares');
  await squares.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await expect.poll(() => changed.locator('.rdm-readout').innerText()).toMatch(/untaught \d\.\d{3} \(.+ nearer\)\s+taught \d\.\d{3} \(.+ nearer\)\s+people \d\.\d{3} \(.+ nearer\)/);
  expect(await squares.locator('.rdm-cross-row:visible').count()).toBe(3);
  await page.keyboard.press('Escape');
  await expect.poll(() => changed.locator('.rdm-readout').innerText()).toContain('Point at a cell');
  const painted = await squares.locator('canvas').evaluateAll((all) => all.map((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    return new Set((canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data).size;
  }));
  expect(painted.every((colours) => colours > 50)).toBe(true);
  const result = await changed.innerText();
  expect(errors).toEqual([]);
  const address = page.url().slice(app.address.length);
  await page.close();

  const again = await profile.tab(address);
  await expect.poll(() => again.page.locator('article.cell[data-status="clean"]').count(), { timeout: 20_000 }).toBe(names.length);
  const kept = cell(again.page, 'changed');
  expect((await kept.locator('figcaption').first().innerText())).not.toBe('');
  expect(result).toContain((await kept.locator('figure').nth(4).locator('figcaption p').first().innerText()).trim());

  // Nothing scrolls sideways on a small screen, lists and data open.
  await again.page.setViewportSize({ width: 390, height: 844 });
  for (const figure of await kept.locator('.figure-data summary').all()) await figure.click();
  await again.page.waitForTimeout(500);
  expect(await again.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(await kept.evaluate((card) => [...card.querySelectorAll('*')].filter((one) => !one.closest('.data-table, table, svg') && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.className))).toEqual([]);
  expect(again.errors).toEqual([]);
});
