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

async function bench(): Promise<Bench> {
  const made = new Bench();
  for (const path of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']) {
    made.files.set(`stories/${path}`, { name: `stories/${path}`, sha256: '', content: new Blob([await sharedBytes(`models/stories260k/${path}`)]) });
  }
  made.values.set('words', stimuli);
  await made.run('model', modelFields, runModel, { source: 'local', id: 'stories' });
  return made;
}

testWithShared('words keep the stimuli\u2019s names whatever language is fed, the ones that cannot be fed too', async () => {
  const made = await bench();
  const value = await made.run('hidden', fields, run, { model: 'model', stimuli: 'words', language: 'nl', device: 'wasm' });
  expect(value).toMatchObject({ words: ['HOUSE'], language: 'nl', categories: ['made'] });
  expect(value.dropped).toEqual([{ reason: 'not drawn', words: ['DOG'] }, { reason: 'no letter or digit in it', words: ['CAT', 'SUN'] }]);
  await expect(made.run('hidden', fields, run, { model: 'model', stimuli: 'words', language: 'fr', device: 'wasm' })).rejects.toThrow('language is fr, and the stimuli have en, nl');
});
