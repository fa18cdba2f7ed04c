/** A workshop's Wi-Fi and a GPU that goes away: what a model cell and its activations come to all the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RepresentationValue } from '../../src/data/values.ts';
import type { RunCard } from '../../src/notebook/card.ts';
import { startHub, type Hub } from '../hub-server.ts';
import { cell, openTrusted, settled, startApp, type App } from './browser.ts';

/**
 * The model that ships, on a hub of this machine and as it ships: the second is the undisturbed run, on the CPU. What is
 * disturbed must run on the device that is lost, which auto leaves alone where it is simulated.
 */
const id = 'workshop/sensorium-mini';
const templates = 'templates: ["{word}", "she thought of the {word}"]';
const notebook = (dtype: string): string => `---
sensorium: 1
title: A bad network
---
\`\`\`cell stimuli words
sample: 20
\`\`\`

\`\`\`cell model far
source: hub
id: ${id}
dtype: ${dtype}
\`\`\`

\`\`\`cell activations disturbed
model: far
stimuli: words
device: webgpu
${templates}
\`\`\`

\`\`\`cell model near
\`\`\`

\`\`\`cell activations undisturbed
model: near
stimuli: words
device: wasm
${templates}
\`\`\`
`;

/** Largest difference between the backends, of the largest number of a layer. */
const bound = 1e-5;

let app: App;
let hub: Hub;

beforeAll(async () => {
  [app, hub] = await Promise.all([startApp(), startHub({ models: { [id]: { files: 'public/models/sensorium-mini', about: { pipeline_tag: 'feature-extraction', cardData: { license: 'mit' } } } } })]);
});

afterAll(async () => {
  await Promise.all([app.stop(), hub.stop()]);
});

interface Opened {
  readonly bench: { readonly session: { cell(name: string): { readonly value: unknown; readonly card: RunCard | null } | undefined } };
}

test('a download that is cut three times and a device that is lost once still end with the right activations', async () => {
  const { context, tab } = await app.fresh();
  await context.addInitScript((address) => localStorage.setItem('sensorium.hub', address), hub.address);
  const { page } = await tab();
  const run = (name: string): Promise<void> => cell(page, name).getByRole('button', { name: 'Run', exact: true }).click();
  const status = (name: string): Promise<string | null> => cell(page, name).getAttribute('data-status');
  const onnx = `${id}/onnx/model.onnx`;

  // A precision that is not there is refused before anything of the model comes.
  await openTrusted(page, 'wifi.md', notebook('q8'));
  await run('far');
  await cell(page, 'far').getByText('there is no export at the precision q8; it has fp32 (10.1 MB)').first().waitFor();
  expect(hub.requests.map(({ path }) => path)).toEqual([`api/models/${id}`]);

  await openTrusted(page, 'wifi.md', notebook('fp32'));
  hub.forgetRequests();
  hub.fault(onnx, { cutAfter: 2_500_000, times: 3 });
  await run('far');
  await expect.poll(() => status('far')).toBe('done');
  const asked = hub.requests.filter(({ path, at }) => path === onnx && at === 'storage');
  expect(asked.map(({ status: given }) => given)).toEqual([200, 206, 206, 206]);
  expect(asked.slice(1).every(({ range }) => /^bytes=[1-9]\d*-$/.test(range))).toBe(true);

  await run('disturbed');
  await cell(page, 'disturbed').getByText(/hidden states\s+\d+\s*%/).first().waitFor();
  const devtools = await app.browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect.poll(() => status('disturbed'), { timeout: 90_000 }).toBe('done');
  // The files are kept: nothing came from the hub again, though the worker is another.
  expect(hub.requests.filter(({ path, at }) => path === onnx && at === 'storage')).toHaveLength(4);

  await run('undisturbed');
  await settled(page);
  const seen = await page.evaluate(() => {
    const { session } = (document.querySelector('sensorium-app') as unknown as Opened).bench;
    const layers = (name: string): RepresentationValue['layers'] => (session.cell(name)!.value as RepresentationValue).layers;
    const [disturbed, undisturbed] = [layers('disturbed'), layers('undisturbed')];
    const { card } = session.cell('disturbed')!;
    const { value } = session.cell('far')!;
    return {
      layers: disturbed.length,
      numbers: disturbed.reduce((sum, { data }) => sum + data.length, 0),
      differ: disturbed.map(({ data }, layer) => {
        const other = undisturbed[layer]!.data as Float32Array;
        return (data as Float32Array).reduce((most, x, at) => Math.max(most, Number.isFinite(x) ? Math.abs(x - other[at]!) : Infinity), 0) / other.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      }),
      devices: [card!.device, session.cell('undisturbed')!.card!.device],
      warnings: card!.warnings,
      model: value as { readonly id: string; readonly revision: string; readonly about?: { readonly licence: string | null } },
    };
  });
  expect(seen.layers).toBeGreaterThan(3);
  expect(seen.numbers).toBeGreaterThan(10_000);
  expect(seen.devices).toEqual([expect.stringContaining('webgpu'), expect.not.stringContaining('webgpu')]);
  expect(Math.max(...seen.differ)).toBeLessThan(bound);
  expect(seen.warnings).toEqual([expect.stringMatching(/^the graphics device was lost .* while it ran; it was run once more by itself$/)]);
  expect(seen.model).toMatchObject({ id, revision: hub.commit(id), about: { licence: 'mit' } });

  // Offline another visit finds all it needs, and says so.
  hub.goOffline();
  await openTrusted(page, 'offline.md', notebook('fp32').replace('model far', 'model again\nlabel: kept'));
  await run('again');
  await expect.poll(() => status('again')).toBe('done');
  const card = await page.evaluate(() => (document.querySelector('sensorium-app') as unknown as Opened).bench.session.cell('again')!.card);
  expect(card!.warnings).toEqual([expect.stringMatching(`was not reached .*; the copy of ${id} kept from commit ${hub.commit(id).slice(0, 7)} is used`)]);
});
