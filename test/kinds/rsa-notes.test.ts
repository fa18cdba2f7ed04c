/** What the caption of an `rsa` cell says about how its p were made. */
import { expect, test } from 'vitest';
import { highestWord, permutationsNote, toldValue } from '../../src/kinds/rsa/notes.ts';

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

test('a caption tells a value with its interval and the p that counts, which is the adjusted one where there is one', () => {
  const row = { value: 0.374, interval: [0.317, 0.431], p: 0.005, pAdjusted: null } as const;
  expect(toldValue(row)).toBe('.374 [.317, .431], p = .005');
  expect(toldValue({ ...row, pAdjusted: 0.02 })).toBe('.374 [.317, .431], p adjusted = .020');
  expect(toldValue({ ...row, interval: null, p: 0.0001 })).toBe('.374, p < .001');
  expect(toldValue({ ...row, p: null })).toBe('.374 [.317, .431]');
});

test('the largest of values below 0 is not called highest', () => {
  expect([0.1, 0, -0.1].map(highestWord)).toEqual(['highest', 'highest', 'least negative']);
});
