/** The `elicit` kind with the bundled models: from words to ratings that other cells take, paused and gone on with. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import { isSuspension, suspension } from '../../src/base/problem.ts';
import type { Progress } from '../../src/base/progress.ts';
import type { Elicited } from '../../src/data/elicited.ts';
import type { ModelValue, RepresentationValue, StimuliValue } from '../../src/data/values.ts';
import { fields as dimensionFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import { kinds } from '../../src/kinds/index.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { layerOf, notesOf, run } from '../../src/kinds/elicit/run.ts';
import { fields } from '../../src/kinds/elicit/schema.ts';
import { useOfScale } from '../../src/kinds/elicit/use.ts';
import { view } from '../../src/kinds/elicit/view.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { Bench, paramsOf } from '../reference/study.ts';

const words = ['dog', 'bread', 'hammer', 'joy', 'bell'];
const stimuli: StimuliValue = {
  type: 'stimuli', label: 'words', language: 'en', words: [...words, '?!'], translations: { nl: ['hond', 'brood', 'hamer', 'vreugde', 'bel', ''] },
  categories: ['animal', 'food', 'tool', 'emotion', 'sound', 'none'], split: [], dropped: [{ reason: 'not drawn', words: ['cat'] }],
  ratings: { dimensions: ['Auditory', 'Mouth'], values: Float64Array.of(4, 1, 0, 4, 2, 0, 1, 1, 5, 0, NaN, NaN), scale: [0, 5], origin: 'illustrative' },
};

const base = new URL('/', location.href).href;

/** A bench that knows where bundled models lie. */
class ModelBench extends Bench {
  override context(cell: string, signal: AbortSignal = new AbortController().signal): RunContext {
    return { ...super.context(cell, signal), base };
  }
}

async function benchOf(id: string): Promise<ModelBench> {
  const bench = new ModelBench();
  bench.values.set('words', stimuli);
  bench.values.set('model', await inspectModel(bundledFiles(base, id), { dtype: 'fp32' }));
  return bench;
}

test('the bundled causal model rates words in two languages and wordings, and other cells take its ratings', async () => {
  const bench = await benchOf('sensorium-mini-causal');
  const common = { model: 'model', stimuli: 'words', device: 'wasm', dimensions: ['hearing', 'Mouth'], greedyTokens: 2 };
  const value = await bench.run('own', fields, run, { ...common, wordings: 2, label: 'mini' });
  const { elicited } = value;
  expect(value).toMatchObject({ type: 'representation', label: 'mini', words, language: 'en', origin: 'model', dimensions: ['Auditory', 'Mouth'], scale: [0, 5], measuredBy: { by: 'template', names: ['wording 1', 'wording 2'] } });
  expect(value.dropped).toEqual([...stimuli.dropped, { reason: 'no letter or digit in it', words: ['?!'] }]);
  expect(elicited).toMatchObject({ answer: 'expected', chat: false, shared: false, greedyTokens: 2 });
  expect(elicited!.example).toBe('How strongly is what this word means experienced by hearing? Rate it from 0 (not at all) to 5 (greatly). Answer with only a number from 0 to 5.\nWord: dog\nRating:');
  const [layer] = value.layers;
  expect(layer!.measurements).toEqual(elicited!.wordings.map(({ expected }) => expected));
  layer!.data.forEach((rating, at) => expect(rating).toBeCloseTo((layer!.measurements![0]![at]! + layer!.measurements![1]![at]!) / 2, 12));
  for (const rating of layer!.data) expect(rating > 0 && rating < 5, String(rating)).toBe(true);
  // Words differ, and so do dimensions.
  expect(new Set(layer!.data).size).toBe(10);
  expect(Object.values(elicited!.counts).reduce((sum, n) => sum + n, 0)).toBe(20);
  for (const { mass } of elicited!.wordings) for (const share of mass) expect(share > 0 && share <= 1).toBe(true);

  await bench.run('human', (await import('../../src/kinds/ratings/schema.ts')).fields, (await import('../../src/kinds/ratings/run.ts')).run, { stimuli: 'words', origin: 'illustrative' });
  const agreement = await bench.run('agreement', dimensionFields, runDimensions, { reference: 'human', candidates: ['own'] });
  expect(agreement.rows.filter(({ candidate }) => candidate === 'mini').map(({ dimension }) => dimension)).toEqual(expect.arrayContaining(['Auditory', 'Mouth']));

  const dutch = await bench.run('dutch', fields, run, { ...common, language: 'nl', answer: 'greedy', dimensions: ['Auditory'], prompt: ['hoe hard klinkt {word} ? antwoord van 0 tot 5 :'] });
  expect(dutch).toMatchObject({ words, language: 'nl' });
  expect(dutch.elicited!.example).toBe('hoe hard klinkt hond ? antwoord van 0 tot 5 :');
  // The prompt has the form that this model has learnt: it answers with digits.
  expect(Math.min(...dutch.elicited!.wordings[0]!.mass)).toBeGreaterThan(0.5);
  expect(dutch.layers[0]!.data).toEqual(dutch.elicited!.wordings[0]!.greedy);
  const [use] = useOfScale(dutch.elicited!, dutch.dimensions, dutch.layers[0]!.data);
  expect(use!.without).toBe(words.length - dutch.elicited!.counts.number);
});

test('a paused list of prompts goes on where it was, and ends as one that was not paused', async () => {
  const bench = await benchOf('sensorium-mini-causal');
  const params = paramsOf(fields, { model: 'model', stimuli: 'words', device: 'wasm', dimensions: ['Auditory', 'Visual'], greedyTokens: 1, batchTokens: 128 });
  const plain = await run(params, bench.context('plain'));
  // The model's hidden states have its label.
  expect(plain.label).toBe('sensorium-mini-causal, asked');
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const from: string[] = [];
  const controller = new AbortController();
  const context = (signal: AbortSignal, progress: (now: Progress) => void = () => undefined) => ({
    ...bench.context('paused', signal), progress, resumedAt: (where: string) => void from.push(where),
    kept: { load: (name: string) => Promise.resolve(kept.get(name) ?? null), save: (name: string, bytes: Uint8Array<ArrayBuffer>) => { kept.set(name, bytes); return Promise.resolve(); } },
  });
  let reached = 0;
  const pausing = run(params, context(controller.signal, ({ label, done }) => {
    if (label !== 'answers' || done < 4) return;
    reached = done;
    controller.abort(suspension());
  }));
  await expect(pausing).rejects.toSatisfy(isSuspension);
  expect(reached).toBeLessThan(10);
  const first: number[] = [];
  const resumed = await run(params, context(new AbortController().signal, ({ label, done }) => { if (label === 'answers') first.push(done); }));
  expect([from, first[0]]).toEqual([[`answer ${reached} of 10`], reached]);
  // Other batches may round differently.
  resumed.layers[0]!.data.forEach((rating, at) => expect(rating).toBeCloseTo(plain.layers[0]!.data[at]!, 5));
  expect(resumed.elicited!.wordings[0]!.texts).toEqual(plain.elicited!.wordings[0]!.texts);
  resumed.elicited!.instead.forEach(({ text, share }, at) => {
    expect(text).toBe(plain.elicited!.instead[at]!.text);
    expect(share).toBeCloseTo(plain.elicited!.instead[at]!.share, 5);
  });
  // Answers of other prompts are not taken for these.
  const other = bench.context('other');
  await run({ ...params, dimensions: ['Visual'] }, { ...context(new AbortController().signal), warn: other.warn });
  expect(bench.warnings).toContain('the answers that an unfinished run had kept are not of these prompts; all are asked anew');
});

test('what cannot answer is refused with a way out, and what says little is told', async () => {
  const bench = await benchOf('sensorium-mini');
  await expect(bench.run('masked', fields, run, { model: 'model', stimuli: 'words' })).rejects.toThrow('fills in masked tokens and does not continue a text, so it cannot answer. Choose a causal model (text generation), such as the bundled sensorium-mini-causal');
  bench.values.set('model', { ...(bench.values.get('model') as ModelValue), architecture: 'LlamaForCausalLM' });
  await expect(bench.run('none', fields, run, { model: 'model', stimuli: 'words', answer: 'greedy', greedyTokens: 0 })).rejects.toThrow('ratings come from greedy texts, and greedyTokens is 0');
  const kind = kinds.get('elicit')!;
  expect([kind.produces, kind.resumable, kind.deviceSensitive]).toEqual(['representation', true, true]);
  const counts = { number: 1, outside: 1, range: 0, list: 0, cut: 0, words: 0, refusal: 2, empty: 0 };
  const asked: Elicited = {
    model: 'chatty', answer: 'greedy', scale: [0, 5], chat: false, system: '', greedyTokens: 6, example: '', shared: false, counts,
    wordings: [{ name: 'wording 1', prompts: ['a', 'b'], expected: Float64Array.of(1, 2, 3, 2), mass: Float64Array.of(0.1, 0.2, 0.2, 0.1), greedy: Float64Array.of(1, NaN, NaN, NaN), texts: [] }],
    examples: [{ reading: 'refusal', word: 'dog', dimension: 'Visual', text: 'I cannot' }], instead: [{ text: ' I', share: 0.6 }],
  };
  const notes = notesOf(asked, ['Visual', 'Mouth']);
  expect(notes[0]).toMatch(/^digits have 15 % of the probability .* it would rather say " I" 60 %\. A model tuned to follow instructions/);
  expect(notes.slice(1)).toEqual([
    'all words have the same expected rating of mouth',
    '3 of 4 greedy texts hold no rating (2 refusals, 1 numbers that are not on the scale), such as "I cannot" for dog, visual; these ratings are missing',
  ]);
  // A dimension with little mass is told although the mean of all is high, and so are holes and decimals.
  const second = { ...asked.wordings[0]!, name: 'wording 2', mass: Float64Array.of(0.9, 0.9, 0.8, 0.8), greedy: Float64Array.of(1, 3.7, NaN, 2) };
  const first = { ...asked.wordings[0]!, mass: Float64Array.of(0.9, 0.1, 0.9, 0.3) };
  const more = notesOf({ ...asked, wordings: [first, second] }, ['Visual', 'Mouth']);
  expect(more[0]).toMatch(/^digits have 20 % of the probability .* on average for mouth in wording 1 \(20 %\), so the expected values there rest on what chatty hardly says; besides digits its answers most often begin with " I" 60 %/);
  expect(more.slice(-2)).toEqual([
    '2 of 4 ratings are missing because one wording has no number and another has one',
    '25 % of the ratings in greedy texts are no whole numbers, such as 3.7; expected values know the digit before the point only and take 3.7 for 3',
  ]);
  const layer = layerOf([first, second], 'greedy', 2);
  // The mean of one wording is not comparable with those of two.
  expect([...layer.data]).toEqual([1, NaN, NaN, NaN]);
  expect(layer.measurements).toEqual([first.greedy, second.greedy]);
});

test('the view shows ratings, texts and mass of each wording, and says what to beware of', async () => {
  const answers = (name: string, more: number) => ({
    name, prompts: [`See {word}? ${name}`], expected: Float64Array.of(1 + more, 1 + more, 1.01 + more, 1 + more), mass: Float64Array.of(0.9, 0.8, 0.7, 0.6), greedy: Float64Array.of(1, 1, NaN, 2), texts: ['1', ' 1\n', 'As an AI', '2'],
  });
  const wordings = [answers('wording 1', 0), answers('wording 2', 2)];
  const value: RepresentationValue = {
    type: 'representation', label: 'chatty', words: ['dog', 'cat', 'sun', 'joy'], language: 'en', categories: [], split: [], dimensions: ['Visual'], origin: 'model', dropped: [], scale: [0, 5],
    layers: [{ name: 'ratings', index: 0, d: 1, data: Float64Array.of(2, 2, 2.01, 2) }],
    elicited: {
      model: 'chatty', answer: 'expected', scale: [0, 5], chat: true, system: '', greedyTokens: 6, example: '<s>See dog?', shared: true, wordings,
      counts: { number: 6, outside: 0, range: 0, list: 0, cut: 0, words: 0, refusal: 2, empty: 0 }, examples: [{ reading: 'refusal', word: 'sun', dimension: 'Visual', text: 'As an AI' }], instead: [{ text: ' I', share: 0.2 }],
    },
  };
  const host = document.createElement('div');
  document.body.append(host);
  const state = new Map<string, unknown>();
  const shown = async (): Promise<string> => {
    render(view(value, { cell: 'own', params: {}, width: 900, update: () => undefined, state }), host);
    await Promise.all([...host.querySelectorAll('data-table')].map((table) => table.updateComplete));
    return host.textContent.replaceAll(/\s+/g, ' ');
  };
  const first = await shown();
  // The mean of the wordings.
  expect(host.querySelector('data-table')!.textContent).toMatch(/dog\s*2\.00/);
  for (const text of ['mass on digits75 %', 'texts without a rating2 of 8', 'chat templateused', 'words hardly differ there', '<s>See dog?', 'was computed once', 'See {word}? wording 2', '"As an AI"', '" I"']) expect(first).toContain(text);
  state.set('shown', 'texts').set('wording', 0);
  await shown();
  expect(host.querySelector('data-table')!.textContent).toMatch(/sun\s*As an AI/);
  state.set('shown', 'mass');
  await shown();
  expect(host.querySelector('data-table')!.textContent).toMatch(/cat\s*80 %/);
  host.remove();
  const [use] = useOfScale(value.elicited!, value.dimensions, value.layers[0]!.data);
  expect(use).toMatchObject({ dimension: 'Visual', without: 2, median: 2 });
  expect(use!.mass).toBeCloseTo(0.75, 12);
});
