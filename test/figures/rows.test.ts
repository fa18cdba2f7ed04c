/** Rows of estimates: their numbers stay readable in a narrow figure, and both ends of a noise ceiling keep their own interval. */
import { html, render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { bandedRows, type BandedRow } from '../../src/figures/banded-rows.ts';
import { chart, figure } from '../../src/figures/figure.ts';
import { forest } from '../../src/figures/forest.ts';
import type { Draw } from '../../src/figures/plot.ts';
import { referenceSeries } from '../../src/figures/series.ts';
import '../../src/ui/styles.ts';

const host = document.createElement('div');
document.body.append(host);
afterEach(() => { render('', host); });

const series = referenceSeries('made up');
const written = '.412 [.301, .522]  p = .003';
const estimate = { group: '', label: 'mini', series, value: 0.412, interval: [0.301, 0.522], text: written, detail: [] } as const;
const ceiling: BandedRow = {
  group: '', label: 'all', series, value: Number.NaN, interval: null, dots: [], text: '.900 to .960', detail: [],
  band: { lower: 0.9, upper: 0.96, lowerInterval: [0.84, 0.95], upperInterval: [0.91, 1.02] },
};

/** The drawing on the page, where it can be measured. */
function drawn(draw: Draw, width: number): SVGSVGElement {
  const { svg } = draw(width);
  render(html`${svg}`, host);
  return svg;
}

for (const [name, draw] of [['forest', forest({ label: 'Made up', axis: 'RSA', rows: [estimate, estimate] })], ['banded rows', bandedRows({ label: 'Made up', axis: 'RSA', rows: [{ ...estimate, band: null, dots: [] }] })]] as const) {
  test.each([300, 900])(`a ${name} %i px wide writes the numbers of each row, p too, inside the drawing`, (width) => {
    const svg = drawn(draw, width);
    const texts = [...svg.querySelectorAll('text')].filter((one) => one.textContent === written);
    expect(texts.length).toBe(name === 'forest' ? 2 : 1);
    const frame = svg.getBoundingClientRect();
    for (const text of texts) {
      const box = text.getBoundingClientRect();
      expect([box.left >= frame.left, box.right <= frame.right + 1, box.bottom <= frame.bottom]).toEqual([true, true, true]);
    }
  });
}

test('the intervals of a ceiling’s two ends are drawn apart, no farther than the measure can go, and read out', () => {
  const draw = bandedRows({ label: 'Made up', axis: 'RSA', rows: [ceiling], most: 1 });
  const svg = drawn(draw, 900);
  const lines = [...svg.querySelectorAll('[data-mark=rule] line')].map((line) => line.getBoundingClientRect()).filter((box) => box.width > 10);
  expect(lines).toHaveLength(2);
  // The test's page may be scaled.
  expect((Math.abs(lines[0]!.top - lines[1]!.top) * 900) / svg.getBoundingClientRect().width).toBeGreaterThan(6);
  const ticks = [...svg.querySelectorAll('[data-mark^="x-axis tick label"] text')].map((text) => Number(text.textContent));
  expect(Math.max(...ticks)).toBe(1);
  const ends = Math.max(...[...svg.querySelectorAll('[data-mark^="x-axis tick label"] text')].map((text) => text.getBoundingClientRect().right));
  expect(Math.max(...lines.map(({ right }) => right))).toBeLessThanOrEqual(ends);
  expect(draw(900).points[0]?.lines).toEqual(['lower end .900 [.840, .950]', 'upper end .960 [.910, 1.020]']);
});

test('a chart of one point says one point, and Quick is told under the first figure of a cell only', async () => {
  const one = (title: string) => figure({
    title, summary: 'Made up.', origins: [], body: chart(title, forest({ label: title, axis: 'RSA', rows: [estimate] }), [title]), table: { columns: [], rows: [] },
  });
  render(html`<div data-quick="Quick: 20 of 40 words.">${one('first')}${one('second')}</div>`, host);
  await expect.poll(() => host.querySelectorAll('.chart-box').length).toBe(2);
  expect(host.querySelector('.chart-box')?.getAttribute('aria-label')).toContain(' 1 point; the arrow keys read it.');
  expect([...host.querySelectorAll('figure')].map((element) => element.querySelector('figcaption')!.textContent!.includes('20 of 40 words'))).toEqual([true, false]);
});
