import { expect, test } from 'vitest';
import { applySplice, spliceBetween } from '../../src/store/splice.ts';
import { seeded } from './harness.ts';

test('a keystroke is a splice of one character', () => {
  expect(spliceBetween('wods', 'words')).toEqual({ at: 2, removed: 0, inserted: 'r' });
  expect(spliceBetween('words', 'word')).toEqual({ at: 4, removed: 1, inserted: '' });
  expect(spliceBetween('aaa', 'aaaa')).toEqual({ at: 3, removed: 0, inserted: 'a' });
});

test('the splice between two texts leads from one to the other', () => {
  const random = seeded(1);
  const letters = ['a', 'b', '\n', 'é', '😀', '😁'];
  const text = () => Array.from({ length: Math.floor(random() * 12) }, () => letters[Math.floor(random() * letters.length)]).join('');
  for (let round = 0; round < 2000; round += 1) {
    const from = text();
    const to = text();
    expect(applySplice(from, spliceBetween(from, to))).toBe(to);
  }
});

test('a splice outside the text is refused', () => {
  expect(() => applySplice('abc', { at: 2, removed: 2, inserted: '' })).toThrow('splice of 2 at 2 in a text of 3');
});
