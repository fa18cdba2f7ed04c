/** Ratings that a model is asked for: digits and their tokens, greedy texts, chat templates; numbers against PyTorch's. */
import { gunzipSync } from 'fflate';
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
import { decoderConfig, decoderVocabulary, tinyDecoder } from './tiny-decoder.ts';

type ReferenceSet = (typeof reference.sets)[number];
const { dimensions } = reference;

/** stories260k with its own export or with one that keeps a cache, whose graph holds no weights but reads them from the shared file. */
async function storyFiles(made: 'whole' | 'past', template = ''): Promise<ModelFiles> {
  const shared = async (path: string): Promise<Blob> => new Blob([await sharedBytes(`models/stories260k/${path}`)]);
  const config = JSON.parse(await (await shared('tokenizer_config.json')).text()) as object;
  const entries = new Map([
    ['config.json', await shared('config.json')], ['tokenizer.json', await shared('tokenizer.json')],
    ['tokenizer_config.json', new Blob([JSON.stringify({ ...config, ...(template ? { chat_template: template } : {}) })])],
  ]);
  if (made === 'whole') return localFiles('stories', entries.set('onnx/model.onnx', await shared('onnx/model.onnx')));
  const stored = await fetch(new URL(`./references/stories260k_${made}.onnx.gz`, import.meta.url));
  const packed = new Uint8Array(await stored.arrayBuffer());
  // A server may have unpacked it on the way.
  const graph = packed[0] === 0x1f ? gunzipSync(packed) : packed;
  return localFiles('stories', entries.set('onnx/model.onnx', new Blob([new Uint8Array(graph)])).set('onnx/model.safetensors', await shared('model.safetensors')));
}

/** Asks a model all prompts of some sets and compares every answer with PyTorch's; gives the numbers of masses and of greedy ratings. */
async function compareSets(files: ModelFiles, sets: readonly ReferenceSet[], cached: boolean): Promise<{ prompts: number; ratings: number }> {
  const seen = { prompts: 0, ratings: 0 };
  const tokenizer = await loadPromptTokenizer(files);
  const model = await openCausalModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  expect(model.cached).toBe(cached);
  for (const { name, language, own, words, prompts, tokens, chat, system, ids, answers } of sets) {
    const asked = wordings({ dimensions, language, scale: [0, 5], own, count: prompts.length }, 'cell');
    expect(asked.map((one) => one.prompts.map((prompt) => prompt.trimEnd())), name).toEqual(prompts);
    const settings: ElicitSettings = { dimensions, wordings: asked, scale: [0, 5], chat, system, greedyTokens: tokens, batchTokens: 512 };
    const made = await makePrompts(model, tokenizer, words, settings);
    expect(made.prompts.filter((_, at) => at % words.length === 0).map((prompt) => prompt.ids), name).toEqual(ids.flat());
    const state: AnswerState = { answers: made.prompts.map(() => null), instead: {} };
    await askPrompts(model, tokenizer, made.prompts, settings, state);
    const inOrder = answers.flat(2) as [number, number, string, boolean, number | null][];
    expect(state.answers).toHaveLength(inOrder.length);
    const { wordings: put, counts, instead } = gathered(state, words, tokenizer, settings);
    inOrder.forEach(([expected, mass, text, cut, rating], number) => {
      const [value, share, said, wasCut] = state.answers[number]!;
      expect(Math.abs(value! - expected), `${name}, ${text}`).toBeLessThan(1e-4);
      expect(Math.abs(share / mass - 1), `${name}, ${text}`).toBeLessThan(1e-4);
      expect([said, wasCut], name).toEqual([text, cut]);
      const [group, word] = [Math.floor(number / words.length), number % words.length];
      const at = word * dimensions.length + (group % dimensions.length);
      const here = put[Math.floor(group / dimensions.length)]!;
      // Words by dimensions, and the number in the text.
      expect([here.expected[at], here.mass[at]], name).toEqual([value, share]);
      expect(here.greedy[at], `${name}, ${text}`).toBe(rating ?? NaN);
    });
    const ratings = inOrder.filter(([, , , , rating]) => rating !== null).length;
    expect(counts.number, name).toBe(ratings);
    // What it would rather say, where it would.
    expect(instead.length > 0, name).toBe(ratings === 0);
    seen.prompts += inOrder.length;
    seen.ratings += ratings;
  }
  await model.dispose();
  return seen;
}

testWithShared('expected ratings, mass and greedy texts of stories260k are those of PyTorch, read whole or behind a cache', async () => {
  const stories = reference.sets.filter(({ model }) => model === 'stories260k');
  const found = digitTokens(await loadPromptTokenizer(await storyFiles('whole')), [0, 5], 'cell');
  // The digits' own tokens, and the bytes that spell them.
  expect(Object.fromEntries([...found.ids].map((id, at) => [id, found.digits[at]]))).toEqual(reference.digits.stories260k);
  // English, Dutch, Chinese, a chat and a prompt of the reader's.
  expect(await compareSets(await storyFiles('past', reference.template), stories, true)).toEqual({ prompts: 30, ratings: 0 });
  expect(await compareSets(await storyFiles('whole'), stories.slice(1, 2), false)).toEqual({ prompts: 4, ratings: 0 });
});

test('a model that answers with digits is given the ratings that PyTorch gives it, and its numbers are read', async () => {
  const files = bundledFiles(new URL('/', location.href).href, 'sensorium-mini-causal');
  const mini = reference.sets.filter(({ model }) => model === 'sensorium-mini-causal');
  expect(await compareSets(files, mini, false)).toEqual({ prompts: 18, ratings: 12 });
});

test('an answer is a rating only where it begins with one number of the scale that is surely whole', () => {
  const read = (text: string, cut = false): string | number => {
    const { reading, value } = readRating(text, cut, [0, 5]);
    return reading === 'number' ? value : reading;
  };
  const cases: readonly (readonly [string, string | number, boolean?])[] = [
    ['3', 3], [' 3', 3], ['3.5', 3.5], ['3,5', 3.5], ['3.125', 3.125], ['**4**', 4], ['"2"', 2], ['3/5', 3], ['3 / 5.', 3], ['3 out of 5', 3], ['3 van de 5', 3], ['0', 0], ['5.', 5], ['4, because', 4], ['3 - strongly', 3], ['3 (moderate)', 3], ['3\n', 3], ['3.\nIt', 3],
    ['(3)', 3], ['[3]', 3], ['３', 3], ['（４）', 4], ['３．５', 3.5], ['4分', 4], ['3，因为', 3],
    ['10', 'outside'], ['35', 'outside'], ['6', 'outside'], ['-1', 'outside'], ['−1', 'outside'], ['5.5', 'outside'], ['3,125', 'outside'], ['4/10', 'outside'], ['4 out of 10', 'outside'], ['1/2', 'outside'], ['5%', 'outside'], ['3 percent', 'outside'], ['３％', 'outside'],
    ['3-4', 'range'], ['3 – 4', 'range'], ['2 to 3', 'range'], ['3~4', 'range'], ['3～4', 'range'], ['2 and 3', 'range'], ['2 en 3', 'range'], ['2或3', 'range'], ['1, 2, 3, 4, 5', 'range'], ['1 2 3', 'range'], ['1、2、3', 'range'], ['0 (not at all) to 5 (greatly)', 'range'], ['3+', 'range'],
    ['1. Visual', 'list'], ['1) seeing', 'list'], ['(1) seeing', 'list'], ['1: Visual', 'list'], ['0 = not at all', 'list'], ['１：视觉', 'list'],
    ['1', 'cut', true], ['3.', 'cut', true], ['3 ', 'cut', true], ['3 to', 'cut', true], ['3/', 'cut', true], ['3 is', 3, true], ['3\n', 3, true], ['(3)', 3, true], ['', 'empty'], ['\n ', 'empty'],
    ['I would say 3', 'words'], ['three', 'words'], ['3D', 'words'], ['3-year-old', 'words'], ['I cannot rate words', 'refusal'], ['As an AI language model', 'refusal'], ['Het spijt me', 'refusal'], ['抱歉，我', 'refusal'],
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
  // Blanks at a prompt's end belong to the answer; line breaks do not.
  expect(['Word: dog ', 'Word: dog\t \u3000', 'Word: dog\n', ' dog'].map((prompt) => tokenizer.render(prompt, false))).toEqual(['Word: dog', 'Word: dog', 'Word: dog\n', ' dog']);
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
