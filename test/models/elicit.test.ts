/** Ratings that a model is asked for: digits and their tokens, greedy texts, chat templates; numbers against PyTorch's. */
import { expect, test } from 'vitest';
import { Problem } from '../../src/base/problem.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { loadPromptTokenizer, type PromptTokenizer } from '../../src/models/chat.ts';
import { digitTokens, expectedRating, parseScale } from '../../src/models/elicit/digits.ts';
import { askPrompts, gathered, makePrompts, type AnswerState, type ElicitSettings } from '../../src/models/elicit/elicit.ts';
import { readRating } from '../../src/models/elicit/reading.ts';
import { promptAbout, wordings } from '../../src/models/elicit/wording.ts';
import { bundledFiles, localFiles, type ModelFiles } from '../../src/models/files.ts';
import { eachAnswer, mostProbable, type GenerateOptions } from '../../src/models/generate.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openCausalModel, type CausalModel } from '../../src/models/prefix.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import reference from './references/elicited.json';
import { sharedFolderFiles } from './support.ts';
import { decoderConfig, decoderVocabulary, tinyDecoder } from './tiny-decoder.ts';

const storyFiles = (): Promise<ModelFiles> => sharedFolderFiles('stories260k', ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']);

testWithShared('expected ratings, mass and greedy texts of stories260k are those of PyTorch', async () => {
  const { words, prompts, tokens, answers, digits } = reference;
  const dimensions = ['Visual', 'Mouth'] as const;
  const asked = wordings({ dimensions, language: 'en', scale: [0, 5], own: [], count: 2 }, 'cell');
  dimensions.forEach((dimension, k) => expect(asked.map((one) => one.prompts[k])).toEqual(prompts[dimension]));
  const files = await storyFiles();
  const tokenizer = await loadPromptTokenizer(files);
  const found = digitTokens(tokenizer, [0, 5], 'cell');
  // The digits' own tokens, and the bytes that spell them.
  expect(Object.fromEntries([...found.ids].map((id, at) => [id, found.digits[at]]))).toEqual(digits);
  const model = await openCausalModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  const settings: ElicitSettings = { dimensions, wordings: asked, scale: [0, 5], chat: false, system: '', greedyTokens: tokens, batchTokens: 512 };
  const made = await makePrompts(model, tokenizer, words, settings);
  const inOrder = [0, 1].flatMap((wording) => dimensions.flatMap((dimension) => answers[dimension][wording]!));
  expect(made.prompts.map(({ ids }) => ids)).toEqual(inOrder.map(({ ids }) => ids));
  const state: AnswerState = { answers: made.prompts.map(() => null), instead: {} };
  await askPrompts(model, tokenizer, made.prompts, settings, state);
  inOrder.forEach(({ expected, mass, text }, number) => {
    const [value, share, said, cut] = state.answers[number]!;
    expect(Math.abs(value! - expected)).toBeLessThan(1e-4);
    expect(Math.abs(share / mass - 1)).toBeLessThan(1e-4);
    expect([said, cut]).toEqual([text, true]);
  });
  const { wordings: [first, second], counts, instead } = gathered(state, words, tokenizer, settings);
  // Words by dimensions.
  expect(Math.abs(first!.expected[1 * 2 + 1]! - answers.Mouth[0]![1]!.expected)).toBeLessThan(1e-4);
  expect(Math.abs(second!.mass[2]! - answers.Visual[1]![1]!.mass)).toBeLessThan(1e-4);
  expect(counts).toMatchObject({ number: 0, words: 8 });
  expect(instead.map(({ text }) => text)).toContain('W');
  await model.dispose();
});

test('an answer is a rating only where it begins with one number of the scale that is surely whole', () => {
  const read = (text: string, cut = false): string | number => {
    const { reading, value } = readRating(text, cut, [0, 5]);
    return reading === 'number' ? value : reading;
  };
  const cases: readonly (readonly [string, string | number, boolean?])[] = [
    ['3', 3], [' 3', 3], ['3.5', 3.5], ['3,5', 3.5], ['**4**', 4], ['"2"', 2], ['3/5', 3], ['3 out of 5', 3], ['0', 0], ['5.', 5], ['4, because', 4], ['3\n', 3],
    ['10', 'outside'], ['35', 'outside'], ['6', 'outside'], ['-1', 'outside'], ['5.5', 'outside'], ['3.125', 'outside'], ['3-4', 'range'], ['3 – 4', 'range'], ['2 to 3', 'range'],
    ['1', 'cut', true], ['3.', 'cut', true], ['3 is', 3, true], ['3\n', 3, true], ['', 'empty'], ['\n ', 'empty'],
    ['I would say 3', 'words'], ['three', 'words'], ['I cannot rate words', 'refusal'], ['As an AI language model', 'refusal'], ['Het spijt me', 'refusal'], ['抱歉，我', 'refusal'],
  ];
  for (const [text, expected, cut] of cases) expect(read(text, cut ?? false), JSON.stringify(text)).toBe(expected);
});

test('the expected rating is the mean of the digits under their probabilities alone', () => {
  const logs = Float32Array.from([0.5, 0.1, 0.2, 0.2], Math.log);
  const { value, mass } = expectedRating(logs, { ids: Int32Array.of(1, 2, 3), digits: Int32Array.of(0, 4, 4) });
  expect(mass).toBeCloseTo(0.5, 6);
  expect(value).toBeCloseTo((4 * 0.4) / 0.5, 6);
  expect(expectedRating(Float32Array.of(0, -Infinity), { ids: Int32Array.of(1), digits: Int32Array.of(3) })).toEqual({ value: NaN, mass: 0 });
  expect([mostProbable([-2, -1, -1]), parseScale(' 1 to 7', ''), parseScale('0–5', '')]).toEqual([1, [1, 7], [0, 5]]);
  for (const wrong of ['0-10', '5-0', '5', 'low to high']) expect(() => parseScale(wrong, 'cell'), wrong).toThrow('cell: scale is');
});

test('a piece that goes on with a word is no digit, and answers follow a blank', async () => {
  const tokenizer = await loadPromptTokenizer(bundledFiles(new URL('/', location.href).href, 'sensorium-mini-causal'));
  const { ids, digits } = digitTokens(tokenizer, [0, 5], 'model');
  expect([[...ids], [...digits]]).toEqual([[31, 32, 33, 34, 35, 36], [0, 1, 2, 3, 4, 5]]);
  expect(tokenizer.ends.has(3)).toBe(true);
  // Special tokens stand before the text and not behind it.
  expect(tokenizer.beforeAnswer('Word: dog', ['0', '5'], false)).toEqual(tokenizer.encode('Word: dog', false));
  expect(tokenizer.encode('a', false)).toEqual([2, 5]);
});

testWithShared('a chat template is filled in with the question, thinking turned off; without one it cannot be asked for', async () => {
  const entries = async (template: string | null, inFile: boolean): Promise<PromptTokenizer> => {
    const config: unknown = JSON.parse(new TextDecoder().decode(await sharedBytes('models/stories260k/tokenizer_config.json')));
    const written = { ...(config as object), ...(template && !inFile ? { chat_template: template } : {}) };
    return loadPromptTokenizer(localFiles('stories', new Map([
      ['tokenizer.json', new Blob([await sharedBytes('models/stories260k/tokenizer.json')])],
      ['tokenizer_config.json', new Blob([JSON.stringify(written)])],
      ['generation_config.json', new Blob([JSON.stringify({ eos_token_id: [2, 7] })])],
      ...(template && inFile ? [['chat_template.jinja', new Blob([template])] as const] : []),
    ])));
  };
  const template = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}({{ message['role'] }}) {{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}(me) {% if enable_thinking is defined and not enable_thinking %}no thoughts. {% endif %}{% endif %}";
  const plain = await entries(null, false);
  expect([plain.hasChat, plain.chatFor('auto'), [...plain.ends].sort()]).toEqual([false, false, [2, 7]]);
  expect(() => plain.chatFor('on')).toThrow('its tokenizer has no chat template. Set chat to auto or off');
  expect(plain.render('Rate it:', false, 'Be brief.')).toBe('Be brief.\n\nRate it:');
  for (const inFile of [false, true]) {
    const chat = await entries(template, inFile);
    expect([chat.chatFor('auto'), chat.chatFor('off')]).toEqual([true, false]);
    const text = chat.render('Rate it:', true);
    expect(text).toBe('<s>(user) Rate it:\n(me) no thoughts. ');
    // The template's own special token, once.
    expect(chat.encode(text, true).filter((id) => id === 1)).toHaveLength(1);
    expect(() => chat.render('Rate it:', true, 'Be brief.')).toThrow('no system here. Leave the system message empty and write it into the prompt');
  }
});

test('prompts of the reader: filled in, for one dimension or all, several in turn; what would ask the same twice is refused', () => {
  const of = (own: readonly string[], dimensions = ['Visual', 'Haptic'], language = 'en'): readonly (readonly string[])[] => wordings({ dimensions, language, scale: [1, 7], own, count: 1 }, 'cell').map(({ prompts }) => prompts);
  expect(of(['Is {word} known {dimension}? {low}-{high}', 'Haptic: Touch\\n{word}?', 'haptic: Feel {word}?', '{question} {word}'])).toEqual([
    ['Is {word} known by seeing? 1-7', 'Touch\n{word}?'],
    ['How strongly is what this word means experienced by seeing? {word}', 'Feel {word}?'],
  ]);
  expect(of(['How pleasant is {word}?'], ['Valence'], 'fr')).toEqual([['How pleasant is {word}?']]);
  expect(promptAbout('$& {x}', 'Is {word} it?')).toBe('Is $& {x} it?');
  const refused: readonly (readonly [readonly string[], readonly string[] | undefined, string | undefined, string])[] = [
    [['Rate it'], undefined, undefined, 'prompt-places'], [['Rate {word}'], undefined, undefined, 'prompt-dimension'], [['Visual: See {word}?'], undefined, undefined, 'prompt-dimension'],
    [['Visual: See {word}?', 'Visual: Seen {word}?', 'Haptic: Feel {word}?'], undefined, undefined, 'prompt-counts'], [[], undefined, 'fr', 'prompt-language'], [[], ['Valence'], undefined, 'prompt-dimension'], [['{question} {word}'], ['Valence'], undefined, 'prompt-dimension'],
  ];
  for (const [own, dimensions, language, code] of refused) {
    let problem: unknown;
    try { of(own, dimensions ? [...dimensions] : undefined, language); } catch (error) { problem = error; }
    expect(problem, own.join()).toBeInstanceOf(Problem);
    expect((problem as Problem).code).toBe(code);
  }
  for (const language of ['en', 'nl', 'zh-CN']) {
    const all = wordings({ dimensions: ['Visual', 'Torso'], language, scale: [0, 5], own: [], count: 3 }, 'cell').flatMap(({ prompts }) => prompts);
    expect(new Set(all).size).toBe(6);
    for (const prompt of all) expect(prompt, language).toMatch(/^(?=[^]*0[^]*5)[^{}]*\{word\}[^{}]*$/);
  }
});

test('greedy texts are the same with a cache and without, whenever answers end', async () => {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(decoderConfig)])], ['onnx/model.onnx', new Blob([tinyDecoder()])]]));
  const value = await inspectModel(files, { dtype: 'fp32' });
  const stream = new PhiloxStream(5);
  const draw = (length: number): number[] => Array.from({ length }, () => Math.floor(stream.uniform() * decoderVocabulary));
  const beginning = draw(20);
  const prompts = Array.from({ length: 14 }, (_, at) => ({ ids: at < 12 ? [...beginning, ...draw(1 + (at % 3))] : draw(6), group: at < 12 ? 0 : 1 }));
  // Ends that some answers meet early, some late, some never.
  const options: GenerateOptions = { tokens: 8, ends: new Set([3, 9, 17]), stop: (tokens) => tokens.length > 2 && tokens.at(-1)! % 5 === 1, batchTokens: 24 };
  const answersOf = async (model: CausalModel): Promise<{ tokens: readonly number[]; cut: boolean; first: number }[]> => {
    const answers: { tokens: readonly number[]; cut: boolean; first: number }[] = [];
    await eachAnswer(model, prompts, prompts.map((_, at) => at), (at, { tokens, cut, first }) => { answers[at] = { tokens, cut, first: mostProbable(first) }; }, options);
    return answers;
  };
  const [cached, whole] = [await openCausalModel(value, files, { device: 'wasm' }), await openCausalModel(value, files, { device: 'wasm', cache: false })];
  const found = await answersOf(cached);
  expect(found).toEqual(await answersOf(whole));
  expect(new Set(found.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(2);
  expect(new Set(found.map(({ cut }) => cut)).size).toBe(2);
  // Each token is the most probable one after those before it, read whole and alone.
  const { ids } = prompts[0]!;
  for (const [turn, token] of found[0]!.tokens.entries()) {
    const { logs } = await whole.read(null, [[...ids, ...found[0]!.tokens.slice(0, turn)]], [{ text: 0, at: ids.length + turn - 1 }]);
    expect(mostProbable(logs[0]!)).toBe(token);
  }
  await Promise.all([cached.dispose(), whole.dispose()]);
});
