/** Every figure on ordinary and awkward values: it draws, has a name and a table, and says where its numbers come from. */
import axe from 'axe-core';
import { render } from 'lit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { PlotChart } from '../../src/figures/chart.ts';
import { standaloneSvg } from '../../src/figures/export.ts';
import { chooseTheme } from '../../src/ui/theme.ts';
import '../../src/ui/styles.ts';
import { contextFor, examples, type Example } from './examples.ts';
import { gallery } from './gallery.ts';

const host = document.createElement('div');
document.body.append(host);
const complaints: string[] = [];
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation((...parts: unknown[]) => void complaints.push(parts.join(' ')));
  vi.spyOn(console, 'warn').mockImplementation((...parts: unknown[]) => void complaints.push(parts.join(' ')));
});
afterAll(() => { vi.restoreAllMocks(); });
afterEach(() => { render('', host); });

/** All our elements settle, nested ones included. */
async function settled(root: ParentNode = host): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([...root.querySelectorAll('*')].map((element) => (element as unknown as { updateComplete?: Promise<boolean> }).updateComplete));
  }
}

async function show(example: Example, width = 900): Promise<void> {
  host.style.width = `${width}px`;
  const context = contextFor(example, width, () => render(example.render(context), host));
  render(example.render(context), host);
  await settled();
}

const named = (name: string) => examples.find((example) => example.name === name)!;

/** What a figure says, without layout: the snapshot of an example. */
function told(): string {
  const text = (element: Element) => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  return [...host.querySelectorAll('.figure-title, .card-name, .badge, .legend li, .facts > div, figcaption p, .chart-box, .rdm-square, .dropped summary, thead th')]
    .map((element) => (element.matches('.chart-box, .rdm-square') ? `[${element.getAttribute('aria-roledescription')}: ${element.getAttribute('aria-label')}]` : text(element)))
    .join('\n');
}

for (const width of [900, 340]) {
  test.each(examples)(`$name draws at ${width} px without complaint, with a name and a table for every figure`, async (example) => {
    complaints.length = 0;
    await show(example, width);
    expect(complaints).toEqual([]);
    for (const figure of host.querySelectorAll('figure')) {
      expect(figure.getAttribute('aria-label')).toBeTruthy();
      expect(figure.querySelector('figcaption p')?.textContent?.trim()).toBeTruthy();
      expect(figure.querySelector('figure-data summary')).toBeTruthy();
    }
    for (const drawing of host.querySelectorAll('svg.chart')) {
      expect(drawing.getAttribute('aria-label')).toBeTruthy();
      expect(drawing.outerHTML).not.toMatch(/NaN|undefined|Infinity/);
      expect(drawing.querySelector('style')).toBeNull();
    }
    // A model is a card of facts; all else has figures or tables.
    expect(host.querySelector(example.value.type === 'model' ? '.facts' : 'figure, table')).not.toBeNull();
    expect(host.scrollWidth).toBeLessThanOrEqual(width);
  });
}

test.each(examples)('$name says the same as before', async (example) => {
  await show(example);
  expect(told()).toMatchSnapshot();
});

test.each(examples.filter((example) => JSON.stringify(example.value, (key, value: unknown) => (ArrayBuffer.isView(value) ? null : value)).includes('"illustrative"')))('$name is marked as illustrative, not human data', async (example) => {
  await show(example);
  expect(host.querySelector('[data-origin=illustrative]')?.textContent).toBe('illustrative, not human data');
  expect(host.querySelector('[data-origin=human]')).toBeNull();
});

test('opening the data makes a table with one row per number shown', async () => {
  await show(named('hidden states by layer'));
  host.querySelector<HTMLElement>('figure-data summary')!.click();
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  await settled();
  expect(host.querySelectorAll('figure-data tbody tr')).toHaveLength(14);
});

test('the arrow keys read a chart point by point', async () => {
  await show(named('hidden states by layer'));
  const chart = host.querySelector<PlotChart>('plot-chart')!;
  chart.querySelector<HTMLElement>('.chart-box')!.focus();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}');
  await chart.updateComplete;
  expect(chart.querySelector('.chart-tip')?.textContent).toContain('sensorium-mini, layer 1');
  await userEvent.keyboard('{Escape}');
  await chart.updateComplete;
  expect(chart.querySelector('.chart-tip')?.hasAttribute('hidden')).toBe(true);
});

test('a chart is not drawn again while nothing it shows has changed', async () => {
  const example = named('hidden states by layer');
  await show(example);
  const before = host.querySelector('svg.chart');
  render(example.render(contextFor(example, 900)), host);
  await settled();
  expect(host.querySelector('svg.chart')).toBe(before);
});

test('the arrow keys read an RDM pair by pair, and thumbnails choose the layer', async () => {
  await show(named('an RDM by category, with layers'));
  const square = host.querySelector<HTMLElement>('.rdm-square')!;
  square.focus();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}');
  await settled();
  expect(host.querySelector('.rdm-readout')?.textContent).toMatch(/baba.*animal.*–.*moba.*cosine distance 0\.\d{3}/s);
  host.querySelectorAll<HTMLInputElement>('.rdm-thumb input')[1]!.click();
  await settled();
  expect(host.querySelector('.figure-title')?.textContent).toBe('RDM of a small model, layer 1');
});

test('the heatmap paints near pairs darker than far ones on the light ground, the other way on the dark', async () => {
  const lightness = async (theme: 'light' | 'dark') => {
    chooseTheme(theme);
    await show(named('an RDM by category, with layers'));
    const canvas = host.querySelector<HTMLCanvasElement>('.rdm-canvas')!;
    const context = canvas.getContext('2d')!;
    const mean = (x: number, y: number) => {
      const { data } = context.getImageData(x, y, 30, 30);
      return data.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / 2700;
    };
    // The first category's block against one far from it.
    const left = canvas.width - canvas.height;
    return [mean(left + 30, 6), mean(left + canvas.height * 0.3, 6)] as const;
  };
  const [near, far] = await lightness('light');
  expect(near).toBeLessThan(far - 30);
  const [nearDark, farDark] = await lightness('dark');
  expect(nearDark).toBeGreaterThan(farDark + 30);
  chooseTheme('system');
});

test('published values stand beside ours, and entries that cannot be read are named', async () => {
  await show(named('ratings by set, with differences'));
  expect(host.textContent).toContain('Of 4 published values the one farthest from ours differs by');
  expect(host.textContent).toContain('nonsense');
});

test('an exported figure carries its colours and words and no reference to the page', async () => {
  await show(named('hidden states by layer'));
  const text = standaloneSvg(host.querySelector<PlotChart>('plot-chart')!.svg!, 'a title', 'a description');
  expect(text).toContain('<title>a title</title>');
  expect(text).not.toContain('var(');
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  expect(parsed.querySelector('parsererror')).toBeNull();
});

for (const theme of ['light', 'dark'] as const) {
  // Twelve seconds on a quiet machine, several times that beside other work.
  test(`the gallery has no accessibility violations, ${theme}`, { timeout: 180_000 }, async () => {
    await page.viewport(1200, 900);
    chooseTheme(theme);
    host.style.width = '';
    gallery(host, { controls: true, awkward: false });
    await settled();
    host.querySelectorAll('details').forEach((details) => { details.open = true; });
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    await expect.poll(() => host.textContent).not.toContain('Reading the card');
    // Only colours differ between the themes.
    const { violations } = await axe.run(host, { resultTypes: ['violations'], ...(theme === 'dark' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {}) });
    chooseTheme('system');
    expect(violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical').map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 140)} ${node.failureSummary ?? ''}`).join(' | ')}`)).toEqual([]);
  });
}
