/** What a result is named by: the names of other cells count where they can show in it. */
import { expect, test } from 'vitest';
import { activations } from '../../src/kinds/activations/index.ts';
import { ceiling } from '../../src/kinds/ceiling/index.ts';
import { change } from '../../src/kinds/change/index.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { rsa } from '../../src/kinds/rsa/index.ts';
import { resultKey } from '../../src/notebook/card.ts';

/** The key of a cell whose fields name these cells; every cell's result is named after its field. */
function keyOf(kind: unknown, named: Readonly<Record<string, string>>): Promise<string> {
  const inputs = Object.fromEntries(Object.entries(named).filter(([, cell]) => cell !== 'none').map(([field, cell]) => [cell, `result of ${field}`]));
  return resultKey({ cell: 'own', kind: kind as Kind, params: named, inputs, files: {}, code: 'c', deviceClass: 'd' });
}

test('a cell that compares two others has another result when one of them is renamed, as labels that are alike take their names', async () => {
  const norms = { reference: 'english', from: 'norms', second: 'dutch' };
  expect(await keyOf(ceiling, { ...norms, reference: 'lancaster' })).not.toBe(await keyOf(ceiling, norms));
  expect(await keyOf(ceiling, { ...norms, second: 'speed' })).not.toBe(await keyOf(ceiling, norms));
  const sides = { before: 'base', after: 'tuned', reference: 'human', model: 'none' };
  expect(await keyOf(change, { ...sides, after: 'other' })).not.toBe(await keyOf(change, sides));
});

test('names that cannot show in a result do not count', async () => {
  expect(await keyOf(ceiling, { reference: 'english', from: 'raters', second: 'none' })).toBe(await keyOf(ceiling, { reference: 'lancaster', from: 'raters', second: 'none' }));
  expect(await keyOf(activations, { model: 'mini', stimuli: 'words' })).toBe(await keyOf(activations, { model: 'other', stimuli: 'concepts' }));
  const gap = { reference: 'human', ceiling: 'none' };
  expect(await keyOf(rsa, gap)).not.toBe(await keyOf(rsa, { ...gap, reference: 'people' }));
});
