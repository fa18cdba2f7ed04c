/** The keyboard reaches everything and shows where it is; axe finds nothing serious in either theme at either width. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cell, openFile, runAll, settled, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds serious, as one line each. */
async function serious(page: Page): Promise<string[]> {
  const { violations: found, passes } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<{ violations: Violation[]; passes: unknown[] }> } }).axe.run());
  expect(passes.length).toBeGreaterThan(15);
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 240)}`));
}

const odd = '---\nsensorium: 1\n---\n# Odd\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n```cell wizard w\na: 1\n```\n\n```cell table t\nfile: t.csv\naddress: https://data.example/t.csv\n```\n\n```cell rdm r\nof: nobody\n```\n';

describe('axe finds nothing serious', () => {
  let page: Page;
  beforeAll(async () => {
    const profile = await app.fresh({ reducedMotion: 'reduce' });
    await profile.context.addInitScript(axe);
    ({ page } = await profile.tab());
    await runAll(page);
    await cell(page, 'rated').getByRole('button', { name: 'Settings' }).click();
    await cell(page, 'closeness').getByRole('button', { name: 'Run card' }).click();
  });

  // Colours change with the theme, the layout with the width: two of the four pairs see each; SENSORIUM_LONG=1 sees all.
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of process.env['SENSORIUM_LONG'] ? [1440, 390] : colorScheme === 'light' ? [1440] : [390]) {
      test(`${colorScheme}, ${width} px`, async () => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(300);
        expect({ where: 'the first look', found: await serious(page) }).toEqual({ where: 'the first look', found: [] });
        await page.getByRole('button', { name: 'Notebooks' }).click();
        await page.getByRole('button', { name: 'New notebook' }).waitFor();
        expect({ where: 'the library', found: await serious(page) }).toEqual({ where: 'the library', found: [] });
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'More', exact: true }).click();
        expect({ where: 'a menu', found: await serious(page) }).toEqual({ where: 'a menu', found: [] });
        await page.getByRole('menuitem', { name: 'Storage' }).click();
        await page.getByText('Ask the browser').or(page.getByText('keeps this data')).first().waitFor();
        expect({ where: 'storage', found: await serious(page) }).toEqual({ where: 'storage', found: [] });
        await page.keyboard.press('Escape');
        await cell(page, 'rated').getByRole('button', { name: 'About RSA by rater' }).click();
        await page.getByRole('heading', { name: 'RSA by rater' }).waitFor();
        expect({ where: 'a page about a statistic', found: await serious(page) }).toEqual({ where: 'a page about a statistic', found: [] });
        await page.keyboard.press('Escape');
      });
    }
  }

  test('a foreign notebook with problems, in either theme', async () => {
    await openFile(page, 'odd.md', odd);
    await page.locator('foreign-banner').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect({ colorScheme, found: await serious(page) }).toEqual({ colorScheme, found: [] });
    }
  });
});

test('Tab goes through every control, and each shows that it has focus', async () => {
  const { page } = await (await app.fresh()).tab();
  // What runs by itself has run, so that its card can be opened.
  await expect.poll(() => cell(page, 'rated').getAttribute('data-status')).toBe('done');
  const reached: string[] = [];
  const unseen: string[] = [];
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab');
    const { name, visible, where } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const label = element.getAttribute('aria-label') ?? ((element as HTMLInputElement).labels?.[0] ?? element).innerText?.trim() ?? element.tagName;
      // Focus may be drawn on the control, its label's track, or the group around it.
      const drawn = [element, element.nextElementSibling, element.parentElement, element.closest('.chips')].some((candidate) => {
        if (!candidate) return false;
        const style = getComputedStyle(candidate);
        return style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
      });
      const box = element.getBoundingClientRect();
      // A switch is seen through its label; the checkbox below it is not drawn.
      const seen = element.closest('menu-button, .toggle') ?? element;
      const shown = Number.parseFloat(getComputedStyle(seen).opacity) > 0.9 || Number.parseFloat(getComputedStyle(element.closest('.prose-tools') ?? element).opacity) > 0.9;
      return { name: label, visible: drawn && shown && box.width > 0 && box.height > 0, where: element.outerHTML.slice(0, 120) };
    });
    reached.push(name);
    if (!visible) unseen.push(`${name}: ${where}`);
  }
  expect(unseen).toEqual([]);
  for (const control of ['Skip to the notebook', 'Notebooks', 'Quick', 'Run all', 'Theme', 'More', 'Edit text', 'Run', 'More for concepts', 'Settings', 'Text', 'Run card', 'Add here']) expect(reached).toContain(control);
});

test('Ctrl+Enter runs the cell that has focus and Escape cancels it', async () => {
  const { page } = await (await app.fresh()).tab();
  await settled(page);
  await cell(page, 'closeness').getByRole('button', { name: 'Settings' }).focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect.poll(() => cell(page, 'closeness').getAttribute('data-status')).toMatch(/queued|running/);
  await page.keyboard.press('Escape');
  await expect.poll(() => cell(page, 'closeness').getAttribute('data-status')).toBe('cancelled');
  await page.getByRole('button', { name: 'Cancel all' }).click({ timeout: 2000 }).catch(() => undefined);
});

test('the theme follows the system until the reader chooses, and the choice lasts', async () => {
  const { page } = await (await app.fresh({ colorScheme: 'dark' })).tab();
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  expect(await ground()).not.toBe(dark);
  await page.reload();
  await page.locator('notebook-page .prose').first().waitFor();
  expect(await ground()).not.toBe(dark);
});
