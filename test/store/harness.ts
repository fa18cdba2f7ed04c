/** A served page and a real browser with a profile on the disk, for tests that need to kill, freeze or fill them. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright';
import { createServer } from 'vite';
import type { PageApi } from './page/page.ts';

/** Keep in sync with vitest.config.ts. */
const executablePath =
  process.env['CHROME_PATH'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export type { PageApi };

/** Serves test/store/page; returns its address. */
export async function servePage(): Promise<{ readonly address: string; close(): Promise<void> }> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'sensorium-vite-'));
  const server = await createServer({
    configFile: false, root: '.', cacheDir, logLevel: 'error', clearScreen: false,
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    optimizeDeps: { include: ['idb'], noDiscovery: true },
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0];
  if (!address) throw new Error('the test server has no address');
  return {
    address: `${address}test/store/page/index.html`,
    async close() {
      await server.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}

/** A folder for a browser profile, deleted by `remove`. */
export async function profileFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sensorium-profile-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}

export function launch(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, { ...(executablePath ? { executablePath } : {}), args, headless: true });
}

/** The browser of a persistent context. */
export function browserOf(context: BrowserContext): Browser {
  const browser = context.browser();
  if (!browser) throw new Error('this context has no browser');
  return browser;
}

/** Process ids of the browser by type: 'browser', 'renderer', ... */
export async function processIds(context: BrowserContext, type: string): Promise<number[]> {
  const session = await browserOf(context).newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter((entry) => entry.type === type).map((entry) => entry.id);
}

/** Seeded numbers in [0, 1): mulberry32, good enough to choose instants. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Opens the page and waits for the store. */
export async function openPage(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(() => window.api);
  return page;
}
