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
import type { Alternative } from '../../data/rsa.ts';
import type { Compute } from '../../gpu/compute.ts';
import { squareForm } from '../../gpu/condensed.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { type Numbers, standardised } from '../comparators/correlate.ts';
import { mantelTest } from '../inference/mantel.ts';
import { permutationP } from '../inference/max-statistic.ts';
import { allOrders, orderCount, randomOrders } from '../inference/orders.ts';
import { Patience } from '../inference/patience.ts';
import { cholesky, solveCholesky, submatrix } from '../numbers/linear.ts';
import type { ScoredRdm } from '../scored.ts';
import type { PairMoments } from './pair-products.ts';

/** Statistics this close count as equal: they are of float32, and an order that changes nothing must count. */
const tolerance = 1e-6;

interface PartialTestInput {
  readonly n: number;
  /** Condensed: the reference, then the predictors, as their moments have them; under ranks doubled ranks. */
  readonly columns: readonly Numbers[];
  readonly moments: PairMoments;
  readonly scale: 'ranks' | 'values';
  /** Orders of the words, the given one among them; all n! where these are no more. */
  readonly permutations: number;
  /** Default greater: alike counts, not the opposite. */
  readonly alternative?: Alternative;
  readonly seed: number;
  /** For problems: the cell. */
  readonly place?: string;
  readonly warn?: (message: string) => void;
}

/** Per predictor the share of the orders whose statistic is at least as far out as that of the given one; null without one. */
interface PartialTestResult {
  /** Of the correlation with nothing taken out: the ordinary Mantel test, as the rsa cell has it. */
  readonly simple: readonly (number | null)[];
  readonly partial: readonly (number | null)[];
  /** True when all n! orders were taken instead of random ones. */
  readonly exact: boolean;
  /** Orders used. */
  readonly permutations: number;
}

/**
 * @throws Problem `too-long` where partial correlations would take more than six hours; the signal's reason when cancelled;
 *   as mantelTest
 */
export async function partialTest(compute: () => Promise<Compute>, input: PartialTestInput, watch: Watch = {}): Promise<PartialTestResult> {
  // First the slower of the two, which can be refused.
  const partial = await partialP(input, watch);
  const simple = await simpleP(compute, input, watch);
  const exact = orderCount(input.n) <= input.permutations;
  return { simple, partial, exact, permutations: exact ? orderCount(input.n) : input.permutations };
}

const told = (p: readonly number[]): (number | null)[] => p.map((own) => (Number.isNaN(own) ? null : own));

async function simpleP(compute: () => Promise<Compute>, input: PartialTestInput, watch: Watch): Promise<(number | null)[]> {
  const { columns, moments, scale } = input;
  const [reference, ...candidates] = columns.map((scores, k): ScoredRdm => ({
    kind: 'linear', scores, standard: standardised(scores), sd: moments.sds[k]!, offset: 0, norm: moments.sds[k]! * Math.sqrt(scores.length), tied: null, distances: null,
  })) as [ScoredRdm, ...ScoredRdm[]];
  const { p } = await mantelTest(compute, { ...input, comparator: scale === 'ranks' ? 'spearman' : 'pearson', reference, candidates }, watch);
  return told(p);
}

async function partialP(input: PartialTestInput, watch: Watch): Promise<(number | null)[]> {
  const { n, columns, moments, permutations, alternative = 'greater', seed, place, warn } = input;
  const exact = orderCount(n) <= permutations;
  const orders = exact ? orderCount(n) : permutations;
  const predictors = columns.length - 1;
  const patience = new Patience({ steps: 'permutations', place, warn });
  const values: Float64Array[] = [];
  for (let k = 0; k < predictors; k++) {
    await pause();
    watch.signal?.throwIfAborted();
    const others = Array.from({ length: predictors }, (_, other) => other + 1).filter((other) => other !== k + 1);
    const [left, own] = [0, k + 1].map((column) => standardised(residualsOf(columns, moments, column, others))) as [Float32Array, Float32Array];
    const progress = (done: number): void => {
      patience.check((k * orders + done) / predictors, orders);
      watch.progress?.({ label: 'permutations of residuals', done: k * orders + Math.floor(done), total: predictors * orders });
    };
    values.push(await studentised(n, left, own, exact ? allOrders(n) : randomOrders(n, permutations, seed), orders, progress, watch.signal));
  }
  return told(permutationP({ values, tolerance: values.map(([observed]) => tolerance * Math.max(1, Math.abs(observed!))), exact, permutations: orders }, alternative));
}

/** A column less what the others named explain of it. */
function residualsOf(columns: readonly Numbers[], { correlations, size, means, sds }: PairMoments, of: number, others: readonly number[]): Float64Array<ArrayBuffer> {
  const factored = cholesky(submatrix(correlations, size, others), others.length);
  if (!('factor' in factored)) throw new RangeError('predictors depend on each other');
  const beta = solveCholesky(factored.factor, others.length, others.map((k) => correlations[of * size + k]!));
  const [own, mean] = [columns[of]!, means[of]!];
  const out = new Float64Array(own.length);
  for (let pair = 0; pair < out.length; pair++) out[pair] = own[pair]! - mean;
  others.forEach((column, k) => {
    const values = columns[column]!;
    const [weight, centre] = [(beta[k]! * sds[of]!) / sds[column]!, means[column]!];
    for (let pair = 0; pair < out.length; pair++) out[pair]! -= weight * (values[pair]! - centre);
  });
  return out;
}

/**
 * The sum over pairs of the products of x, its words permuted, and y, over the root of the sum of squares of each word's
 * deviation; one value per order, the given one first. Every entry is NaN where the given order has no value.
 *
 * @param x condensed, as y
 * @param count how many orders there are
 * @param progress told now and then how many orders are done, a part of one among them
 */
async function studentised(
  n: number, x: Float32Array, y: Float32Array, orders: Iterable<Uint32Array>, count: number, progress: (done: number) => void, signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const square = squareForm(x, n);
  const row = new Float32Array(n);
  const shares = new Float64Array(n);
  const out = new Float64Array(count);
  const breather = new Breather();
  let index = 0;
  for (const order of orders) {
    shares.fill(0);
    // Adding a word's number j to `base` gives the place of the pair (i, j) in y.
    for (let i = 0, base = -1; i + 1 < n; i++, base += n - i - 1) {
      // A copy, since reading a row of a large square here and there waits for memory.
      row.set(square.subarray(order[i]! * n, (order[i]! + 1) * n));
      addPairs(row, y, base, order, i, shares);
      if (i % 64 !== 0 || !breather.due()) continue;
      progress(index + i / n);
      await pause();
      signal?.throwIfAborted();
    }
    out[index++] = overScatter(shares);
  }
  return Number.isFinite(out[0]!) ? out : out.fill(NaN);
}

/**
 * Adds the products of the pairs of place i with those after it to the shares of both. Two at once: one sum alone would
 * wait for itself.
 *
 * @param row the permuted matrix's row of the word at place i, by word
 */
function addPairs(row: Float32Array, y: Float32Array, base: number, order: Uint32Array, i: number, shares: Float64Array): void {
  const n = order.length;
  let a = 0;
  let b = 0;
  let j = i + 1;
  for (; j + 1 < n; j += 2) {
    const first = row[order[j]!]! * y[base + j]!;
    const second = row[order[j + 1]!]! * y[base + j + 1]!;
    a += first;
    b += second;
    shares[j]! += first;
    shares[j + 1]! += second;
  }
  if (j < n) {
    const last = row[order[j]!]! * y[base + j]!;
    a += last;
    shares[j]! += last;
  }
  shares[i]! += a + b;
}

/** Their sum over the root of their sum of squares about the mean. */
function overScatter(shares: Float64Array): number {
  const n = shares.length;
  let total = 0;
  for (let i = 0; i < n; i++) total += shares[i]!;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (shares[i]! - total / n) ** 2;
  return total / Math.sqrt(squares);
}
