/** Control RDMs of word form. */
import { expect, test } from 'vitest';
import { controlRdm } from '../../../src/rsa/models/controls.ts';
import { lettersOf, levenshtein } from '../../../src/rsa/models/levenshtein.ts';

const distance = (a: string, b: string): number => levenshtein(lettersOf(a), lettersOf(b));

test('the Levenshtein distance counts insertions, deletions and replacements', () => {
  expect([distance('kitten', 'sitting'), distance('flaw', 'lawn'), distance('', 'word'), distance('word', 'word'), distance('abc', '')]).toEqual([3, 2, 4, 0, 3]);
});

test('letters are what a reader counts: accents belong to their letter, case does not matter', () => {
  expect(distance('cafe\u0301', 'CAFÉ')).toBe(0);
  expect(lettersOf('één')).toHaveLength(3);
});

test('controls are condensed RDMs in the order of the words', async () => {
  const words = ['cat', 'cart', 'house'];
  expect([...await controlRdm('length', words)]).toEqual([1, 2, 1]);
  expect([...await controlRdm('levenshtein', words)]).toEqual([1, 5, 5]);
  expect([...await controlRdm('orthography', words)]).toEqual([1 / 4, 1, 1]);
});

test('the distance is symmetric and keeps the triangle inequality', () => {
  const words = ['oven', 'over', 'open', 'pen', 'haven', 'ovenware', 'x'];
  for (const a of words) {
    for (const b of words) {
      expect(distance(a, b)).toBe(distance(b, a));
      for (const c of words) expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
    }
  }
});

test('many words can be cancelled', async () => {
  const abort = new AbortController();
  const words = Array.from({ length: 3000 }, (_, i) => `wordnumber${i}`);
  const running = controlRdm('levenshtein', words, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await expect(running).rejects.toThrow(/abort/i);
});
