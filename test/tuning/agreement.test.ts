/**
 * 100 steps of training against the loss curves that tools/tuning/curves.py stored of PyTorch and peft. Texts, targets
 * and first values follow from rules, here and there. With Python at hand agreement-peft.test.ts compares more.
 */
import type { TokenBatch } from '../../src/models/feeds.ts';
import { openTrainingStep, type TrainingStep } from '../../src/tuning/step.ts';
import type { Part } from '../../src/tuning/trainer.ts';
import { inspectShared } from '../models/support.ts';
import { testWithShared } from '../shared.ts';
import { expectSameCurve, followed, steps } from './agreement-curves.ts';
import curves from './references/curves.json';

const [texts, size, dimensions] = [40, 8, 4];
const textOf = (number: number, vocabulary: number): number[] => Array.from({ length: 2 + ((5 * number) % 6) }, (_, at) => 3 + ((7919 * number + 104_729 * at * at + 31 * number * at) % (vocabulary - 3)));
const tokensOf = (numbers: readonly number[], vocabulary: number): TokenBatch => {
  const ids = numbers.map((number) => textOf(number, vocabulary));
  return { batch: ids.length, tokens: Math.max(...ids.map((text) => text.length)), ids, padding: 0 };
};
const rowsOf = (index: number): number[] => Array.from({ length: size }, (_, at) => (size * index + at) % texts);
/** Parameters in the order of the sites, then the head; B and biases stay at zero. */
const begin = (step: TrainingStep): void => {
  const started = step.parameters.filter(({ name }) => name.endsWith('.a') || name === 'rating.weight');
  started.forEach(({ dims, values }, place) => values.forEach((_, at) => (values[at] = Math.sin(0.7 + 1.1 * place + 0.9 * at) / Math.sqrt(dims[0]!))));
};

testWithShared('100 steps on ratings follow PyTorch and peft', async () => {
  const { files, value } = await inspectShared('random-bert', 'torchscript_opset14.onnx');
  const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions }, rank: 8, scale: 2, seed: 1 });
  begin(step);
  const batch = (index: number): ReturnType<Part['task']['batch']> => {
    const rows = rowsOf(index);
    const tokens = tokensOf(rows, 2000);
    const weights = Float32Array.from(tokens.ids.flatMap((ids) => Array.from({ length: tokens.tokens }, (_, at) => Number(at > 0 && at < ids.length))));
    const targets = Float32Array.from(rows.flatMap((row) => Array.from({ length: dimensions }, (_, k) => ((row + k) % 7 === 0 ? NaN : Math.sin(1.3 * row + 2.1 * k)))));
    return { type: 'ratings', tokens, weights, targets, source: rows };
  };
  expectSameCurve(await followed(step, batch, { schedule: { decay: 'linear', peak: 0.005, warmUp: 10, steps }, clip: 1 }), curves.ratings, 0.01);
  await step.dispose();
});

testWithShared('100 steps on the tokens of a trained decoder follow PyTorch and peft', async () => {
  const { files, value } = await inspectShared('stories260k', 'onnx/model.onnx');
  const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'language' }, rank: 8, scale: 2, seed: 1 });
  begin(step);
  const batch = (index: number): ReturnType<Part['task']['batch']> => {
    const rows = rowsOf(index);
    const tokens = tokensOf(rows, 512);
    return { type: 'language', tokens, source: rows, targets: tokens.ids.flatMap((ids, text) => ids.flatMap((id, token) => (token > 0 ? [{ text, token, id }] : []))) };
  };
  expectSameCurve(await followed(step, batch, { schedule: { decay: 'cosine', peak: 0.003, warmUp: 5, steps }, clip: 1 }), curves.language, 0.7);
  await step.dispose();
});
