/** What a transfer cell refuses: too few questions for a share, too many words for memory. */
import { expect, test } from 'vitest';
import type { ChoiceQuestion } from '../../src/data/questions.ts';
import type { StimuliValue } from '../../src/data/values.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { compareQuestions } from '../../src/kinds/transfer/compare-questions.ts';
import type { Measures, Scores } from '../../src/kinds/transfer/measure.ts';
import { fields } from '../../src/kinds/transfer/schema.ts';
import { run } from '../../src/kinds/transfer/run.ts';
import { Bench } from '../reference/study.ts';

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href };
  }
}

const made = new AppBench();

/** A model that answers the first `known` of 24 questions, always with the first option. */
function answering(known: number): Measures {
  const scores: Scores = new Map(Array.from({ length: known }, (_, row) => [row, [3, 2, 1, 0]]));
  const choices = { head: new Map(), prompt: new Map(), likelihood: new Map([['en', known > 0 ? { found: scores } : { reason: 'it cannot be asked' }]]) };
  return { layer: 'layer 1', states: new Map(), headRatings: new Map(), promptedRatings: new Map(), choices };
}

test('fewer than 20 questions that every model can be asked are no share; a model that can be asked none takes none from the others', () => {
  const rows = Array.from({ length: 24 }, (_, row) => row);
  const texts = { question: { en: 'Which?', nl: 'Welk?' }, options: { en: ['a', 'b', 'c', 'd'], nl: ['a', 'b', 'c', 'd'] } } as const;
  const questions = rows.map((row): ChoiceQuestion => ({ ...texts, id: `q${row}`, dimension: 'Visual', kind: 'made up', answer: row % 2 === 0 ? 0 : 1 }));
  const compare = (known: readonly number[]) => compareQuestions({ language: 'en', questions, rows }, { rows, dropped: [], given: false }, known.map((one) => [answering(one)]), { bootstrap: 0, seed: 1 });
  const results = (known: readonly number[]) => compare(known).columns[0]!.rows.map(({ measured, reason }) => measured?.values[0] ?? reason);
  expect(results([24, 20])).toEqual([0.5, 0.5]);
  expect(results([24, 19])).toEqual(Array(2).fill('19 questions can be asked of every model in en; 20 are needed'));
  expect(results([24, 0])).toEqual([0.5, 'it cannot be asked']);
  expect(compare([24, 0]).test.used).toHaveLength(24);
});

test('words whose RDMs do not fit into memory are refused before any model runs', async () => {
  const n = 13_000;
  const dimensions = ['Auditory', 'Visual', 'Haptic', 'Head'];
  const words = Array.from({ length: n }, (_, row) => `word${row}`);
  await made.run('base', modelFields, runModel, {});
  const many: StimuliValue = {
    type: 'stimuli', label: 'many', words, language: 'en', translations: {}, categories: [], split: [], dropped: [],
    ratings: { dimensions, values: new Float64Array(n * dimensions.length), scale: [0, 5], origin: 'illustrative' },
  };
  made.values.set('many', many);
  await expect(made.run('room', fields, run, { base: 'base', tuned: ['base'], tests: ['many'], device: 'wasm' })).rejects.toThrow(expect.objectContaining({ code: 'too-many-words', message: expect.stringContaining('13000 words') }));
});
