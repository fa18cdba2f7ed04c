/** A training outlasts its tab: paused, closed or taken over, it goes on and ends with the same bits. */
import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openTrusted, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

// Long enough that a quiet machine is not through before the tab is closed.
const steps = 500;
const notebook = `---
sensorium: 1
title: Long
---
# Long

\`\`\`cell stimuli words
sample: 12
\`\`\`

\`\`\`cell model base
id: sensorium-mini-causal
\`\`\`

\`\`\`cell finetune taught
model: base
stimuli: words
steps: ${steps}
every: 250
batch: 4
patience: 0
device: wasm
\`\`\`
`;

const taught = (page: Page): ReturnType<typeof cell> => cell(page, 'taught');
const press = (page: Page, name: string): Promise<void> => taught(page).getByRole('button', { name, exact: true }).click();
const buttons = (page: Page): Promise<string[]> => taught(page).locator('.cell-actions > .button').allInnerTexts();

/** The step that the cell shows, running or not. */
async function shownStep(page: Page): Promise<number> {
  const shown = await taught(page).locator('.progress-label').innerText({ timeout: 1000 }).catch(() => '');
  return Number(/step (\d+) of/.exec(shown)?.[1] ?? -1);
}

async function atStep(page: Page, step: number): Promise<void> {
  await expect.poll(() => shownStep(page), { timeout: 120_000, interval: 100 }).toBeGreaterThanOrEqual(step);
}

/** How far what is kept has come; -1 while nothing is. */
function kept(page: Page): Promise<{ step: number; paused: boolean }> {
  return page.evaluate(async () => {
    const app = document.querySelector('sensorium-app') as unknown as { environment: { store: { kept: { list(): Promise<{ at: { done: number }; paused: boolean }[]> } } } };
    const [run] = await app.environment.store.kept.list();
    return { step: run?.at.done ?? -1, paused: run?.paused ?? false };
  });
}

async function finished(page: Page): Promise<void> {
  await expect.poll(() => taught(page).getAttribute('data-status'), { timeout: 170_000, interval: 200 }).toBe('done');
}

/** What was learnt: the name that is a hash over all its bits, and the tensors' bytes in the file for Python. */
async function learnt(page: Page): Promise<{ revision: string; files: Record<string, string> }> {
  const revision = await page.evaluate(() => {
    const app = document.querySelector('sensorium-app') as unknown as { bench: { session: { cell(name: string): { value: { revision: string } } } } };
    return app.bench.session.cell('taught').value.revision;
  });
  const waiting = page.waitForEvent('download');
  await taught(page).getByRole('button', { name: 'Adapter for PEFT (zip)' }).click();
  const files = unzipSync(await readFile(await (await waiting).path()));
  const tensors = Object.entries(files).filter(([name]) => name.endsWith('.safetensors')).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  return { revision, files: Object.fromEntries(tensors) as Record<string, string> };
}

test('paused, reloaded, closed in the middle and opened again, a training ends with the bits of one in a fresh profile', { timeout: 400_000 }, async () => {
  const profile = await app.fresh();
  const { page, errors } = await profile.tab();
  await openTrusted(page, 'long.md', notebook);
  const address = page.url().slice(app.address.length);
  await press(page, 'Run');
  await atStep(page, 10);
  expect(await buttons(page)).toEqual(['Pause', 'Cancel']);
  await press(page, 'Pause');
  await expect.poll(() => taught(page).getAttribute('data-status')).toBe('paused');
  const pausedAt = await shownStep(page);
  expect(pausedAt).toBeGreaterThanOrEqual(10);
  expect(await taught(page).locator('.progress-label').innerText()).toContain(`Paused at step ${pausedAt} of ${steps}.`);
  expect(await taught(page).locator('.pill').innerText()).toBe('paused');
  expect(await buttons(page)).toEqual(['Resume', 'Discard']);
  // The button keeps its place and the focus, and what happened is said.
  expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Resume');
  await expect.poll(() => page.locator('notebook-page [role=status]').innerText()).toBe(`taught: Paused at step ${pausedAt} of ${steps}.`);

  await page.reload();
  await expect.poll(() => shownStep(page)).toBe(pausedAt);
  expect(await taught(page).locator('.progress-label').innerText()).toContain('Paused at');
  await taught(page).getByRole('button', { name: 'Resume' }).focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect.poll(() => kept(page), { timeout: 120_000, interval: 50 }).toMatchObject({ paused: false });
  expect(errors).toEqual([]);
  await page.close();

  const again = await profile.tab(address);
  await expect.poll(() => taught(again.page).locator('.progress-label').innerText().catch(() => '')).toContain('Stopped at');
  const stoppedAt = await shownStep(again.page);
  expect(stoppedAt).toBeGreaterThan(pausedAt);
  expect(stoppedAt).toBeLessThan(steps);
  expect(await taught(again.page).locator('.pill').innerText()).toBe('stopped');
  await again.page.getByRole('button', { name: /^Run (all|stale)/ }).click();
  await finished(again.page);
  // Once the result is drawn nothing moves under the pointer any more.
  await taught(again.page).locator('.figure svg').first().waitFor();
  await taught(again.page).getByRole('button', { name: 'Run card' }).click();
  expect(await taught(again.page).locator('.run-card').innerText()).toContain(`step ${stoppedAt} of ${steps}`);
  expect(await kept(again.page)).toEqual({ step: -1, paused: false });
  const resumed = await learnt(again.page);
  expect(again.errors).toEqual([]);
  await again.page.close();

  const other = await (await app.fresh()).tab();
  await openTrusted(other.page, 'long.md', notebook);
  await press(other.page, 'Run');
  await finished(other.page);
  const inOneGo = await learnt(other.page);
  expect(Object.keys(inOneGo.files).sort()).toEqual(['adapter_model.safetensors', 'head-rating.safetensors']);
  expect(resumed).toEqual(inOneGo);
});

test('only the tab that writes can resume; another setting starts anew; what is discarded is gone', { timeout: 300_000 }, async () => {
  const profile = await app.fresh();
  const { page: first } = await profile.tab();
  await openTrusted(first, 'long.md', notebook.replace(`steps: ${steps}`, 'steps: 20000'));
  await press(first, 'Run');
  await expect.poll(async () => (await kept(first)).step, { timeout: 120_000 }).toBeGreaterThan(0);

  const { page: second } = await profile.tab(first.url().slice(app.address.length));
  await second.getByText('Another tab is writing in this notebook').waitFor();
  expect(await buttons(second)).toEqual([]);
  expect(await taught(second).locator('.progress').count()).toBe(0);
  const before = await shownStep(first);
  await second.getByRole('button', { name: 'Take over here' }).click();
  await expect.poll(() => taught(second).locator('.progress-label').innerText().catch(() => ''), { timeout: 60_000 }).toContain('Paused at');
  expect(await shownStep(second)).toBeGreaterThanOrEqual(before);
  expect(await buttons(second)).toEqual(['Resume', 'Discard']);
  // A tab in the background draws when it is looked at.
  await first.bringToFront();
  await expect.poll(() => buttons(first)).toEqual([]);
  await first.close();

  await taught(second).getByRole('button', { name: 'Settings' }).click();
  const seed = taught(second).getByLabel('Seed', { exact: true });
  await seed.fill('2');
  await seed.press('Tab');
  await expect.poll(() => buttons(second)).toEqual(['Run']);
  await seed.fill('1');
  await seed.press('Tab');
  await expect.poll(() => buttons(second)).toEqual(['Resume', 'Discard']);

  await second.getByRole('button', { name: 'More', exact: true }).click();
  await second.getByRole('menuitem', { name: 'Storage' }).click();
  await second.getByRole('heading', { name: 'Unfinished trainings' }).waitFor();
  expect(await second.locator('storage-panel').innerText()).toMatch(/Kept until they are finished, so that they can be resumed\.\s+taught, step \d+ of 20000/);
  await second.locator('storage-panel section', { hasText: 'Unfinished trainings' }).getByRole('button', { name: 'Free all' }).click();
  const question = second.getByRole('dialog', { name: 'Discard 1 unfinished training?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  expect((await kept(second)).step).toBeGreaterThanOrEqual(before);
  await second.getByRole('button', { name: 'Close', exact: true }).click();

  // Escape in a running cell that can go on pauses it.
  await press(second, 'Resume');
  await atStep(second, before + 1);
  await taught(second).getByRole('button', { name: 'Pause' }).focus();
  await second.keyboard.press('Escape');
  await expect.poll(() => buttons(second), { timeout: 60_000 }).toEqual(['Resume', 'Discard']);
  await press(second, 'Discard');
  await second.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect.poll(() => buttons(second)).toEqual(['Run']);
  expect(await kept(second)).toEqual({ step: -1, paused: false });
});
