/** Which cells a `ceiling` from norms takes as the second norms. Ceilings from raters are in raters.test.ts. */
import { expect, test } from 'vitest';
import type { RepresentationValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/ceiling/schema.ts';
import { run } from '../../src/kinds/ceiling/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, uniforms, wordList } from '../rsa/helpers.ts';

const n = 40;
const words = wordList(n);
const senses = ['Visual', 'Haptic', 'Auditory'];
const norms = (label: string, seed: number, origin: RepresentationValue['origin'] = 'human') => ratings(label, words, senses, uniforms(n * 3, seed), { origin });

async function told(second: RepresentationValue): Promise<readonly string[]> {
  const made = new Bench();
  put(made, { people: norms('people', 1), second });
  await made.run('top', fields, run, { reference: 'people', from: 'norms', second: 'second', bootstrap: 0 });
  return made.warnings;
}

test('only other norms make a ceiling from norms: hidden states and a model’s ratings are told to be none', async () => {
  expect(await told(states('mini', words, 3, [Float32Array.from(normals(n * 3, 9))]))).toEqual(['second, mini, is hidden states, not ratings: this is no agreement of two norms, and no ceiling.']);
  expect(await told(norms('base', 2, 'model'))).toEqual(['second, base, is ratings by a model: this is no agreement of two norms, and no ceiling.']);
  expect(await told(norms('mensen', 2))).toEqual([]);
});

test('norms are no second norms to themselves', async () => {
  const made = new Bench();
  put(made, { people: norms('people', 1) });
  await expect(made.run('top', fields, run, { reference: 'people', from: 'norms', second: 'people' })).rejects.toThrow('cell top: second names people, which is the reference');
});
