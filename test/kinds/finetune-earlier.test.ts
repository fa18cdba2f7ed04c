/** Tuning a tuned model: what it was trained on before is not called held out afterwards. */
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { TaskCard, TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../src/data/values.ts';
import { requireUnseen, type Asked } from '../../src/kinds/finetune/earlier.ts';
import { fields } from '../../src/kinds/finetune/schema.ts';
import { run } from '../../src/kinds/finetune/run.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { seenHashes } from '../../src/tuning/files/seen.ts';
import { Bench } from '../reference/study.ts';

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href };
  }
}

const made = new AppBench();
const brief = { model: 'base', stimuli: 'words', device: 'wasm', steps: 2, every: 2, batch: 4 };

beforeAll(async () => {
  await made.run('base', modelFields, runModel, {});
  await made.run('words', stimuliFields, runStimuli, {});
  await made.run('once', fields, run, brief);
}, 120_000);

test('a second round with the same split goes on; with another one it is refused, whichever language is fed', { timeout: 120_000 }, async () => {
  const twice = await made.run('twice', fields, run, { ...brief, model: 'once', language: 'nl' });
  const [first, second] = twice.tuned!.rounds.map(({ card }) => card.parts[0]!);
  expect(second!.sides).toEqual(first!.sides);

  const stimuli = made.values.get('words') as StimuliValue;
  made.values.set('dutch', { ...stimuli, words: stimuli.translations['nl']!, language: 'nl', translations: {} });
  for (const other of [{ seed: 2 }, { test: 0.4 }, { stimuli: 'dutch', seed: 2 }]) {
    await expect(made.run('other', fields, run, { ...brief, model: 'once', ...other })).rejects.toThrow(expect.objectContaining({
      code: 'split-leak', message: expect.stringMatching(/cell other: \d+ words to validate or test on were seen when once was tuned before: .+ Tune again with the same data, shares and seed/),
    }));
  }
  // An adapter from a file tells the same by hashes.
  const once = made.values.get('once') as ModelValue;
  const seen = await seenHashes(once.tuned!);
  const nobody = { train: [], validation: [], test: [] };
  const rounds = once.tuned!.rounds.map((round) => ({ ...round, card: { ...round.card, imported: { file: 'once.zip', seen }, parts: round.card.parts.map((part) => ({ ...part, sides: nobody, seenForms: nobody })) } }));
  made.values.set('file', { ...once, tuned: { ...once.tuned!, rounds } });
  await expect(made.run('other', fields, run, { ...brief, model: 'file', seed: 2 })).rejects.toThrow(expect.objectContaining({ code: 'split-leak' }));
});

describe('what a round saw', () => {
  const card = (part: Partial<TaskCard>, imported?: TuningCard['imported']): TuningCard => ({
    base: 'plain', seed: 1, settings: {}, parameters: 0, history: [], validation: [], steps: 1, keptStep: 1, stoppedEarly: false, device: 'wasm', seconds: 1, ...(imported ? { imported } : {}),
    parts: [{
      task: 'rating', form: 'head', share: 1, data: 'demo', origin: 'human', language: 'en', dimensions: [], heldOut: [], unit: 'word', sides: { train: [], validation: [], test: [] },
      seenForms: { train: [], validation: [] }, formLanguages: ['en'], dropped: [], validation: [], test: null, ...part,
    }],
  });
  const asked = (unit: string, validation: readonly string[], tested: readonly string[]): Asked => ({ card: { unit }, known: { validation: validation.map((form) => [form]), test: tested.map((form) => [form]) } });
  async function outcome(before: TuningCard, task: Asked): Promise<string[]> {
    const warnings: string[] = [];
    const model = { label: 'taught', tuned: { base: { label: 'plain', revision: 'r' }, rounds: [{ adapters: [], heads: [], card: before }] } };
    await requireUnseen(model, [task], 'cell x', (message) => warnings.push(message));
    return warnings;
  }
  const seenForms = { train: ['dog', 'hond'], validation: ['cat'] };
  const leak = expect.objectContaining({ code: 'split-leak' });

  test('validation words may be validated on again, but not be tested on; those trained on may be neither', async () => {
    expect(await outcome(card({ seenForms }), asked('word', ['cat'], ['owl']))).toEqual([]);
    await expect(outcome(card({ seenForms }), asked('word', [], ['cat']))).rejects.toThrow('cell x: one word to validate or test on was seen when taught was tuned before: cat.');
    await expect(outcome(card({ seenForms }), asked('word', ['hond'], []))).rejects.toThrow(leak);
  });

  test('questions are known by name, sentences by their text however it is spaced, and neither by the words of the other', async () => {
    const questions = card({ task: 'choice', unit: 'question', seenForms: { train: ['q1'], validation: [] } });
    await expect(outcome(questions, asked('question', [], ['q1']))).rejects.toThrow(leak);
    expect(await outcome(questions, asked('word', [], ['q1']))).toEqual([]);
    const sentences = card({ task: 'text', unit: 'sentence', sides: { train: ['The  Dog barks.'], validation: [], test: [] } });
    await expect(outcome(sentences, asked('sentence', [], ['the dog barks.']))).rejects.toThrow(leak);
    expect(await outcome(sentences, asked('word', [], ['dog']))).toEqual([]);
  });

  test('a file’s hashes do not tell trained from validated, and say nothing of sentences: that is told', async () => {
    const seen = await Promise.all(['dog', 'cat'].map((form) => sha256(form)));
    const file = card({}, { file: 'a.zip', seen });
    await expect(outcome(file, asked('word', [], ['cat']))).rejects.toThrow(leak);
    expect(await outcome(file, asked('word', ['cat', 'owl'], ['wren']))).toEqual([expect.stringContaining('on 1 of the 2 words to validate on: the file does not say which of the two')]);
    expect(await outcome(file, asked('sentence', [], ['the dog barks.']))).toEqual([]);
    const untold = expect.stringContaining('a.zip, which does not say which');
    expect(await outcome(card({}, { file: 'a.zip', seen: null }), asked('word', [], ['cat']))).toEqual([untold]);
    expect(await outcome(card({ task: 'text', unit: 'sentence' }, { file: 'a.zip', seen: [] }), asked('sentence', [], ['the dog barks.']))).toEqual([untold]);
    expect(await outcome(card({}, { file: 'a.zip', seen: null }), asked('word', [], []))).toEqual([]);
  });
});
