import { expect, test } from 'vitest';
import { compare } from '../../../src/rsa/comparators/compare.ts';
import { ratingsRdm, type Rows } from '../../../src/rsa/distances/rdm.ts';
import { type PublishedRatings, RatingSimulator, reliabilities } from '../../../src/rsa/raters/reliability.ts';
import { standardiseColumns } from '../../../src/rsa/distances/standardise.ts';
import { normalQuantile } from '../../../src/rsa/numbers/distributions.ts';
import { normals, uniforms } from '../helpers.ts';

const [n, d] = [90, 4];
const names = ['a', 'b', 'c', 'd'];

/** Words whose truth is skewed and shared between dimensions, rated by `raters` people with single answers of SD `noise`. */
function rated(raters: number, noise: number, seed: number): { truth: Float64Array; published: PublishedRatings; counts: Float64Array } {
  const shared = normals(n, seed);
  const truth = Float64Array.from(normals(n * d, seed + 1), (value, at) => 2 + 0.8 * value + 0.6 * shared[Math.floor(at / d)]! + (at % d === 1 ? Math.exp(0.5 * value) : 0));
  const means = new Float64Array(n * d);
  const errors = new Float64Array(n * d);
  const answers = normals(n * d * raters, seed + 2);
  truth.forEach((value, at) => {
    const own = answers.subarray(at * raters, (at + 1) * raters).map((answer) => value + noise * answer);
    const mean = own.reduce((sum, answer) => sum + answer, 0) / raters;
    const sd = Math.sqrt(own.reduce((sum, answer) => sum + (answer - mean) ** 2, 0) / (raters - 1));
    means[at] = mean;
    errors[at] = sd / Math.sqrt(raters);
  });
  return { truth, published: { n, d, means, errors }, counts: new Float64Array(n * d).fill(raters) };
}

async function rdmOf(values: Float64Array): Promise<Float64Array> {
  const rows = { n, d, data: standardiseColumns(values, n, d, 'zscore').data } as Rows;
  return ratingsRdm(rows, 'cosine', {});
}

async function simulated(published: PublishedRatings, simulations: number): Promise<{ upper: number[]; lower: number[] }> {
  const simulator = new RatingSimulator(published);
  const [upper, lower]: [number[], number[]] = [[], []];
  for (let k = 0; k < simulations; k++) {
    const { truth, observed, replication } = simulator.draw(5, k);
    const [t, a, b] = await Promise.all([truth, observed, replication].map(rdmOf)) as [Float64Array, Float64Array, Float64Array];
    upper.push(compare('spearman', t, a, n));
    lower.push(compare('spearman', a, b, n));
  }
  return { upper, lower };
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the simulated agreement of truth with means is that of the real truth, few raters or many', async () => {
  for (const [raters, noise] of [[6, 1.5], [12, 1.2], [25, 1]] as const) {
    const real: number[] = [];
    const againReal: number[] = [];
    const upper: number[] = [];
    const lower: number[] = [];
    for (let world = 0; world < 4; world++) {
      const one = rated(raters, noise, 100 * raters + 10 * world);
      const truth = await rdmOf(one.truth);
      real.push(compare('spearman', truth, await rdmOf(one.published.means), n));
      // Another group of raters of the same words.
      const other = rated(raters, noise, 100 * raters + 10 * world + 5000);
      const moved = other.published.means.map((value, at) => value - other.truth[at]! + one.truth[at]!);
      againReal.push(compare('spearman', await rdmOf(one.published.means), await rdmOf(moved), n));
      const found = await simulated(one.published, 12);
      upper.push(mean(found.upper));
      lower.push(mean(found.lower));
    }
    expect(Math.abs(mean(upper) - mean(real))).toBeLessThan(0.03);
    expect(Math.abs(mean(lower) - mean(againReal))).toBeLessThan(0.03);
    expect(mean(lower)).toBeLessThan(mean(upper));
  }
});

/** Skewed by the end of a scale of 0 to 5, which many answers lie beyond: `centre` and `raters` decide how many ratings have SD 0. */
function bounded(raters: number, centre: number, noise: number, seed: number): { truth: Float64Array; study: (seed: number) => PublishedRatings } {
  const held = (answer: number): number => Math.max(0, Math.min(5, answer));
  const shared = normals(n, seed);
  const latent = Float64Array.from(normals(n * d, seed + 1), (value, at) => centre + 1.5 * (0.8 * value + 0.6 * shared[Math.floor(at / d)]!));
  const grid = Array.from({ length: 100 }, (_, k) => normalQuantile((k + 0.5) / 100));
  const study = (own: number): PublishedRatings => {
    const answers = normals(n * d * raters, own);
    const [means, errors] = [new Float64Array(n * d), new Float64Array(n * d)];
    latent.forEach((value, at) => {
      const given = Array.from(answers.subarray(at * raters, (at + 1) * raters), (answer) => held(value + noise * answer));
      means[at] = mean(given);
      if (given.some((answer) => answer !== given[0])) errors[at] = Math.sqrt(given.reduce((sum, answer) => sum + (answer - means[at]!) ** 2, 0) / (raters - 1) / raters);
    });
    return { n, d, means, errors };
  };
  return { truth: latent.map((value) => mean(grid.map((z) => held(value + noise * z)))), study };
}

test('held to a scale, with few ratings of SD 0 the ceiling is the real one; with many it is too low', async () => {
  const gaps: { zero: number; upper: number; lower: number }[] = [];
  for (const centre of [1, -2.5]) {
    const worlds: typeof gaps = [];
    for (let world = 0; world < 4; world++) {
      const { truth, study } = bounded(18, centre, 1.5, 100 * world + 7);
      const [one, other] = [study(100 * world + 50), study(100 * world + 51)];
      const [real, a, b] = [await rdmOf(truth), await rdmOf(one.means), await rdmOf(other.means)];
      const found = await simulated(one, 8);
      worlds.push({
        zero: mean(Array.from(one.errors, (error) => (error === 0 ? 1 : 0))),
        upper: mean(found.upper) - compare('spearman', real, a, n), lower: mean(found.lower) - compare('spearman', a, b, n),
      });
    }
    gaps.push({ zero: mean(worlds.map(({ zero }) => zero)), upper: mean(worlds.map(({ upper }) => upper)), lower: mean(worlds.map(({ lower }) => lower)) });
  }
  const [few, many] = gaps as [typeof gaps[number], typeof gaps[number]];
  expect(few.zero).toBeLessThan(0.05);
  expect(Math.abs(few.upper)).toBeLessThan(0.02);
  expect(Math.abs(few.lower)).toBeLessThan(0.02);
  expect(many.zero).toBeGreaterThan(0.4);
  for (const gap of [many.upper, many.lower]) {
    expect(gap).toBeLessThan(-0.02);
    expect(gap).toBeGreaterThan(-0.1);
  }
});

test('ratings without error have a ceiling of exactly 1, and a truth that is what was published', async () => {
  const means = Float64Array.from(uniforms(n * d, 3), (value) => Math.round(value * 20) / 4);
  const published = { n, d, means, errors: new Float64Array(n * d) };
  const { truth, observed } = new RatingSimulator(published).draw(1, 0);
  expect(truth).toEqual(means);
  expect(observed).toEqual(means);
  const { upper, lower } = await simulated(published, 2);
  expect([...upper, ...lower].every((value) => Math.abs(value - 1) < 1e-12)).toBe(true);
});

test('the truth varies as the means do less their errors, in every direction; the means that are drawn vary as the published ones', () => {
  const { published, truth } = rated(8, 2, 77);
  const simulator = new RatingSimulator(published);
  const covariance = (values: Float64Array, j: number, k: number): number => {
    const column = (c: number): number[] => Array.from({ length: n }, (_, i) => values[i * d + c]!);
    const [a, b] = [column(j), column(k)];
    return mean(a.map((value, i) => (value - mean(a)) * (b[i]! - mean(b))));
  };
  const draws = Array.from({ length: 200 }, (_, k) => simulator.draw(2, k));
  for (const [j, k] of [[0, 0], [1, 1], [0, 1], [2, 3]] as const) {
    const noise = j === k ? mean(Array.from({ length: n }, (_, i) => published.errors[i * d + j]! ** 2)) : 0;
    expect(mean(draws.map((own) => covariance(own.truth, j, k)))).toBeCloseTo(covariance(published.means, j, k) - noise, 1);
    expect(mean(draws.map((own) => covariance(own.observed, j, k)))).toBeCloseTo(covariance(published.means, j, k), 1);
  }
  expect(covariance(truth, 0, 0)).toBeLessThan(covariance(published.means, 0, 0));
});

test('reliability is the share of the variance that is not error, and none where there is error alone', () => {
  const { published, counts } = rated(10, 1, 9);
  const found = reliabilities(published, counts, names);
  found.forEach(({ reliability, se, raters }) => {
    expect(reliability).toBeGreaterThan(0.85);
    expect(reliability).toBeLessThan(0.98);
    expect(se).toBeCloseTo(1 / Math.sqrt(10), 1);
    expect(raters).toBe(10);
  });
  const noise = reliabilities({ ...published, errors: new Float64Array(n * d).fill(9) }, counts, names);
  expect(noise.map(({ reliability }) => reliability)).toEqual([0, 0, 0, 0]);
});

test('a simulation is the same for the same seed and number, and another for another', () => {
  const { published } = rated(5, 1, 4);
  const simulator = new RatingSimulator(published);
  expect(simulator.draw(3, 1)).toEqual(new RatingSimulator(published).draw(3, 1));
  expect(simulator.draw(3, 1).truth).not.toEqual(simulator.draw(3, 2).truth);
  expect(simulator.draw(3, 1).truth).not.toEqual(simulator.draw(4, 1).truth);
});
