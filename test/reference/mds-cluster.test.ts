/** Multidimensional scaling and clustering against numpy, scikit-learn and scipy (../shared/reference/mds_cluster.json). */
import { expect } from 'vitest';
import { pairIndex } from '../../src/gpu/condensed.ts';
import { leafOrder, optimalLeafOrder } from '../../src/rsa/geometry/cluster.ts';
import { pearson } from '../../src/rsa/comparators/correlate.ts';
import { cluster, copheneticDistances, type Linkage } from '../../src/rsa/geometry/linkage.ts';
import { classicalMds, pointDistances, stress1 } from '../../src/rsa/geometry/mds.ts';
import { smacof } from '../../src/rsa/geometry/smacof.ts';
import { condense } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type List = readonly number[];
interface Case {
  readonly name: string;
  readonly D: readonly List[];
  readonly eigenvalues: List;
  readonly coords_2d_sign_fixed: readonly List[];
  readonly coords_3d_sign_fixed: readonly List[];
  readonly embedding_distances_2d: List;
  readonly embedding_distances_3d: List;
  readonly stress1_2d: number;
  readonly stress1_3d: number;
  readonly smacof_raw_stress_from_classical_init: number;
  readonly smacof_distances: List;
  readonly linkage: Readonly<Record<Linkage, readonly (readonly [number, number, number, number])[]>>;
  readonly leaf_order_average: List;
  readonly leaf_order_average_optimal: List;
  readonly cophenet_corr_average: number;
}
const file = 'mds_cluster.json';
const within = 1e-9;

/** One comparison for both cases. */
async function both(cases: readonly Case[], statistic: string, ours: (one: Case) => Promise<ArrayLike<number>>, theirs: (one: Case) => List): Promise<void> {
  const found: number[] = [];
  for (const one of cases) found.push(...Array.from(await ours(one)));
  await agree(file, statistic, found, cases.flatMap(theirs), { within });
}

testWithShared('classical MDS: eigenvalues, coordinates, distances and stress', async () => {
  const { cases } = await sharedJson<{ cases: readonly Case[] }>(`reference/${file}`);
  expect(cases).toHaveLength(2);
  const solve = ({ D }: Case, axes: number): ReturnType<typeof classicalMds> => classicalMds(condense(D), D.length, axes);
  await both(cases, 'classical-mds: eigenvalues', async (one) => (await solve(one, 2)).eigenvalues, (one) => one.eigenvalues);
  for (const axes of [2, 3] as const) {
    await both(cases, `classical-mds: coordinates, ${axes} axes`, async (one) => (await solve(one, axes)).coordinates, (one) => one[`coords_${axes}d_sign_fixed`].flat());
    await both(cases, `classical-mds: distances, ${axes} axes`, async (one) => pointDistances(await solve(one, axes)), (one) => one[`embedding_distances_${axes}d`]);
    await both(cases, `classical-mds: stress 1, ${axes} axes`, async (one) => {
      const wanted = condense(one.D);
      return [stress1(wanted, pointDistances(await solve(one, axes)), wanted)];
    }, (one) => [one[`stress1_${axes}d`]]);
  }
});

testWithShared('SMACOF takes scikit-learn’s steps, and goes on where it stops short of the minimum', async () => {
  const { cases } = await sharedJson<{ cases: readonly Case[] }>(`reference/${file}`);
  // scikit-learn gives the points of its last step but the stress of the one before, and stops after so many.
  const stopped: Readonly<Record<string, number>> = { euclidean_4d: 55, non_euclidean_noisy: 34 };
  const solve = async ({ D, name }: Case, less: number): ReturnType<typeof smacof> =>
    smacof(condense(D), await classicalMds(condense(D), D.length, 2), { ties: null, tolerance: 0, steps: stopped[name]! - less });
  await both(cases, 'smacof: distances', async (one) => (await solve(one, 0)).distances, (one) => one.smacof_distances);
  await both(cases, 'smacof: raw stress', async (one) => [(await solve(one, 1)).raw], (one) => [one.smacof_raw_stress_from_classical_init]);
  for (const one of cases) {
    const whole = await smacof(condense(one.D), await classicalMds(condense(one.D), 10, 2), { ties: null, tolerance: 1e-12, steps: 10_000 });
    expect(whole.converged).toBe(true);
    expect(whole.raw).toBeLessThan(one.smacof_raw_stress_from_classical_init);
    expect(whole.raw / one.smacof_raw_stress_from_classical_init).toBeGreaterThan(0.999);
  }
});

testWithShared('linkages, leaf orders and the cophenetic correlation', async () => {
  const { cases } = await sharedJson<{ cases: readonly Case[] }>(`reference/${file}`);
  for (const linkage of ['single', 'complete', 'average', 'ward'] as const) {
    await both(cases, `dendrogram: ${linkage}`, async ({ D }) => (await cluster(linkage, condense(D), D.length)).flatMap(({ a, b, height, size }) => [a, b, height, size]), (one) => one.linkage[linkage].flat());
  }
  const tree = ({ D }: Case): ReturnType<typeof cluster> => cluster('average', condense(D), D.length);
  await both(cases, 'dendrogram: leaf order', async (one) => leafOrder(await tree(one), 10), (one) => one.leaf_order_average);
  await both(cases, 'dendrogram: cophenetic correlation', async (one) => [pearson(copheneticDistances(await tree(one), 10), condense(one.D))], (one) => [one.cophenet_corr_average]);
  // scipy computes the least length but returns an order that does not have it (scipy/scipy issue 11227), so its order is
  // no reference: ours is shorter in both cases, and linkage.test.ts holds it against all orders of a tree.
  for (const one of cases) {
    const distances = condense(one.D);
    const length = (leaves: List): number => leaves.slice(1).reduce((sum, leaf, k) => sum + distances[pairIndex(10, leaves[k]!, leaf)]!, 0);
    expect(length([...optimalLeafOrder(await tree(one), distances, 10)])).toBeLessThan(length(one.leaf_order_average_optimal) - 1);
  }
});
