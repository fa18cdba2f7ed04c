/** Sentences follow the words that they name. */
import { expect, test } from 'vitest';
import { followWords } from '../../src/tuning/sentences.ts';
import type { Side } from '../../src/tuning/split.ts';

const words = [
  { word: 'dog', forms: ['dog', 'hond'], side: 'train' },
  { word: 'cat', forms: ['cat', 'kat'], side: 'validation' },
  { word: 'ice cream', forms: ['ice cream', 'ijs'], side: 'test' },
] as const;
const sentences = ['A DOG sleeps.', 'De kat slaapt.', 'The dog sees the cat.', 'The dog eats ice cream.', 'Een kat eet ijs.', 'Dogs sleep.', 'Ice, then cream.'];
const drawn: readonly Side[] = ['test', 'test', 'test', 'train', 'train', 'validation', 'test'];

test('the strictest side of its words is a sentence’s own, whatever was drawn; those that name none stay as drawn', () => {
  expect(followWords(sentences, words, drawn, false)).toEqual(['train', 'validation', 'validation', 'test', 'test', 'validation', 'test']);
});

test('to read test words changes nothing for other sentences, and those that were drawn for testing stay there', () => {
  expect(followWords(sentences, words, drawn, true)).toEqual(['train', 'validation', 'validation', 'train', 'train', 'validation', 'test']);
});

test('without words all is as drawn', () => {
  expect(followWords(sentences, [], drawn, true)).toEqual(drawn);
});
