/** The model that ships with the app, against PyTorch's values of that very file (tools/model/reference.py). */
import { expect, test } from 'vitest';
import { openModel } from '../../src/models/activations.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { relativeError } from './support.ts';

interface Reference {
  readonly entries: readonly {
    readonly text: string;
    readonly input_ids: readonly number[];
    /** Mean over the text's own tokens; the first values of every token. */
    readonly layers: readonly { readonly mean: readonly number[]; readonly tokens: readonly (readonly number[])[] }[];
  }[];
}

// Both come out of the training (tools/model/README.md); a checkout made before it has neither.
const [reference] = Object.values(import.meta.glob<Reference>('./sensorium-mini-reference.json', { eager: true, import: 'default' }));
const base = new URL('/', location.href).href;

test.skipIf(!reference)('tokens and hidden states of the bundled model agree with PyTorch to 1e-4 in every layer', async () => {
  const files = bundledFiles(base, 'sensorium-mini');
  const value = await inspectModel(files, { dtype: 'fp32' });
  expect(value.notes).toEqual([]);
  const model = await openModel(value, files, { device: 'wasm' });
  const texts = reference!.entries.map(({ text }) => text);
  const { layers, words } = await model.hiddenStates(texts, { templates: ['{word}'], pooling: 'mean' });
  expect(words).toEqual(texts);
  expect(layers).toHaveLength(reference!.entries[0]!.layers.length);
  for (const [row, entry] of reference!.entries.entries()) {
    expect(model.tokenizer.tokenise(entry.text, '{word}', value.contextLength)).toMatchObject({ ids: entry.input_ids, word: [1, entry.input_ids.length - 1] });
    const tokens = entry.input_ids.length;
    const states = await model.session.states({ batch: 1, tokens, ids: [entry.input_ids], padding: 0 });
    entry.layers.forEach(({ mean, tokens: shown }, k) => {
      const { d, data } = layers[k]!;
      expect(relativeError(data.subarray(row * d, (row + 1) * d), mean), `${entry.text}, layer ${k}`).toBeLessThan(1e-4);
      const first = shown.flatMap((values, token) => [...states[k]!.subarray(token * d, token * d + values.length)]);
      expect(relativeError(first, shown.flat()), `${entry.text}, layer ${k}, tokens`).toBeLessThan(1e-4);
    });
  }
  await model.dispose();
});

test.skipIf(!reference)('all demo words, English and Dutch, have hidden states in the bundled model', async () => {
  const rows = (await (await fetch('/demo/concepts.csv')).text()).trim().split('\n').slice(1).map((line) => line.split(','));
  const files = bundledFiles(base, 'sensorium-mini');
  const value = await inspectModel(files, { dtype: 'fp32' });
  const model = await openModel(value, files, { device: 'auto' });
  for (const column of [0, 1]) {
    const { words, layers, dropped } = await model.hiddenStates(rows.map((row) => row[column]!), { templates: ['{word}', 'the {word}'], pooling: 'mean' });
    expect(dropped).toEqual([]);
    expect(words).toHaveLength(240);
    for (const { data } of layers) expect(data.every(Number.isFinite)).toBe(true);
  }
  await model.dispose();
});
