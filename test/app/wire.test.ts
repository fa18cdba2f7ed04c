/**
 * What the default notebook takes off the network: nothing of the model or its runtime before the reader runs anything,
 * every file of the model once, at most 12 MB of them, and none of them at the next visit.
 */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cell, runAll, startApp, type App } from './browser.ts';

/** The budget for the model's files, compressed as a static host does. */
const modelBudget = 12_000_000;

/** One answer of the server; what the browser takes from its own caches is not among them. */
interface Answer {
  /** Path below the app, without the query. */
  readonly path: string;
  readonly status: number;
  /** Bytes of the body as the static hosts send them: text is compressed, weights are not. */
  readonly bytes: number;
}

/** Stands before the app's server and writes down what passes: workers' requests are there too, what the browser's caches answer is not. */
async function listen(app: string, answers: Answer[]): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((asked, reply) => {
    const forward = request(new URL(asked.url ?? '/', app), { method: asked.method, headers: { ...asked.headers, 'accept-encoding': 'identity' } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const body = Buffer.concat(parts);
        const type = answer.headers['content-type'] ?? '';
        const bytes = /json|text|javascript/.test(type) ? gzipSync(body).length : body.length;
        answers.push({ path: new URL(asked.url ?? '/', app).pathname.slice(1), status: answer.statusCode ?? 0, bytes });
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        reply.end(body);
      });
    });
    forward.on('error', (error) => reply.destroy(error));
    asked.pipe(forward);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}/` };
}

let app: App;
let wire: Awaited<ReturnType<typeof listen>>;
let context: BrowserContext;
const answers: Answer[] = [];

beforeAll(async () => {
  app = await startApp();
  wire = await listen(app.address, answers);
});
afterAll(async () => {
  wire.server.close();
  await app.stop();
});
beforeEach(async () => {
  context = await app.browser.newContext({ viewport: { width: 1440, height: 900 } });
  answers.length = 0;
});
afterEach(() => context.close());

async function visit(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(wire.address);
  await page.locator('notebook-page .prose').first().waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

const modelFiles = (): readonly Answer[] => answers.filter(({ path }) => path.startsWith('models/'));
const runtimeFiles = (): readonly Answer[] => answers.filter(({ path }) => /ort-wasm/.test(path));

/** Runs the whole notebook and makes sure that the model ran. */
async function runNotebook(page: Page): Promise<void> {
  await runAll(page);
  expect(await cell(page, 'hidden').getAttribute('data-status')).toBe('done');
}

/** Throws the results away, so that every cell has to run again. */
async function freeResults(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Storage' }).click();
  await page.getByRole('button', { name: 'Free all' }).click();
  await page.locator('.toast', { hasText: 'freed' }).waitFor();
  await page.keyboard.press('Escape');
}

test('looking at a notebook fetches no model and no runtime', async () => {
  await visit();
  expect(answers.some(({ path }) => path === '')).toBe(true);
  expect(modelFiles()).toEqual([]);
  expect(runtimeFiles()).toEqual([]);
});

test('running it fetches every file of the model once, within the budget, and none at the next visit', async () => {
  const first = await visit();
  await runNotebook(first);
  const fetched = [...modelFiles()];
  const paths = fetched.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json', 'onnx/model.onnx'].map((path) => `models/sensorium-mini/${path}`)));
  expect(paths.toSorted()).toEqual([...new Set(paths)].toSorted());
  expect(runtimeFiles().map(({ path }) => path).filter((path) => path.endsWith('.wasm'))).toHaveLength(1);

  await freeResults(first);
  await first.close();
  answers.length = 0;
  const second = await visit();
  expect(await cell(second, 'hidden').getAttribute('data-status')).not.toBe('done');
  await runNotebook(second);
  expect(modelFiles()).toEqual([]);

  const total = fetched.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total, fetched.map(({ path, bytes }) => `${path} ${bytes}`).join(', ')).toBeLessThanOrEqual(modelBudget);
});
