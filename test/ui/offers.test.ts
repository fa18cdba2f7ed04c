/** Which cells are offered for files that are dropped on the page. */
import { expect, test } from 'vitest';
import { sortIncoming } from '../../src/app/bringing-in.ts';
import { hereNow, offerLabel, offersFor } from '../../src/app/offers.ts';

const offers = (files: Readonly<Record<string, string>>) => offersFor(sortIncoming(Object.entries(files).map(([name, text]) => ({ name, file: new File([text], name) }))));
const cells = async (files: Readonly<Record<string, string>>) => (await offers(files)).cells.map(({ kind, params }) => ({ [kind]: params }));
const doubts = async (files: Readonly<Record<string, string>>) => (await offers(files)).doubts.map(({ name, why }) => `${name}: ${why}`);

const piqa = '{"goal": "g", "sol1": "a", "sol2": "b"}\n';

test('lines of a word and numbers are vectors, lines with columns a table, and a list of words says what is in an array’s rows', async () => {
  expect(await cells({ 'glove.txt': 'the 0.1 0.2 0.3\nof 1e-3 -2 .5\n' })).toEqual([{ vectors: { file: 'glove.txt' } }]);
  expect(await cells({ 'w2v.txt': '2 3\nthe 0.1 0.2 0.3\nof 1 2 3\n' })).toEqual([{ vectors: { file: 'w2v.txt' } }]);
  expect(await cells({ 'norms.txt': 'word\tVisual\nlemon\t4.1\n', 'norms.csv': 'word,Visual\n' })).toEqual([{ table: { file: 'norms.txt' } }, { table: { file: 'norms.csv' } }]);
  expect(await cells({ 'states.npy': 'x', 'words.json': '["lemon", "bread"]' })).toEqual([{ vectors: { file: 'states.npy', words: 'words.json' } }]);
  expect(await cells({ 'states.npy': 'x', 'words.txt': 'lemon\nbread\n' })).toEqual([{ vectors: { file: 'states.npy', words: 'words.txt' } }]);
  // Which list belongs to which array is not known.
  expect(await cells({ 'a.npy': 'x', 'b.npy': 'x', 'words.txt': 'lemon\nbread\n' })).toEqual([{ vectors: { file: 'a.npy' } }, { vectors: { file: 'b.npy' } }, { table: { file: 'words.txt' } }]);
});

test('questions take the answers that came with them; what cannot be read is not offered as a cell', async () => {
  expect(await cells({ 'piqa.jsonl': piqa, 'piqa-labels.lst': '0\n' })).toEqual([{ choice: { questions: 'piqa.jsonl', labels: 'piqa-labels.lst' } }]);
  expect(await cells({ 'study.json': '{\n "questions": [\n' })).toEqual([{ choice: { questions: 'study.json' } }]);
  const junk = { 'broken.jsonl': '{"goal": "g", \n', 'LICENSE.txt': 'Permission is hereby granted, free of charge, to any person\nobtaining a copy of this software.\n', 'only.lst': '0\n' };
  expect(await cells({ ...junk })).toEqual([]);
  expect(await doubts({ ...junk })).toEqual(['LICENSE.txt: it has no columns', 'broken.jsonl: its first line is not JSON']);
  expect(await doubts({ 'only.lst': '0\n' })).toEqual(['only.lst: name it under Answers in the choice cell that asks its questions']);
});

test('one message names what came, and one button the cells', () => {
  const [table, vectors] = [{ kind: 'table', params: {} }, { kind: 'vectors', params: {} }];
  expect([[table], [{ kind: 'adapter', params: {} }], [vectors, vectors], [table, vectors]].map(offerLabel)).toEqual(['Add a table cell', 'Add an adapter cell', 'Add 2 vectors cells', 'Add 2 cells']);
  expect(hereNow(['a.csv', 'b.npy'])).toBe('a.csv and b.npy are in this browser.');
  expect(hereNow(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 other files are in this browser.');
});
