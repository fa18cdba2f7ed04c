/** Exports that quantise activations while they run: a text's numbers are its own, whatever is asked for beside it. */
import { expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { quantisesByRun } from '../../src/models/onnx/dynamic.ts';
import { openCausalModel, eachPlace, type AskedText } from '../../src/models/prefix.ts';
import { eachAnswer, type Answer } from '../../src/models/generate.ts';
import { openSession } from '../../src/models/session.ts';
import { relativeError } from './support.ts';
import { loadTiny } from './tiny/loadTiny.ts';
import { decoderConfig, decoderVocabulary, tinyDecoder } from './tiny-decoder.ts';

const together = (ids: readonly (readonly number[])[]): { batch: number; tokens: number; ids: readonly (readonly number[])[]; padding: number } =>
  ({ batch: ids.length, tokens: Math.max(...ids.map(({ length }) => length)), ids, padding: 0 });

test('states and probabilities of a q8 text are the same alone and beside longer texts, and those of q4 nearly so', async () => {
  const tiny = await loadTiny('llama');
  const { sequences, d } = tiny.states;
  // A short text, padded beside others.
  const texts = sequences.toSorted((a, b) => b.length - a.length);
  const short = texts.at(-1)!;
  for (const [name, apart] of [['q8', true], ['q4', false]] as const) {
    const files = tiny.folder(`${name}.onnx`);
    const value = await inspectModel(files, { dtype: 'fp32', onnxFile: `${name}.onnx` });
    const index = indexOnnx(tiny.bytes(`${name}.onnx`), name);
    expect([quantisesByRun(index, ['logits']), quantisesByRun(index, value.hiddenStates), quantisesByRun(index, value.hiddenStates.slice(0, 1))], name).toEqual([apart, apart, false]);
    // In q8 not one bit differs; elsewhere sums may run in another order.
    const bound = apart ? 0 : 1e-5;
    const session = await openSession(value, files, { device: 'wasm' });
    const grid = together(texts);
    const weights = Float32Array.from({ length: grid.batch * grid.tokens }, (_, at) => (at % grid.tokens < texts[Math.floor(at / grid.tokens)]!.length ? 1 : 0));
    const [states, pooled] = [await session.states(grid), await session.pooled(grid, weights)];
    const [ownStates, ownPooled] = [await session.states(together([short])), await session.pooled(together([short]), new Float32Array(short.length).fill(1))];
    const at = (texts.length - 1) * grid.tokens * d;
    ownStates.forEach((own, layer) => expect(relativeError(states[layer]!.subarray(at, at + own.length), own), `${name}, layer ${layer}`).toBeLessThanOrEqual(bound));
    ownPooled.forEach((own, layer) => expect(relativeError(pooled[layer]!.subarray((texts.length - 1) * d), own), `${name}, layer ${layer}`).toBeLessThanOrEqual(bound));
    expect(states.map(({ length }) => length)).toEqual(value.hiddenStates.map(() => grid.batch * grid.tokens * d));
    await session.dispose();
    if (!apart) continue;
    const language = await openLanguageModel(value, files, { device: 'wasm' });
    const [own] = await language.logProbabilities(together([short]), [{ text: 0, token: 2 }]);
    // Places of several texts, in no order.
    const found = await language.logProbabilities(grid, [{ text: 0, token: 1 }, { text: texts.length - 1, token: 2 }, { text: 0, token: 3 }]);
    const [first, , third] = await language.logProbabilities(together([texts[0]!]), [1, 2, 3].map((token) => ({ text: 0, token })));
    [first, own, third].forEach((row, k) => expect(relativeError(found[k]!, row!), `place ${k}`).toBe(0));
    await language.dispose();
  }
});

test('what a q8 model with a cache answers to a prompt depends on no other prompt', async () => {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(decoderConfig)])], ['model.onnx', new Blob([tinyDecoder({ dynamic: true })])]]));
  const value = await inspectModel(files, { dtype: 'fp32' });
  const stream = new PhiloxStream(5);
  const draw = (length: number): number[] => Array.from({ length }, () => 3 + Math.floor(stream.uniform() * (decoderVocabulary - 3)));
  const beginning = draw(30);
  const texts = [1, 3, 2, 4, 6].map((length): AskedText => ({ ids: [...beginning, ...draw(length)], places: [beginning.length + length], group: 0 }));
  const model = await openCausalModel(value, files, { device: 'wasm' });
  expect(model).toMatchObject({ cached: true, oneByOne: true });
  const rows = async (asked: readonly AskedText[], options = {}): Promise<Float32Array[]> => {
    const all: Float32Array[] = [];
    await eachPlace(model, asked, (text, _, logs) => { all[text] = logs.slice(); }, options);
    return all;
  };
  const all = await rows(texts);
  expect(await rows(texts, { batchTokens: 5 })).toEqual(all);
  for (const [number, text] of texts.entries()) expect(await rows([text]), `text ${number}`).toEqual([all[number]]);
  const answers = async (numbers: readonly number[]): Promise<Answer[]> => {
    const said: Answer[] = [];
    const none = new Set<number>();
    await eachAnswer(model, texts, numbers, (prompt, answer) => { said[prompt] = { ...answer, first: answer.first.slice() }; }, { tokens: 4, ends: none, stop: () => false });
    return said;
  };
  const said = await answers([...texts.keys()]);
  for (const [number, { first, tokens }] of said.entries()) {
    expect(first).toEqual(all[number]);
    expect((await answers([number]))[number]!.tokens, `text ${number}`).toEqual(tokens);
  }
  await expect(model.read(null, [[3], [4]], [{ text: 0, at: 0 }])).rejects.toThrow('2 texts at once for a model that reads them one by one');
  await model.dispose();
});
