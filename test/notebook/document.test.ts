import { describe, expect, test } from 'vitest';
import { cellsOf, parseNotebook, serialiseNotebook } from '../../src/notebook/document.ts';
import { cellText, insertBlock, removeSegment, setParameter } from '../../src/notebook/edit.ts';

const notebook = `---
sensorium: 1
title: The embodiment gap
---
# Heading

Some *prose*.

\`\`\`cell rsa gap
reference: human   # people
candidates: [base, tuned]
permutations: 10000
\`\`\`

\`\`\`js
cell rsa notACell
\`\`\`

~~~~cell table en
file: "a b.csv"
~~~
~~~~
The end`;

/** Lines that differ between two texts of the same number of lines. */
function changedLines(before: string, after: string): string[] {
  const old = before.split('\n');
  return after.split('\n').filter((line, index) => line !== old[index]);
}

describe('a notebook is its text', () => {
  const awkward = ['', '\n', '---', '---\n---\n', '```cell', '```cell rsa gap', '~~~cell x y\n\n~~~', notebook, notebook.replaceAll('\n', '\r\n'), `\uFEFF${notebook}`, '```\n```cell rsa x\n```', '    ```cell rsa x\n    ```\n'];
  test.each(awkward)('parsing then writing gives the same bytes (%#)', (text) => {
    expect(serialiseNotebook(parseNotebook(text))).toBe(text);
  });

  test('random texts made of fences, fronts and YAML come back the same, and never throw', () => {
    const parts = ['---\n', '```', '~~~', 'cell rsa a', '\n', 'key: [1, 2]', '# x', ' ', '\r\n', 'a: {b: c}', '```cell t u\n', '"', ': ', '\t'];
    let seed = 7;
    for (let round = 0; round < 2000; round++) {
      let text = '';
      for (let count = 0; count < 12; count++) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        text += parts[(seed >>> 16) % parts.length];
      }
      expect(serialiseNotebook(parseNotebook(text))).toBe(text);
    }
  });
});

describe('cells', () => {
  test('fences that begin with "cell" are cells, other fences are prose', () => {
    const cells = cellsOf(parseNotebook(notebook));
    expect(cells.map((cell) => [cell.kind, cell.name, cell.line])).toEqual([['rsa', 'gap', 9], ['table', 'en', 19]]);
    expect(cells[0]!.body.values).toEqual({ reference: 'human', candidates: ['base', 'tuned'], permutations: 10000 });
  });

  test('the title comes from the front matter, else from the first heading', () => {
    expect(parseNotebook(notebook).title).toBe('The embodiment gap');
    expect(parseNotebook('---\nsensorium: 1\n---\n# A heading #\n').title).toBe('A heading');
  });

  test('what is wrong is named with its line', () => {
    const at = (text: string): string[] => {
      const document = parseNotebook(`---\nsensorium: 1\n---\n${text}`);
      return [...document.problems, ...cellsOf(document).flatMap((cell) => cell.problems)].map((problem) => `${problem.code} ${problem.place}`);
    };
    expect(at('```cell rsa\n```\n')).toEqual(['cell-fence line 4']);
    expect(at('```cell rsa 1x\n```\n')).toEqual(['cell-name line 4']);
    expect(at('```cell rsa x\n')).toEqual(['cell-unclosed line 4']);
    expect(at('```cell rsa x\na: 1\nb: {c: 2}\n```\n')).toEqual(['cell-yaml line 6']);
    expect(at('```cell rsa x\na: 1\na: 2\n```\n')).toEqual(['cell-yaml line 6']);
    expect(at('```cell rsa x\njust words\n```\n')).toEqual(['cell-yaml line 5']);
    expect(at('```cell rsa x\n{a: 1}\n```\n')).toEqual(['cell-yaml line 5']);
    expect(parseNotebook('# No front\n').problems.map((problem) => problem.code)).toEqual(['no-format']);
    expect(parseNotebook('---\nsensorium: 9\n---\n').problems.map((problem) => problem.code)).toEqual(['newer-format']);
  });
});

test('a star at the start of a value asks for quotes', () => {
  const [cell] = cellsOf(parseNotebook('---\nsensorium: 1\n---\n```cell stimuli words\nratings: *.mean\n```\n'));
  expect(cell?.problems[0]).toMatchObject({ place: 'line 5', fix: expect.stringContaining('quotes') });
});

test('code within a line of prose opens no fence', () => {
  const text = '---\nsensorium: 1\n---\n``` one `` line ```\n\n```cell stimuli words\n```\n';
  expect(cellsOf(parseNotebook(text)).map((cell) => cell.name)).toEqual(['words']);
});

describe('a form edit', () => {
  test('touches only its own line and keeps the comment behind the value', () => {
    for (const text of [notebook, notebook.replaceAll('\n', '\r\n')]) {
      const document = parseNotebook(text);
      const [rsa] = cellsOf(document);
      const end = text.includes('\r') ? '\r' : '';
      expect(changedLines(text, setParameter(document, rsa!, 'permutations', 500))).toEqual([`permutations: 500${end}`]);
      expect(changedLines(text, setParameter(document, rsa!, 'reference', 'other'))).toEqual([`reference: other   # people${end}`]);
      expect(changedLines(text, setParameter(document, rsa!, 'candidates', ['base', 'x: y', '3']))).toEqual([`candidates: [base, "x: y", "3"]${end}`]);
    }
  });

  test('adds a line for a new parameter and removes the line of one that goes back to its default', () => {
    const document = parseNotebook(notebook);
    const rsa = cellsOf(document)[0]!;
    const added = setParameter(document, rsa, 'seed', 7);
    expect(added).toBe(notebook.replace('permutations: 10000\n', 'permutations: 10000\nseed: 7\n'));
    const grown = parseNotebook(added);
    expect(setParameter(grown, cellsOf(grown)[0]!, 'seed', undefined)).toBe(notebook);
    expect(setParameter(document, rsa, 'reference', undefined)).toBe(notebook.replace('reference: human   # people\n', ''));
  });

  test('fills a parameter written without a value', () => {
    const text = '---\nsensorium: 1\n---\n```cell rsa x\nreference:\nseed: 1\n```\n';
    const document = parseNotebook(text);
    expect(setParameter(document, cellsOf(document)[0]!, 'reference', 'human')).toBe(text.replace('reference:', 'reference: human'));
  });

  test('puts a list of several lines on one', () => {
    const text = '---\nsensorium: 1\n---\n```cell rsa x\ncandidates:\n  - a\n  - b\nseed: 1 # keep\n```\n';
    const document = parseNotebook(text);
    expect(setParameter(document, cellsOf(document)[0]!, 'candidates', ['c'])).toBe('---\nsensorium: 1\n---\n```cell rsa x\ncandidates: [c]\nseed: 1 # keep\n```\n');
    expect(setParameter(document, cellsOf(document)[0]!, 'candidates', undefined)).toBe('---\nsensorium: 1\n---\n```cell rsa x\nseed: 1 # keep\n```\n');
  });

  test('whatever value is written, reading it back gives the same value', () => {
    const text = '---\nsensorium: 1\n---\n```cell rsa x\na: 1\n```\n';
    const document = parseNotebook(text);
    for (const value of ['', ' ', 'true', '1e3', '*.mean', '#x', 'a: b', 'line\nbreak', "it's", '"q"', '- x', 'null', '~', ['a, b', ']', '#'], 0, -1.5, true, []]) {
      const edited = parseNotebook(setParameter(document, cellsOf(document)[0]!, 'a', value));
      expect(cellsOf(edited)[0]!.body.values['a']).toEqual(value);
    }
  });
});

test('a new cell goes in as a block of its own and comes out without a trace', () => {
  const document = parseNotebook(notebook);
  const cell = cellText('rdm', 'map', { of: 'human' });
  const inserted = parseNotebook(insertBlock(document, 2, cell));
  expect(cellsOf(inserted).map((found) => found.name)).toEqual(['map', 'gap', 'en']);
  const at = inserted.segments.findIndex((segment) => segment.type === 'cell' && segment.name === 'map');
  expect(cellsOf(parseNotebook(removeSegment(inserted, at))).map((found) => found.name)).toEqual(['gap', 'en']);
  expect(cellsOf(parseNotebook(insertBlock(document, document.segments.length, cell))).at(-1)?.name).toBe('map');
});
