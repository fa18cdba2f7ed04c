/** Large RDMs are drawn in turns with the rest of the page, and come out as they would at once. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import type { RdmValue } from '../../src/data/values.ts';
import type { RdmHeatmap } from '../../src/figures/rdm-heatmap.ts';
import { extremePairs, extremePairSteps, gridOf, gridSteps, scaleOf, scaleSteps } from '../../src/figures/rdm-grid.ts';
import { inTurns, type Steps } from '../../src/figures/turns.ts';
import { view } from '../../src/kinds/rdm/view.ts';
import { random } from './made-up.ts';

const n = 2500;
const pairs = (n * (n - 1)) / 2;
const distances = Float32Array.from({ length: pairs }, random(4));
const never = new AbortController().signal;

test('in turns comes out what at once does', async () => {
  const scale = scaleOf(distances);
  const later = await inTurns(scaleSteps(distances), never);
  expect([later.min, later.median, later.max, later.rank(0.3)]).toEqual([scale.min, scale.median, scale.max, scale.rank(0.3)]);
  expect(await inTurns(gridSteps(distances, n, null, 100, scale.rank), never)).toEqual(gridOf(distances, n, null, 100, scale.rank));
  expect(await inTurns(extremePairSteps(distances, n, 5), never)).toEqual(extremePairs(distances, n, 5));
});

test('others get their turn, and an aborted computation ends there', async () => {
  function* endless(): Steps<never> {
    for (;;) {
      const until = performance.now() + 1;
      while (performance.now() < until);
      yield;
    }
  }
  const controller = new AbortController();
  let turns = 0;
  const other = setInterval(() => {
    turns += 1;
    if (turns === 3) controller.abort();
  }, 0);
  await expect(inTurns(endless(), controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  clearInterval(other);
  expect(turns).toBe(3);
});

test('the heatmap of many words is drawn after a while, with its scale and its nearest pairs', async () => {
  const value: RdmValue = {
    type: 'rdm', label: 'many', words: Array.from({ length: n }, (_, i) => `w${i}`), categories: [], metric: 'cosine', standardise: 'none',
    layers: [{ name: 'layer 1', index: 1, distances }], order: Uint32Array.from({ length: n }, (_, i) => i), orderedBy: 'source', undefinedPairs: [0], dropped: [], origin: 'model',
  };
  const host = document.createElement('div');
  host.style.width = '700px';
  document.body.append(host);
  const state = new Map<string, unknown>();
  let draws = 0;
  const draw = (): void => void (draws++, render(view(value, { cell: 'm', params: {}, width: 700, update: () => { draw(); }, state }), host));
  draw();
  draw();
  draw();
  const drawn = draws;
  expect(host.textContent).not.toContain('Nearest:');
  // Taken off the page in the middle and put back, as a cell that moves.
  await host.querySelector<RdmHeatmap>('rdm-heatmap')!.updateComplete;
  host.remove();
  document.body.append(host);
  await expect.poll(() => host.textContent).toContain('Nearest:');
  // Once, however often it was drawn before.
  expect(draws).toBe(drawn + 1);
  const canvas = host.querySelector<HTMLCanvasElement>('.rdm-canvas')!;
  const coloured = (): boolean => canvas.width > 0 && canvas.height > 0 && canvas.getContext('2d')!.getImageData(canvas.width >> 1, canvas.height >> 2, 1, 1).data[3]! > 0;
  await expect.poll(coloured, { timeout: 3000 }).toBe(true);
  await expect.poll(() => host.querySelector('.rdm-scale-numbers')?.textContent, { timeout: 3000 }).not.toContain('…');
  host.remove();
});
