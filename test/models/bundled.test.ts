/** The models that ship with the app, against PyTorch's values of those very files (tools/model/reference.py). */
import { expect, test } from 'vitest';
import { openModel } from '../../src/models/activations.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel, type Objective } from '../../src/models/language.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import causalReference from './sensorium-mini-causal-reference.json';
import encoderReference from './sensorium-mini-reference.json';
import { relativeError } from './support.ts';

interface Reference {
  readonly entries: readonly {
    readonly text: string;
    readonly input_ids: readonly number[];
    /** Mean over the text's own tokens; the first values of every token. */
    readonly layers: readonly { readonly mean: readonly number[]; readonly tokens: readonly (readonly number[])[] }[];
    /** Of the own tokens: each masked by itself, or each given those before it. */
    readonly log_probabilities: readonly number[];
  }[];
}

interface Bundled {
  readonly id: string;
  readonly reference: Reference;
  readonly objective: Objective;
  /** Special tokens after the text. */
  readonly ending: number;
  readonly parameters: number;
}

const bundled: readonly Bundled[] = [
  { id: 'sensorium-mini', reference: encoderReference, objective: 'masked', ending: 1, parameters: 4_954_752 },
  { id: 'sensorium-mini-causal', reference: causalReference, objective: 'causal', ending: 0, parameters: 2_299_584 },
];
const base = new URL('/', location.href).href;

for (const { id, reference, objective, ending, parameters } of bundled) {
  test(`tokens and hidden states of ${id} agree with PyTorch to 1e-4 in every layer`, async () => {
    const files = bundledFiles(base, id);
    const value = await inspectModel(files, { dtype: 'fp32' });
    expect(value).toMatchObject({ notes: [], parameters, precision: { stored: 'float16', computed: 'float32' } });
    const model = await openModel(value, files, { device: 'wasm' });
    const texts = reference.entries.map(({ text }) => text);
    const { layers, words } = await model.hiddenStates(texts, { templates: ['{word}'], pooling: 'mean' });
    expect(words).toEqual(texts);
    expect(layers).toHaveLength(reference.entries[0]!.layers.length);
    for (const [row, entry] of reference.entries.entries()) {
      const tokens = entry.input_ids.length;
      expect(model.tokenizer.tokenise(entry.text, '{word}', value.contextLength)).toMatchObject({ ids: entry.input_ids, word: [1, tokens - ending] });
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

  test(`${id} gives each token of a text the probability that PyTorch gives it`, async () => {
    const files = bundledFiles(base, id);
    const model = await openLanguageModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
    expect(model.objective).toBe(objective);
    const { mask } = await loadTokenizer(files);
    for (const { text, input_ids, log_probabilities } of reference.entries) {
      const own = log_probabilities.map((_, position) => position + 1);
      // A masked model reads one copy of the text for each token that it must guess.
      const ids = objective === 'causal' ? [input_ids] : own.map((place) => input_ids.map((token, position) => (position === place ? mask! : token)));
      const targets = own.map((place, row) => ({ text: objective === 'causal' ? 0 : row, token: place, ids: [input_ids[place]!] }));
      const found = await model.logProbabilitiesOf({ batch: ids.length, tokens: input_ids.length, ids, padding: 0 }, targets);
      expect(relativeError(found.map(([value]) => value!), log_probabilities), text).toBeLessThan(1e-4);
    }
    await model.dispose();
  });

  test(`all demo words, English and Dutch, have hidden states in ${id}`, async () => {
    const rows = (await (await fetch('/demo/concepts.csv')).text()).trim().split('\n').slice(1).map((line) => line.split(','));
    const files = bundledFiles(base, id);
    const model = await openModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'auto' });
    for (const column of [0, 1]) {
      const { words, layers, dropped } = await model.hiddenStates(rows.map((row) => row[column]!), { templates: ['{word}', 'the {word}'], pooling: 'mean' });
      expect(dropped).toEqual([]);
      expect(words).toHaveLength(240);
      for (const { data } of layers) expect(data.every(Number.isFinite)).toBe(true);
    }
    await model.dispose();
  });
}

test('the encoder expects a word more where its sentence calls for it than in other sentences', async () => {
  const files = bundledFiles(base, 'sensorium-mini');
  const model = await openLanguageModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  const tokenizer = await loadTokenizer(files);
  const languages = [
    [
      ['she drinks a cup of [MASK] in the kitchen every morning.', 'coffee'],
      ['he opened the [MASK] with his key and went into the house.', 'door'],
      ['the ship sailed over the [MASK] to a distant island.', 'sea'],
      ['they planted roses and other [MASK] in the garden.', 'flowers'],
    ],
    [
      ['hij zit op een stoel aan de [MASK] en eet zijn brood.', 'tafel'],
      ['de man rijdt op zijn [MASK] door de straat.', 'fiets'],
      ['het schip vaart over de [MASK] naar een eiland.', 'zee'],
      ['een jongen gooit een [MASK] naar een honkbalspeler.', 'bal'],
    ],
  ] as const;
  for (const sentences of languages) {
    const ids = sentences.map(([sentence]) => tokenizer.encode(sentence));
    const words = sentences.map(([, word]) => tokenizer.encode(word)[1]!);
    const targets = ids.map((sentence, text) => ({ text, token: sentence.indexOf(tokenizer.mask!), ids: words }));
    const found = await model.logProbabilitiesOf({ batch: ids.length, tokens: Math.max(...ids.map(({ length }) => length)), ids, padding: 0 }, targets);
    for (const [position, [, word]] of sentences.entries()) {
      const elsewhere = found.filter((_, text) => text !== position).map((row) => row[position]!);
      expect(found[position]![position]!, word).toBeGreaterThan(Math.max(...elsewhere));
    }
  }
  await model.dispose();
});
