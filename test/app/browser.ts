/** The built app in a real Chromium: one server and one browser per test file, a fresh profile per test. */
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright';
import { chromiumArguments, findChromium } from '../../tools/chromium.mjs';
import { ensureBuilt } from '../../tools/ensure.mjs';
import { serve } from '../../tools/serve.mjs';

export interface Tab {
  readonly page: Page;
  /** What the console and uncaught errors said, policy violations included. */
  readonly errors: string[];
  /** Hosts that were asked for anything. */
  readonly hosts: Set<string>;
}

export interface Profile {
  readonly context: BrowserContext;
  /** Opens the app, or a part of its address, in a tab of this profile and waits until the notebook is there. */
  tab(at?: string): Promise<Tab>;
}

export interface App {
  readonly address: string;
  readonly browser: Browser;
  fresh(options?: BrowserContextOptions): Promise<Profile>;
  stop(): Promise<void>;
}

/** Builds the app if needed, serves it and starts a browser. */
export async function startApp(): Promise<App> {
  ensureBuilt();
  const server = await serve(0);
  const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
  return {
    address: server.address,
    browser,
    async fresh(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      return { context, tab: (at = '') => openTab(context, server.address + at) };
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

async function openTab(context: BrowserContext, address: string): Promise<Tab> {
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol.startsWith('http')) hosts.add(host);
  });
  await page.goto(address);
  await page.locator('notebook-page .prose').first().waitFor();
  return { page, errors, hosts };
}

/** A cell's card. */
export function cell(page: Page, name: string): Locator {
  return page.locator(`article.cell[data-cell="${name}"]`);
}

/** Waits until no cell waits or runs. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('.cell[data-status=running], .cell[data-status=queued]'), undefined, { timeout: 170_000 });
}

/** Presses Run all and waits until every cell is done, failed or cancelled. */
export async function runAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  await page.waitForFunction(() => !document.querySelector('.cell:is([data-status=stale], [data-status=running], [data-status=queued])'), undefined, { timeout: 170_000 });
}

/** The open notebook's text as a tab would save it, read from the store. */
export async function storedText(page: Page): Promise<string> {
  await page.locator('.header-state', { hasText: 'Saved' }).waitFor({ state: 'attached' });
  return page.evaluate(async () => {
    const app = document.querySelector('sensorium-app') as unknown as { bench: { id: string; environment: { store: { notebooks: { read(id: string): Promise<{ text: string }> } } } } };
    return (await app.bench.environment.store.notebooks.read(app.bench.id)).text;
  });
}

/** Opens a notebook through the menu, as a reader does. */
export async function openFile(page: Page, name: string, text: string): Promise<void> {
  const before = page.url();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Open a file' }).click();
  await (await chooser).setFiles({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });
  await page.waitForURL((url) => url.href !== before);
}

/** Opens a notebook and trusts it. */
export async function openTrusted(page: Page, name: string, text: string): Promise<void> {
  await openFile(page, name, text);
  await page.getByRole('button', { name: 'Trust and run' }).click();
  await page.locator('foreign-banner').waitFor({ state: 'detached' });
}

/** Drops files on an element, as from the desktop. */
export async function drop(target: Locator, files: readonly { readonly name: string; readonly text: string }[]): Promise<void> {
  await target.evaluate((element, dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, text } of dropped) dataTransfer.items.add(new File([text], name));
    for (const type of ['dragenter', 'dragover', 'drop']) element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  }, files);
}
