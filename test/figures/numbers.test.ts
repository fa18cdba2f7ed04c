/** The arithmetic behind figures. */
import { expect, test } from 'vitest';
import { density, quantiles } from '../../src/figures/distribution.ts';
import { lossCurve, runningMean } from '../../src/figures/loss-curve.ts';
import { layerStats } from '../../src/figures/layer-stats.ts';
import { publishedOf, publishedSummary } from '../../src/figures/published.ts';
import { ramp, RAMP_SIZE } from '../../src/figures/ramp.ts';
import { pairIndex } from '../../src/gpu/condensed.ts';
import { blocksOf, extremePairs, gridOf, scaleOf, thinned } from '../../src/figures/rdm-grid.ts';
import { seriesOf } from '../../src/figures/series.ts';
import { fitted, textWidth } from '../../src/figures/plot.ts';
import { random } from './made-up.ts';

test('pairs lie in scipy’s order, whichever word comes first', () => {
  const n = 5;
  let at = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      expect(pairIndex(n, i, j)).toBe(at);
      expect(pairIndex(n, j, i)).toBe(at);
      at += 1;
    }
  }
});

test('the scale knows extremes, median and ranks, and leaves undefined distances out', () => {
  const scale = scaleOf(Float32Array.of(0, 1, 2, 3, 4, Number.NaN));
  expect([scale.min, scale.max, scale.defined]).toEqual([0, 4, 5]);
  expect(scale.median).toBeCloseTo(2, 2);
  expect(scale.value(1)).toBe(0.25);
  expect(scale.rank(0)).toBeCloseTo(0.1);
  expect(scale.rank(4)).toBeCloseTo(0.9);
});

test('equal distances sit in the middle of the scale', () => {
  const scale = scaleOf(new Float32Array(6).fill(0.3));
  expect(scale.value(0.3)).toBe(0.5);
  expect(scale.rank(0.3)).toBe(0.5);
});

test('a grid is symmetric, drawn in order, and averages where pairs fall together', () => {
  const n = 4;
  const distances = Float32Array.of(1, 2, 3, 4, 5, 6);
  const { g, shares } = gridOf(distances, n, [3, 2, 1, 0], 4, (distance) => distance);
  expect(g).toBe(4);
  expect(shares[1]).toBe(6);
  expect(shares[4]).toBe(6);
  expect(shares[0]).toBeNaN();
  // Two by two: words 0, 1 against words 2, 3.
  const small = gridOf(distances, n, null, 2, (distance) => distance);
  expect(small.shares[1]).toBe((2 + 3 + 4 + 5) / 4);
});

test('a thinned RDM keeps the distances of the words it keeps', () => {
  const thin = thinned(Float32Array.of(1, 2, 3, 4, 5, 6), [0, 1, 2, 3], 2);
  expect(thin.n).toBe(2);
  expect([...thin.distances]).toEqual([2]);
});

test('extreme pairs agree with sorting all of them', () => {
  const n = 30;
  const next = random(4);
  const distances = Float32Array.from({ length: (n * (n - 1)) / 2 }, next);
  distances[7] = Number.NaN;
  const sorted = [...distances].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const { nearest, farthest } = extremePairs(distances, n, 10);
  expect(nearest.map((pair) => pair.distance)).toEqual(sorted.slice(0, 10));
  expect(farthest.map((pair) => pair.distance)).toEqual(sorted.slice(-10).reverse());
  for (const pair of nearest) expect(distances[pairIndex(n, pair.i, pair.j)]).toBe(pair.distance);
});

test('blocks are runs of one category in drawn order', () => {
  expect(blocksOf(['a', 'b', 'a', 'b'], [0, 2, 1, 3])).toEqual([{ category: 'a', from: 0, length: 2 }, { category: 'b', from: 2, length: 2 }]);
});

test('quantiles interpolate as numpy does and pass over missing values', () => {
  expect(quantiles([4, 1, Number.NaN, 3, 2])).toEqual({ n: 4, min: 1, q1: 1.75, median: 2.5, q3: 3.25, max: 4 });
});

test('a density peaks where the values lie', () => {
  const next = random(6);
  const curve = density(Array.from({ length: 500 }, () => 0.7 + 0.1 * (next() - 0.5)), 0, 1);
  const peak = curve.indexOf(Math.max(...curve)) / (curve.length - 1);
  expect(peak).toBeGreaterThan(0.65);
  expect(peak).toBeLessThan(0.75);
  expect(curve[20]).toBeCloseTo(0, 3);
});

test('the mean cosine of a layer agrees with the pairs one by one', () => {
  const [n, d] = [7, 4];
  const next = random(9);
  const data = Float32Array.from({ length: n * d }, () => next() - 0.2);
  let sum = 0;
  const cosine = (i: number, j: number) => {
    const [a, b] = [data.subarray(i * d, i * d + d), data.subarray(j * d, j * d + d)];
    const dot = a.reduce((total, value, at) => total + value * b[at]!, 0);
    return dot / Math.hypot(...a) / Math.hypot(...b);
  };
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) sum += cosine(i, j);
  expect(layerStats({ name: 'layer 1', index: 1, d, data }).cosine).toBeCloseTo(sum / ((n * (n - 1)) / 2), 6);
});

test('words with missing values are counted and left out of a layer’s means', () => {
  const stats = layerStats({ name: 'layer 1', index: 1, d: 2, data: Float32Array.of(3, 4, Number.NaN, 1, 6, 8) });
  expect(stats.missing).toBe(1);
  expect(stats.norm).toBe(7.5);
  expect(stats.cosine).toBeCloseTo(1);
});

test.each(['light', 'dark'] as const)('the %s scale changes lightness in one direction only', (theme) => {
  const table = ramp(theme);
  const luminance = Array.from({ length: RAMP_SIZE }, (_, at) => 0.2126 * table[at * 4]! + 0.7152 * table[at * 4 + 1]! + 0.0722 * table[at * 4 + 2]!);
  const direction = theme === 'light' ? 1 : -1;
  for (let at = 8; at < RAMP_SIZE; at += 8) expect((luminance[at]! - luminance[at - 8]!) * direction).toBeGreaterThan(0);
});

test('candidates past the eighth repeat a colour but never colour and symbol', () => {
  const series = [...seriesOf(Array.from({ length: 24 }, (_, at) => `c${at}`)).values()];
  expect(new Set(series.map((one) => one.colour + one.symbol)).size).toBe(24);
});

test('published values are found whatever the case, with spaces in names, and by other names of a dimension', () => {
  const published = publishedOf(['English raters sensory 0.555', 'base~en_ft all -0.047', 'base foot 0.336', 'what'], (place) => (place === 'foot' ? 'Foot_leg' : place));
  expect(published.of('english raters', 'sensory')).toBe(0.555);
  expect(published.of('Base ~ En_FT', 'all')).toBe(-0.047);
  expect(published.of('base', 'Foot_leg')).toBe(0.336);
  expect(published.of('base', 'all')).toBeUndefined();
  expect(published.unread).toEqual(['what']);
});

test('the summary of published values names the widest gap', () => {
  expect(publishedSummary([{ name: 'Base', ours: 0.1053, published: 0.1054 }, { name: 'English', ours: 0.58, published: 0.6 }])).toContain('.020 (English)');
  expect(publishedSummary([{ name: 'Base', ours: 0.1, published: undefined }])).toBe('');
});

test('labels are cut to their room with an ellipsis', () => {
  const cut = fitted('a label that is much too long for its column', 100);
  expect(cut.endsWith('…')).toBe(true);
  expect(textWidth(cut)).toBeLessThanOrEqual(100);
  expect(fitted('short', 100)).toBe('short');
});

test('a running mean is that of each window, also after a loss that was very large, and of a long run', () => {
  const losses = Array.from({ length: 200 }, (_, at) => (at === 20 ? 1e9 : Math.abs(Math.sin(at))));
  const points = losses.map((loss, at) => ({ step: at + 1, loss }));
  for (const window of [1, 7, 10]) {
    for (const [at, { step, loss }] of runningMean(points, window).entries()) {
      const part = losses.slice(Math.max(0, at - window + 1), at + 1);
      expect(step).toBe(at + 1);
      // Rounding of the large one lasts two windows at most.
      expect(loss).toBeCloseTo(part.reduce((sum, one) => sum + one, 0) / part.length, at < 20 + 2 * window ? 5 : 12);
    }
  }
  const long = Array.from({ length: 300_000 }, (_, at) => ({ step: at + 1, loss: 1 / (at + 1) }));
  const began = performance.now();
  expect(runningMean(long, 15_000).at(-1)!.loss).toBeCloseTo(Math.log(300_000 / 285_000) / 15_000, 10);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(lossCurve({ label: 'long', training: long, validation: [], keptStep: 300_000 })(600).points.length).toBeGreaterThan(30);
});
