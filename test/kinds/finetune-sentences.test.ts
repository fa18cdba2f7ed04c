/** The text task on the demo sentences: which of them are read, and what the card says of it. */
import { expect, test } from 'vitest';
import { importTable } from '../../src/data/import/import.ts';
import { loadSentences } from '../../src/data/sentences.ts';
import type { TaskCard } from '../../src/data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/finetune/schema.ts';
import { run } from '../../src/kinds/finetune/run.ts';
import { readSentences } from '../../src/kinds/finetune/sentences.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { splitWords, type Side } from '../../src/tuning/split.ts';
import { Bench, paramsOf } from '../reference/study.ts';

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href };
  }
}

async function bench(): Promise<Bench> {
  const made = new AppBench();
  await made.run('base', modelFields, runModel, {});
  await made.run('words', stimuliFields, runStimuli, {});
  return made;
}

const partOf = (value: ModelValue): TaskCard => value.tuned!.rounds[0]!.card.parts[0]!;
const all = await loadSentences('/');
const asked = { model: 'base', stimuli: 'words', device: 'wasm', task: 'text', sentences: 'demo', batch: 4, steps: 2, every: 2 };
const told = /^\d+ of \d+ sentences to train on name a test word of words/;

/** The sentences on each side, without training. */
async function sidesIn(made: Bench, params: Record<string, unknown>): Promise<Record<Side, string[]>> {
  const { texts, split } = await readSentences(paramsOf(fields, { ...asked, ...params }), made.context('read', new AbortController().signal), 'cell read');
  const on = (side: Side): string[] => texts.filter((_, at) => split.sides[at] === side);
  return { train: on('train'), validation: on('validation'), test: on('test') };
}

test.each(['en', 'nl'] as const)('in %s demo sentences are split as their words are for ratings, so that no test word is read', async (language) => {
  const made = await bench();
  const stimuli = made.values.get('words') as StimuliValue;
  const { sides } = splitWords(stimuli, { validation: 0.1, test: 0.2, seed: 1 }, 'test');
  const on = (side: Side): string[] => all.filter(({ word }) => sides[stimuli.words.indexOf(word)] === side).map(({ text }) => text[language]);
  const found = await sidesIn(made, { language });
  expect(found).toEqual({ train: on('train'), validation: on('validation'), test: on('test') });
  expect([found.train, found.validation, found.test].map(({ length }) => length)).toEqual([336, 48, 96]);
});

test('Dutch sentences follow stimuli that have no Dutch', async () => {
  const made = await bench();
  const stimuli = made.values.get('words') as StimuliValue;
  made.values.set('words', { ...stimuli, translations: {} });
  const { sides } = splitWords({ ...stimuli, translations: {} }, { validation: 0.1, test: 0.2, seed: 1 }, 'test');
  expect((await sidesIn(made, { language: 'nl' })).test).toEqual(all.filter(({ word }) => sides[stimuli.words.indexOf(word)] === 'test').map(({ text }) => text.nl));
});

test('without stimuli the sentences are drawn, both of a word on one side', async () => {
  const found = await sidesIn(await bench(), { stimuli: 'none' });
  expect(found.train).toHaveLength(336);
  const places = Object.values(found).map((texts) => new Set(texts));
  const placeOf = (at: number): number => places.findIndex((texts) => texts.has(all[at]!.text.en));
  expect(all.every((_, at) => placeOf(at) === placeOf(at - (at % 2)) && placeOf(at) >= 0)).toBe(true);
});

test('sentences of a table follow the words too; what leaves nothing to train on is refused', async () => {
  const made = await bench();
  const { words } = made.values.get('words') as StimuliValue;
  const table = async (lines: readonly string[]): Promise<void> => {
    made.values.set('table', await importTable('mine.csv', new Blob([`text\n${lines.join('\n')}\n`]), { word: 'text' }));
  };
  await table(words.map((word) => `Here they talk about ${word} and the weather.`));
  const found = await sidesIn(made, { sentences: 'table' });
  expect(found.test).toHaveLength(48);
  await table(found.test);
  await expect(sidesIn(made, { sentences: 'table' })).rejects.toThrow('cell read: none of 48 sentences is left for training: each follows the words of words that it names. Take more sentences');
});

test('sentences that differ in case, spacing or composition alone are one, so that none is on two sides', async () => {
  const made = await bench();
  const texts = Array.from({ length: 60 }, (_, at) => `On day ${at} the café opened late.`);
  const variants = [(text: string) => text, (text: string) => text.toUpperCase(), (text: string) => text.replaceAll(' ', '  '), (text: string) => text.normalize('NFD')];
  made.values.set('table', await importTable('mine.csv', new Blob([`text\n${variants.flatMap((vary) => texts.map(vary)).join('\n')}\n`]), { word: 'text' }));
  const found = await sidesIn(made, { sentences: 'table', stimuli: 'none' });
  expect(Object.values(found).flat().sort()).toEqual([...texts].sort());
});

test('demo sentences in another language are refused with a way out', async () => {
  await expect(sidesIn(await bench(), { language: 'fr' })).rejects.toThrow('language is fr, and the demo sentences are in en and nl. Choose one of these.');
});

test('tuning on sentences makes others more probable, whose words were not read', { timeout: 120_000 }, async () => {
  const made = await bench();
  const part = partOf(await made.run('read', fields, run, { ...asked, batch: 8, steps: 20, every: 20, rate: 0.002 }));
  expect(part).toMatchObject({ task: 'text', data: 'demo sentences', origin: null, language: 'en', unit: 'sentence', dropped: [] });
  expect(part.sides).toEqual(await sidesIn(made, {}));
  expect(part.seenForms).toEqual({ train: [], validation: [] });
  expect(part.test!.loss).toBeLessThan(part.test!.reference);
  expect(made.warnings.filter((line) => told.test(line))).toEqual([]);
});

test('with readTestWords test words are read, and counted; the validation side stays', { timeout: 120_000 }, async () => {
  const made = await bench();
  const value = await made.run('read', fields, run, { ...asked, readTestWords: true });
  const part = partOf(value);
  expect(value.tuned!.rounds[0]!.card.settings).toMatchObject({ readTestWords: true, sentencesFollow: 'demo concepts' });
  expect([part.sides.train, part.sides.validation, part.sides.test].map(({ length }) => length)).toEqual([432, 48, 0]);
  expect(part.test).toBeNull();
  expect(made.warnings).toContain('96 of 432 sentences to train on name a test word of words: the word was seen, its ratings were not');
});
