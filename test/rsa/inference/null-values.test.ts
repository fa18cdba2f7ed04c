/** Values under permutations of the words: each comparator against its definition on permuted rows and RDMs. */
import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { openCompute } from '../../../src/gpu/compute.ts';
import { permutation } from '../../../src/gpu/permutation.ts';
import { compare } from '../../../src/rsa/comparators/compare.ts';
import { linearCka } from '../../../src/rsa/comparators/cka.ts';
import { type Comparator, comparesRows, isLinear, type RdmComparator } from '../../../src/rsa/comparators/comparators.ts';
import { comparators } from '../../../src/data/comparators.ts';
import { maxStatisticP, permutationP } from '../../../src/rsa/inference/max-statistic.ts';
import { mantelTest } from '../../../src/rsa/inference/mantel.ts';
import { type NullInput, nullValues } from '../../../src/rsa/inference/null-values.ts';
import { allOrders } from '../../../src/rsa/inference/orders.ts';
import { Procrustes } from '../../../src/rsa/comparators/procrustes.ts';
import { type Role, type Scored, scoreRdm } from '../../../src/rsa/scored.ts';
import { normals } from '../helpers.ts';

const n = 12;
const d = 4;
const compute = () => openCompute({ backend: 'cpu' });
/** Whole numbers, so that distances tie; the second holds half of the first. */
const rowsOf = (seed: number, base?: Float64Array) => normals(n * d, seed).map((value, k) => Math.round(2 * value + (base?.[k] ?? 0)));
const first = rowsOf(1);
const others = [rowsOf(2, first), rowsOf(3), rowsOf(4, first)];

const permuted = (rows: Float64Array, order: ArrayLike<number>): Float64Array<ArrayBuffer> =>
  Float64Array.from(rows, (_, k) => rows[order[Math.floor(k / d)]! * d + (k % d)]!);
const rdm = (rows: Float64Array<ArrayBuffer>): Float64Array => rdmCpu(rows, n, d, 'sqeuclidean');

function scored(comparator: Comparator, rows: Float64Array<ArrayBuffer>, role: Role): Scored {
  if (comparator === 'procrustes') return { kind: 'rows', rows: { n, d, data: rows } };
  return isLinear(comparator) ? scoreRdm(rdm(rows), comparator, n, role) : { kind: 'order', distances: rdm(rows) };
}

const inputOf = (comparator: Comparator, permutations: number): NullInput => ({
  n, comparator, permutations, seed: 3,
  reference: scored(comparator, first, 'reference'), candidates: others.map((rows) => scored(comparator, rows, 'candidate')),
});

/** From the definition, on rows that really stand in another order. */
async function byDefinition(comparator: Comparator, x: Float64Array<ArrayBuffer>, y: Float64Array<ArrayBuffer>): Promise<number> {
  const [a, b] = [{ n, d, data: x }, { n, d, data: y }];
  if (comparator === 'procrustes') return new Procrustes(a).value(b);
  if (comparator === 'cka') return (await linearCka(a, b)).biased;
  if (comparator === 'cka-unbiased') return (await linearCka(a, b)).debiased;
  return compare(comparator as RdmComparator, rdm(x), rdm(y), n);
}

test.each(comparators)('%s under permutations is what it is on permuted words', async (comparator) => {
  const { values, exact } = await nullValues(compute, inputOf(comparator, 40), {});
  expect(exact).toBe(false);
  const within = comparesRows(comparator) || isLinear(comparator) ? 2e-6 : 1e-12;
  for (let k = 0; k < 40; k++) {
    const x = permuted(first, permutation(n, k, 3));
    for (const [c, rows] of others.entries()) {
      expect(Math.abs(values[c]![k]! - await byDefinition(comparator, x, rows)), `${comparator}, permutation ${k}`).toBeLessThan(within);
    }
  }
});

test.each(comparators)('%s over all orders of five words is exact', async (comparator) => {
  const five = (rows: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => rows.slice(0, 5 * d);
  const distances = (rows: Float64Array<ArrayBuffer>) => rdmCpu(five(rows), 5, d, 'sqeuclidean');
  const one = (rows: Float64Array<ArrayBuffer>, role: Role): Scored => {
    if (comparator === 'procrustes') return { kind: 'rows', rows: { n: 5, d, data: five(rows) } };
    return isLinear(comparator) ? scoreRdm(distances(rows), comparator, 5, role) : { kind: 'order', distances: distances(rows) };
  };
  const input: NullInput = { n: 5, comparator, permutations: 120, seed: 1, reference: one(first, 'reference'), candidates: [one(others[0]!, 'candidate')] };
  const { values, exact } = await nullValues(compute, input, {});
  expect(exact).toBe(true);
  const wanted: number[] = [];
  for (const order of allOrders(5)) {
    const x = { n: 5, d, data: permuted(five(first), order) };
    const y = { n: 5, d, data: five(others[0]!) };
    if (comparator === 'procrustes') wanted.push(new Procrustes(x).value(y));
    else if (comparator === 'cka') wanted.push((await linearCka(x, y)).biased);
    else if (comparator === 'cka-unbiased') wanted.push((await linearCka(x, y)).debiased);
    else wanted.push(compare(comparator, rdmCpu(x.data, 5, d, 'sqeuclidean'), distances(others[0]!), 5));
  }
  for (const [k, value] of wanted.entries()) expect(values[0]![k]).toBeCloseTo(value, 10);
});

test('every order of the words comes once, the given one first', () => {
  const orders = Array.from(allOrders(4), (order) => [...order].join(''));
  expect(orders[0]).toBe('0123');
  expect(new Set(orders).size).toBe(24);
});

test('p counts the given order, on the side that was asked for', () => {
  const nulls = { values: [Float64Array.of(0.5, 0.6, -0.7, 0.1)], tolerance: [0], exact: false, permutations: 4 };
  expect(permutationP(nulls, 'greater')).toEqual([0.5]);
  expect(permutationP(nulls, 'two-sided')).toEqual([0.75]);
  expect(permutationP(nulls, 'less')).toEqual([0.75]);
});

test('the largest statistic is taken in each order over all candidates, and one candidate alone is not corrected', () => {
  const nulls = { values: [Float64Array.of(0.5, 0, 0, 0.6), Float64Array.of(0.2, 0.3, 0.1, 0), Float64Array.of(NaN, NaN, NaN, NaN)], tolerance: [0, 0, 0], exact: false, permutations: 4 };
  // Largest per order: 0.5, 0.3, 0.1, 0.6.
  expect(maxStatisticP(nulls, 'greater')).toEqual([0.5, 0.75, NaN]);
  const alone = { ...nulls, values: [nulls.values[0]!], tolerance: [0] };
  expect(maxStatisticP(alone, 'greater')).toEqual(permutationP(alone, 'greater'));
});

test('a corrected p is never below its own', async () => {
  for (const comparator of ['spearman', 'cosine', 'cka'] as const) {
    const { p, pMax } = await mantelTest(compute, { ...inputOf(comparator, 200), alternative: 'two-sided' }, {});
    p.forEach((one, c) => expect(pMax[c]).toBeGreaterThanOrEqual(one));
  }
});

test('a representation whose words are all alike has no value, and no p', async () => {
  const flat = new Float64Array(n * d).fill(2);
  for (const comparator of ['pearson', 'spearman', 'tau-b', 'cosine', 'whitened-cosine', 'cka', 'cka-unbiased', 'procrustes'] as const) {
    const { p } = await mantelTest(compute, { ...inputOf(comparator, 50), candidates: [scored(comparator, flat, 'candidate')] }, {});
    expect(p, comparator).toEqual([NaN]);
  }
});
