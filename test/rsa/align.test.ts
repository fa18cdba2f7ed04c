import { expect, test } from 'vitest';
import { Problem } from '../../src/base/problem.ts';
import { alignWords, type Block, gather, keepComplete } from '../../src/rsa/align.ts';
import { chooseLayers, columnsFor, distinctLabels, planSet } from '../../src/rsa/choose.ts';
import { ratings, states } from './helpers.ts';

const human = ratings('human', ['apple', 'Bell', 'cat', 'dog'], ['Visual', 'Head'], Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8));

test('words are joined by spelling, in the order of the reference, and the lost ones are named', () => {
  const model = ratings('model', ['dog', 'cat', 'apple'], ['Visual', 'Head'], new Float64Array(6));
  const { words, rows, dropped } = alignWords([human, model], ['human', 'model'], '');
  expect(words).toEqual(['apple', 'cat', 'dog']);
  expect(rows.map((own) => [...own])).toEqual([[0, 2, 3], [2, 1, 0]]);
  expect(dropped).toEqual([{ reason: 'not in model', words: ['Bell'] }]);
});

test('case matters only when it tells two words apart', () => {
  const upper = ratings('upper', ['APPLE', 'BELL', 'CAT', 'DOG'], ['Visual'], new Float64Array(4));
  expect(alignWords([human, upper], ['human', 'upper'], '').words).toHaveLength(4);
  const ambiguous = ratings('both', ['BELL', 'bell', 'dog'], ['Visual'], new Float64Array(3));
  expect(alignWords([human, ambiguous], ['human', 'both'], '').words).toEqual(['dog']);
});

test('two words that differ only in case never share a row, and are named', () => {
  const polished = ratings('polished', ['Polish', 'polish', 'dog'], ['Visual'], new Float64Array(3));
  const one = ratings('one', ['polish', 'DOG'], ['Visual'], new Float64Array(2));
  const { words, rows, dropped } = alignWords([polished, one], ['polished', 'one'], '');
  expect(words).toEqual(['polish', 'dog']);
  expect(rows.map((own) => [...own])).toEqual([[1, 2], [0, 1]]);
  expect(dropped).toEqual([{ reason: 'not told apart by case in one', words: ['Polish'] }]);
});

test('without a common word the problem says what to do', () => {
  const dutch = ratings('mensen', ['appel', 'klok'], ['Visual'], new Float64Array(2));
  expect(() => alignWords([human, dutch], ['human', 'mensen'], 'cell gap')).toThrow(/cell gap: none of the 4 words of human is in mensen.*translation/);
});

test('with fewer common words than an analysis needs, the problem names the two that hardly overlap', () => {
  const [apart, close] = [['dog', 'eel', 'fox', 'gnu'], human.words].map((own) => ({ words: own }));
  const align = (others: readonly { words: readonly string[] }[]) => () => alignWords([human, ...others], ['human', 'a', 'b'], 'cell gap', 4);
  expect(align([apart!])).toThrow('cell gap: human and a share 1 word of 4, and it takes 4. Take both from one stimuli cell; for two languages, from one with a translation.');
  expect(align([close!, apart!])).toThrow('human and b share 1 word of 4');
  // Each shares enough with the first, but not the same words.
  const list = Array.from({ length: 8 }, (_, k) => `w${k}`);
  const part = (...own: number[]) => ({ words: own.map((k) => list[k]!) });
  expect(() => alignWords([{ words: list }, part(0, 1, 2, 3, 4), part(3, 4, 5, 6, 7)], ['human', 'a', 'b'], '', 4)).toThrow('human, a and b share 2 words of 8, and it takes 4. Take all from one');
  expect(() => alignWords([{ words: list }, part(0, 1, 2, 3), part(4, 5, 6, 7)], ['human', 'a', 'b'], '', 4)).toThrow('human, a and b share 0 words of 8');
  // Few words to begin with are no matter of the join.
  expect(alignWords([part(0, 1), part(0, 1)], ['human', 'a'], '', 4).words).toHaveLength(2);
});

test('an empty cell in a used column drops the word everywhere; unused columns do not count', () => {
  const model = ratings('model', human.words, ['Visual', 'Head'], Float64Array.of(1, NaN, NaN, 1, 2, 2, 3, 3));
  const aligned = alignWords([human, model], ['human', 'model'], '');
  const block = (columns: number[]): Block => ({ of: 1, label: 'model', layer: model.layers[0]!, columns, names: model.dimensions });
  expect(keepComplete(aligned, [block([0])])).toMatchObject({ words: ['apple', 'cat', 'dog'], dropped: [{ reason: 'empty Visual in model', words: ['Bell'] }] });
  const complete = keepComplete(aligned, [block([0, 1])]);
  expect(complete.words).toEqual(['cat', 'dog']);
  expect([...gather(block([1, 0]), complete.rows[1]!)]).toEqual([2, 2, 3, 3]);
});

test('dimensions match whatever their language, and the missing ones are named', () => {
  const dutch = ratings('mensen', ['appel'], ['Zien', 'Horen'], new Float64Array(2));
  expect(columnsFor(dutch, ['Auditory', 'visual', 'Head'])).toEqual({ columns: [1, 0], missing: ['Head'] });
});

test('a set is the reference’s own dimensions in it; a candidate that has only some of them is a problem', () => {
  const senses = ratings('senses', human.words, ['Visual'], new Float64Array(4));
  const labels = ['human', 'senses'];
  expect(planSet('sensory', [human, senses], labels, ['all'], '')).toMatchObject({ dimensions: ['Visual'], leftOut: [] });
  expect(planSet('motor', [human, senses], labels, ['all'], '')).toMatchObject({ candidates: [], leftOut: ['senses'] });
  expect(planSet('motor', [senses, human], ['senses', 'human'], ['all'], '')).toBeNull();
  expect(planSet('all', [senses, human], ['senses', 'human'], ['all'], '')?.candidates[0]?.columns).toEqual([0]);
  const error = (() => { try { planSet('all', [human, senses], labels, ['all'], 'cell gap'); } catch (thrown) { return thrown; } return null; })();
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).message).toMatch('cell gap: senses has no ratings of head, which human has in the set all');
});

test('layers are chosen by all, last or number, in their own order', () => {
  const model = states('model', ['a'], 1, [new Float32Array(1), new Float32Array(1), new Float32Array(1)]);
  const chosen = (...wanted: string[]): number[] => chooseLayers(model, 'model', wanted, '').map(({ index }) => index);
  expect(chosen('all')).toEqual([0, 1, 2]);
  expect(chosen('last', '0')).toEqual([0, 2]);
  expect(() => chosen('3')).toThrow('layers has "3", but model has the layers 0, 1, 2');
});

test('two candidates of the same label are told apart by their cells', () => {
  expect(distinctLabels([human, human, states('m', [], 1, [])], ['a', 'b', 'c'])).toEqual(['human (a)', 'human (b)', 'm']);
});
