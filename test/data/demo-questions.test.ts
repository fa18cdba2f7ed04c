/** The demo questions as they ship, and what the reader of such files refuses. */
import { describe, expect, test } from 'vitest';
import { dimensions } from '../../src/data/dimensions.ts';
import { importTable } from '../../src/data/import/import.ts';
import { loadQuestions, questionLanguages, questionsOf, type ChoiceQuestion, type QuestionLanguage } from '../../src/data/questions.ts';

const questions = await loadQuestions('/');
const header = 'id,dimension,kind,en_question,en_a,en_b,en_c,en_d,nl_question,nl_a,nl_b,nl_c,nl_d,answer';
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}']+/gu) ?? [];

function counts<T>(items: readonly T[]): Map<T, number> {
  const found = new Map<T, number>();
  for (const item of items) found.set(item, (found.get(item) ?? 0) + 1);
  return found;
}

/** Expected share right of someone who takes an option of the highest score, ties at random. */
function shareRight(language: QuestionLanguage, score: (question: ChoiceQuestion, option: string) => number): number {
  const right = questions.map((question) => {
    const scores = question.options[language].map((option) => score(question, option));
    const best = Math.max(...scores);
    return scores[question.answer] === best ? 1 / scores.filter((value) => value === best).length : 0;
  });
  return right.reduce((sum, value) => sum + value, 0) / questions.length;
}

describe('the file', () => {
  test('is plain: LF, the agreed header, 120 lines', async () => {
    const text = await (await fetch('/demo/questions.csv')).text();
    expect(text).not.toMatch(/[\r\uFEFF]/);
    expect(text.split('\n')[0]).toBe(header);
    expect(text.split('\n')).toHaveLength(122);
    expect(questions).toHaveLength(120);
    expect(text.normalize('NFC')).toBe(text);
  });

  test('asks about all eleven dimensions about evenly, in their order', () => {
    const perDimension = counts(questions.map(({ dimension }) => dimension));
    expect([...perDimension.keys()]).toEqual(dimensions.map(({ id }) => id));
    for (const [dimension, count] of perDimension) expect([10, 11, 12], dimension).toContain(count);
  });

  test('has the kinds of question that its README explains, each in use', async () => {
    const readme = await (await fetch('/demo/README.md')).text();
    const listed = [...readme.slice(readme.indexOf('| kind | question |'), readme.indexOf('## Replacing')).matchAll(/^\| `([a-z]+)` \|/gm)].map((match) => match[1]!);
    expect([...new Set(questions.map(({ kind }) => kind))].sort()).toEqual(listed.sort());
    expect(Math.min(...counts(questions.map(({ kind }) => kind)).values())).toBeGreaterThanOrEqual(10);
  });

  test('has answers balanced over A to D, within each dimension too', () => {
    expect([0, 1, 2, 3].map((place) => questions.filter(({ answer }) => answer === place).length)).toEqual([30, 30, 30, 30]);
    for (const { id } of dimensions) {
      const places = counts(questions.filter(({ dimension }) => dimension === id).map(({ answer }) => answer));
      expect(places.size, id).toBe(4);
      expect(Math.max(...places.values()), id).toBeLessThanOrEqual(3);
    }
  });
});

describe.each(questionLanguages)('in %s', (language) => {
  test('no question comes twice, and each ends as a question or a sentence to finish', () => {
    const asked = questions.map(({ question }) => question[language]);
    expect(new Set(asked).size).toBe(120);
    expect(asked.filter((text) => !/^\p{Lu}[^?:]*[?:]$/u.test(text))).toEqual([]);
  });

  test('options are one to three words, and a question with its options at most 40', () => {
    for (const { id, question, options } of questions) {
      for (const option of options[language]) {
        expect(option, id).toMatch(/^[\p{Ll}']+(?: [\p{Ll}']+){0,2}$/u);
      }
      expect(wordsOf([question[language], ...options[language]].join(' ')).length, id).toBeLessThanOrEqual(40);
    }
  });

  test('the right option is not given away by a word of the question', () => {
    const given = questions.filter(({ question, options, answer }) => {
      const asked = new Set(wordsOf(question[language]));
      return wordsOf(options[language][answer]).some((word) => asked.has(word));
    });
    expect(given.map(({ id }) => id)).toEqual([]);
  });

  test('the longest, the shortest, or what is often right elsewhere is right no more often than chance', () => {
    // Two standard errors of guessing 120 questions of four options: 0.25 + 2 * sqrt(0.25 * 0.75 / 120).
    const most = 0.33;
    expect(shareRight(language, (_, option) => option.length)).toBeLessThan(most);
    expect(shareRight(language, (_, option) => -option.length)).toBeLessThan(most);
    expect(shareRight(language, (question, option) => {
      const others = questions.filter((other) => other !== question && other.options[language].includes(option));
      return (others.filter((other) => other.options[language][other.answer] === option).length + 0.25) / (others.length + 1);
    })).toBeLessThan(most);
    const longest = questions.filter(({ options, answer }) => options[language].every((option, i) => i === answer || option.length < options[language][answer].length));
    expect(longest.length / 120).toBeLessThan(most);
  });
});

describe('reading a file of questions', () => {
  const good = 'x-1,Visual,property,What colour?,red,green,blue,white,Welke kleur?,rood,groen,blauw,wit,B';
  const read = async (...lines: string[]): Promise<ChoiceQuestion[]> =>
    questionsOf(await importTable('mine.csv', new Blob([`${[header, ...lines].join('\n')}\n`]), { word: 'id' }), 'cell asked');

  test('gives both languages and the place of the answer; dimensions by any of their names', async () => {
    expect(await read(good, good.replace('x-1,Visual', 'x-2,zien').replace(/B$/, 'd'))).toEqual([
      {
        id: 'x-1', dimension: 'Visual', kind: 'property', question: { en: 'What colour?', nl: 'Welke kleur?' },
        options: { en: ['red', 'green', 'blue', 'white'], nl: ['rood', 'groen', 'blauw', 'wit'] }, answer: 1,
      },
      expect.objectContaining({ id: 'x-2', dimension: 'Visual', answer: 3 }),
    ]);
  });

  test('numbers may be options', async () => {
    const [question] = await read('7,Visual,property,How many?,1,2,3,4,Hoeveel?,1,2,3,4,A');
    expect(question).toMatchObject({ id: '7', options: { en: ['1', '2', '3', '4'], nl: ['1', '2', '3', '4'] }, answer: 0 });
  });

  test.each([
    ['an answer outside A to D', good.replace(/B$/, 'E'), 'mine.csv line 2: answer is "E". It is the letter of the right option'],
    ['no answer', good.replace(/B$/, ''), 'mine.csv line 2: answer is empty. It is the letter'],
    ['an unknown dimension', good.replace('Visual', 'Magnetic'), 'mine.csv line 2: dimension is "Magnetic". It is one of Auditory, Gustatory,'],
    ['a missing option', good.replace('groen', ' '), 'mine.csv line 2: nl_b is empty. Every question needs'],
    ['an option that stands twice', good.replace('white', 'Green'), 'mine.csv line 2: option "Green" stands twice (en). Give every question four different options.'],
  ])('%s is named with line and value', async (_, line, message) => {
    await expect(read(line)).rejects.toThrow(message);
  });

  test('an id that comes twice is named with both lines, blank lines counted', async () => {
    await expect(read(good, '', good)).rejects.toThrow('mine.csv line 4: id "x-1" was used in line 2. Give every question an id of its own.');
  });

  test('a missing column is named', async () => {
    const table = await importTable('mine.csv', new Blob([`${header.replace('nl_d', 'nl_e')}\n${good}\n`]), { word: 'id' });
    expect(() => questionsOf(table, 'cell asked')).toThrow('cell asked: mine.csv has no column "nl_d". Did you mean');
  });

  test('a folder without the questions says so', async () => {
    await expect(loadQuestions('http://127.0.0.1:1/')).rejects.toThrow('http://127.0.0.1:1/demo/questions.csv: the demo questions cannot be fetched');
  });
});
