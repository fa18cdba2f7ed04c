/** A notebook from outside is only shown: nothing of it runs, nothing is fetched, no markup of it acts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cell, openFile, settled, startApp, type App } from './browser.ts';

let app: App;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const hostile = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '<svg onload="window.hacked = 1"></svg>',
  '<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>',
  '[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1) [c](data:text/html,<script>window.hacked=1</script>) [d](vbscript:x)',
  '[e]( javascript:window.hacked=1) [f](&#106;avascript:window.hacked=1) <javascript:window.hacked=1>',
  '![pixel](https://tracker.example/pixel.png) ![q](//tracker.example/q.png) ![s](data:text/html;base64,PHNjcmlwdD4=)',
  '[ref]: javascript:window.hacked=1\n\n[ref]',
  '<a href="https://tracker.example" ping="https://tracker.example/ping">x</a> <form action="https://tracker.example"><input name=a></form>',
  '<style>@import url(https://tracker.example/x.css);</style><link rel=stylesheet href=https://tracker.example/y.css><meta http-equiv=refresh content="0;url=https://tracker.example">',
  '| a |\n|---|\n| <img src=x onerror=window.hacked=1> |',
  '[good](https://example.org/paper) ![dot](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7)',
].join('\n\n');

const foreign = `---\nsensorium: 1\ntitle: "From <b>outside</b>"\n---\n# Outside\n\n${hostile}\n\n\`\`\`cell model big\nsource: hub\nid: Xenova/all-MiniLM-L6-v2\n\`\`\`\n\n\`\`\`cell stimuli words\nnorms: demo\nsample: 17\n\`\`\`\n\n\`\`\`cell table norms\nfile: norms.csv\naddress: https://data.example/norms.csv\n\`\`\`\n\n\`\`\`cell wizard spell\npower: <img src=x onerror=window.hacked=1>\n\`\`\`\n`;

test('nothing runs, nothing is asked of other hosts, and what it would want is listed', async () => {
  const { page, errors, hosts } = await (await app.fresh()).tab();
  await settled(page);
  await openFile(page, 'outside.md', foreign);
  await page.getByText('Nothing has run and nothing was downloaded').waitFor();
  await page.waitForTimeout(1500);
  const banner = await page.locator('foreign-banner').innerText();
  for (const named of ['Xenova/all-MiniLM-L6-v2', 'size unknown until asked', 'huggingface.co', 'data.example', 'norms.csv']) expect(banner).toContain(named);
  const statuses = await page.locator('article.cell').evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['status']));
  expect(statuses).toEqual(['stale', 'stale', 'stale', 'stale']);
  expect(await page.getByRole('button', { name: /^(Run|Fetch)/ }).count()).toBe(0);
  expect([...hosts]).toEqual([new URL(app.address).host]);
  expect(errors).toEqual([]);
});

test('no markup of it acts: scripts, handlers, addresses, images, styles', async () => {
  const { page, hosts } = await (await app.fresh()).tab();
  await openFile(page, 'outside.md', foreign);
  await page.getByText('Nothing has run').waitFor();
  await page.waitForTimeout(800);
  expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
  const inside = await page.evaluate(() => {
    const prose = [...document.querySelectorAll('.prose *')];
    return {
      active: prose.filter((element) => ['SCRIPT', 'IFRAME', 'STYLE', 'LINK', 'META', 'FORM', 'SVG', 'OBJECT', 'EMBED'].includes(element.tagName.toUpperCase())).length,
      handlers: prose.flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith('on') || name === 'style' || name === 'ping'),
      links: prose.filter((element): element is HTMLAnchorElement => element instanceof HTMLAnchorElement && element.hasAttribute('href')).map((link) => [link.protocol, link.rel, link.target]),
      images: prose.filter((element): element is HTMLImageElement => element instanceof HTMLImageElement).map((image) => image.src.slice(0, 15)),
    };
  });
  expect(inside.active).toBe(0);
  expect(inside.handlers).toEqual([]);
  expect(inside.links.filter(([protocol]) => protocol !== 'https:' && protocol !== 'http:' && protocol !== 'mailto:')).toEqual([]);
  expect(inside.links.filter(([, rel, target]) => target === '_blank' && rel !== 'noopener noreferrer')).toEqual([]);
  expect(inside.links.length).toBeGreaterThan(0);
  expect(inside.images).toEqual(['data:image/gif;']);
  // A click on every link that is left opens nothing in this tab.
  for (const link of await page.locator('.prose a:not([href])').all()) await link.click();
  expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
  expect([...hosts]).toEqual([new URL(app.address).host]);
});

test('trusting it makes it the reader’s own; its cheap cells then run, and it stays trusted', async () => {
  const { page } = await (await app.fresh()).tab();
  await openFile(page, 'outside.md', foreign);
  await page.getByRole('button', { name: 'Trust and run' }).click();
  await expect.poll(() => cell(page, 'words').getAttribute('data-status')).toBe('done');
  await page.reload();
  await cell(page, 'words').waitFor();
  expect(await page.locator('foreign-banner').count()).toBe(0);
});

test('fetching a file shows the whole address, asks first, and says what to do when it fails', async () => {
  const { page, hosts } = await (await app.fresh()).tab();
  await openFile(page, 'outside.md', foreign);
  await page.getByRole('button', { name: 'Trust and run' }).click();
  await cell(page, 'norms').getByRole('button', { name: 'Fetch from data.example' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fetch a file' });
  expect(await dialog.innerText()).toContain('https://data.example/norms.csv');
  expect([...hosts]).not.toContain('data.example');
  await page.route('https://data.example/**', (route) => route.abort());
  await dialog.getByRole('button', { name: 'Fetch', exact: true }).click();
  await dialog.getByText(/Download it yourself from https:\/\/data\.example\/norms\.csv and drop it here/).waitFor();
  await page.unroute('https://data.example/**');
  await page.route('https://data.example/**', (route) => route.fulfill({ body: 'word,Visual\nlemon,4\n', headers: { 'Access-Control-Allow-Origin': '*' } }));
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => cell(page, 'norms').getAttribute('data-status')).toBe('done');
});
