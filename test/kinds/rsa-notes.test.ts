/** What the caption of an `rsa` cell says about how its p were made. */
import { expect, test } from 'vitest';
import { permutationsNote } from '../../src/kinds/rsa/notes.ts';

const random = (set: 'all' | 'motor' | 'sensory') => ({ set, permutations: 1000, exact: false });
const note = (orders: Parameters<typeof permutationsNote>[0]['orders'], correction: 'none' | 'holm' = 'none') => permutationsNote({ orders, correction, alternative: 'greater' });

test('the caption tells the orders that were used, not those that were asked for', () => {
  expect(note([random('all'), random('motor')])).toBe('One-sided Mantel p from 1 000 permutations of the words, the identity counted: no p below .001.');
  expect(note([{ set: 'all', permutations: 120, exact: true }], 'holm'))
    .toBe('One-sided Mantel p from all 120 orders of the words, which is exact: no p below .0083. Adjusted by Holm over all rows.');
  expect(note([])).toBe('');
});

test('where sets have other numbers of words, each is told', () => {
  expect(note([random('sensory'), { set: 'motor', permutations: 24, exact: true }, random('all')]))
    .toBe('One-sided Mantel p on Sensory and All from 1 000 permutations of the words, the identity counted: no p below .001; on Motor from all 24 orders of the words, which is exact: no p below .042.');
});
