/** Several tasks in one `finetune` cell, answers after a prompt, held-out dimensions and repeats, on the bundled models. */
import { describe, expect, test } from 'vitest';
import { importTable } from '../../src/data/import/import.ts';
import type { TaskCard, TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../src/data/values.ts';
import type { TaskData } from '../../src/kinds/finetune/data.ts';
import { openTasks, tellMemory } from '../../src/kinds/finetune/parts.ts';
import { planOf, planText } from '../../src/kinds/finetune/plan.ts';
import { run } from '../../src/kinds/finetune/run.ts';
import { fields } from '../../src/kinds/finetune/schema.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import type { TrainingAim } from '../../src/tuning/step.ts';
import { ratingDigit, ratingPrompt, ratingPrompts } from '../../src/tuning/tasks/prompt.ts';
import { tinyTransformer, transformerConfig } from '../models/tiny-transformer.ts';
import { Bench } from '../reference/study.ts';
import { contextOf } from './context.ts';

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href };
  }
}

async function bench(model = 'sensorium-mini', sample = 60): Promise<Bench> {
  const made = new AppBench();
  await made.run('base', modelFields, runModel, { id: model });
  await made.run('words', stimuliFields, runStimuli, { sample });
  return made;
}

const cardOf = (value: ModelValue): TuningCard => value.tuned!.rounds.at(-1)!.card;
const part = (value: ModelValue, task: TaskCard['task']): TaskCard => cardOf(value).parts.find((one) => one.task === task)!;
const brief = { model: 'base', stimuli: 'words', device: 'wasm', every: 3 };

describe('a plan', () => {
  const text = (tasks: readonly TaskCard['task'][], lines: readonly string[], steps: number): string => planText(planOf(tasks, lines, steps, 'cell tuned').phases);

  test('is all tasks in turn where none is written', () => {
    const { mixture, written } = planOf(['rating', 'choice'], [], 6, '');
    expect(Array.from({ length: 6 }, (_, step) => mixture.at(step).task)).toEqual(['rating', 'choice', 'rating', 'choice', 'rating', 'choice']);
    expect(written).toBeNull();
  });

  test('keeps its shape in fewer or more steps, with a step for every phase', () => {
    const lines = ['100: text', '200: rating 2, choice 1'];
    const tasks = ['rating', 'choice', 'text'] as const;
    expect(text(tasks, lines, 300)).toBe('100: text 1 | 200: rating 2, choice 1');
    expect(text(tasks, lines, 30)).toBe('10: text 1 | 20: rating 2, choice 1');
    expect(text(tasks, lines, 1000)).toBe('333: text 1 | 667: rating 2, choice 1');
    expect(text(['text', 'rating'], ['1000: text', '1: rating'], 2)).toBe('1: text 1 | 1: rating 1');
    // Steps count relative to each other, be they too few for their shares or too many to go through.
    expect(text(['rating', 'choice'], ['1: rating 2, choice 1'], 300)).toBe('300: rating 2, choice 1');
    expect(text(['text', 'rating'], ['1000000000: text', '2000000000: rating'], 300)).toBe('100: text 1 | 200: rating 1');
    expect(planOf(tasks, lines, 30, '').written).toBe(300);
    const { mixture } = planOf(tasks, lines, 30, '');
    expect(mixture.taken(30)).toEqual({ text: 10, rating: 13, choice: 7 });
    expect(mixture.taken(10)).toEqual({ text: 10, rating: 0, choice: 0 });
  });

  test('may be written without colon and comma, as YAML likes it', () => {
    expect(text(['rating', 'choice', 'text'], ['10 text', '20 rating 2 + choice'], 30)).toBe('10: text 1 | 20: rating 2, choice 1');
  });

  test.each([
    [['text'], '"text" in plan is no phase. Write its steps, then each task once with its share'],
    [['10: rating 2 choice 1'], 'is no phase'],
    [['10: rating, rating 2'], 'is no phase'],
    [['10: rating'], 'choice is never trained'],
    [['10: rating, poems'], 'phase 1 has a share of poems, and the tasks are rating, choice'],
    [['0: rating', '10: choice'], 'phase 1 has 0 steps'],
    [['1: rating', '1: choice', '1: rating', '1: choice', '1: rating', '1: choice', '1: rating', '1: choice'], 'the plan has 8 phases, and the run 6 steps'],
    [['100: rating 100, choice 1'], 'choice has too small a share to get one of the 6 steps'],
  ])('%j is refused', (lines, message) => {
    expect(() => planOf(['rating', 'choice'], lines, 6, 'cell tuned')).toThrow(message);
  });
});

test('three tasks share adapters and have heads, splits, losses and shares of their own; a curriculum keeps weights of its last phase', { timeout: 300_000 }, async () => {
  const made = await bench();
  const things = ['a dog', 'the sea', 'an old house', 'the moon', 'a red apple', 'my hand'];
  made.values.set('table', await importTable('sentences.csv', new Blob([`id,sentence\n${things.flatMap((one, i) => things.map((other, j) => `${i * 10 + j},${one} is near ${other}.`)).join('\n')}\n`]), { word: 'id' }));
  const value = structuredClone(await made.run('tuned', fields, run, {
    ...brief, task: ['rating', 'choice', 'text'], options: 'head', sentences: 'table', column: 'sentence', plan: ['10: text', '20: rating 3, choice 1'], steps: 15, every: 5, batch: 4, rank: 2, patience: 1, rate: 0.02,
  }));
  const card = cardOf(value);
  expect(card.parts.map(({ task, share, form }) => [task, share, form])).toEqual([['rating', 8 / 15, 'head'], ['choice', 2 / 15, 'head'], ['text', 5 / 15, 'prompt']]);
  expect(card.history.slice(0, 5).map(({ task }) => task)).toEqual(['text', 'text', 'text', 'text', 'text']);
  expect(new Set(card.history.slice(5).map(({ task }) => task))).toEqual(new Set(['rating', 'choice']));
  expect(card.settings['plan']).toBe('5: text 1 | 10: rating 3, choice 1');
  expect(made.warnings).toContain('the plan’s 30 steps are brought to 15, the number of steps: 5: text 1 | 10: rating 3, choice 1');

  // Patience began with the last phase, and so did what may be kept.
  expect(card.keptStep).toBeGreaterThanOrEqual(5);
  expect(card.steps).toBeGreaterThan(6);

  // The loss of the whole is that of the parts by their shares.
  for (const [at, { step, loss }] of card.validation.entries()) {
    for (const one of card.parts) expect(one.validation[at]!.step).toBe(step);
    expect(card.parts.reduce((sum, { share, validation }) => sum + share * validation[at]!.loss, 0)).toBeCloseTo(loss, 10);
  }
  for (const one of card.parts) expect(one.test!.loss).toBeGreaterThan(0);
  expect(part(value, 'rating').sides.test).toHaveLength(12);
  expect(part(value, 'choice').sides).toMatchObject({ train: { length: 84 }, validation: { length: 12 }, test: { length: 24 } });
  expect(part(value, 'text').data).toBe('sentences.csv');

  // One set of adapters; a head for each task that has one.
  const { adapters, heads } = value.tuned!.rounds[0]!;
  expect(new Set(adapters.map(({ site }) => site.module)).size).toBe(adapters.length);
  expect(adapters).toHaveLength(8);
  const { hiddenSize } = value;
  expect(heads.map(({ task, weight, bias, scales }) => [task, weight.length, bias.length, scales.length])).toEqual([['rating', hiddenSize * 11, 11, 11], ['choice', hiddenSize, 1, 0]]);
  expect(card.parameters).toBe(adapters.reduce((sum, { a, b }) => sum + a.length + b.length, 0) + hiddenSize * 11 + 11 + hiddenSize);
});

test('several aims are told where their weights need much memory; those that share an aim are one', () => {
  const told = (aims: readonly TrainingAim[], parameters: number): string[] => {
    const warnings: string[] = [];
    tellMemory(aims.map((aim) => ({ aim })), { parameters }, { warn: (line) => void warnings.push(line) });
    return warnings;
  };
  const [ratings, text] = [{ type: 'ratings', dimensions: 11 }, { type: 'language', objective: 'causal' }] as const;
  expect(told([ratings, text], 5e6)).toEqual([]);
  expect(told([text, { ...text }], 500e6)).toEqual([]);
  expect(told([ratings, text], 120e6)).toEqual(['tasks that are learnt in different ways hold the weights once more each: training needs about 2.9 GB; fewer tasks in a cell need less']);
});

test('a model without a language-model head is told how it can be tuned all the same', async () => {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(transformerConfig)])], ['onnx/model.onnx', new Blob([tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state'] })])]]));
  const value = await inspectModel(files, { dtype: 'fp32' });
  const data = { aim: { type: 'options', options: 4, objective: 'masked' }, card: { task: 'choice', form: 'likelihood' } } as unknown as TaskData;
  await expect(openTasks([data], value, files, { device: 'wasm', rank: 2, scale: 2, seed: 1 }, contextOf('tuned'))).rejects.toThrow(/no logits.*Set options: head, or choose an export with a language-model head/);
});

test('repeats: other seeds on the same split, of which the first is the model that one training gives', { timeout: 300_000 }, async () => {
  const made = await bench();
  const settings = { ...brief, steps: 6, rank: 2, batch: 8, rate: 0.02, seed: 4 };
  const value = structuredClone(await made.run('tuned', fields, run, { ...settings, repeats: 3 }));
  const repeats = value.tuned!.repeats!;
  expect(repeats.map(({ label }) => label)).toEqual(['tuned, seed 5', 'tuned, seed 6']);
  expect(repeats.map(cardOf).map(({ seed }) => seed)).toEqual([5, 6]);
  expect(repeats.every(({ tuned }) => tuned!.repeats === undefined)).toBe(true);
  for (const one of repeats) expect(part(one, 'rating').sides).toEqual(part(value, 'rating').sides);
  expect(new Set([value, ...repeats].map(({ revision }) => revision)).size).toBe(3);
  expect(new Set([value, ...repeats].map((one) => part(one, 'rating').test!.loss)).size).toBe(3);
  expect(new Set([value, ...repeats].map((one) => part(one, 'rating').test!.reference)).size).toBe(1);
  const labels = [...made.labels];
  expect(labels.some((label) => label.startsWith('training 3 of 3, step 6 of 6, loss '))).toBe(true);

  const once = await made.run('once', fields, run, settings);
  expect(once.tuned!.repeats).toBeUndefined();
  expect(once.revision).toBe(value.revision);
  // A repeat has the first weights and the order of its own seed, and the split of the cell's.
  const next = await made.run('next', fields, run, { ...settings, seed: 5 });
  expect(part(next, 'rating').sides).not.toEqual(part(value, 'rating').sides);
});

test('held-out dimensions are never trained on; one on both sides is refused', { timeout: 300_000 }, async () => {
  const made = await bench();
  const settings = { ...brief, steps: 2, rank: 1, batch: 4 };
  const value = await made.run('tuned', fields, run, { ...settings, heldOut: ['motor', 'Visual'] });
  expect(part(value, 'rating')).toMatchObject({ dimensions: ['Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory'], heldOut: ['Visual', 'Foot_leg', 'Hand_arm', 'Head', 'Mouth', 'Torso'] });
  expect(value.tuned!.rounds[0]!.heads[0]!.scales.map(({ dimension }) => dimension)).toEqual(part(value, 'rating').dimensions);
  await expect(made.run('tuned', fields, run, { ...settings, dimensions: ['sensory'], heldOut: ['Visual', 'Head'] })).rejects.toThrow('Visual is both trained on and held out. Take each dimension on one side only.');
  await expect(made.run('tuned', fields, run, { ...settings, heldOut: ['all'] })).rejects.toThrow('no dimension is left to train on');
});

test('choice by likelihood: the model’s own output is tuned, at a lower rate, and held against itself untuned', { timeout: 300_000 }, async () => {
  const made = await bench();
  const value = await made.run('tuned', fields, run, { ...brief, task: 'choice', steps: 24, every: 24, batch: 3, rank: 2, targets: 'all', rate: 0.004 });
  const card = cardOf(value);
  const choice = part(value, 'choice');
  expect(choice).toMatchObject({ form: 'likelihood', unit: 'question', sides: { train: { length: 84 }, validation: { length: 12 }, test: { length: 24 } } });
  expect(value.tuned!.rounds[0]!.heads).toEqual([]);
  const mean = (losses: typeof card.history): number => losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length;
  expect(mean(card.history.slice(-10))).toBeLessThan(0.9 * mean(card.history.slice(0, 10)));
  // In the first step of a warm-up the rate is still 0: such a model is the untuned one.
  const untouched = await made.run('untouched', fields, run, { ...brief, task: 'choice', steps: 1, warmup: 1, batch: 4, rank: 1, validation: 0, test: 0.1 });
  expect(cardOf(untouched).settings).toMatchObject({ options: 'likelihood', rate: 0.001 });
  const { loss, reference } = part(untouched, 'choice').test!;
  expect(loss).toBeCloseTo(reference, 4);
});

test('prompts: a causal model learns to give ratings as digits and choices as letters', { timeout: 300_000 }, async () => {
  const made = await bench('sensorium-mini-causal', 80);
  const value = await made.run('tuned', fields, run, { ...brief, task: ['rating', 'choice'], plan: ['7: rating 6, choice 1'], answer: 'prompt', dimensions: ['Visual', 'Gustatory'], steps: 70, every: 35, rate: 0.01, targets: 'all', test: 0.3 });
  const rating = part(value, 'rating');
  expect(rating).toMatchObject({ form: 'prompt', unit: 'word', dimensions: ['Gustatory', 'Visual'], sides: { test: { length: 24 } } });
  expect(part(value, 'choice')).toMatchObject({ form: 'prompt', unit: 'question', sides: { train: { length: 72 } } });
  expect(value.tuned!.rounds[0]!.heads).toEqual([]);
  // Against the untuned model, and against guessing among six digits, on words that it never saw.
  expect(rating.test!.loss).toBeLessThan(Math.min(0.75 * rating.test!.reference, Math.log(6)));

  // The loss of the card is what the model, opened like any other, says about the right digits.
  const stimuli = made.values.get('words') as StimuliValue;
  const context = made.context('check', new AbortController().signal);
  const files = openModelFiles(value, context);
  const tokeniser = await loadTokenizer(files);
  const language = await openLanguageModel(value, files, { device: 'wasm' });
  let [sum, n] = [0, 0];
  for (const word of rating.sides.test) {
    for (const dimension of rating.dimensions) {
      const { dimensions, values, scale } = stimuli.ratings!;
      const digit = ratingDigit(values[stimuli.words.indexOf(word) * dimensions.length + dimensions.indexOf(dimension)]!, scale);
      const text = tokeniser.tokenise(digit, `${ratingPrompt(word.toLowerCase(), dimension, ratingPrompts.en)} {word}`, value.contextLength);
      if ('reason' in text) throw new Error(text.reason);
      const [[logP]] = await language.logProbabilitiesOf({ batch: 1, tokens: text.ids.length, ids: [text.ids], padding: tokeniser.padding }, [{ text: 0, token: text.word[0], ids: [text.ids[text.word[0]]!] }]) as [Float32Array];
      sum -= logP!;
      n++;
    }
  }
  await language.dispose();
  expect(n).toBe(48);
  expect(sum / n).toBeCloseTo(rating.test!.loss, 3);
});

test('prompts are refused where they make no sense, with a way out', { timeout: 300_000 }, async () => {
  const made = await bench();
  await expect(made.run('tuned', fields, run, { ...brief, answer: 'prompt' })).rejects.toThrow('cell tuned: answer is prompt, and sensorium-mini (BertForMaskedLM) predicts tokens within a text, not what follows one. Set answer: head');
  const causal = await bench('sensorium-mini-causal');
  const words = causal.values.get('words') as StimuliValue;
  causal.values.set('words', { ...words, language: 'fr' });
  await expect(causal.run('tuned', fields, run, { ...brief, answer: 'prompt' })).rejects.toThrow('language is fr, and the rating prompts are in en and nl. Choose one of these.');
});
