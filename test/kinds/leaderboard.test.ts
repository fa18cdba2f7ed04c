/** The `leaderboard` kind: what it says equals what separate cells say, and no model that fails takes the others with it. */
import { render } from 'lit';
import { beforeAll, describe, expect, test } from 'vitest';
import { suspension } from '../../src/base/problem.ts';
import { groupSkipped, type LeaderboardValue } from '../../src/data/leaderboard.ts';
import type { RepresentationValue, RsaValue } from '../../src/data/values.ts';
import { seriesOf } from '../../src/figures/series.ts';
import { fields as activationsFields } from '../../src/kinds/activations/schema.ts';
import { run as runActivations } from '../../src/kinds/activations/run.ts';
import { fields as ceilingFields } from '../../src/kinds/ceiling/schema.ts';
import { run as runCeiling } from '../../src/kinds/ceiling/run.ts';
import { fields as dimensionsFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { readEntries, wantedModels } from '../../src/kinds/leaderboard/entries.ts';
import { fields } from '../../src/kinds/leaderboard/schema.ts';
import { run } from '../../src/kinds/leaderboard/run.ts';
import { view } from '../../src/kinds/leaderboard/view.ts';
import { shareOfCeiling, shortColumns } from '../../src/kinds/leaderboard/view-table.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as ratingsFields } from '../../src/kinds/ratings/schema.ts';
import { run as runRatings } from '../../src/kinds/ratings/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { Bench, paramsOf, put } from '../reference/study.ts';

/** Nothing listens there. */
const closed = 'http://127.0.0.1:9';
const common = { reference: 'rated', stimuli: 'words', permutations: 100, bootstrap: 100, device: 'wasm' };
const hub = ['sensorium-mini fp32 Mini', 'nobody/nowhere q8', 'sensorium-mini-causal'];

/** Finds the bundled models, and no hub. */
class Offline extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href, hub: closed };
  }
}

const bench = new Offline();
const board = (given: Record<string, unknown>, more: Partial<RunContext> = {}): Promise<LeaderboardValue> =>
  run(paramsOf(fields, { ...common, ...given }), { ...bench.context('board', new AbortController().signal), ...more });

/** The words of one side of the split alone. */
function sideOf(value: RepresentationValue, side: 'train' | 'test'): RepresentationValue {
  const rows = value.words.flatMap((_, row) => (value.split[row] === side ? [row] : []));
  const layers = value.layers.map((layer) => {
    const pick = (Array: typeof Float32Array | typeof Float64Array) => Array.from(rows.flatMap((row) => [...layer.data.subarray(row * layer.d, (row + 1) * layer.d)]));
    return { ...layer, data: pick(layer.data instanceof Float64Array ? Float64Array : Float32Array) };
  });
  return { ...value, words: rows.map((row) => value.words[row]!), categories: [], split: [], layers };
}

beforeAll(async () => {
  await bench.run('words', stimuliFields, runStimuli, { sample: 48, test: 0.5 });
  await bench.run('rated', ratingsFields, runRatings, { stimuli: 'words', origin: 'illustrative' });
  for (const [cell, id, label, pooling] of [['mini', 'sensorium-mini', 'Mini', 'mean'], ['causal', 'sensorium-mini-causal', '', 'last']] as const) {
    await bench.run(`${cell}Model`, modelFields, runModel, { id, label });
    await bench.run(cell, activationsFields, runActivations, { model: `${cell}Model`, stimuli: 'words', pooling, device: 'wasm' });
  }
});

describe('a leaderboard', () => {
  let value: LeaderboardValue;
  let separate: RsaValue;
  beforeAll(async () => {
    bench.warnings.length = 0;
    bench.labels.clear();
    value = await board({ hub, layers: 'all' });
    separate = await bench.run('gap', rsaFields, runRsa, { reference: 'rated', candidates: ['mini', 'causal'], permutations: 100, bootstrap: 100, correction: 'max', differences: 'all' });
  });

  test('has the values of separate activations and rsa cells: every layer, its interval and p, and the differences', async () => {
    expect(value.rows).toEqual(separate.rows);
    // A word is the mean of its tokens; to a model that reads forwards it is the last, and to some words that is another.
    expect(Object.fromEntries(value.models.map(({ label, card }) => [label, card!.pooling]))).toEqual({ Mini: 'mean', 'sensorium-mini-causal': 'last' });
    const [best, other] = value.models;
    const peak = (label: string) => separate.rows.filter(({ candidate }) => candidate === label).reduce((a, b) => (b.value > a.value ? b : a));
    expect([best!.row, other!.row]).toEqual([peak(best!.label), peak(other!.label)]);
    expect(best!.row.value).toBeGreaterThan(other!.row.value);
    const [own] = value.differences;
    const [pair] = separate.differences;
    expect([own!.a.candidate, own!.b.candidate]).toEqual([best!.label, other!.label]);
    expect(Math.abs(own!.value)).toBe(Math.abs(pair!.value));
    expect(own!.value).toBe(best!.row.value - other!.row.value);
    expect([own!.p, own!.pAdjusted]).toEqual([pair!.p, pair!.p]);
    // One pair: Bonferroni changes nothing.
    expect(value.differenceLevel).toBeCloseTo(0.95, 12);
    expect(own!.interval![1] - own!.interval![0]).toBeCloseTo(pair!.interval![1] - pair!.interval![0], 12);
    expect(new Set(value.models.map(({ letters }) => letters)).size).toBe(own!.pAdjusted! < 0.05 ? 2 : 1);

    const dimensions = await bench.run('probe', dimensionsFields, runDimensions, { reference: 'rated', candidates: [best!.label === 'Mini' ? 'mini' : 'causal'], layers: [String(best!.row.layerIndex)], tests: 'none' });
    expect(best!.probe).toMatchObject({ method: 'probe', dimensions: 11, n: 48 });
    expect(best!.probe!.rho).toBeCloseTo(dimensions.rows.reduce((sum, { rho }) => sum + rho, 0) / 11, 12);
  });

  test('skips a model that cannot be reached, names it and says why; the others are told with size and speed', () => {
    expect(value.skipped).toMatchObject([{ name: 'nobody/nowhere q8', code: 'hub-unreachable' }]);
    expect(value.skipped[0]!.reason).toContain('127.0.0.1:9');
    expect(bench.warnings).toContain('1 of 3 models skipped: nobody/nowhere q8');
    expect(bench.warnings.join()).toContain('chosen on the same words that rank it');
    expect(value.choice).toBe('same-words');
    const mini = value.models.find(({ label }) => label === 'Mini')!;
    expect(mini).toMatchObject({ lacks: [], layers: mini.card!.states, card: { source: 'bundled', id: 'sensorium-mini', dtype: 'fp32', ran: { backend: 'wasm' } } });
    expect(mini.card!.revision).toMatch(/^[0-9a-f]{64}$/);
    expect(mini.card!.ran!.wordsPerSecond).toBeGreaterThan(1);
    expect([...bench.labels].some((label) => /^1 of 3: sensorium-mini, download .*, [\d.]+ \w+ of [\d.]+ MB$/.test(label))).toBe(true);
    expect([...bench.labels]).toContain('3 of 3: sensorium-mini-causal, hidden states');
  });

  test('reads as a table in the order of the ranks, with what was skipped', async () => {
    const host = document.body.appendChild(document.createElement('div'));
    render(view(value, { cell: 'board', params: {}, width: 800, update: () => undefined, state: new Map() }), host);
    await customElements.whenDefined('data-table');
    const table = host.querySelector('data-table')!;
    await (table as unknown as { updateComplete: Promise<boolean> }).updateComplete;
    const cells = [...table.querySelectorAll('tbody tr')].map((row) => [...row.children].map((one) => one.textContent?.replaceAll(/\s+/g, ' ').trim()));
    expect(cells.map(([model]) => model)).toEqual(value.models.map(({ label }, at) => `${at + 1}${label}`));
    expect(cells[0]![2]).toBe(value.models[0]!.row.value.toFixed(3).replace('0.', '.'));
    expect(host.textContent).toContain('1 of 3 models skipped');
    expect([...host.querySelectorAll('figure')].map((one) => one.getAttribute('aria-label'))).toEqual([
      'Models by RSA with rated', 'RSA with rated by layer', 'Differences between models',
    ]);
    expect(host.textContent).toContain('A word is the mean of its tokens; in sensorium-mini-causal, which reads from left to right, its last.');
    host.remove();
  });

  test('tells the share of the ceiling, but not of values that the choice of a layer flatters', () => {
    const limited: LeaderboardValue = { ...value, ceiling: { from: 'reliability', measuredBy: null, rows: [{ set: 'all', lower: 0.5, upper: 0.6 }] } };
    const columns = (of: LeaderboardValue): string[] => shortColumns(of, seriesOf(of.models.map(({ label }) => label))).map(({ label }) => label);
    expect(columns(limited)).not.toContain('of ceiling');
    expect(shareOfCeiling(limited, limited.models[0]!)).toBe(NaN);
    const heldOut: LeaderboardValue = { ...limited, choice: 'held-out' };
    expect(columns(heldOut)).toContain('of ceiling');
    expect(shareOfCeiling(heldOut, heldOut.models[0]!)).toBe(value.models[0]!.row.value / 0.5);
  });

  test('says that its intervals are stricter than its letters', () => {
    const host = document.createElement('div');
    const pairs = [value.differences[0]!, value.differences[0]!];
    render(view({ ...value, differences: pairs }, { cell: 'board', params: {}, width: 800, update: () => undefined, state: new Map() }), host);
    expect(host.textContent).toContain('a pair may differ although its interval reaches over 0');
    render(view({ ...value, differences: pairs, correction: 'bh' }, { cell: 'board', params: {}, width: 800, update: () => undefined, state: new Map() }), host);
    expect(host.textContent).not.toContain('reaches over 0');
  });
});

test('where the words have a split, each layer is chosen on the training words and ranked by the test words alone, beside cells of other origin', async () => {
  const value = await board({ models: ['mini', 'causalModel', 'rated2'], probe: false }, {
    inputs: new Map([...bench.values, ['rated2', { ...(bench.values.get('rated') as RepresentationValue), label: 'others', words: (bench.values.get('rated') as RepresentationValue).words.map((word, at) => (at === 0 ? 'no such word' : word)) }]]),
  });
  const [rated, mini] = ['rated', 'mini'].map((cell) => bench.values.get(cell) as RepresentationValue) as [RepresentationValue, RepresentationValue];
  expect(value.models.map(({ label, rank }) => [label, rank])[0]).toEqual(['others', 1]);
  expect(value.models[0]).toMatchObject({ card: null, lacks: [rated.words[0]] });
  expect(value.choice).toBe('held-out');
  const first = rated.words[0]!;
  const without = (one: RepresentationValue): RepresentationValue => ({ ...one, split: one.split.map((own, at) => (one.words[at] === first ? 'neither' as never : own)) });
  for (const side of ['train', 'test'] as const) put(bench, { [`rated_${side}`]: sideOf(without(rated), side), [`mini_${side}`]: sideOf(without(mini), side) });
  const train = await bench.run('train', rsaFields, runRsa, { reference: 'rated_train', candidates: ['mini_train'], permutations: 0, bootstrap: 0 });
  expect(value.training.filter(({ candidate }) => candidate === 'Mini').map((row) => row.value)).toEqual(train.rows.map((row) => row.value));
  const chosen = train.rows.reduce((a, b) => (b.value > a.value ? b : a));
  const tested = await bench.run('tested', rsaFields, runRsa, { reference: 'rated_test', candidates: ['mini_test'], layers: [String(chosen.layerIndex)], permutations: 0, bootstrap: 100 });
  const own = value.models.find(({ label }) => label === 'Mini')!;
  expect([own.row.value, own.row.interval, own.row.layerIndex]).toEqual([tested.rows[0]!.value, tested.rows[0]!.interval, chosen.layerIndex]);
  expect(value.dropped.find(({ reason }) => reason.startsWith('a training word'))!.words).toHaveLength(train.rows[0]!.n);
  expect(value.dropped.find(({ reason }) => reason === 'not in others')!.words).toEqual([first]);
  // Three pairs hold together at .95.
  expect(value.differenceLevel).toBeCloseTo(1 - 0.05 / 3, 12);

  // No split, no choice: the last layer ranks, of all words. That is said to who asked for a choice.
  const cheap = { models: ['mini'], probe: false, permutations: 0, bootstrap: 0 };
  const told = { auto: [], chosen: [expect.stringContaining('the words of rated have no split: each model is ranked by its last layer')] };
  for (const [layers, warnings] of Object.entries(told)) {
    bench.warnings.length = 0;
    const flat = await board({ ...cheap, layers }, { inputs: new Map([...bench.values, ['rated', { ...rated, split: [] }]]) });
    expect([flat.choice, flat.rows.map(({ layerIndex, n }) => [layerIndex, n])]).toEqual(['last', [[mini.layers.at(-1)!.index, 48]]]);
    expect(bench.warnings).toEqual(warnings);
  }
  // Nor does a split take words away where there is one layer.
  const single = await board(cheap, { inputs: new Map([...bench.values, ['mini', { ...mini, layers: mini.layers.slice(-1) }]]) });
  expect([single.choice, single.rows.map(({ n }) => n)]).toEqual(['last', [48]]);
  // Three words cannot rank.
  const lopsided = rated.split.map((_, at): 'train' | 'test' => (at < 3 ? 'test' : 'train'));
  bench.warnings.length = 0;
  expect((await board(cheap, { inputs: new Map([...bench.values, ['rated', { ...rated, split: lopsided }]]) })).choice).toBe('last');
  expect(bench.warnings.join()).toContain('of the split of rated 45 training words and 3 test words are left, too few to choose and to rank');
});

test('paused after the first model, it goes on with the next, and ends with the same result', async () => {
  const page = new Map<string, Uint8Array<ArrayBuffer>>();
  const kept = { load: async (name: string) => page.get(name)?.slice() ?? null, save: async (name: string, bytes: Uint8Array<ArrayBuffer>) => void page.set(name, bytes.slice()) };
  const given = { hub: ['sensorium-mini-causal', 'sensorium-mini fp32 Mini'], layers: 'last', probe: false, permutations: 0, bootstrap: 0 };
  const controller = new AbortController();
  const paused = board(given, { kept, signal: controller.signal, progress: ({ label }) => { if (label === '2 of 2: sensorium-mini, hidden states') controller.abort(suspension()); } });
  await expect(paused).rejects.toThrow('suspended');
  expect([...page.keys()]).toEqual(['model 0', 'place']);
  const labels: string[] = [];
  const resumed: string[] = [];
  const value = await board(given, { kept, progress: ({ label }) => labels.push(label), resumedAt: (where) => resumed.push(where) });
  expect(resumed).toEqual(['1 of 2 models']);
  expect(labels.some((label) => label.startsWith('1 of 2'))).toBe(false);
  // What cells of their own give is what an undisturbed run gives.
  const fresh = await board({ ...given, hub: [], models: ['causal', 'mini'] });
  expect({ ...value, models: value.models.map(({ row, letters }) => ({ row, letters })) }).toEqual({ ...fresh, models: fresh.models.map(({ row, letters }) => ({ row, letters })) });
  expect(value.choice).toBe('last');

  page.set('model 0', page.get('model 0')!.slice(0, -8));
  bench.warnings.length = 0;
  await board(given, { kept });
  expect(bench.warnings).toContainEqual(expect.stringMatching(/^model 1 of 2 runs anew, .*: the states of layer \d are cut off$/));
});

test('the ceiling is that of the reference’s own SDs and numbers of raters, as a ceiling cell has it', async () => {
  const rated = bench.values.get('rated') as RepresentationValue;
  const cells = rated.layers[0]!.data.length;
  put(bench, { spread: { ...rated, spread: { sd: Float64Array.from({ length: cells }, (_, k) => 0.5 + (k % 7) / 10), raters: new Float64Array(cells).fill(20) } } });
  const value = await board({ reference: 'spread', models: ['mini'], layers: 'last', probe: false, permutations: 0, bootstrap: 0 });
  const { rows: [row] } = await bench.run('limit', ceilingFields, runCeiling, { reference: 'spread', from: 'reliability' });
  expect(value.ceiling).toEqual({ from: 'reliability', measuredBy: null, rows: [{ set: 'all', lower: row!.lower, upper: row!.upper }] });
  expect((await board({ models: ['mini'], layers: 'last', probe: false, permutations: 0, bootstrap: 0 })).ceiling).toBe(null);
});

test('ratings that a model gave where digits had little mass are ranked with a warning', async () => {
  const rated = bench.values.get('rated') as RepresentationValue;
  const [cells, k] = [rated.layers[0]!.data.length, rated.dimensions.length];
  const askedWith = (share: number): RepresentationValue => ({
    ...rated, label: 'Mini, asked', origin: 'model', elicited: {
      model: 'Mini', answer: 'expected', scale: [0, 5], chat: false, system: '', greedyTokens: 2, example: '', instead: [], examples: [], shared: false,
      wordings: [{ name: 'wording 1', prompts: [], expected: new Float64Array(cells), mass: Float64Array.from({ length: cells }, (_, at) => (at % k === 0 ? share : 0.9)), greedy: new Float64Array(0), texts: [] }],
      counts: { number: 0, outside: 0, range: 0, list: 0, cut: 0, words: share < 0.5 ? cells : 0, refusal: 0, empty: 0 },
    },
  });
  const warningsAt = async (share: number): Promise<string[]> => {
    put(bench, { asked: askedWith(share) });
    bench.warnings.length = 0;
    const value = await board({ models: ['asked'], layers: 'last', probe: false, permutations: 0, bootstrap: 0 });
    expect(value.models.map(({ label }) => label)).toEqual(['Mini, asked']);
    return bench.warnings.filter((warning) => warning.startsWith('Mini, asked'));
  };
  expect(await warningsAt(0.004)).toEqual([
    expect.stringContaining('digits have only 0.4 % of the probability'), expect.stringMatching(new RegExp(`${cells} of ${cells} greedy texts hold no rating`)),
  ]);
  expect(await warningsAt(0.9)).toEqual([]);
});

test('what several models were skipped for is told once', () => {
  const gone = { code: 'hub-unreachable', reason: 'no answer', fix: 'Go online.' };
  expect(groupSkipped([{ name: 'a', ...gone }, { name: 'b', code: 'gated', reason: 'gated', fix: 'Choose another.' }, { name: 'c', ...gone }])).toEqual([
    { names: ['a', 'c'], reason: 'no answer', fix: 'Go online.' }, { names: ['b'], reason: 'gated', fix: 'Choose another.' },
  ]);
});

test('it fails where nothing is left, or nothing was named', async () => {
  await expect(board({ hub: ['nobody/nowhere', 'no-such-model'] })).rejects.toThrow(/none of 2 models could be had and run \(nobody\/nowhere fp32: .*127\.0\.0\.1:9.*no-such-model: "no-such-model" does not ship with Sensorium/);
  await expect(board({})).rejects.toThrow('no model is named');
  await expect(board({ hub, stimuli: 'none' })).rejects.toThrow('stimuli is none, and sensorium-mini has to be run over words');
});

test('an entry is an id or an address, with revision, precision and label', () => {
  expect(readEntries(['owner/name', 'owner/name@v1.0 q8 My label', 'https://huggingface.co/owner/na.me/tree/abc q4f16', 'sensorium-mini Small', 'https://mirror.org/hub/a/b'], '')).toEqual([
    { source: 'hub', id: 'owner/name', revision: 'main', dtype: 'fp32', label: '' },
    { source: 'hub', id: 'owner/name', revision: 'v1.0', dtype: 'q8', label: 'My label' },
    { source: 'hub', id: 'owner/na.me', revision: 'abc', dtype: 'q4f16', label: '' },
    { source: 'bundled', id: 'sensorium-mini', revision: 'main', dtype: 'fp32', label: 'Small' },
    { source: 'hub', id: 'https://mirror.org/hub/a/b', revision: 'main', dtype: 'fp32', label: '' },
  ]);
  expect(() => readEntries(['a/b/c'], 'cell board')).toThrow('cell board: hub has "a/b/c": "a/b/c" names no model of the hub: an id is owner/name');
  expect(() => readEntries(['a/b q8 one', 'a/b q8 two'], 'cell board')).toThrow('hub names a/b q8 more than once');
  expect(wantedModels(['a/b@v2 q8', 'sensorium-mini', 'a/b/c'])).toEqual([
    { source: 'hub', id: 'a/b', dtype: 'q8', revision: 'v2' }, { source: 'bundled', id: 'sensorium-mini', dtype: 'fp32' }, { source: 'hub', id: 'a/b/c', dtype: '' },
  ]);
});
