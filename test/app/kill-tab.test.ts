/**
 * Again and again, while a person types, the tab or the whole browser is killed with SIGKILL at a random instant; every
 * character the store acknowledged must be there afterwards, and the text must be what was typed up to some keystroke.
 * A killed process is not a power cut: edits are written with strict durability (flushed to the disk), which this
 * test cannot show.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openPage, processIds, profileFolder, seeded, servePage } from '../store/harness.ts';

/** SENSORIUM_LONG=1 is for whoever changes the store. */
const rounds = process.env['SENSORIUM_LONG'] ? 50 : 15;
/** Every fifth kill takes the whole browser, the others only the tab's renderer. */
const browserEvery = 5;
const alphabet = [...'abcdefghijklmnopqrstuvwxyz     \né漢😀'];

let server: Awaited<ReturnType<typeof servePage>>;
let profile: Awaited<ReturnType<typeof profileFolder>>;

beforeAll(async () => {
  server = await servePage();
  profile = await profileFolder();
});

afterAll(async () => {
  await server.close();
  await profile.remove();
});

test(`a tab killed ${rounds} times while typing loses no acknowledged character`, async () => {
  const random = seeded(20260);
  let acknowledged = '';
  const start = async (): Promise<BrowserContext> => {
    const context = await launch(profile.path);
    await context.exposeBinding('acknowledged', (_source, text: string) => (acknowledged = text));
    return context;
  };

  let context = await start();
  let page = await openPage(context, server.address);
  let before = '';
  let acknowledgedInAll = 0;
  let typedInAll = 0;
  for (let round = 0; round < rounds; round += 1) {
    const opened = page.evaluate(async () => (await (await window.api).open('kill')).text);
    expect(await within(20, 'opening the notebook', opened), `round ${round}: the text as opened`).toBe(before);

    // Type somewhere in the text, not inside a character.
    const places = boundaries(before);
    const caret = places[Math.floor(random() * places.length)] ?? 0;
    await page.locator('textarea').evaluate((area: HTMLTextAreaElement, at) => area.setSelectionRange(at, at), caret);
    const words = Array.from({ length: 400 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 'x').join('');
    acknowledged = before;
    const typing = page.keyboard.type(words, { delay: Math.floor(random() * 6) }).catch(() => undefined);
    await wait(20 + random() * 400);
    context = await within(30, 'killing', kill(context, page, round % browserEvery === browserEvery - 1, start));
    await within(20, 'the end of typing', typing);

    page = await reload(context);
    const reading = page.evaluate(async () => (await (await window.api).store.notebooks.read('kill')).text);
    const stored = await within(20, 'reading', reading).catch(async (error: unknown) => {
      throw new Error(`round ${round}: ${String(error)}; the browser's own log:\n${await databaseLog()}`);
    });
    const arrived = stored.length - before.length;
    const asTyped = before.slice(0, caret) + words.slice(0, arrived) + before.slice(caret);
    expect(stored, `round ${round}: what was typed, up to some keystroke`).toBe(asTyped);
    expect(stored.length, `round ${round}: no acknowledged character is lost`).toBeGreaterThanOrEqual(acknowledged.length);
    acknowledgedInAll += acknowledged.length - before.length;
    typedInAll += arrived;
    before = stored;
  }
  await context.close();
  console.log(`${rounds} kills: ${acknowledgedInAll} code units acknowledged, ${typedInAll} stored`);
  expect(acknowledgedInAll).toBeGreaterThan(rounds * 5);
});

/** What the browser's database wrote about itself when it was opened. */
async function databaseLog(): Promise<string> {
  const folder = join(profile.path, 'Default', 'IndexedDB');
  const names = await readdir(folder, { recursive: true });
  const logs = names.filter((name) => /LOG(\.old)?$/.test(name));
  const texts = await Promise.all(logs.map(async (name) => `${name}:\n${await readFile(join(folder, name), 'utf8')}`));
  return [names.join(', '), ...texts].join('\n');
}

/** A new page; a second try where the browser still gave it the process that was just killed. */
async function reload(context: BrowserContext): Promise<Page> {
  try {
    return await within(15, 'loading the page', openPage(context, server.address));
  } catch (error) {
    console.log(`a second try at loading the page: ${String(error)}`);
    return within(30, 'loading the page again', openPage(context, server.address));
  }
}

/** What hangs is named. */
function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  return Promise.race([promise, wait(seconds * 1000, undefined, { ref: false }).then(() => Promise.reject(new Error(`${what} took more than ${seconds} s`)))]);
}

/** Kills the tab's process, or the whole browser and starts it again; returns the browser to go on with. */
async function kill(context: BrowserContext, page: Page, wholeBrowser: boolean, start: () => Promise<BrowserContext>): Promise<BrowserContext> {
  if (wholeBrowser) {
    const [browser] = await processIds(context, 'browser');
    if (browser === undefined) throw new Error('no browser process');
    const closed = new Promise((resolve) => context.once('close', resolve));
    process.kill(browser, 'SIGKILL');
    await within(10, 'the end of the browser', closed);
    return start();
  }
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  const renderers = await processIds(context, 'renderer');
  for (const renderer of renderers) process.kill(renderer, 'SIGKILL');
  await within(10, 'the crash event', crashed);
  await within(10, 'closing the crashed page', page.close());
  // The spare renderer died too: the browser must have noticed before it gives a page to it.
  while ((await processIds(context, 'renderer')).some((renderer) => renderers.includes(renderer))) await wait(50);
  return context;
}

/** Places between characters, in code units. */
function boundaries(text: string): number[] {
  const places = [0];
  for (const character of text) places.push((places.at(-1) ?? 0) + character.length);
  return places;
}
