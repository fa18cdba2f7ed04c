/** Splits that leak nothing, and the check that finds what leaks. */
import { describe, expect, test } from 'vitest';
import { Problem } from '../../src/base/problem.ts';
import { loadDemo } from '../../src/data/demo.ts';
import { loadQuestions } from '../../src/data/questions.ts';
import { linkedGroups } from '../../src/data/sample.ts';
import { textsOf } from '../../src/data/table.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { findLeaks, mentionsOf, questionMentions, requireNoLeaks, splitDimensions, splitWords, wordForms, type Side, type SidedWord } from '../../src/tuning/split.ts';
import { shuffle } from '../../src/tuning/tasks/draws.ts';

type Words = Parameters<typeof splitWords>[0];
const table = await loadDemo('/');
const demo: Words = { words: textsOf(table, 'word', ''), translations: { nl: textsOf(table, 'dutch', '') }, split: [] };
const settings = { validation: 0.1, test: 0.2, seed: 4 };

/** Words of made-up languages in which forms are often shared. */
function tangled(n: number, seed: number): Words {
  const stream = new PhiloxStream(seed);
  const letter = (): string => String.fromCharCode(97 + stream.below(26)) + String.fromCharCode(97 + stream.below(26));
  const words = [...new Set(Array.from({ length: n }, () => `w${letter()}${letter()}`))];
  return { words, translations: { nl: words.map(() => (stream.below(5) === 0 ? `n${letter()} / n${letter()}` : `n${letter()}`)), fr: words.map(() => (stream.below(3) === 0 ? '' : `f${letter()}${letter()}`)) }, split: [] };
}

const sided = (words: Words, sides: readonly Side[]): SidedWord[] => wordForms(words).map((forms, row) => ({ word: words.words[row]!, forms, side: sides[row]! }));
const problemOf = (body: () => unknown): Problem => {
  try {
    body();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('drawn splits', () => {
  test('have the shares asked for, and no leak', () => {
    const { sides, counts, given } = splitWords(demo, settings, 'cell x');
    const n = demo.words.length;
    expect(given).toBe(false);
    expect(sides).toHaveLength(n);
    expect(counts).toEqual({ train: n - Math.round(0.1 * n) - Math.round(0.2 * n), validation: Math.round(0.1 * n), test: Math.round(0.2 * n) });
    expect(findLeaks(sided(demo, sides))).toEqual([]);
  });

  test('keep linked words together, however tangled', () => {
    for (let seed = 0; seed < 10; seed++) {
      const words = tangled(400, seed);
      const { sides, counts } = splitWords(words, { ...settings, seed }, 'cell x');
      const groups = linkedGroups(wordForms(words));
      expect(new Set(groups).size).toBeLessThan(words.words.length);
      const sideOf = new Map<number, Side>();
      groups.forEach((group, row) => {
        expect(sideOf.get(group) ?? sides[row]).toBe(sides[row]);
        sideOf.set(group, sides[row]!);
      });
      expect(counts.validation + counts.test).toBeGreaterThan(0);
    }
  });

  test('give each word the same side in any order of rows, and whichever language is studied', () => {
    const words = tangled(300, 77);
    const side = (of: Words): Map<string, Side> => {
      const { sides } = splitWords(of, settings, 'cell x');
      return new Map(wordForms(of).map((forms, row) => [forms.join(), sides[row]!]));
    };
    const expected = side(words);
    const order = shuffle(words.words.length, new PhiloxStream(1));
    const pick = (list: readonly string[]): string[] => order.map((row) => list[row]!);
    expect(side({ words: pick(words.words), translations: Object.fromEntries(Object.entries(words.translations).map(([code, list]) => [code, pick(list)])), split: [] })).toEqual(expected);
    expect(side({ words: words.translations['nl']!, translations: { en: words.words, fr: words.translations['fr']! }, split: [] })).toEqual(expected);
  });

  test('differ between seeds', () => {
    expect(splitWords(demo, { ...settings, seed: 5 }, 'cell x').sides).not.toEqual(splitWords(demo, settings, 'cell x').sides);
  });

  test('with shares that leave nothing, or sides without words, are refused', () => {
    expect(problemOf(() => splitWords(demo, { ...settings, validation: 0.5, test: 0.5 }, 'cell x'))).toMatchObject({ code: 'split-shares', message: expect.stringContaining('validation takes 0.5 and testing 0.5') as string });
    expect(problemOf(() => splitWords({ words: ['a', 'b', 'c'], translations: {}, split: [] }, settings, 'cell x'))).toMatchObject({ code: 'split-empty', message: expect.stringContaining('of 3 words none is left for validation') as string });
    const linked = { words: ['a', 'b', 'c', 'd'], translations: { nl: ['x', 'x', 'x', 'x'] }, split: [] };
    expect(problemOf(() => splitWords(linked, { validation: 0, test: 0.5, seed: 1 }, 'cell x')).message).toContain('none is left for testing');
  });
});

describe('splits that come with the words', () => {
  test('are kept; validation comes from the training words', () => {
    const own = demo.words.map((_, row): 'train' | 'test' => (row % 3 === 0 ? 'test' : 'train'));
    const forms = wordForms(demo);
    const groups = linkedGroups(forms);
    // Linked words follow the first of them.
    const split = own.map((_, row) => own[groups.indexOf(groups[row]!)]!);
    const { sides, counts, given } = splitWords({ ...demo, split }, settings, 'cell x');
    expect(given).toBe(true);
    sides.forEach((side, row) => expect(side === 'test').toBe(split[row] === 'test'));
    expect(counts.validation).toBe(Math.round(0.1 * demo.words.length));
    expect(splitWords({ ...demo, split }, { ...settings, redraw: true }, 'cell x').sides).toEqual(splitWords(demo, settings, 'cell x').sides);
  });

  test('that leak are refused, with words named', () => {
    const leaking: Words = { words: ['dog', 'hound', 'cat', 'Cat'], translations: { nl: ['hond', 'hond', 'kat', 'poes'] }, split: ['train', 'test', 'train', 'test'] };
    const problem = problemOf(() => splitWords(leaking, { ...settings, validation: 0 }, 'cell tuned'));
    expect(problem.code).toBe('split-leak');
    expect(problem.message).toContain('cell tuned: the split leaks: 2 forms stand on two sides, "hond" (dog: train, hound: test), "cat" (cat: train, Cat: test). Let the app draw');
  });
});

describe('the check', () => {
  const word = (name: string, side: Side, ...others: string[]): SidedWord => ({ word: name, forms: [name, ...others], side });

  test('finds words and translations on two sides, and across two lists of words', () => {
    expect(findLeaks([word('dog', 'train', 'hond'), word('hond', 'test', 'dog'), word('cat', 'train', 'kat'), word('koe', 'validation', 'cow')])).toEqual([
      { form: 'dog', words: [{ word: 'dog', side: 'train' }, { word: 'hond', side: 'test' }] },
      { form: 'hond', words: [{ word: 'dog', side: 'train' }, { word: 'hond', side: 'test' }] },
    ]);
    expect(findLeaks([word('dog', 'train'), word('dog', 'train'), word('dog', 'validation')])).toHaveLength(1);
    expect(findLeaks([word('dog', 'train'), word('dog', 'train')])).toEqual([]);
  });

  test('finds every leak of random splits, and nothing else', () => {
    const words = tangled(250, 5);
    const stream = new PhiloxStream(6);
    const random = words.words.map((): Side => (['train', 'validation', 'test'] as const)[stream.below(3)]!);
    const list = sided(words, random);
    const pairs = new Set<string>();
    list.forEach((a, i) => list.slice(0, i).forEach((b) => {
      if (a.side !== b.side) for (const form of a.forms) if (b.forms.includes(form)) pairs.add(form);
    }));
    expect(pairs.size).toBeGreaterThan(10);
    expect(findLeaks(list).map(({ form }) => form).sort()).toEqual([...pairs].sort());
    expect(problemOf(() => requireNoLeaks(list, '')).message).toMatch(new RegExp(`${pairs.size} forms stand .* and ${pairs.size - 4} more`));
  });
});

describe('words in texts', () => {
  const forms = [['dog', 'hond'], ['ice cream', 'ijsje'], ['merry-go-round'], ['café']];
  test('are found whole, in sequence, whatever their case', () => {
    expect(mentionsOf(['The DOG barks.', 'dogs bark', 'He likes ice cream', 'ice, then cream', 'a Merry-Go-Round!', "the dog's cafe\u0301", ''], forms)).toEqual({ texts: 4, of: 7, forms: ['café', 'dog', 'ice cream', 'merry-go-round'] });
    expect(mentionsOf(['dog'], [])).toEqual({ texts: 0, of: 1, forms: [] });
  });

  test('in questions are counted by place, and are no leak', async () => {
    const questions = await loadQuestions('/');
    const [first] = questions;
    expect(first!.options.en[1]).toBe('thunder');
    const mentions = questionMentions(questions, 'en', [['thunder', 'donder'], ['voice', 'stem']]);
    const has = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`, 'i').test(text);
    expect(mentions.options.texts).toBe(questions.filter(({ options }) => options.en.some((option) => has(option, 'thunder') || has(option, 'voice'))).length);
    expect(mentions.question.texts).toBe(questions.filter(({ question }) => has(question.en, 'thunder') || has(question.en, 'voice')).length);
    expect(mentions.question.texts).toBeGreaterThan(0);
    expect(mentions.any.of).toBe(120);
    expect(mentions.any.forms).toEqual(['thunder', 'voice']);
  });
});

describe('held-out dimensions', () => {
  const known = ['Auditory', 'Visual', 'Hand_arm', 'Mouth', 'Concreteness'];
  test('are the rest, or those named; sets and other names of dimensions are understood', () => {
    expect(splitDimensions(known, ['sensory'], [], '')).toEqual({ train: ['Auditory', 'Visual'], test: ['Hand_arm', 'Mouth', 'Concreteness'] });
    expect(splitDimensions(known, ['Zien', 'horen'], ['motor'], '')).toEqual({ train: ['Auditory', 'Visual'], test: ['Hand_arm', 'Mouth'] });
    expect(splitDimensions(known, ['Concreteness'], ['mouth'], '')).toEqual({ train: ['Concreteness'], test: ['Mouth'] });
    expect(splitDimensions(known, ['all'], [], '')).toEqual({ train: known, test: [] });
  });

  test('on both sides, unknown or none are refused', () => {
    expect(problemOf(() => splitDimensions(known, ['sensory'], ['Visual', 'motor'], 'cell x')).message).toBe('cell x: Visual is both trained on and held out. Take each dimension on one side only.');
    expect(problemOf(() => splitDimensions(known, ['Visuall'], [], '')).message).toMatch(/no ratings of "Visuall".*Did you mean Visual/);
    expect(problemOf(() => splitDimensions(known, [], [], '')).code).toBe('dimension-none');
    // The eleven are known, but these ratings lack it.
    expect(problemOf(() => splitDimensions(known, ['Torso'], [], '')).code).toBe('dimension-unknown');
  });
});
