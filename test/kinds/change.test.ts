/** The `change` kind on made-up states whose change is known. */
import { expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { formsOf } from '../../src/data/sample.ts';
import type { TaskCard, TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue, RepresentationValue } from '../../src/data/values.ts';
import { fields } from '../../src/kinds/change/schema.ts';
import { run } from '../../src/kinds/change/run.ts';
import { fields as dimensionsFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { fields as wordsFields } from '../../src/kinds/words/schema.ts';
import { run as runWords } from '../../src/kinds/words/run.ts';
import { heldOutPredictions, shuffledFolds } from '../../src/rsa/dimensions/probe.ts';
import { Bench, put } from '../reference/study.ts';
import { largestDifference, normals, ratings, states, uniforms, wordList } from '../rsa/helpers.ts';

const n = 60;
const d = 6;
const words = wordList(n);
const names = ['Visual', 'Haptic', 'Head', 'Hand_arm'];
const values = uniforms(n * 4, 1).map((value) => value * 5);
const human = ratings('human', words, names, values, { origin: 'human' });

/** States that hold the ratings to some degree: share 0 is noise alone. */
function holding(share: number, seed: number): Float32Array {
  const noise = normals(n * d, seed);
  return Float32Array.from(noise, (value, at) => {
    const [i, k] = [Math.floor(at / d), at % d];
    return (1 - share) * value + share * (k < 4 ? values[i * 4 + k]! - 2.5 : 0);
  });
}

const noise = holding(0, 2);
const plain = states('plain', words, d, [noise, holding(0.3, 3), holding(0.3, 4)]);
/** Layer 0 stays, layer 1 comes nearer to the ratings, layer 2 goes away from them. */
const tuned = states('tuned', words, d, [noise, holding(0.8, 3), holding(0.05, 4)]);
const few = { bootstrap: 200 };
const named = { before: 'plain', after: 'tuned', reference: 'human' };

function bench(cells: Readonly<Record<string, RepresentationValue>> = {}): Bench {
  const made = new Bench();
  put(made, { human, plain, tuned, ...cells });
  return made;
}

test('a model compared with itself has not changed at all', async () => {
  const value = await bench().run('same', fields, run, { ...named, after: 'plain', sets: ['motor', 'sensory', 'all'], ...few });
  expect(value.layers).toHaveLength(9);
  for (const row of value.layers) {
    expect(row.difference).toEqual({ value: 0, interval: [0, 0] });
    expect(row.p).toBe(1);
    expect(row.after).toEqual(row.before);
  }
  for (const row of value.drift) {
    expect(Math.abs(row.cka - 1)).toBeLessThan(1e-6);
    expect(Math.abs(row.debiased - 1)).toBeLessThan(1e-6);
    expect(Math.abs(row.rdm.value - 1)).toBeLessThan(1e-12);
  }
  for (const { gain, gained, rank } of value.measures) {
    expect(gain).toEqual({ value: 0, interval: [0, 0] });
    expect(gained).toBe(0);
    expect(Math.abs(rank.value - 1)).toBeLessThan(1e-12);
    expect(Math.abs(rank.interval![0] - 1)).toBeLessThan(1e-12);
  }
  // Other folds move the probe's words, and nothing else; a measure without a probe has none.
  expect(value.measures.filter(({ set }) => set === 'all').map(({ measure, refolded }) => [measure, refolded !== null && refolded < 1])).toEqual([['raw', true], ['zscored', true], ['rows', false]]);
  expect(value.movers.flatMap(({ gains, losses }) => [...gains, ...losses])).toEqual([]);
  expect(value.rdms.after).toEqual(value.rdms.before);
  expect([...value.rdms.nearer, ...value.rdms.apart]).toEqual([]);
});

test('a rotated representation is the same one', async () => {
  const turn = (data: Float32Array): Float32Array => {
    const out = data.slice();
    for (let i = 0; i < n; i++) {
      // Planes (0, 1) and (2, 3) turn by different angles.
      for (const [first, angle] of [[0, 0.9], [2, -2.1]] as const) {
        const [a, b] = [data[i * d + first]!, data[i * d + first + 1]!];
        out[i * d + first] = Math.cos(angle) * a - Math.sin(angle) * b;
        out[i * d + first + 1] = Math.sin(angle) * a + Math.cos(angle) * b;
      }
    }
    return out;
  };
  const turned = states('turned', words, d, plain.layers.map(({ data }) => turn(data as Float32Array)));
  const value = await bench({ turned }).run('turned', fields, run, { ...named, after: 'turned', ...few });
  for (const row of value.drift) {
    expect(Math.abs(row.cka - 1)).toBeLessThan(1e-6);
    expect(Math.abs(row.debiased - 1)).toBeLessThan(1e-6);
    expect(row.rdm.value).toBeGreaterThan(0.99999);
  }
  for (const row of value.layers) expect(Math.abs(row.difference.value)).toBeLessThan(1e-3);
});

test('what was changed is found where it was changed, and nowhere else', async () => {
  const value = await bench().run('changed', fields, run, { ...named, ...few, layer: '1' });
  const [still, nearer, farther] = value.layers;
  expect(still!.difference.value).toBe(0);
  expect(nearer!.difference.interval![0]).toBeGreaterThan(0.1);
  expect(farther!.difference.interval![1]).toBeLessThan(0);
  // The smallest p of 200 draws; Holm takes it three times, and the second smallest too.
  expect([nearer!.p, nearer!.corrected]).toEqual([2 / 201, 6 / 201]);
  expect([still!.p, still!.corrected, value.family]).toEqual([1, 1, 3]);
  expect(value.drift[0]).toMatchObject({ layer: 'embeddings', cka: expect.closeTo(1, 9), debiased: expect.closeTo(1, 9), rdm: { interval: [1, 1] } });
  for (const at of [1, 2]) expect(value.drift[at]!.cka).toBeLessThan(0.9);
  // Of the layer that came nearer, words gain under every measure, and the probe reads more.
  for (const { gain, gained } of value.measures) {
    expect(gain.interval![0]).toBeGreaterThan(0);
    expect(gained).toBeGreaterThan(0.6);
  }
  for (const { before, after } of value.probes) expect(after).toBeGreaterThan(before);
  for (const { gains, losses } of value.movers) {
    expect(gains).toHaveLength(10);
    expect(gains[0]!.to - gains[0]!.from).toBeGreaterThan(gains[9]!.to - gains[9]!.from);
    for (const { from, to } of losses) expect(to).toBeLessThan(from);
  }
});

test('words whose states were spoilt are named as losses, and the order of words moves', async () => {
  const good = holding(0.9, 5);
  const spoilt = good.slice();
  for (const i of [3, 17, 40]) for (let k = 0; k < d; k++) spoilt[i * d + k] = -good[i * d + k]!;
  const value = await bench({ good: states('good', words, d, [good]), spoilt: states('spoilt', words, d, [spoilt]) })
    .run('spoilt', fields, run, { before: 'good', after: 'spoilt', reference: 'human', movers: 3, ...few });
  const rows = value.movers.find(({ measure }) => measure === 'rows')!;
  expect(rows.losses.map(({ word }) => word).sort()).toEqual(['w17', 'w3', 'w40']);
  for (const { rank } of value.measures) expect(rank.value).toBeLessThan(0.98);
});

test('agreement of layers is that of the rsa cell, with its percentile intervals and its differences', async () => {
  const made = bench();
  const sets = ['motor', 'sensory', 'all'];
  const value = await made.run('change', fields, run, { ...named, sets, ...few, seed: 5 });
  const rsa = await made.run('rsa', rsaFields, runRsa, { reference: 'human', candidates: ['plain', 'tuned'], sets, permutations: 0, interval: 'percentile', ...few, seed: 5 });
  for (const row of value.layers) {
    const of = (candidate: string) => rsa.rows.find((one) => one.candidate === candidate && one.set === row.set && one.layerIndex === row.layerIndex)!;
    expect(row.before).toEqual({ value: of('plain').value, interval: of('plain').interval });
    expect(row.after).toEqual({ value: of('tuned').value, interval: of('tuned').interval });
  }
  const last = await made.run('last', rsaFields, runRsa, { reference: 'human', candidates: ['plain', 'tuned'], sets, layers: ['last'], permutations: 0, interval: 'percentile', ...few, seed: 5 });
  expect(value.layers.filter(({ layerIndex }) => layerIndex === 2).map(({ set, difference }) => ({ set, ...difference })))
    .toEqual(last.differences.map(({ set, value: found, interval }) => ({ set, value: found, interval })));
});

test('word by word it says of the probe’s ratings what the words cell says of them, and of dimensions what that cell says', async () => {
  const made = bench();
  const value = await made.run('change', fields, run, { ...named, sets: ['sensory', 'all'], ...few, seed: 3 });
  const folds = shuffledFolds(n, 5, 3);
  const targets = names.map((_, column) => Float64Array.from(words, (__, i) => values[i * 4 + column]!));
  const read = async (of: RepresentationValue): Promise<Float64Array> => {
    const columns = await heldOutPredictions({ n, d, features: of.layers[2]!.data, targets, folds });
    return Float64Array.from({ length: n * 4 }, (_, at) => columns[at % 4]![Math.floor(at / 4)]!);
  };
  put(made, { first: ratings('first', words, names, await read(plain)), second: ratings('second', words, names, await read(tuned)) });
  const other = await made.run('words', wordsFields, runWords, { reference: 'human', candidates: ['first', 'second'], sets: ['sensory', 'all'], movers: 10 });
  for (const { set, raw, zscored } of other.rankCorrelations) {
    const of = (measure: string) => value.measures.find((one) => one.set === set && one.measure === measure)!;
    expect(of('raw').rank.value).toBeCloseTo(raw, 12);
    expect(of('zscored').rank.value).toBeCloseTo(zscored, 12);
    const means = other.similarities.filter((one) => one.set === set).map(({ mean }) => mean);
    expect(largestDifference([of('raw').before, of('raw').after], means)).toBeLessThan(1e-12);
  }
  const plainMovers = (list: readonly { word: string; from: number; to: number }[]) => list.map(({ word, from, to }) => ({ word, from, to }));
  expect(plainMovers(value.movers[0]!.gains)).toEqual(other.movers[0]!.gains);
  expect(plainMovers(value.movers[0]!.losses)).toEqual(other.movers[0]!.losses);
  const probes = await made.run('probes', dimensionsFields, runDimensions, { reference: 'human', candidates: ['plain', 'tuned'], layers: ['last'], seed: 3 });
  expect(value.probes.flatMap(({ before, after }) => [before, after])).toEqual(names.flatMap((name) => ['plain', 'tuned'].map((candidate) => probes.rows.find((row) => row.candidate === candidate && row.dimension === name)!.rho)));
});

/** A tuned model as its card describes it; the weights are not looked at. */
function taught(part: Partial<TaskCard> = {}, card: Partial<TuningCard> = {}): ModelValue {
  const own: TaskCard = {
    task: 'rating', form: 'head', share: 1, data: 'demo', origin: 'human', language: 'en', dimensions: names, heldOut: [], unit: 'word',
    sides: { train: words.slice(0, 20).map((word) => word.toUpperCase()), validation: words.slice(20, 25), test: words.slice(25) },
    seenForms: { train: [], validation: [] }, formLanguages: ['en'], dropped: [], validation: [], test: null, ...part,
  };
  const forms = own.unit === 'word' ? { train: formsOf([...own.sides.train]), validation: formsOf([...own.sides.validation]) } : own.sides;
  const parted = { ...own, seenForms: part.seenForms ?? forms };
  return {
    type: 'model', label: 'taught', source: 'bundled', id: 'x', revision: 'r', dtype: 'fp32', onnxFile: '', architecture: '', parameters: 0, bytes: 0,
    hiddenStates: [], hiddenSize: d, contextLength: 8, notes: [],
    tuned: { base: { label: 'plain', revision: 'r' }, rounds: [{ adapters: [], heads: [], card: { base: 'plain', seed: 1, settings: {}, parameters: 0, history: [], validation: [], parts: [parted], steps: 1, keptStep: 1, stoppedEarly: false, device: 'wasm', seconds: 1, ...card } }] },
  };
}

function withModel(model: ModelValue): Bench {
  const made = bench();
  made.values.set('taught', model);
  return made;
}

test('words that the tuned model was trained or validated on are left out, or marked where all are asked for', async () => {
  const made = withModel(taught());
  const value = await made.run('change', fields, run, { ...named, model: 'taught', ...few });
  expect(value.chosen).toBe('held-out');
  expect(value.words).toEqual(words.slice(25));
  expect(value.dropped).toEqual([{ reason: 'trained or validated on', words: words.slice(0, 25) }]);
  expect(value.trained).toEqual(words.slice(25).map(() => false));
  expect(made.warnings).not.toContainEqual(expect.stringContaining('not transfer'));

  const all = await made.run('change', fields, run, { ...named, model: 'taught', words: 'all', ...few });
  expect(all.words).toHaveLength(n);
  expect(all.trained!.filter(Boolean)).toHaveLength(25);
  for (const { word, trained } of all.movers.flatMap(({ gains, losses }) => [...gains, ...losses])) expect(trained).toBe(words.indexOf(word) < 25);
  expect(made.warnings).toContainEqual(expect.stringContaining('on 25 of the 60 words'));

  const alone = await bench().run('change', fields, run, { ...named, ...few });
  expect([alone.chosen, alone.trained]).toEqual(['all', null]);
});

test('a model that does not say what it has seen leaves no word out, and says so', async () => {
  const made = withModel(taught({}, { imported: { file: 'adapter.zip', seen: null } }));
  const value = await made.run('change', fields, run, { ...named, model: 'taught', ...few });
  expect([value.chosen, value.trained, value.words.length]).toEqual(['all', null, n]);
  expect(made.warnings).toContainEqual(expect.stringContaining('adapter.zip'));
  await expect(made.run('change', fields, run, { ...named, model: 'taught', words: 'held-out', ...few })).rejects.toThrow(/does not say which words/);

  // A file that names its words by hashes is as good as a card.
  const sides = { train: [], validation: [], test: [] };
  const seen = await Promise.all(words.slice(0, 12).map((word) => sha256(word)));
  const told = await withModel(taught({ sides }, { imported: { file: 'adapter.zip', seen } })).run('change', fields, run, { ...named, model: 'taught', ...few });
  expect([told.chosen, told.words]).toEqual(['held-out', words.slice(12)]);

  const asked = withModel(taught({ task: 'choice', unit: 'question', sides: { train: ['q1'], validation: [], test: [] } }));
  expect((await asked.run('change', fields, run, { ...named, model: 'taught', ...few })).words).toHaveLength(n);
  expect(asked.warnings).toContainEqual(expect.stringContaining('text or questions'));

});

test('a word is left out whose translation was trained on; that there are no translations is told, though one word looks the same', async () => {
  const foreign = { train: ['hond', words[0]!], validation: ['kat'], test: [] };
  const unlinked = withModel(taught({ sides: foreign, formLanguages: ['nl'] }));
  expect((await unlinked.run('change', fields, run, { ...named, model: 'taught', ...few })).words).toEqual(words.slice(1));
  expect(unlinked.warnings).toContainEqual(expect.stringContaining('does not keep the words it was trained on in en'));

  const linked = withModel(taught({ sides: foreign, seenForms: { train: ['hond', ...words.slice(0, 3)], validation: ['kat', words[3]!] }, formLanguages: ['nl', 'en'] }));
  expect((await linked.run('change', fields, run, { ...named, model: 'taught', ...few })).words).toEqual(words.slice(4));
  expect(linked.warnings).not.toContainEqual(expect.stringContaining('does not keep'));
});

test('beside a model that was not tuned all words are taken, and none is called held out', async () => {
  const { tuned: _, ...untuned } = taught();
  const made = withModel(untuned);
  const value = await made.run('change', fields, run, { ...named, model: 'taught', ...few });
  expect([value.chosen, value.trained, value.words.length]).toEqual(['all', null, n]);
  expect(made.warnings).toContainEqual(expect.stringContaining('taught is not tuned'));
  await expect(made.run('change', fields, run, { ...named, model: 'taught', words: 'held-out', ...few })).rejects.toThrow('taught is not tuned. Choose all words');
});

test('the test words are those of the split; too few words, no split and ratings as states are refused', async () => {
  const split = words.map((_, i): 'train' | 'test' => (i % 2 ? 'test' : 'train'));
  const value = await bench({ plain: { ...plain, split } }).run('change', fields, run, { ...named, words: 'test', ...few });
  expect(value.words).toEqual(words.filter((_, i) => i % 2));
  await expect(bench().run('change', fields, run, { ...named, words: 'test' })).rejects.toThrow(/no split/);
  await expect(withModel(taught({ sides: { train: words.slice(0, 45), validation: [], test: [] } })).run('change', fields, run, { ...named, model: 'taught' })).rejects.toThrow(/15 of 60 words are left/);
  await expect(bench().run('change', fields, run, { ...named, after: 'human' })).rejects.toThrow(/is ratings, not hidden states/);
  await expect(bench().run('change', fields, run, { ...named, reference: 'plain' })).rejects.toThrow(/has no named dimensions/);
  await expect(bench().run('change', fields, run, { ...named, layer: 'all' })).rejects.toThrow(/Write last or one layer number/);
});

test('layers that only one side has are left out', async () => {
  const made = bench({ short: states('short', words, d, [noise, holding(0.8, 3)]) });
  const value = await made.run('change', fields, run, { ...named, after: 'short', layer: '1', ...few });
  expect(value.drift.map(({ layer }) => layer)).toEqual(['embeddings', 'layer 1']);
  expect(made.warnings).toContainEqual('only plain has layer 2: left out.');
  await expect(made.run('change', fields, run, { ...named, after: 'short' })).rejects.toThrow(/short has no layer 2/);
});

test('the RDMs keep no more words than asked for, the same ones in all three, by category where there is one', async () => {
  const categories = words.map((_, i) => (i % 3 ? 'thing' : 'deed'));
  const value = await bench({ human: { ...human, categories } }).run('change', fields, run, { ...named, drawn: 12, ...few });
  const { rdms } = value;
  expect([rdms.words.length, rdms.of, rdms.orderedBy, rdms.set]).toEqual([12, n, 'category', 'all']);
  const inOrder = Array.from(rdms.order, (at) => rdms.categories[at]!);
  expect(inOrder.filter((category, at) => category !== inOrder[at - 1])).toHaveLength(2);
  // The pair (0, 1) by hand: cosine distance of the last layer.
  const row = (of: RepresentationValue, word: string) => of.layers[2]!.data.subarray(words.indexOf(word) * d, (words.indexOf(word) + 1) * d);
  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from({ length: d }, (_, k) => x[k]! * y[k]!).reduce((sum, one) => sum + one, 0);
    return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  for (const [side, of] of [['before', plain], ['after', tuned]] as const) {
    expect(rdms[side]).toHaveLength(66);
    expect(Math.abs(rdms[side][0]! - cosine(row(of, rdms.words[0]!), row(of, rdms.words[1]!)))).toBeLessThan(1e-5);
  }
  // Pairs that moved, from the ranks of their distances: the first moved most, and none is on both lists.
  const rankOf = (distances: Float32Array, at: number) => distances.filter((distance) => distance <= distances[at]!).length / 66;
  const at = (i: number, j: number) => [...rdms.before.keys()].find((pair) => pair === (i * (2 * 12 - i - 1)) / 2 + j - i - 1)!;
  for (const { i, j, moved } of [...rdms.nearer, ...rdms.apart]) expect(moved).toBeCloseTo(rankOf(rdms.after, at(i, j)) - rankOf(rdms.before, at(i, j)), 6);
  const all = [...rdms.before.keys()].map((pair) => rankOf(rdms.after, pair) - rankOf(rdms.before, pair));
  expect([rdms.nearer[0]!.moved, rdms.apart[0]!.moved]).toEqual([expect.closeTo(Math.min(...all), 6), expect.closeTo(Math.max(...all), 6)]);
  const clustered = await bench().run('change', fields, run, { ...named, ...few });
  expect([clustered.rdms.words.length, clustered.rdms.of, clustered.rdms.orderedBy]).toEqual([n, n, 'clustering']);
});

test('without draws there are values and no intervals; a cell can be cancelled', async () => {
  const value = await bench().run('change', fields, run, { ...named, bootstrap: 0 });
  expect(value.layers.map(({ before, p, corrected }) => [before.interval, p, corrected])).toEqual(value.layers.map(() => [null, null, null]));
  expect(value.measures.every(({ rank, gain }) => rank.interval === null && gain.interval === null)).toBe(true);
  const stop = new AbortController();
  stop.abort();
  await expect(bench().run('change', fields, run, named, stop.signal)).rejects.toThrow(/abort/i);
});
