/** Choice by likelihood: what is trained is what a language model can be asked, and its gradient is that of the loss. */
import { expect, test } from 'vitest';
import { loadQuestions } from '../../src/data/questions.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { objectiveOf, openLanguageModel } from '../../src/models/language.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { optionLikelihoods } from '../../src/tuning/answers.ts';
import { openTrainingStep } from '../../src/tuning/step.ts';
import type { OptionsBatch } from '../../src/tuning/tasks/batch.ts';
import { likelihoodTask } from '../../src/tuning/tasks/likelihood.ts';

const questions = await loadQuestions('/');
const numbers = questions.map((_, at) => at);

test.for([['sensorium-mini', 'en', 'masked'], ['sensorium-mini-causal', 'nl', 'causal']] as const)('%s', { timeout: 120_000 }, async ([id, language, expected]) => {
  const files = bundledFiles(new URL('/', location.href).href, id);
  const value = await inspectModel(files, { dtype: 'fp32' });
  const tokeniser = await loadTokenizer(files);
  const objective = objectiveOf(value);
  expect(objective).toBe(expected);
  const task = likelihoodTask(questions, numbers, { name: 'choice', seed: 8, batchSize: 6, contextLength: value.contextLength, language, objective }, tokeniser);
  const options = task.evaluation(numbers).flatMap(({ right }) => right);
  expect(options).toEqual(questions.map(({ answer }) => answer));
  const batch: OptionsBatch = task.batch(0);
  expect(structuredClone(task.batch(0))).toEqual(batch);
  // Several tokens make several texts for a masked model, and one for a causal one; each option's shares add to 1.
  const tokens = batch.targets.length;
  expect(tokens).toBeGreaterThan(24);
  expect(batch.tokens.batch).toBe(objective === 'masked' ? tokens : 24);
  for (let option = 0; option < 24; option++) expect(batch.shares.subarray(option * tokens, (option + 1) * tokens).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);

  // Untrained adapters change nothing: ln p of each option among the four is what the model itself says.
  const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'options', options: 4, objective }, rank: 2, scale: 2, seed: 1 });
  expect(step.parameters.every(({ name }) => /\.[ab]$/.test(name))).toBe(true);
  const model = await openLanguageModel(value, files, { device: 'wasm' });
  const asked = batch.source.map((number) => ({ question: questions[number]!.question[language], options: questions[number]!.options[language] }));
  const own = await optionLikelihoods(model, tokeniser, asked, 'mean');
  await model.dispose();
  const { loss, predictions } = await step.predict(batch);
  const normalised = own.flatMap((scores) => scores!.map((score) => score - Math.log(scores!.reduce((sum, other) => sum + Math.exp(other), 0))));
  predictions.forEach((log, at) => expect(Math.abs(log - normalised[at]!)).toBeLessThan(1e-4));
  expect(loss).toBeCloseTo(-batch.right.reduce((sum: number, right, at) => sum + normalised[4 * at + right]!, 0) / 6, 4);

  // The slope along the gradient, and along a direction of chance, is that of the loss.
  const stream = new PhiloxStream(4, 0);
  for (const { values } of step.parameters) values.forEach((number, at) => (values[at] = number + 0.02 * (stream.uniform() - 0.5)));
  const { gradients } = await step.run(batch);
  const start = structuredClone(step.tensors);
  for (const direction of [gradients, Object.fromEntries(step.parameters.map(({ name, values }) => [name, values.map(() => stream.uniform() - 0.5)]))]) {
    const all = Object.entries(direction);
    const length = Math.sqrt(all.reduce((sum, [, values]) => sum + values.reduce((total, each) => total + each * each, 0), 0));
    const slope = all.reduce((sum, [name, values]) => sum + values.reduce((total, each, at) => total + each * gradients[name]![at]!, 0), 0) / length;
    const lossAt = async (distance: number): Promise<number> => {
      for (const [name, values] of all) values.forEach((each, at) => (step.tensors[name]![at] = start[name]![at]! + (distance * each) / length));
      return (await step.predict(batch)).loss;
    };
    const reach = 0.01;
    const measured = ((await lossAt(reach)) - (await lossAt(-reach))) / (2 * reach);
    expect(Math.abs(measured - slope)).toBeLessThan(0.02 * Math.abs(slope) + 2e-4);
  }
  await step.dispose();
});
