/** Blocks of the page: what is shown of a text, keys that last, moves and deletions that keep every cell. */
import { expect, test } from 'vitest';
import { fencesClosed, layOut, moveBlock, withKeys, withoutBlock, type Block } from '../../src/app/blocks.ts';
import { fileNameOf, newNotebook, withTitle } from '../../src/app/titles.ts';
import { parseNotebook } from '../../src/notebook/document.ts';

const text = '---\nsensorium: 1\n---\n# One\n\n```cell stimuli a\nnorms: demo\n```\n```cell ratings b\nstimuli: a\n```\n\nTwo\n';

function blocksOf(source: string, previous: readonly Block[] = []): Block[] {
  let count = previous.length * 100;
  return withKeys(previous, layOut(parseNotebook(source), null), () => `k${++count}`);
}

const shown = (blocks: readonly Block[]): string[] => blocks.map((block) => (block.type === 'cell' ? block.cell.name : block.type === 'prose' ? block.text : 'editor'));
const keyOf = (blocks: readonly Block[], what: string): string => blocks[shown(blocks).indexOf(what)]!.key;

test('front matter and blank lines are no blocks', () => {
  expect(shown(blocksOf(text))).toEqual(['# One', 'a', 'b', 'Two']);
});

test('a range in an editor is one block, whatever its text parses to', () => {
  const source = text.replace('Two', 'Two\n\n```cell rdm c\nof: b\n```\n\nThree');
  const from = source.indexOf('Two');
  const to = source.indexOf('Three');
  expect(shown(layOut(parseNotebook(source), { from, to }) as Block[])).toEqual(['# One', 'a', 'b', 'editor', 'Three']);
  expect(shown(layOut(parseNotebook(text), { from: text.length, to: text.length }) as Block[])).toEqual(['# One', 'a', 'b', 'Two', 'editor']);
});

test('keys last through edits, insertions, renames and moves', () => {
  const before = blocksOf(text);
  const edited = blocksOf(text.replace('Two', 'Two and more').replace('norms: demo', 'sample: 3'), before);
  expect(edited.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  const inserted = blocksOf(text.replace('```cell ratings', '```cell table t\nfile: t.csv\n```\n\n```cell ratings'), before);
  for (const name of ['# One', 'a', 'b', 'Two']) expect(keyOf(inserted, name)).toBe(keyOf(before, name));
  const renamed = blocksOf(text.replace('stimuli a', 'stimuli other'), before);
  expect(keyOf(renamed, 'other')).toBe(keyOf(before, 'a'));
  const moved = blocksOf(moveBlock(parseNotebook(text), before, keyOf(before, 'a'), 1)!, before);
  expect(shown(moved)).toEqual(['# One', 'b', 'a', 'Two']);
  for (const name of ['a', 'b']) expect(keyOf(moved, name)).toBe(keyOf(before, name));
});

test('moving there and back gives the same blocks, and the last line needs no line break', () => {
  const blocks = blocksOf(text);
  const up = moveBlock(parseNotebook(text), blocks, keyOf(blocks, 'Two'), -1)!;
  expect(shown(blocksOf(up))).toEqual(['# One', 'a', 'Two', 'b']);
  const again = blocksOf(up, blocks);
  const back = moveBlock(parseNotebook(up), again, keyOf(again, 'Two'), 1)!;
  expect(shown(blocksOf(back))).toEqual(shown(blocks));
  const bare = text.trimEnd();
  const moved = moveBlock(parseNotebook(bare), blocksOf(bare), keyOf(blocksOf(bare), 'Two'), -1)!;
  expect(shown(blocksOf(moved))).toEqual(['# One', 'a', 'Two', 'b']);
  expect(moveBlock(parseNotebook(text), blocks, keyOf(blocks, '# One'), -1)).toBeNull();
});

test('a move that would swallow a cell is refused', () => {
  const open = `${text}\n\`\`\`js\nnever closed`;
  const blocks = blocksOf(open);
  expect(moveBlock(parseNotebook(open), blocks, blocks.at(-1)!.key, -1)).toBeNull();
});

test('deleting takes a block and the space before it', () => {
  const blocks = blocksOf(text);
  const without = (what: string): string => withoutBlock(text, blocks[shown(blocks).indexOf(what)]!);
  expect(shown(blocksOf(without('a')))).toEqual(['# One', 'b', 'Two']);
  expect(without('Two')).toBe('---\nsensorium: 1\n---\n# One\n\n```cell stimuli a\nnorms: demo\n```\n```cell ratings b\nstimuli: a\n```\n');
});

test('half a fence is seen as half', () => {
  const whole = ['', 'text', '```\ncode\n```', '~~~\n```\n~~~', '```cell rdm x\nof: y\n```'];
  const half = ['```', 'text\n\n```js\nlet a', '~~~\n```', '````\n```', '```cell rdm x\nof: y'];
  expect(whole.filter((text) => !fencesClosed(text))).toEqual([]);
  expect(half.filter(fencesClosed)).toEqual([]);
});

test('a title changes its own line and no other', () => {
  expect(withTitle('---\nsensorium: 1\ntitle: Old # note\n---\nText\n', 'New: one')).toBe('---\nsensorium: 1\ntitle: "New: one" # note\n---\nText\n');
  expect(withTitle('---\r\nsensorium: 1\r\n---\r\nText\r\n', 'New')).toBe('---\r\nsensorium: 1\r\ntitle: New\r\n---\r\nText\r\n');
  expect(parseNotebook(withTitle('Text\n', 'New'))).toMatchObject({ title: 'New', problems: [] });
  expect(parseNotebook(newNotebook('A "b": c'))).toMatchObject({ title: 'A "b": c', problems: [] });
});

test('titles become plain file names', () => {
  expect(fileNameOf('The study: fine-tuning')).toBe('the-study-fine-tuning.md');
  expect(fileNameOf('Überraschung!')).toBe('uberraschung.md');
  expect(fileNameOf('../..')).toBe('notebook.md');
});
