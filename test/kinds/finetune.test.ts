/** The `finetune` kind on the bundled model, the demo words and the demo questions. */
import { strFromU8, unzipSync } from 'fflate';
import { render } from 'lit';
import { expect, test, vi } from 'vitest';
import { openEnvironment } from '../../src/app/environment.ts';
import { importTable } from '../../src/data/import/import.ts';
import type { Adapter, TaskCard, TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue, RepresentationValue, StimuliValue } from '../../src/data/values.ts';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { fields as activationFields } from '../../src/kinds/activations/schema.ts';
import { run as runActivations } from '../../src/kinds/activations/run.ts';
import { adapterZip, readmeFile } from '../../src/kinds/finetune/adapter-zip.ts';
import { fields } from '../../src/kinds/finetune/schema.ts';
import { run } from '../../src/kinds/finetune/run.ts';
import { view } from '../../src/kinds/finetune/view.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { Session } from '../../src/notebook/session.ts';
import { spearman } from '../../src/rsa/comparators/correlate.ts';
import { standardiseColumns } from '../../src/rsa/distances/standardise.ts';
import { headFile } from '../../src/tuning/files/archive.ts';
import { cardFile, readCard } from '../../src/tuning/files/card.ts';
import { peftConfigFile, peftWeightsFile, readPeft } from '../../src/tuning/files/peft.ts';
import { readSafetensors } from '../../src/tuning/files/safetensors.ts';
import { findLeaks, wordForms, type Side } from '../../src/tuning/split.ts';
import { Bench, paramsOf } from '../reference/study.ts';

/** With the whole address of the app, under which the bundled model lies. */
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

const cardOf = (value: ModelValue): TuningCard => value.tuned!.rounds.at(-1)!.card;
const partOf = (value: ModelValue, task = cardOf(value).parts[0]!.task): TaskCard => cardOf(value).parts.find((part) => part.task === task)!;
const brief = { model: 'base', stimuli: 'words', device: 'wasm' };

/** The zip's files, and its adapters as they are read back. */
async function unzipped(value: ModelValue): Promise<{ files: Record<string, Uint8Array>; adapters: readonly Adapter[]; base: string | null }> {
  const files = unzipSync(await adapterZip(value));
  const sites = value.tuned!.rounds[0]!.adapters.map(({ site }) => site);
  return { files, ...readPeft({ [peftConfigFile]: new Uint8Array(files[peftConfigFile]!), [peftWeightsFile]: new Uint8Array(files[peftWeightsFile]!) }, sites) };
}

/** What an adapter adds to its weight at one place. */
function change({ site, rank, scale, a, b }: Adapter, row: number, column: number): number {
  return scale * Array.from({ length: rank }, (_, k) => a[row * rank + k]! * b[k * site.outputs + column]!).reduce((sum, part) => sum + part, 0);
}

/** Spearman over pairs of some words: cosine distances of the last layer's states against those of z-scored ratings. */
function similarity(states: RepresentationValue, stimuli: StimuliValue, words: readonly string[]): number {
  const { values, dimensions } = stimuli.ratings!;
  const k = dimensions.length;
  const { data, d } = states.layers.at(-1)!;
  const rowsOf = (all: readonly string[], from: Float32Array | Float64Array, width: number): Float64Array =>
    Float64Array.from(words.flatMap((word) => Array.from({ length: width }, (_, i) => from[all.indexOf(word) * width + i]!)));
  const rated = standardiseColumns(rowsOf(stimuli.words, values, k), words.length, k, 'zscore').data;
  return spearman(rdmCpu(rowsOf(states.words, data, d), words.length, d, 'cosine'), rdmCpu(rated, words.length, k, 'cosine'));
}

test('ratings: a model like any other comes out, whose geometry is nearer to the ratings for words that it never saw', { timeout: 600_000 }, async () => {
  const made = await bench();
  const stimuli = made.values.get('words') as StimuliValue;
  const base = made.values.get('base') as ModelValue;
  const value = structuredClone(await made.run('tuned', fields, run, { ...brief, steps: 120 }));
  expect(value).toMatchObject({ type: 'model', label: 'tuned', id: base.id, hiddenStates: base.hiddenStates, tuned: { base: { label: base.label, revision: base.revision } } });
  const card = cardOf(value);
  const part = partOf(value);
  expect(card).toMatchObject({ base: base.label, device: 'wasm', parts: { length: 1 } });
  expect(part).toMatchObject({ task: 'rating', form: 'head', share: 1, origin: 'illustrative', language: 'en', unit: 'word', dropped: [], heldOut: [] });
  expect(part.dimensions).toEqual(stimuli.ratings!.dimensions);

  // The split: every word once, and no form in any language on two sides.
  const { train, validation, test: tested } = part.sides;
  expect([...train, ...validation, ...tested].sort()).toEqual([...stimuli.words].sort());
  expect([validation.length, tested.length]).toEqual([24, 48]);
  const sideOf = (word: string): Side => (train.includes(word) ? 'train' : validation.includes(word) ? 'validation' : 'test');
  expect(findLeaks(wordForms(stimuli).map((forms, row) => ({ word: stimuli.words[row]!, forms, side: sideOf(stimuli.words[row]!) })))).toEqual([]);

  // It learns, keeps the weights that were best on validation, and knows more about unseen words than their mean.
  const best = Math.min(...card.validation.map(({ loss }) => loss));
  expect(best).toBeLessThan(0.7 * card.validation[0]!.loss);
  expect(card.validation.find(({ loss }) => loss === best)?.step).toBe(card.keptStep);
  expect(part.test!.loss).toBeLessThan(0.75 * part.test!.reference);
  expect(made.labels).toContain('making the training graph');
  expect([...made.labels].some((label) => /^step 7 of 120, loss [\d.]+, validation [\d.]+, [\d.]+ steps\/s, .+ left$/.test(label))).toBe(true);

  // Other cells take it as they take its base. On the words held out its geometry is nearer to that of the ratings, by
  // .04 to .16 with each of five seeds; what a linear readout tells about them was already there and changes by chance.
  const states = async (model: string): Promise<RepresentationValue> => made.run(`states ${model}`, activationFields, runActivations, { stimuli: 'words', device: 'wasm', model });
  const [before, after] = [await states('base'), await states('tuned')];
  expect(after.label).toBe('tuned');
  const other = partOf(await made.run('other seed', fields, run, { ...brief, steps: 120, seed: 2 })).sides.test;
  const otherAfter = await states('other seed');
  expect(other).not.toEqual(tested);
  const gains = [similarity(after, stimuli, tested) - similarity(before, stimuli, tested), similarity(otherAfter, stimuli, other) - similarity(before, stimuli, other)];
  expect((gains[0]! + gains[1]!) / 2).toBeGreaterThan(0.03);

  // What the page shows.
  const host = document.createElement('div');
  document.body.append(host);
  render(view(value, { cell: 'tuned', params: {}, width: 800, update: () => undefined, state: new Map() }), host);
  await expect.poll(() => host.querySelectorAll('.figure svg [data-mark="line"]').length).toBe(3);
  expect(host.textContent).toContain('Split: 168 / 24 / 48 words; no word has a form or a translation on another side');
  expect(host.textContent).toContain(`lowest at step ${card.keptStep}`);
  host.remove();
});

test('the same seed gives the same adapters, another one others; dimensions and a split of the stimuli’s own are kept', { timeout: 600_000 }, async () => {
  const made = await bench();
  const settings = { ...brief, steps: 6, dimensions: ['sensory'], rank: 2 };
  const [one, two] = [await made.run('tuned', fields, run, settings), await made.run('again', fields, run, { ...settings, label: 'another label' })];
  expect(two.revision).toBe(one.revision);
  expect(two.tuned!.rounds[0]!.adapters).toEqual(one.tuned!.rounds[0]!.adapters);
  expect(two.label).toBe('another label');
  expect(partOf(one).dimensions).toEqual(['Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory', 'Visual']);
  expect(partOf(one).heldOut).toEqual(['Foot_leg', 'Hand_arm', 'Head', 'Mouth', 'Torso']);
  expect((await made.run('other', fields, run, { ...settings, seed: 2 })).revision).not.toBe(one.revision);

  // As a zip for Python: adapters and head to the number, and the card in words.
  const { files, adapters, base } = await unzipped(one);
  expect(Object.keys(files).sort()).toEqual([readmeFile, cardFile, peftConfigFile, peftWeightsFile, headFile('rating')].sort());
  expect({ adapters, base }).toEqual({ adapters: one.tuned!.rounds[0]!.adapters, base: one.id });
  const { weight, bias } = readSafetensors(files[headFile('rating')]!, headFile('rating')).tensors;
  const [head] = one.tuned!.rounds[0]!.heads;
  expect(weight!.dims).toEqual([6, one.hiddenSize]);
  expect([weight!.data[5 * one.hiddenSize + 3], [...bias!.data]]).toEqual([head!.weight[3 * 6 + 5], [...head!.bias]]);
  const { sides } = partOf(one);
  const text = strFromU8(files[readmeFile]!);
  for (const part of [one.revision, one.tuned!.base.revision, `${sides.train.length} words trained on, ${sides.validation.length} validated on, ${sides.test.length} held out`, 'Seed: 1', '"rank": 2', 'Auditory, Gustatory', 'PeftModel.from_pretrained']) expect(text).toContain(part);

  // It ships no data: with other words and other ratings behind the same numbers of them, not one byte is another, but for
  // the hashes by which a leak is known.
  const round = one.tuned!.rounds[0]!;
  const other = (words: readonly string[]): string[] => words.map((_, at) => `unheard ${at}`);
  const foreign: ModelValue = { ...one, tuned: { ...one.tuned!, rounds: [{
    ...round,
    heads: [{ ...head!, scales: head!.scales.map(({ dimension }) => ({ dimension, offset: 9, factor: 9 })) }],
    card: { ...round.card, parts: [{ ...partOf(one), sides: { train: other(sides.train), validation: other(sides.validation), test: other(sides.test) }, seenForms: { train: other(partOf(one).seenForms.train), validation: other(partOf(one).seenForms.validation) }, dropped: partOf(one).dropped.map(({ reason, words }) => ({ reason, words: other(words) })) }] },
  }] } };
  const { files: others } = await unzipped(foreign);
  const hashes = [files, others].map(({ [cardFile]: bytes }) => readCard(bytes!, '').seen!);
  expect([hashes[0]!.length > sides.train.length, hashes[0]!.some((hash) => hashes[1]!.includes(hash))]).toEqual([true, false]);
  const withoutHashes = ({ [cardFile]: card, ...rest }: Record<string, Uint8Array>): object => ({ ...rest, card: { ...readCard(card!, ''), seen: [] } });
  expect(withoutHashes(others)).toEqual(withoutHashes(files));

  // In Dutch the same words are on the same sides, whatever language is fed.
  const dutch = await made.run('dutch', fields, run, { ...settings, language: 'nl' });
  expect(partOf(dutch)).toMatchObject({ language: 'nl', sides });
  expect(dutch.revision).not.toBe(one.revision);

  await made.run('split', stimuliFields, runStimuli, { test: 0.5, seed: 9 });
  const stimuli = made.values.get('split') as StimuliValue;
  const kept = cardOf(await made.run('kept', fields, run, { ...settings, stimuli: 'split', validation: 0, targets: 'all' }));
  expect(kept.parts[0]!.sides.test).toEqual(stimuli.words.filter((_, row) => stimuli.split[row] === 'test'));
  expect(kept).toMatchObject({ validation: [], keptStep: 6, parts: [{ validation: [], sides: { validation: [] } }] });
  expect(kept.parameters).toBeGreaterThan(cardOf(one).parameters);

  // A tuned model can be tuned again, here with nothing held out.
  const twice = await made.run('twice', fields, run, { ...settings, model: 'tuned', seed: 3, test: 0, validation: 0 });
  expect(twice.tuned).toMatchObject({ base: one.tuned!.base, rounds: [{ card: { base: one.tuned!.base.label } }, { card: { base: 'tuned' } }] });
  // Python then gets one adapter of the base, which adds what both add.
  const [sum] = (await unzipped(twice)).adapters;
  const parts = twice.tuned!.rounds.map(({ adapters: [first] }) => first!);
  expect(sum).toMatchObject({ site: parts[0]!.site, rank: 4 });
  for (const [row, column] of [[0, 0], [17, 90], [127, 127]] as const) expect(change(sum!, row, column)).toBeCloseTo(change(parts[0]!, row, column) + change(parts[1]!, row, column), 8);
  expect(Math.abs(change(sum!, 17, 90))).toBeGreaterThan(1e-6);
});

test('a cancelled run ends between two steps', { timeout: 600_000 }, async () => {
  const made = await bench();
  const controller = new AbortController();
  const seen: string[] = [];
  await expect(run(paramsOf(fields, { ...brief, steps: 1000 }), {
    ...made.context('tuned', controller.signal),
    progress: ({ label, done }) => {
      if (!label.startsWith('step')) return;
      seen.push(label);
      if (done === 3) controller.abort();
    },
  })).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(seen).toHaveLength(3);
});

test('in a notebook: stored and taken by other cells, with the files of a local folder; a cancelled run leaves nothing', { timeout: 600_000 }, async () => {
  const storeName = 'finetune-test';
  const environment = await openEnvironment(storeName);
  const folder = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
  for (const path of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']) await environment.store.files.add(`mine/${path}`, new Blob([await folder.read(path)]));
  const cell = (kind: string, body: string): string => `\`\`\`cell ${kind}\n${body}\n\`\`\`\n`;
  const session = new Session([
    '---\nsensorium: 1\n---\n', cell('model base', 'source: local\nid: mine'), cell('stimuli words', 'sample: 60'),
    cell('finetune tuned', 'model: base\nstimuli: words\nsteps: 8\ndevice: wasm'),
    cell('finetune endless', 'model: base\nstimuli: words\nsteps: 100000\npatience: 0\ndevice: wasm'),
    cell('activations before', 'model: base\nstimuli: words\ndevice: wasm'), cell('activations after', 'model: tuned\nstimuli: words\ndevice: wasm'),
  ].join('\n'), environment, 'live');
  try {
    for (const name of ['before', 'after']) {
      session.run(name);
      await session.settled();
      expect(session.cell(name)).toMatchObject({ status: 'done', problem: null });
    }
    const [before, after] = ['before', 'after'].map((name) => session.cell(name)!.value as RepresentationValue);
    expect(before!.words).toEqual(after!.words);
    expect(before!.layers.at(-1)!.data).not.toEqual(after!.layers.at(-1)!.data);
    expect(session.cell('after')!.key).not.toBe(session.cell('before')!.key);
    expect(session.cell('tuned')!.card).toMatchObject({ device: 'training: wasm', seed: 1 });
    const stored = await environment.results.get(session.cell('tuned')!.key!);
    expect(stored?.value).toEqual(session.cell('tuned')!.value);

    session.run('endless');
    await vi.waitFor(() => expect(session.cell('endless')?.progress?.done).toBeGreaterThan(1), { timeout: 60_000, interval: 5 });
    session.cancel('endless');
    await session.settled();
    expect(session.cell('endless')).toMatchObject({ status: 'cancelled', value: null });
    expect(await environment.results.get(session.cell('endless')!.key!)).toBeUndefined();
  } finally {
    session.close();
    environment.host.stop();
    environment.store.close();
    indexedDB.deleteDatabase(storeName);
  }
});

test('questions: four options in either language; questions that name a test word are counted', { timeout: 600_000 }, async () => {
  const made = await bench();
  const value = await made.run('asked', fields, run, { ...brief, task: 'choice', options: 'head', rate: 0.005, steps: 40, batch: 8, language: 'nl' });
  const card = cardOf(value);
  const part = partOf(value);
  expect(part).toMatchObject({ task: 'choice', data: 'demo questions', language: 'nl', dimensions: [], unit: 'question', test: { reference: Math.log(4) } });
  expect(part.sides).toMatchObject({ train: { length: 84 }, validation: { length: 12 }, test: { length: 24 } });
  const mean = (losses: typeof card.history): number => losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length;
  expect(mean(card.history.slice(-10))).toBeLessThan(0.9 * mean(card.history.slice(0, 10)));
  expect(made.warnings.some((line) => /^\d+ of 84 questions to train on name a test word of words: the word was seen, its ratings were not$/.test(line))).toBe(true);
  await expect(made.run('asked', fields, run, { ...brief, task: 'choice', language: 'fr' })).rejects.toThrow('language is fr, and the demo questions are in en and nl');
});

test('text: sentences of a table, by the model’s own head', { timeout: 600_000 }, async () => {
  const made = await bench();
  const things = ['a dog', 'the sea', 'an old house', 'the moon', 'a red apple', 'my hand', 'the loud bell', 'a cold river', 'the soft bread', 'a long road'];
  const rows = things.flatMap((one, i) => things.map((other, j) => `${i * 10 + j},${one} is near ${other}.`));
  made.values.set('table', await importTable('sentences.csv', new Blob([`id,sentence\n${rows.join('\n')}\n`]), { word: 'id' }));
  const value = await made.run('read', fields, run, { model: 'base', device: 'wasm', task: 'text', sentences: 'table', column: 'sentence', steps: 60 });
  const card = partOf(value);
  expect(card).toMatchObject({ task: 'text', data: 'sentences.csv', origin: null, unit: 'sentence' });
  expect(card.sides.train).toHaveLength(70);
  expect([...card.sides.train, ...card.sides.validation, ...card.sides.test].sort()).toEqual(rows.map((row) => row.split(',')[1]!).sort());
  expect(value.tuned!.rounds[0]!.heads).toEqual([]);
  const { files } = await unzipped(value);
  expect(Object.keys(files)).not.toContainEqual(expect.stringContaining('head'));
  const text = strFromU8(files[readmeFile]!);
  expect(text).toContain('70 sentences trained on, 10 validated on, 20 held out');
  expect(things.filter((thing) => Object.values(files).some((bytes) => strFromU8(bytes, true).includes(thing)))).toEqual([]);
  expect(card.test!.loss).toBeLessThan(0.8 * card.test!.reference);
});

test('what cannot be is named with a way out', async () => {
  const made = await bench();
  await expect(made.run('tuned', fields, run, { model: 'base' })).rejects.toThrow('cell tuned: stimuli is none, and the task is rating. Name a stimuli cell');
  await expect(made.run('tuned', fields, run, { model: 'base', task: 'text' })).rejects.toThrow('sentences is none, and the task is text');
  await expect(made.run('tuned', fields, run, { ...brief, dimensions: ['Vizual'] })).rejects.toThrow('there are no ratings of "Vizual". Did you mean Visual?');
  made.values.set('bare', { ...(made.values.get('words') as StimuliValue), ratings: null });
  await expect(made.run('tuned', fields, run, { ...brief, stimuli: 'bare' })).rejects.toThrow('the stimuli of bare carry no ratings');
  const leaking: StimuliValue = { ...(made.values.get('words') as StimuliValue), words: ['dog', 'hound', 'cat', 'sky'], translations: { nl: ['hond', 'hond', 'kat', 'lucht'] }, categories: [], split: ['train', 'test', 'train', 'test'] };
  made.values.set('leaking', { ...leaking, ratings: { ...leaking.ratings!, values: leaking.ratings!.values.slice(0, 44) } });
  await expect(made.run('tuned', fields, run, { ...brief, stimuli: 'leaking' })).rejects.toThrow('the split leaks: one form stands on two sides, "hond" (dog: train, hound: test)');
});
