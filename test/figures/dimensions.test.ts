/** The profile of the dimensions cell: which marks are outlined, and what stands beside it in narrow panels. */
import { render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import type { DimensionsValue } from '../../src/data/agreement.ts';
import { view } from '../../src/kinds/dimensions/view.ts';
import { contextFor, examples } from './examples.ts';
import { madeUpDimensions } from './made-up.ts';

const host = document.createElement('div');
document.body.append(host);
afterEach(() => { render('', host); });

async function show(value: DimensionsValue, width: number): Promise<void> {
  host.style.width = `${width}px`;
  render(view(value, contextFor(examples[0]!, width, () => undefined)), host);
  await expect.poll(() => host.querySelectorAll('svg.chart').length).toBeGreaterThan(0);
}

const lines = (svg: Element): number => svg.querySelectorAll('[data-mark="line"] path').length;
const outlined = (): number => [...host.querySelectorAll('[data-mark="dot"][fill="var(--surface)"]')].reduce((sum, group) => sum + group.querySelectorAll('circle, path').length, 0);

test('a mark is outlined where its difference from the first candidate is not clear after correction', async () => {
  const value = madeUpDimensions(['Base', 'English', 'Dutch']);
  const unclear = value.tests.filter(({ pAdjusted }) => pAdjusted! >= 0.05).length;
  expect(unclear).toBeGreaterThan(0);
  await show(value, 900);
  expect(outlined()).toBe(unclear);
  expect(host.textContent).toContain(`${22 - unclear} of 22 differences are clear`);
  await show({ ...value, tests: value.tests.map((one) => ({ ...one, pAdjusted: 1e-9 })) }, 900);
  await expect.poll(outlined).toBe(0);
});

test('profiles are joined within a group; narrow panels keep the others faintly', async () => {
  const value = madeUpDimensions(['Base', 'English', 'Dutch']);
  await show(value, 900);
  expect(lines(host.querySelector('svg.chart')!)).toBe(3 * 2);
  await show(value, 340);
  await expect.poll(() => host.querySelectorAll('svg.chart').length).toBe(3);
  for (const panel of host.querySelectorAll('svg.chart')) expect(lines(panel)).toBe(3 * 2);
});

test('layers that were not compared are said not to be', async () => {
  const value = madeUpDimensions(['one', 'other'], 2);
  const side = (candidate: string) => ({ candidate, layer: 'layer 9' });
  const tests = [{ dimension: 'Visual', a: side('one'), b: side('other'), n: 100, rhoA: 0.1, rhoB: 0.2, rhoAB: 0.1, statistic: -1, p: 0.3, pAdjusted: 0.3 }];
  await show({ ...value, tests, test: 'steiger' }, 900);
  expect(host.textContent).toContain('of the layers shown none were compared');
});

test('the jackknife is named, and a difference without a test is not called clear', async () => {
  const value = madeUpDimensions(['Base', 'English']);
  const tests = value.tests.map((one, k) => (k ? { ...one, df: 1197, pAdjusted: 1e-9 } : { ...one, statistic: null, p: null, pAdjusted: null }));
  await show({ ...value, tests, test: 'jackknife' }, 900);
  expect(host.textContent).toContain('Jackknife t, two-sided, over the words that every candidate has: 10 of 11 differences are clear');
  expect(outlined()).toBe(1);
});

test('what shuffled ratings reach is told with its sign, pooled and within folds', async () => {
  const value = madeUpDimensions(['states'], 2);
  const rows = value.rows.map((row, k) => ({ ...row, controlRho: -0.15 + 0.01 * (k % 3), controlRhoWithin: -0.02 + 0.02 * (k % 3) }));
  await show({ ...value, rows }, 900);
  expect(host.textContent).toContain('Shuffled ratings: ρ −.15 to −.13, within folds −.02 to .02.');
});
