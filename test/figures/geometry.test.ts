/** What the figures of geometry promise: equal axes, labels that do not cover each other, trees cut at their top. */
import { render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { PlotChart } from '../../src/figures/chart.ts';
import { fittedMiddle } from '../../src/figures/fitted-middle.ts';
import { equalFrame, pointMap } from '../../src/figures/map.ts';
import { labelHeight, placeLabels } from '../../src/figures/map-labels.ts';
import { seriesOf } from '../../src/figures/series.ts';
import { layTree } from '../../src/figures/tree-layout.ts';
import { view } from '../../src/kinds/geometry/view.ts';
import { leafOrder } from '../../src/rsa/geometry/cluster.ts';
import { cluster } from '../../src/rsa/geometry/linkage.ts';
import { normals, uniforms } from '../rsa/helpers.ts';
import '../../src/ui/styles.ts';
import { madeUpLargeMap, madeUpRdmMap, madeUpWordMap } from './made-up-geometry.ts';

const host = document.createElement('div');
host.style.width = '900px';
document.body.append(host);
afterEach(() => { render('', host); });

async function show(value: typeof madeUpWordMap): Promise<void> {
  const state = new Map<string, unknown>();
  const draw = (): void => void render(view(value, { cell: 'geometry', params: {}, width: 900, update: draw, state }), host);
  draw();
  await settled();
}

async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) await Promise.all([...host.querySelectorAll('*')].map((element) => (element as unknown as { updateComplete?: Promise<boolean> }).updateComplete));
}

const chartAt = (at: number): PlotChart => host.querySelectorAll<PlotChart>('plot-chart')[at]!;

test('a unit is as long across as up, however the points lie', () => {
  for (const points of [[{ x: 0, y: 0 }, { x: 10, y: 1 }], [{ x: 0, y: -40 }, { x: 1, y: 2 }], [{ x: 3, y: 3 }]]) {
    for (const width of [340, 900]) {
      const frame = equalFrame(points, width);
      const [across, up] = [(width - 58) / (frame.x[1] - frame.x[0]), (frame.height - 68) / (frame.y[1] - frame.y[0])];
      expect(across / up).toBeCloseTo(1, 10);
      for (const { x, y } of points) expect(x >= frame.x[0] && x <= frame.x[1] && y >= frame.y[0] && y <= frame.y[1]).toBe(true);
    }
  }
  const series = seriesOf(['one']).get('one')!;
  const dots = [[0, 0], [1, 0], [0, 1]].map(([x, y]) => ({ label: '', title: '', lines: [], x: x!, y: y!, series }));
  const [origin, right, top] = pointMap({ label: 'a map', across: 'x', up: 'y', dots, labelled: false, joined: false })(700).points;
  expect(right!.x - origin!.x).toBeCloseTo(origin!.y - top!.y, 6);
});

test('labels never cover each other or leave the frame; points without room have none', () => {
  const places = uniforms(400, 2);
  const points = Array.from({ length: 200 }, (_, k) => ({ x: 50 + places[2 * k]! * 400, y: 20 + places[2 * k + 1]! * 300, width: 30 + (k % 7) * 5 }));
  const frame = [40, 10, 470, 330] as const;
  const sides = placeLabels(points, frame);
  const boxes = points.flatMap(({ x, y, width }, k) => {
    const side = sides[k];
    if (!side) return [];
    const left = side === 'right' ? x + 6 : side === 'left' ? x - 6 - width : x - width / 2;
    const top = side === 'above' ? y - 6 - labelHeight : side === 'below' ? y + 6 : y - labelHeight / 2;
    return [[left, top, left + width, top + labelHeight] as const];
  });
  expect(boxes.length).toBeGreaterThan(60);
  expect(boxes.length).toBeLessThan(200);
  boxes.forEach((one, k) => {
    expect(one[0] >= frame[0] && one[1] >= frame[1] && one[2] <= frame[2] && one[3] <= frame[3]).toBe(true);
    for (const other of boxes.slice(k + 1)) expect(one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1]).toBe(true);
  });
  expect(placeLabels([{ x: 100, y: 100, width: 30 }], frame)).toEqual(['right']);
});

test('a tree that is cut keeps its top: every leaf is in one row, and rows below the cut say where they were cut', async () => {
  const n = 60;
  const merges = await cluster('average', Float64Array.from(normals((n * (n - 1)) / 2, 3), Math.abs), n);
  const order = leafOrder(merges, n);
  const whole = layTree(merges, order, n);
  expect(whole.rows.map((row) => row.members)).toEqual(Array.from(order, (leaf) => [leaf]));
  expect(whole.joins).toHaveLength(n - 1);
  const top = layTree(merges, order, 12);
  expect(top.rows).toHaveLength(12);
  expect(top.joins).toHaveLength(11);
  expect(top.rows.flatMap((row) => row.members)).toEqual([...order]);
  for (const join of top.joins) for (const [, height] of [join.from, join.to]) expect(height).toBeLessThanOrEqual(join.height);
  expect(Math.max(...top.rows.map((row) => row.height))).toBeLessThanOrEqual(Math.min(...top.joins.map((join) => join.height)));
  expect(layTree([], [0], 40)).toEqual({ rows: [{ members: [0], height: 0 }], joins: [] });
});

test('names that are too long keep their layer', () => {
  expect(fittedMiddle('short, layer 3', 200)).toBe('short, layer 3');
  expect(fittedMiddle('a model whose name goes on and on, layer 12', 140)).toMatch(/^a mod.*….*layer 12$/);
});

test('the arrow keys read words with their nearest ones by dissimilarity; labels and axes follow the controls', async () => {
  await show(madeUpWordMap);
  expect(host.querySelectorAll('figure')).toHaveLength(3);
  const map = chartAt(0);
  map.querySelector<HTMLElement>('.chart-box')!.focus();
  await userEvent.keyboard('{ArrowRight}');
  await map.updateComplete;
  const point = madeUpWordMap.maps[0]!.points[madeUpWordMap.maps[0]!.leafOrder[0]!]!;
  expect(map.querySelector('.chart-tip')?.textContent).toContain(`nearest: ${madeUpWordMap.maps[0]!.points[point.nearest[0]!]!.label}`);
  const labels = (): number => [...map.querySelectorAll('svg text')].filter((text) => madeUpWordMap.maps[0]!.points.some(({ label }) => label === text.textContent)).length;
  expect(labels()).toBeGreaterThan(20);
  host.querySelector<HTMLInputElement>('input[role=switch]')!.click();
  await settled();
  expect(labels()).toBe(0);
  expect(map.textContent).toContain('second axis');
  [...host.querySelectorAll<HTMLInputElement>('.segment input')].find((input) => input.value === '23')!.click();
  await settled();
  expect(map.textContent).toContain('third axis');
  const chooser = host.querySelector('select')!;
  chooser.value = '1';
  chooser.dispatchEvent(new Event('change'));
  await settled();
  expect(host.querySelector('.figure-title')?.textContent).toContain('a small model');
});

test('a map of RDMs joins the layers of each model, and a large tree shows its top', async () => {
  await show(madeUpRdmMap);
  expect(chartAt(0).querySelectorAll('[data-mark=line] path')).toHaveLength(2);
  expect([...host.querySelectorAll('.figure-title')].map((title) => title.textContent)).toEqual(['Map of RDMs', 'Likeness of RDMs', 'Tree of RDMs', 'Shepard plot of RDMs']);
  await show(madeUpLargeMap);
  expect(host.textContent).toContain('The top of the tree: 40 branches');
  expect(host.textContent).toMatch(/5\s000 of 51\s040 pairs/);
});
