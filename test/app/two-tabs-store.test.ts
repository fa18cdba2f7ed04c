/** Two real tabs on one notebook: one writes, the other follows; whoever takes over, no text is lost. */
import type { BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch, openPage, processIds, profileFolder, seeded, servePage } from '../store/harness.ts';

let server: Awaited<ReturnType<typeof servePage>>;
let profile: Awaited<ReturnType<typeof profileFolder>>;
let context: BrowserContext;

beforeAll(async () => {
  server = await servePage();
});
afterAll(() => server.close());
beforeEach(async () => {
  profile = await profileFolder();
  context = await launch(profile.path);
});
afterEach(async () => {
  await context.close();
  await profile.remove();
});

/** A tab with the notebook open. */
async function openTab(): Promise<Page> {
  const page = await openPage(context, server.address);
  await page.evaluate(async () => void (await (await window.api).open('shared')));
  return page;
}

interface Seen {
  readonly role: string;
  readonly text: string;
  readonly state: string;
  readonly message: string | null;
}

function look(page: Page): Promise<Seen> {
  return page.evaluate(async () => {
    const { notebook } = await window.api;
    if (!notebook) throw new Error('no notebook is open');
    const { role, text, state, message } = notebook;
    return { role, text, state, message };
  });
}

const takeOver = (page: Page) => page.evaluate(async () => (await window.api).notebook?.takeOver());

/** What is stored, and the texts of all versions. */
function stored(page: Page): Promise<{ text: string; versions: { reason: string; text: string }[] }> {
  return page.evaluate(async () => {
    const { notebooks } = (await window.api).store;
    const history = await notebooks.history('shared');
    const versions = await Promise.all(history.map(async ({ number, reason }) => ({ reason, text: await notebooks.version('shared', number) })));
    return { text: (await notebooks.read('shared')).text, versions };
  });
}

test('the second tab reads along and refuses to write', async () => {
  const writer = await openTab();
  const reader = await openTab();
  expect([(await look(writer)).role, (await look(reader)).role]).toEqual(['writer', 'reader']);
  await writer.bringToFront();
  await writer.keyboard.type('seen live');
  await expect.poll(() => reader.locator('textarea').inputValue()).toBe('seen live');
  expect(await reader.locator('textarea').getAttribute('readonly')).not.toBeNull();
  const refused = await reader.evaluate(async () => {
    try {
      (await window.api).notebook?.edit('overwritten');
      return 'accepted';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  });
  expect(refused).toBe('notebook-read-only');
  expect((await stored(reader)).text).toBe('seen live');
});

/** SENSORIUM_LONG=1 is for whoever changes the store. */
const takeovers = process.env['SENSORIUM_LONG'] ? 30 : 10;

test(`taking over ${takeovers} times in the middle of typing loses no character`, async () => {
  const tabs = [await openTab(), await openTab()] as const;
  const random = seeded(7);
  let writer = 0;
  let typed = '';
  for (let round = 0; round < takeovers; round += 1) {
    const [from, to] = [tabs[writer % 2] as Page, tabs[(writer + 1) % 2] as Page];
    // Keystrokes that nobody waits for, and the takeover right behind them.
    const word = `${round} `.repeat(1 + Math.floor(random() * 3));
    await from.evaluate(async (characters) => {
      const { notebook } = await window.api;
      if (notebook) for (const character of characters) notebook.edit(notebook.text + character);
    }, word);
    typed += word;
    await takeOver(to);
    expect(await look(to)).toMatchObject({ role: 'writer', text: typed });
    await expect.poll(async () => (await look(from)).role).toBe('reader');
    writer += 1;
  }
  expect((await stored(tabs[0])).text).toBe(typed);
});

test('a tab that does not answer is taken over; the words it could not save are in the history', async () => {
  const frozen = await openTab();
  const other = await openTab();
  const busy = frozen.evaluate(async () => {
    const { notebook } = await window.api;
    notebook?.edit('under way');
    notebook?.edit('under way, and not yet sent');
    const until = performance.now() + 4000;
    while (performance.now() < until) {
      // The tab hangs: it can neither save nor answer.
    }
  });
  const started = performance.now();
  await takeOver(other);
  expect(performance.now() - started).toBeLessThan(3900);
  expect(await look(other)).toMatchObject({ role: 'writer', text: 'under way' });
  await other.evaluate(async () => {
    const { notebook } = await window.api;
    notebook?.edit(`${notebook.text}, and the other tab goes on`);
    await notebook?.flush();
  });
  await busy;
  await expect.poll(() => look(frozen)).toMatchObject({ role: 'reader', state: 'saved', text: 'under way, and the other tab goes on' });
  const { text, versions } = await stored(other);
  expect(text).toBe('under way, and the other tab goes on');
  expect(versions).toContainEqual({ reason: 'rescued', text: 'under way, and not yet sent' });
  expect((await look(frozen)).message).toContain('in the history');
});

test('late words of a tab that was taken over are kept even if the new writer had not written yet', async () => {
  const frozen = await openTab();
  const other = await openTab();
  const busy = frozen.evaluate(async () => {
    const { notebook } = await window.api;
    notebook?.edit('first');
    notebook?.edit('first and late');
    const until = performance.now() + 3500;
    while (performance.now() < until) {
      // The tab hangs.
    }
  });
  await takeOver(other);
  await busy;
  await expect.poll(async () => (await stored(other)).text).toBe('first and late');
  await other.evaluate(async () => {
    const { notebook } = await window.api;
    notebook?.edit('first, then the other tab');
    await notebook?.flush();
  });
  const { text, versions } = await stored(other);
  expect(text).toBe('first, then the other tab');
  expect(versions.map((version) => version.text)).toContain('first and late');
  await expect.poll(() => look(frozen)).toMatchObject({ role: 'reader', text });
});

/** Fails by name what would otherwise only run into the test's own limit. */
function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`${what} took longer than ${milliseconds} ms`)), milliseconds));
  return Promise.race([work, late]);
}

test('when the writing tab closes or dies, the reader becomes the writer with everything saved', async () => {
  const first = await openTab();
  const second = await openTab();
  await first.bringToFront();
  await first.keyboard.type('from the first');
  await expect.poll(async () => (await look(first)).state).toBe('saved');
  await first.close();
  await expect.poll(() => look(second)).toMatchObject({ role: 'writer', text: 'from the first' });

  const third = await openTab();
  expect((await look(third)).role).toBe('reader');
  await third.close();
  const crashed = new Promise<void>((resolve) => second.once('crash', () => resolve()));
  await within(20_000, 'saving', second.evaluate(async () => {
    const { notebook } = await window.api;
    notebook?.edit(`${notebook.text}, and the second`);
    await notebook?.flush();
  }));
  const renderers = await processIds(context, 'renderer');
  for (const renderer of renderers) process.kill(renderer, 'SIGKILL');
  // The browser does not always tell of a crash; a killed process is gone either way.
  await Promise.race([crashed, new Promise((resolve) => setTimeout(resolve, 5000))]);
  // A page that the browser gave to a dying process answers nothing: another is opened then.
  const opening = (): Promise<Page> => within(40_000, 'opening a tab after the crash', openTab());
  const fourth = await opening().catch(opening);
  await expect.poll(() => look(fourth)).toMatchObject({ role: 'writer', text: 'from the first, and the second' });
});

test('leaving the page in the instant of the last keystrokes loses nothing', async () => {
  const page = await openTab();
  let expected = '';
  for (let round = 0; round < 4; round += 1) {
    await page.evaluate(async (characters) => {
      const { notebook } = await window.api;
      // Before the store hears of it: the first of these keystrokes is under way, the others wait, and the page is gone.
      const lastWords = () => {
        if (notebook) for (const character of characters) notebook.edit(notebook.text + character);
      };
      addEventListener('pagehide', lastWords, { capture: true });
      location.reload();
    }, `round ${round}. `);
    expected += `round ${round}. `;
    await expect.poll(() => page.evaluate(async () => {
      const api = await window.api;
      return (api.notebook ?? (await api.open('shared'))).text;
    }).catch((error: unknown) => String(error).slice(0, 400))).toBe(expected);
    await expect.poll(async () => (await look(page)).role).toBe('writer');
  }
});
