/** Letters of things of which some pairs differ. */
import { expect, test } from 'vitest';
import { compactLetters } from '../../src/rsa/inference/letters.ts';

const lettersOf = (count: number, pairs: readonly (readonly [number, number])[]): string[] =>
  compactLetters(count, (a, b) => pairs.some(([x, y]) => x === a && y === b));

test('things share a letter exactly where they do not differ, with no letter too many', () => {
  expect(lettersOf(3, [])).toEqual(['a', 'a', 'a']);
  expect(lettersOf(3, [[0, 1], [0, 2], [1, 2]])).toEqual(['a', 'b', 'c']);
  expect(lettersOf(3, [[0, 2]])).toEqual(['a', 'ab', 'b']);
  // Differences need not follow the order: the first differs from the second, not from the third.
  expect(lettersOf(3, [[0, 1]])).toEqual(['a', 'b', 'ab']);
  // The same holds of any pattern of differences; this one has no order in it.
  const differing = [[0, 3], [0, 4], [0, 5], [1, 4], [1, 5], [2, 5], [3, 5], [0, 6], [2, 7]] as const;
  const letters = lettersOf(8, differing);
  for (let a = 0; a < 8; a++) {
    for (let b = a + 1; b < 8; b++) {
      const share = [...letters[a]!].some((letter) => letters[b]!.includes(letter));
      expect([a, b, share]).toEqual([a, b, !differing.some(([x, y]) => x === a && y === b)]);
    }
  }
  expect(lettersOf(1, [])).toEqual(['a']);
  expect(lettersOf(0, [])).toEqual([]);
  // However many groups there are, no symbol is part of another.
  const many = compactLetters(54, () => true);
  expect([many[25], many[26], many[51], many[52], many[53]]).toEqual(['z', 'A', 'Z', '(53)', '(54)']);
  expect(many.filter((own) => many.some((other) => other !== own && other.includes(own)))).toEqual([]);
});
