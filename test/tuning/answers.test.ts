/** What models answer: heads as in training, prompts and options by the language model's own probabilities. */
import { beforeAll, expect, test } from 'vitest';
import { loadQuestions, type ChoiceQuestion } from '../../src/data/questions.ts';
import type { ModelValue, StimuliValue } from '../../src/data/values.ts';
import { fields as finetuneFields } from '../../src/kinds/finetune/schema.ts';
import { run as finetune } from '../../src/kinds/finetune/run.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { openModel } from '../../src/models/activations.ts';
import { gridOf } from '../../src/models/batches.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { expectedDigit, headChoices, headRatings, optionLikelihoods, promptedAnswers } from '../../src/tuning/answers.ts';
import { choiceTask } from '../../src/tuning/tasks/choice.ts';
import { ratingPrompt, ratingPrompts } from '../../src/tuning/tasks/prompt.ts';
import { Bench } from '../reference/study.ts';

const base = new URL('/', location.href).href;

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base };
  }
}

const made = new AppBench();
const context = (): RunContext => made.context('test', new AbortController().signal);
const options = { device: 'wasm' } as const;
const brief = { model: 'base', stimuli: 'words', device: 'wasm', every: 100, batch: 8, steps: 4 };
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Minus ln p of the right option under the softmax of the scores. */
const surpriseAt = (scores: readonly number[], right: number): number => Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[right]!;
let questions: readonly ChoiceQuestion[];

beforeAll(async () => {
  await made.run('base', modelFields, runModel, {});
  await made.run('words', stimuliFields, runStimuli, {});
  questions = await loadQuestions(base);
}, 60_000);

async function speaking(id: string): Promise<{ model: Awaited<ReturnType<typeof openLanguageModel>>; tokeniser: Awaited<ReturnType<typeof loadTokenizer>> }> {
  const value = await made.run(id, modelFields, runModel, { id });
  const files = openModelFiles(value, context());
  return { model: await openLanguageModel(value, files, options), tokeniser: await loadTokenizer(files) };
}

test('a rating head’s predictions have the test loss that its card states', async () => {
  const value: ModelValue = await made.run('rated', finetuneFields, finetune, { ...brief, pooling: 'first', templates: ['{word}', 'the {word}'] });
  const { card, heads } = value.tuned!.rounds[0]!;
  const [part] = card.parts;
  const stimuli = made.values.get('words') as StimuliValue;
  const open = await openModel(value, openModelFiles(value, context()), options);
  try {
    const words = part!.sides.test;
    // The loss is over texts; predictions are means over the templates, so each template is asked by itself.
    const losses: number[] = [];
    for (const template of ['{word}', 'the {word}']) {
      const states = await open.hiddenStates(words, { templates: [template], pooling: 'first' });
      const predicted = headRatings(states.layers.at(-1)!.data, heads[0]!);
      predicted.forEach((rating, at) => {
        const { dimension, factor } = heads[0]!.scales[at % heads[0]!.scales.length]!;
        const { dimensions, values } = stimuli.ratings!;
        const human = values[stimuli.words.indexOf(words[Math.floor(at / heads[0]!.scales.length)]!) * dimensions.length + dimensions.indexOf(dimension)]!;
        losses.push(((rating - human) / factor) ** 2);
      });
    }
    expect(mean(losses)).toBeCloseTo(part!.test!.loss, 4);
  } finally {
    await open.dispose();
  }
});

test('a choice head’s scores have the test loss that its card states', async () => {
  const value: ModelValue = await made.run('asked', finetuneFields, finetune, { ...brief, task: 'choice', options: 'head', stimuli: 'none', language: 'nl' });
  const { card, heads } = value.tuned!.rounds[0]!;
  const [part] = card.parts;
  const open = await openModel(value, openModelFiles(value, context()), options);
  try {
    const rows = part!.sides.test.map((id) => questions.findIndex((question) => question.id === id));
    const task = choiceTask(questions, rows, { name: 'choice', seed: 1, batchSize: 5, contextLength: value.contextLength, language: 'nl', form: 'pair', pooling: 'mean' }, open.tokenizer);
    const scores = await headChoices(open.session, task.evaluation(rows), heads[0]!);
    expect(mean(rows.map((row) => surpriseAt(scores.get(row)!, questions[row]!.answer)))).toBeCloseTo(part!.test!.loss, 4);
  } finally {
    await open.dispose();
  }
});

test('a model that was tuned to find the right option likely has the test loss that its card states', async () => {
  const value: ModelValue = await made.run('likely', finetuneFields, finetune, { ...brief, task: 'choice', options: 'likelihood', stimuli: 'none' });
  const [part] = value.tuned!.rounds[0]!.card.parts;
  expect(part!.form).toBe('likelihood');
  const files = openModelFiles(value, context());
  const [model, tokeniser] = [await openLanguageModel(value, files, options), await loadTokenizer(files)];
  try {
    const asked = part!.sides.test.map((id) => questions.find((question) => question.id === id)!);
    const scores = await optionLikelihoods(model, tokeniser, asked.map(({ question, options: all }) => ({ question: question.en, options: all.en })), 'mean');
    expect(mean(asked.map(({ answer }, at) => surpriseAt(scores[at]!, answer)))).toBeCloseTo(part!.test!.loss, 4);
  } finally {
    await model.dispose();
  }
});

test('a causal model’s likelihood of an option is the sum of ln p of its tokens, one text at a time', async () => {
  const { model, tokeniser } = await speaking('sensorium-mini-causal');
  try {
    const asked = questions.slice(0, 3).map(({ question, options: all }) => ({ question: question.en, options: all.en }));
    const [sums, means] = [await optionLikelihoods(model, tokeniser, asked, 'sum'), await optionLikelihoods(model, tokeniser, asked, 'mean')];
    for (const [at, { question, options: all }] of asked.entries()) {
      for (const [place, option] of all.entries()) {
        const text = tokeniser.tokenise(option, `${question} {word}`, model.config.contextLength);
        if ('reason' in text) throw new Error(text.reason);
        const tokens = Array.from({ length: text.word[1] - text.word[0] }, (_, k) => text.word[0] + k);
        const logs = await model.logProbabilities(gridOf([text.ids], tokeniser.padding), tokens.map((token) => ({ text: 0, token })));
        const sum = tokens.reduce((total, token, k) => total + logs[k]![text.ids[token]!]!, 0);
        expect(sums[at]![place]).toBeCloseTo(sum, 3);
        expect(means[at]![place]).toBeCloseTo(sum / tokens.length, 3);
      }
    }
    // A question longer than the model reads is left out, not cut.
    expect(await optionLikelihoods(model, tokeniser, [{ question: 'why '.repeat(2000), options: ['a', 'b', 'c', 'd'] }], 'sum')).toEqual([null]);
  } finally {
    await model.dispose();
  }
});

test('a masked model’s likelihood of an option hides one of its tokens at a time', async () => {
  const { model, tokeniser } = await speaking('sensorium-mini');
  try {
    // An option of several tokens, so that hiding one or all of them differs.
    const question = 'Which of these can you hear ringing?';
    const all = ['bell', 'a small bell', 'thunderstorm'];
    const [scores] = await optionLikelihoods(model, tokeniser, [{ question, options: all }], 'sum');
    for (const [place, option] of all.entries()) {
      const text = tokeniser.tokenise(option, `${question} {word}`, model.config.contextLength);
      if ('reason' in text) throw new Error(text.reason);
      let sum = 0;
      for (let token = text.word[0]; token < text.word[1]; token++) {
        const [logs] = await model.logProbabilities(gridOf([text.ids.with(token, tokeniser.mask!)], tokeniser.padding), [{ text: 0, token }]);
        sum += logs![text.ids[token]!]!;
      }
      expect(scores![place]).toBeCloseTo(sum, 3);
    }
  } finally {
    await model.dispose();
  }
});

test('prompted ratings are the expected digit under the probabilities of the digits after the prompt', async () => {
  const { model, tokeniser } = await speaking('sensorium-mini-causal');
  try {
    const digits = ['0', '1', '2', '3', '4', '5'];
    const prompts = [...['thunder', 'soup'].map((word) => ratingPrompt(word, 'Auditory', ratingPrompts.en)), 'x '.repeat(2000)];
    const found = await promptedAnswers(model, tokeniser, prompts, digits);
    expect(found[2]).toBeNull();
    for (const [at, prompt] of prompts.slice(0, 2).entries()) {
      const text = tokeniser.tokenise('3', `${prompt} {word}`, model.config.contextLength);
      if ('reason' in text) throw new Error(text.reason);
      const [logs] = await model.logProbabilities(gridOf([text.ids.slice(0, text.word[0])], tokeniser.padding), [{ text: 0, token: text.word[0] }]);
      expect(found[at]![3]).toBeCloseTo(logs![text.ids[text.word[0]]!]!, 3);
      const shares = found[at]!.map((log) => Math.exp(log));
      const total = shares.reduce((sum, share) => sum + share, 0);
      expect(expectedDigit(found[at]!)).toBeCloseTo(shares.reduce((sum, share, digit) => sum + digit * share, 0) / total, 9);
    }
    expect(expectedDigit([-3, -3, -3, -3, -3, -3])).toBeCloseTo(2.5, 12);
  } finally {
    await model.dispose();
  }
});
