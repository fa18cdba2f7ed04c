/**
 * Permutation test of a partial correlation of RDMs: does a predictor explain anything of the reference beyond the others?
 *
 * Residuals of the reference given the other predictors are permuted, rows and columns together as in every Mantel test
 * (Freedman and Lane 1983, "A nonstochastic interpretation of reported significance levels"; for distance matrices
 * Legendre 2000, "Comparison of permutation methods for the partial correlation and partial Mantel tests"). The fitted part
 * need not be added back, and the others need not be taken out again: the predictor's residuals are orthogonal to both.
 *
 * The statistic is studentised (DiCiccio and Romano 2017, "Robust permutation tests for correlation and regression
 * coefficients"): the sum of products of both residuals over the SD of its share per word. Two residuals can be uncorrelated
 * and yet depend on each other, as when the same words lie far from all others in both; orders then scatter less than the
 * correlation itself does, and the plain statistic finds too much. Divided by a scale that each order has of its own, it
 * keeps its level (test/rsa/models/explain.test.ts).
 */
import type { Watch } from '../../base/progress.ts';
import type { Compute } from '../../gpu/compute.ts';
import { mantelSums } from '../../gpu/mantel.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { permutation } from '../../gpu/permutation.ts';
import { squareForm } from '../../gpu/condensed.ts';
import { type Numbers, standardised } from '../comparators/correlate.ts';
import { cholesky, solveCholesky, submatrix } from '../numbers/linear.ts';
import type { PairMoments } from './pair-products.ts';

/** Statistics this close count as equal: they are of float32, and an order that changes nothing must count. */
const tolerance = 1e-6;

export interface PartialTestInput {
  readonly n: number;
  /** Condensed: the reference, then the predictors, as their moments have them. */
  readonly columns: readonly Numbers[];
  readonly moments: PairMoments;
  /** Orders of the words, the given one among them. */
  readonly permutations: number;
  readonly seed: number;
}

/** Per predictor, one-sided: share of the orders whose statistic is at least that of the given one. NaN without one. */
export interface PartialTestResult {
  /** Of the correlation with nothing taken out: the ordinary Mantel test. */
  readonly simple: readonly number[];
  readonly partial: readonly number[];
}

/** @throws the signal's reason when cancelled; as mantelSums */
export async function partialTest(compute: () => Promise<Compute>, input: PartialTestInput, watch: Watch = {}): Promise<PartialTestResult> {
  const { n, columns, moments, permutations, seed } = input;
  const [reference, ...predictors] = columns.map((column) => standardised(column)) as [Float32Array, ...Float32Array[]];
  const pairs = reference.length;
  const { sums } = await mantelSums(await compute(), { n, reference, candidates: predictors, permutations, seed }, watch);
  const simple = sums.map((values) => shareAtLeastFirst(values.map((sum) => sum / pairs)));
  const partial: number[] = [];
  for (const k of predictors.keys()) {
    const others = predictors.flatMap((_, other) => (other === k ? [] : [other + 1]));
    const [left, own] = [0, k + 1].map((column) => standardised(residualsOf(columns, moments, column, others))) as [Float32Array, Float32Array];
    const done = k * permutations;
    const progress = (count: number): void => watch.progress?.({ label: 'permutations of residuals', done: done + count, total: predictors.length * permutations });
    partial.push(shareAtLeastFirst(await studentised(n, left, own, { permutations, seed }, { ...watch, progress: (step) => { progress(step.done); } })));
  }
  return { simple, partial };
}

/** A column less what the others named explain of it. */
function residualsOf(columns: readonly Numbers[], { correlations, size, means, sds }: PairMoments, of: number, others: readonly number[]): Float64Array<ArrayBuffer> {
  const factored = cholesky(submatrix(correlations, size, others), others.length);
  if (!('factor' in factored)) throw new RangeError('predictors depend on each other');
  const beta = solveCholesky(factored.factor, others.length, others.map((k) => correlations[of * size + k]!));
  const out = Float64Array.from(columns[of]!, (value) => value - means[of]!);
  others.forEach((column, k) => {
    const values = columns[column]!;
    const [weight, centre] = [(beta[k]! * sds[of]!) / sds[column]!, means[column]!];
    for (let pair = 0; pair < out.length; pair++) out[pair]! -= weight * (values[pair]! - centre);
  });
  return out;
}

/**
 * The sum over pairs of the products of x, its words permuted, and y, over the root of the sum of squares of each word's
 * deviation; one value per order, the given one first.
 */
async function studentised(
  n: number, x: Float32Array, y: Float32Array, { permutations, seed }: { permutations: number; seed: number }, watch: Watch,
): Promise<Float64Array> {
  const [left, right] = [squareForm(x, n), squareForm(y, n)];
  const out = new Float64Array(permutations);
  const order = new Uint32Array(n);
  const shares = new Float64Array(n);
  const breather = new Breather();
  for (let index = 0; index < permutations; index++) {
    permutation(n, index, seed, order);
    let total = 0;
    for (let i = 0; i < n; i++) {
      shares[i] = permutedProduct(left, right, order, i);
      total += shares[i]!;
      if (i % 64 !== 0 || !breather.due()) continue;
      watch.progress?.({ label: 'permutations', done: index, total: permutations });
      await pause();
      watch.signal?.throwIfAborted();
    }
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (shares[i]! - total / n) ** 2;
    out[index] = total / Math.sqrt(squares);
  }
  return out;
}

/** Row i of the permuted left matrix times row i of the right one. Four sums at once: one alone would wait for itself. */
function permutedProduct(left: Float32Array, right: Float32Array, order: Uint32Array, i: number): number {
  const n = order.length;
  const row = order[i]! * n;
  const at = i * n;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let j = 0;
  for (; j + 3 < n; j += 4) {
    a += left[row + order[j]!]! * right[at + j]!;
    b += left[row + order[j + 1]!]! * right[at + j + 1]!;
    c += left[row + order[j + 2]!]! * right[at + j + 2]!;
    d += left[row + order[j + 3]!]! * right[at + j + 3]!;
  }
  for (; j < n; j++) a += left[row + order[j]!]! * right[at + j]!;
  return a + b + (c + d);
}

function shareAtLeastFirst(values: Float64Array): number {
  const observed = values[0]!;
  if (!Number.isFinite(observed)) return NaN;
  let count = 0;
  for (const value of values) if (value >= observed - tolerance * Math.max(1, Math.abs(observed))) count++;
  return count / values.length;
}
