/** The `adapter` kind: what a finetune cell exported comes back as it was, and what Python saved comes in. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { Adapter, TaskCard, Tuning } from '../../src/data/tuned.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { fields } from '../../src/kinds/adapter/schema.ts';
import { run } from '../../src/kinds/adapter/run.ts';
import { adapterZip } from '../../src/kinds/finetune/adapter-zip.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { openSession } from '../../src/models/session.ts';
import { cardFile, readCard } from '../../src/tuning/files/card.ts';
import { headFile } from '../../src/tuning/files/archive.ts';
import { peftConfigFile, peftWeightsFile, writePeft } from '../../src/tuning/files/peft.ts';
import { findSites } from '../../src/tuning/gradient/sites.ts';
import { tunedModel } from '../../src/tuning/tuned.ts';
import { d, tinyTransformer, transformerConfig } from '../models/tiny-transformer.ts';
import { contextOf, paramsOf, type TestContext } from './context.ts';

const onnx = tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state', 'logits'] });
const folder = { 'tiny/config.json': JSON.stringify(transformerConfig), 'tiny/onnx/model.onnx': new Blob([onnx]) };
const base = await inspectModel(openModelFiles({ source: 'local', id: 'tiny', revision: '' }, contextOf('base', { files: folder })), { dtype: 'fp32' });
const sites = findSites(indexOnnx(onnx, 'tiny'), base.hiddenStates, base.hiddenStates.at(-1)!).sites.map(({ site }) => site);

function random(size: number, seed: number): Float32Array {
  const stream = new PhiloxStream(seed);
  return Float32Array.from({ length: size }, () => stream.uniform() - 0.5);
}

/** Of every second site; 0.3 x 3 / 3 is not 0.3. */
const adaptersOf = (seed: number): Adapter[] => sites.filter((_, at) => at % 2 === 0).map((site, at) => ({ site, rank: 3, scale: 0.3, a: random(site.inputs * 3, seed + at), b: random(3 * site.outputs, seed + 50 + at) }));
const sides = { train: ['Dog', 'apple / pear', 'thunder'], validation: ['Silk'], test: ['moonlight'] };
const seenForms = { train: ['apple', 'dog', 'hond', 'pear', 'thunder'], validation: ['silk'] };
const part: TaskCard = {
  task: 'rating', form: 'head', share: 1, data: 'my norms', origin: 'human', language: 'en', dimensions: ['Visual', 'Haptic'], heldOut: ['Olfactory'], unit: 'word', sides, seenForms, formLanguages: ['en', 'nl'], dropped: [{ reason: 'training: no rating', words: ['quartz'] }],
  validation: [{ step: 0, loss: 1.1 }, { step: 4, loss: 0.7 }], test: { loss: 0.8, reference: 1.02 },
};
const tuningOf = (seed: number): Tuning => ({
  adapters: adaptersOf(seed),
  heads: [{ task: 'rating', weight: random(2 * d, 7), bias: random(2, 8), scales: [{ dimension: 'Visual', offset: 3.4567, factor: 1.2345 }, { dimension: 'Haptic', offset: 2.3456, factor: 0.9876 }] }],
  card: {
    base: 'tiny', seed: 4, settings: { rank: 3, dropout: 0, pooling: 'mean', rate: 0.005 }, parameters: 100, history: [{ step: 1, loss: 1.2, task: 'rating' }, { step: 2, loss: 0.9, task: 'rating' }],
    validation: [{ step: 0, loss: 1.1 }, { step: 4, loss: 0.7 }], parts: [part], steps: 4, keptStep: 4, stoppedEarly: false, device: 'wasm', seconds: 3,
  },
});
const taught = await tunedModel(base, tuningOf(1), 'taught');

/** Runs the cell on a zip. */
async function imported(zip: Uint8Array<ArrayBuffer>, model: ModelValue = base): Promise<{ value: ModelValue; context: TestContext }> {
  const context = contextOf('back', { inputs: { model }, files: { ...folder, 'adapter.zip': new Blob([zip]) } });
  return { value: await run(paramsOf(fields, { model: 'model', file: 'adapter.zip' }), context), context };
}

async function statesOf(value: ModelValue): Promise<Float32Array[]> {
  const session = await openSession(value, openModelFiles(value, contextOf('states', { files: folder })), { device: 'wasm' });
  const states = await session.states({ batch: 2, tokens: 3, ids: [[1, 5, 9], [30, 2, 2]], padding: 0 });
  await session.dispose();
  return states;
}

describe('what a finetune cell exported', () => {
  test('comes back with the same revision, adapters and states to the last bit', async () => {
    const { value, context } = await imported(await adapterZip(taught));
    expect(value.revision).toBe(taught.revision);
    expect(value.tuned!.rounds[0]!.adapters).toEqual(taught.tuned!.rounds[0]!.adapters);
    expect(value).toMatchObject({ label: 'back', id: base.id, hiddenStates: base.hiddenStates, tuned: { base: taught.tuned!.base } });
    const [before, after] = [await statesOf(taught), await statesOf(value)];
    expect(after).toEqual(before);
    expect(after).not.toEqual(await statesOf(base));
    expect(context.warnings).toEqual(['predicted ratings are z-scores: means and deviations of the ratings that were trained on are not in the file; correlations do not need them']);
  });

  test('brings its card and head, but no words: counts and hashes in their place, z-scores for ratings', async () => {
    const { value } = await imported(await adapterZip(taught));
    const { card, heads } = value.tuned!.rounds[0]!;
    const { card: { parts: _, ...own }, heads: [head] } = tuningOf(1);
    expect(card).toMatchObject({ ...own, imported: { file: 'adapter.zip', counts: [{ train: 3, validation: 1, test: 1 }] } });
    expect(card.parts).toEqual([{ ...part, sides: { train: [], validation: [], test: [] }, seenForms: { train: [], validation: [] }, dropped: [] }]);
    expect(heads).toEqual([{ ...head!, scales: ['Visual', 'Haptic'].map((dimension) => ({ dimension, offset: 0, factor: 1 })) }]);
    // Words of the test side are not among those seen; translations of the others are.
    const forms = ['dog', 'hond', 'apple', 'pear', 'thunder', 'silk'];
    expect(card.imported!.seen).toEqual((await Promise.all(forms.map((form) => sha256(form)))).sort());
    // Exported once more it says the same.
    const again = await imported(await adapterZip(value));
    expect(again.value.tuned!.rounds[0]!.card).toEqual(card);
    expect(again.value.revision).toBe(taught.revision);
  });

  test('holds no word and no mean or deviation of ratings', async () => {
    const files = unzipSync(await adapterZip(taught));
    const numbers = new Uint8Array(Float32Array.of(3.4567, 1.2345, 2.3456, 0.9876).buffer);
    const doubles = new Uint8Array(Float64Array.of(3.4567, 1.2345, 2.3456, 0.9876).buffer);
    for (const [name, bytes] of Object.entries(files)) {
      const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
      for (const word of [...Object.values(sides).flat(), 'quartz', 'apple', 'hond', '3.4567', '1.2345', '2.3456', '0.9876']) expect(text.includes(word), `${word} in ${name}`).toBe(false);
      for (const [list, size] of [[numbers, 4], [doubles, 8]] as const) for (let at = 0; at < list.length; at += size) expect(text.includes(String.fromCharCode(...list.subarray(at, at + size))), name).toBe(false);
    }
    expect(Object.keys(files)).toContain(cardFile);
  });

  test('the sum of several trainings works, and why its revision is another is said', async () => {
    const twice = await tunedModel(taught, tuningOf(200), 'twice');
    const { value, context } = await imported(await adapterZip(twice));
    expect(value.revision).not.toBe(twice.revision);
    expect(value.tuned!.rounds[0]!.card.imported!.rounds).toBe(2);
    const further = await imported(await adapterZip(await tunedModel(value, tuningOf(300), 'thrice')));
    expect(further.value.tuned!.rounds[0]!.card.imported!.rounds).toBe(3);
    expect(context.warnings.at(-1)).toMatch(/not \w{12} as exported: the file holds the sum of 2 trainings, which is rounded otherwise/);
    const [expected, actual] = [await statesOf(twice), await statesOf(value)];
    actual.forEach((states, layer) => states.forEach((state, at) => expect(Math.abs(state - expected[layer]![at]!)).toBeLessThan(1e-5)));
  });

  test('on another export of the model it is used, and named as that', async () => {
    const other = { ...taught, tuned: { ...taught.tuned!, base: { label: 'tiny', revision: 'f'.repeat(64) } } };
    const { context } = await imported(await adapterZip(other));
    expect(context.warnings).toEqual([expect.stringContaining('z-scores')]);
    const moved = await imported(await adapterZip({ ...other, revision: 'e'.repeat(64) }));
    expect(moved.context.warnings.at(-1)).toMatch(/it was trained on tiny of revision ffffffffffff, and tiny is of revision \w{12}: another export, or another model/);
  });
});

describe('what Python saved', () => {
  const adapters = adaptersOf(9).map((adapter) => ({ ...adapter, scale: 2 }));
  const peft = writePeft(adapters, { base: 'someone/tiny' });

  test('comes in from a folder of the zip; what it does not say is said', async () => {
    const zip = zipSync({ 'run/adapter_config.json': peft[peftConfigFile], 'run/adapter_model.safetensors': peft[peftWeightsFile], 'run/README.md': strToU8('x'), '__MACOSX/run/adapter_config.json': strToU8('x') });
    const { value, context } = await imported(zip);
    expect(value.tuned!.rounds[0]!.adapters).toEqual(adapters);
    expect(value.tuned!.rounds[0]!).toMatchObject({ heads: [], card: { parts: [], imported: { file: 'adapter.zip', seen: null } } });
    expect(context.warnings).toEqual(['the file does not say which words it was trained on: a test on any word may be a test on trained ones; it names someone/tiny as its base']);
    // Handed on, it still does not.
    const onward = await imported(await adapterZip(value));
    expect(onward.value.tuned!.rounds[0]!.card.imported!.seen).toBeNull();
    expect(onward.value.revision).toBe(value.revision);
    const text = strFromU8(unzipSync(await adapterZip(value))['README.md']!);
    expect(text).toContain('How it was trained is not known');
    expect(text).not.toContain('Seed');
    expect(onward.context.warnings[0]).toMatch(/^the card does not say which words/);
  });

  test('what cannot be read is refused with the file and the key', async () => {
    const card = unzipSync(await adapterZip(taught))[cardFile]!;
    const said = readCard(card, '');
    const changed = (change: object): Uint8Array => strToU8(JSON.stringify({ ...said, ...change }));
    const refused: [Record<string, Uint8Array> | Uint8Array<ArrayBuffer>, RegExp][] = [
      [new Uint8Array(40), /adapter\.zip: it is not a whole zip/],
      [{ 'notes.txt': strToU8('x') }, /adapter\.zip: there is no adapter_config\.json in it, only notes\.txt/],
      [{ [peftConfigFile]: peft[peftConfigFile] }, /adapter_model\.safetensors is not in it/],
      [{ [peftConfigFile]: peft[peftConfigFile], 'adapter_model.bin': strToU8('x') }, /adapter_model\.bin, a pickle.*safe_serialization=True/],
      [{ ...peft, [`other/${peftConfigFile}`]: peft[peftConfigFile] }, /it holds 2 adapters, in its root, other\//],
      [{ ...peft, [cardFile]: strToU8('{') }, /adapter\.zip, sensorium\.json: it is not JSON/],
      [{ ...peft, [cardFile]: changed({ version: 2 }) }, /version is 2, and this Sensorium reads 1/],
      [{ ...peft, [cardFile]: changed({ seen: ['dog'] }) }, /sensorium\.json: seen\.0: is not a SHA-256/],
      [{ ...peft, [cardFile]: changed({ card: { ...said.card, steps: 'many' } }) }, /sensorium\.json: card\.steps:/],
      [{ ...peft, [cardFile]: card }, /head-rating\.safetensors: sensorium\.json names this file, and it is not there/],
      [{ ...peft, [cardFile]: card, [headFile('rating')]: peft[peftWeightsFile] }, /head-rating\.safetensors: weight is missing, not 2 x/],
      [{ ...peft, [peftConfigFile]: strToU8('{"peft_type":"IA3"}') }, /adapter_config\.json.*peft_type is "IA3"/],
      [writePeft([{ ...adapters[0]!, site: { ...adapters[0]!.site, module: 'elsewhere' } }], { base: '' }), /it tunes elsewhere, and this model has/],
    ];
    for (const [files, reason] of refused) await expect(imported(files instanceof Uint8Array ? files : zipSync(files))).rejects.toThrow(reason);
    await expect(run(paramsOf(fields, { model: 'model', file: 'none.zip' }), contextOf('back', { inputs: { model: base } }))).rejects.toThrow('none.zip is not in this browser yet');
  });
});
