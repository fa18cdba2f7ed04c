/** The `activations` kind with a small real model as a local folder. */
import { expect } from 'vitest';
import type { StimuliValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/activations/schema.ts';
import { run } from '../../src/kinds/activations/run.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { Bench } from '../reference/study.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const stimuli: StimuliValue = {
  type: 'stimuli', label: 'words', language: 'en', words: ['HOUSE', 'CAT', 'SUN'], translations: { nl: ['Huis', '', '?'] },
  categories: ['made', 'alive', 'sky'], split: [], ratings: null, dropped: [{ reason: 'not drawn', words: ['DOG'] }],
};

let bench: Promise<Bench> | null = null;

/** The model is looked at once. */
const opened = (): Promise<Bench> => (bench ??= open());

async function open(): Promise<Bench> {
  const made = new Bench();
  for (const path of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']) {
    made.files.set(`stories/${path}`, { name: `stories/${path}`, sha256: '', content: new Blob([await sharedBytes(`models/stories260k/${path}`)]) });
  }
  made.values.set('words', stimuli);
  await made.run('model', modelFields, runModel, { source: 'local', id: 'stories' });
  return made;
}

testWithShared('words keep the stimuli\u2019s names whatever language is fed, the ones that cannot be fed too', async () => {
  const made = await opened();
  const value = await made.run('hidden', fields, run, { model: 'model', stimuli: 'words', language: 'nl', device: 'wasm' });
  expect(value).toMatchObject({ words: ['HOUSE'], language: 'nl', categories: ['made'] });
  expect(made.warnings).toEqual([]);
  expect(value.dropped).toEqual([{ reason: 'not drawn', words: ['DOG'] }, { reason: 'no letter or digit in it', words: ['CAT', 'SUN'] }]);
  await expect(made.run('hidden', fields, run, { model: 'model', stimuli: 'words', language: 'fr', device: 'wasm' })).rejects.toThrow('language is fr, and the stimuli have en, nl');
});

testWithShared('templates kept apart are what each gives alone, and their mean is the representation as ever', async () => {
  const made = await opened();
  const common = { model: 'model', stimuli: 'words', language: 'en', device: 'wasm' };
  const templates = ['{word}', 'the {word}.'];
  const mean = await made.run('mean', fields, run, { ...common, templates });
  const apart = await made.run('apart', fields, run, { ...common, templates, keepTemplates: true });
  const alone = await Promise.all(templates.map((template) => made.run('alone', fields, run, { ...common, templates: [template] })));
  expect(mean.measuredBy).toBeUndefined();
  expect(apart.measuredBy).toEqual({ by: 'template', names: templates });
  apart.layers.forEach((layer, k) => {
    expect(layer.data).toEqual(mean.layers[k]!.data);
    expect(mean.layers[k]!.measurements).toBeUndefined();
    layer.measurements!.forEach((states, t) => {
      const largest = Math.max(...alone[t]!.layers[k]!.data.map(Math.abs));
      states.forEach((value, at) => expect(Math.abs(value - alone[t]!.layers[k]!.data[at]!)).toBeLessThan(1e-5 * largest));
    });
  });
  const one = await made.run('one', fields, run, { ...common, keepTemplates: true });
  expect([one.measuredBy, one.layers[0]!.measurements]).toEqual([undefined, undefined]);
  expect(made.warnings).toContain('keepTemplates has nothing to keep apart: there is one template.');
});

testWithShared('a word at the very start of what a forward model reads is warned of, where its tokenizer puts no token before it', async () => {
  const { files, values } = await opened();
  const bare = new Bench();
  for (const [name, file] of files) bare.files.set(name, file);
  for (const [name, value] of values) bare.values.set(name, value);
  for (const [path, change] of [['tokenizer.json', { post_processor: null }], ['tokenizer_config.json', { add_bos_token: false }]] as const) {
    const own = files.get(`stories/${path}`)!;
    bare.files.set(own.name, { ...own, content: new Blob([JSON.stringify({ ...JSON.parse(await own.content.text()) as object, ...change })]) });
  }
  await bare.run('hidden', fields, run, { model: 'model', stimuli: 'words', language: 'nl', templates: ['{word}', 'het {word}'], device: 'wasm' });
  expect(bare.warnings).toEqual([expect.stringMatching(/puts no token before a text: with "\{word\}" a word of one token has seen nothing but itself/)]);
});
