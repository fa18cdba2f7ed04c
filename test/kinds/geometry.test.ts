/** The `geometry` kind on small RDMs. */
import { expect, test } from 'vitest';
import type { RdmValue } from '../../src/data/values.ts';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { fields } from '../../src/kinds/geometry/schema.ts';
import { run } from '../../src/kinds/geometry/run.ts';
import { pearson } from '../../src/rsa/comparators/correlate.ts';
import { Bench } from '../reference/study.ts';
import { normals, wordList } from '../rsa/helpers.ts';

/** One RDM for each layer's rows, n x 3 each. */
function rdm(label: string, n: number, layers: readonly Float64Array[], more: Partial<RdmValue> = {}): RdmValue {
  return {
    type: 'rdm', label, words: wordList(n), categories: [], metric: 'euclidean', standardise: 'none', order: Uint32Array.from({ length: n }, (_, i) => i), orderedBy: 'source',
    undefinedPairs: layers.map(() => 0), dropped: [], origin: 'model', ...more,
    layers: layers.map((rows, index) => ({ name: index ? `layer ${index}` : 'embeddings', index, distances: Float32Array.from(rdmCpu(rows, n, 3, 'euclidean')) })),
  };
}

function bench(cells: Readonly<Record<string, RdmValue>>): Bench {
  const made = new Bench();
  for (const [cell, value] of Object.entries(cells)) made.values.set(cell, value);
  return made;
}

test('words get a map of the last layer, a tree, a Shepard plot and their nearest words', async () => {
  const n = 24;
  const hidden = rdm('mini', n, [normals(n * 3, 1), normals(n * 3, 2)], { categories: Array.from({ length: n }, (_, i) => (i % 2 ? 'odd' : 'even')) });
  const value = await bench({ hidden }).run('map', fields, run, { of: ['hidden'] });
  expect(value).toMatchObject({ type: 'geometry', show: 'words', method: 'classical', ties: null, linkage: 'average', comparator: null, secondOrder: null, dropped: [] });
  const map = value.maps[0]!;
  expect(map).toMatchObject({ of: 'mini', layer: 'layer 1', layerIndex: 1, metric: 'euclidean', n, pairs: 276, steps: 0, converged: true });
  expect(map.points.map(({ label, group }) => [label, group]).slice(0, 2)).toEqual([['w0', 'even'], ['w1', 'odd']]);
  // Three columns: two of three axes hold most, and nothing is non-Euclidean but for the rounding of float32.
  expect(map.shares[0]! + map.shares[1]!).toBeGreaterThan(0.6);
  expect(map.negative).toBeLessThan(1e-6);
  expect(map.eigenvalues).toHaveLength(n);
  expect(map.shepard).toMatchObject({ of: 276 });
  expect(map.shepard.dissimilarity).toHaveLength(276);
  expect(map.merges).toHaveLength(n - 1);
  expect([...map.leafOrder].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
  const row = hidden.layers[1]!.distances;
  const from0 = Array.from({ length: n - 1 }, (_, j) => row[j]!);
  expect(map.points[0]!.nearest[0]).toBe(from0.indexOf(Math.min(...from0)) + 1);
  map.shepard.a.forEach((a, k) => {
    const [one, other] = [map.points[a]!, map.points[map.shepard.b[k]!]!];
    expect(map.shepard.distance[k]).toBeCloseTo(Math.hypot(one.x - other.x, one.y - other.y), 12);
  });
});

test('more freedom, less stress: two axes, three axes; classical, SMACOF, non-metric', async () => {
  const n = 30;
  const made = bench({ hidden: rdm('mini', n, [normals(n * 3, 5)]) });
  const stress = async (params: Readonly<Record<string, unknown>>): Promise<number> => (await made.run('map', fields, run, { of: ['hidden'], ...params })).maps[0]!.stress1;
  const [classical, smacof, free] = [await stress({}), await stress({ method: 'smacof' }), await stress({ method: 'non-metric' })];
  expect(smacof).toBeLessThan(classical);
  expect(free).toBeLessThan(smacof);
  expect(await stress({ axes: 3 })).toBeLessThan(1e-6);
});

test('several RDM cells give a map each, of the layer that is asked for', async () => {
  const made = bench({ hidden: rdm('mini', 6, [normals(18, 1), normals(18, 2)]), human: rdm('norms', 6, [normals(18, 3)], { origin: 'human' }) });
  const value = await made.run('map', fields, run, { of: ['hidden', 'human'], layer: '0' });
  expect(value.maps.map(({ of, layer, origins }) => [of, layer, origins])).toEqual([['mini', 'embeddings', ['model']], ['norms', 'embeddings', ['human']]]);
  await expect(made.run('map', fields, run, { of: ['hidden'], layer: '7' })).rejects.toThrow(/layer is "7", but mini has the layers 0, 1/);
  expect(made.warnings.some((line) => line.startsWith('mini: only 6 words'))).toBe(true);
});

test('RDMs become points over the words that all of them have; one model’s layers share a group', async () => {
  const n = 25;
  const [first, noise] = [normals(n * 3, 1), normals(n * 3, 2)];
  const blend = (share: number): Float64Array => first.map((value, k) => value * (1 - share) + noise[k]! * share);
  const hidden = rdm('mini', n, [noise, blend(0.5), blend(0.2)]);
  const human = rdm('norms', n - 2, [first.slice(0, (n - 2) * 3)], { origin: 'human' });
  const made = bench({ hidden, human });
  const value = await made.run('map', fields, run, { of: ['hidden', 'human'], show: 'rdms' });
  const map = value.maps[0]!;
  expect(map.points.map(({ label, group }) => [label, group])).toEqual([['mini, embeddings', 'mini'], ['mini, layer 1', 'mini'], ['mini, layer 2', 'mini'], ['norms', 'norms']]);
  expect(map).toMatchObject({ n: n - 2, pairs: 253, origins: ['model', 'human'], metric: null });
  expect(value.dropped).toEqual([{ reason: 'not in norms', words: ['w23', 'w24'] }]);
  expect(value.comparator).toBe('spearman');
  // The deeper the layer, the nearer to the norms.
  const toNorms = [2, 4, 5].map((pair) => value.secondOrder!.dissimilarity[pair]!);
  expect(toNorms).toEqual([...toNorms].sort((a, b) => b - a));
  expect(made.warnings).toContainEqual(expect.stringContaining('4 RDMs all but fit on 2 axes'));
  const linear = await made.run('map', fields, run, { of: ['hidden', 'human'], show: 'rdms', comparator: 'pearson' });
  const words = (distances: Float32Array | Float64Array, all: number): Float64Array => Float64Array.from({ length: 253 }, (_, pair) => {
    let i = 0;
    let left = pair;
    while (left >= n - 3 - i) left -= n - 3 - i++;
    return distances[i * all - (i * (i + 1)) / 2 + left]!;
  });
  expect(linear.secondOrder!.dissimilarity[2]).toBeCloseTo(1 - pearson(words(hidden.layers[0]!.distances, n), words(human.layers[0]!.distances, n - 2)), 12);
});

test('what cannot be mapped is told: undefined distances, negative ones, too few and too many words', async () => {
  const n = 6;
  const gaps = rdm('gaps', n, [normals(n * 3, 1)]);
  for (let pair = 0; pair < n - 1; pair++) gaps.layers[0]!.distances[pair] = NaN;
  const negative = rdm('crossed', n, [normals(n * 3, 2)], { metric: 'crossnobis' });
  negative.layers[0]!.distances[3] = -0.5;
  const many = { ...rdm('many', 4, [normals(12, 3)]), words: wordList(2001), layers: [{ name: 'ratings', index: 0, distances: new Float32Array((2001 * 2000) / 2) }] };
  const made = bench({ gaps, negative, many, three: rdm('three', 3, [normals(9, 4)]) });
  expect((await made.run('map', fields, run, { of: ['gaps'] })).dropped).toEqual([{ reason: 'undefined distances in gaps', words: ['w0'] }]);
  expect((await made.run('map', fields, run, { of: ['negative'] })).maps[0]!.shepard.dissimilarity[0]).toBe(0);
  expect(made.warnings).toContainEqual(expect.stringContaining('1 of 15 distances are below 0'));
  await expect(made.run('map', fields, run, { of: ['many'] })).rejects.toThrow(/2001 words; a map takes at most 2000/);
  await expect(made.run('map', fields, run, { of: ['three'], axes: 3 })).rejects.toThrow(/gives 3 words; a map of 3 axes needs at least 4/);
});

test('a run that stops while the stress still falls says so', async () => {
  const made = bench({ hidden: rdm('mini', 25, [normals(75, 5)]) });
  const value = await made.run('map', fields, run, { of: ['hidden'], method: 'smacof', steps: 2 });
  expect(value.maps[0]).toMatchObject({ steps: 2, converged: false });
  expect(made.warnings).toEqual(['the stress was still falling after 2 steps: ask for more.']);
});
