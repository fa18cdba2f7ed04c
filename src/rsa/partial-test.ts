/**
 * Permutation test of a partial correlation of RDMs: does a predictor explain anything of the reference beyond the others?
 *
 * Residuals of the reference given the other predictors are permuted, rows and columns together as in every Mantel test,
 * and the partial correlation is taken anew in each order (Freedman and Lane 1983, "A nonstochastic interpretation of
 * reported significance levels"; for distance matrices Legendre 2000, "Comparison of permutation methods for the partial
 * correlation and partial Mantel tests"). The fitted part need not be added back: the partial correlation takes it out
 * again. So each order needs the sums of the permuted residuals with every predictor, which is one Mantel pass, and the
 * rest is algebra on a small matrix.
 */
import type { Watch } from '../base/progress.ts';
import type { Compute } from '../gpu/compute.ts';
import { mantelSums } from '../gpu/mantel.ts';
import { type Numbers, standardised } from './correlate.ts';
import { cholesky, solveCholesky, submatrix } from './linear.ts';
import type { PairMoments } from './pair-products.ts';

/** Correlations this close count as equal: sums are float32, and an order that changes nothing must count. */
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

export interface PartialTestResult {
  /** Per predictor, one-sided: share of the orders whose correlation is at least that of the given one. */
  readonly simple: readonly number[];
  readonly partial: readonly number[];
}

/** @throws the signal's reason when cancelled; as mantelSums */
export async function partialTest(compute: () => Promise<Compute>, input: PartialTestInput, watch: Watch = {}): Promise<PartialTestResult> {
  const { n, columns, moments, permutations, seed } = input;
  const [, ...predictors] = columns.map((column) => standardised(column)) as [Float32Array, ...Float32Array[]];
  const pairs = columns[0]!.length;
  const tests = predictors.length + 1;
  const permuted = async (reference: Float32Array, at: number): Promise<Float64Array[]> => {
    const progress = watch.progress;
    const own: Watch = progress
      ? { ...watch, progress: (step) => { progress({ label: 'permutations', done: at * permutations + (step.done ?? 0), total: tests * permutations }); } }
      : watch;
    const { sums } = await mantelSums(await compute(), { n, reference, candidates: predictors, permutations, seed }, own);
    return sums.map((values) => values.map((sum) => sum / pairs));
  };
  const plain = await permuted(standardised(columns[0]!), 0);
  const simple = plain.map(shareAtLeastFirst);
  if (predictors.length === 1) return { simple, partial: simple };
  const partial: number[] = [];
  for (const [k] of predictors.entries()) {
    const others = predictors.map((_, other) => other).filter((other) => other !== k);
    const residuals = residualsOf(columns, moments, others);
    const correlations = await permuted(standardised(residuals), k + 1);
    partial.push(shareAtLeastFirst(partialsOf(correlations, moments, k, others)));
  }
  return { simple, partial };
}

/** The reference less what the predictors named (from 0) explain of it. */
function residualsOf(columns: readonly Numbers[], { correlations, size, means, sds }: PairMoments, others: readonly number[]): Float64Array<ArrayBuffer> {
  const at = others.map((k) => k + 1);
  const factored = cholesky(submatrix(correlations, size, at), at.length);
  if (!('factor' in factored)) throw new RangeError('predictors depend on each other');
  const beta = solveCholesky(factored.factor, at.length, at.map((k) => correlations[k]!));
  const out = Float64Array.from(columns[0]!, (value) => value - means[0]!);
  at.forEach((column, k) => {
    const values = columns[column]!;
    const [weight, centre] = [(beta[k]! * sds[0]!) / sds[column]!, means[column]!];
    for (let pair = 0; pair < out.length; pair++) out[pair]! -= weight * (values[pair]! - centre);
  });
  return out;
}

/**
 * Partial correlation of each order's residuals e with predictor x given the others C, from the correlations of e with
 * all: (r_ex - r_eC R^-1 r_Cx) / sqrt((1 - r_eC R^-1 r_Ce)(1 - r_xC R^-1 r_Cx)).
 *
 * @param correlations per predictor, one per order
 */
function partialsOf(correlations: readonly Float64Array[], { correlations: all, size }: PairMoments, k: number, others: readonly number[]): Float64Array {
  const at = others.map((other) => other + 1);
  const factored = cholesky(submatrix(all, size, at), at.length);
  if (!('factor' in factored)) throw new RangeError('predictors depend on each other');
  const { factor } = factored;
  const withOthers = at.map((column) => all[(k + 1) * size + column]!);
  const solved = solveCholesky(factor, at.length, withOthers);
  const own = 1 - withOthers.reduce((sum, value, m) => sum + value * solved[m]!, 0);
  const row = new Float64Array(at.length);
  return correlations[k]!.map((value, order) => {
    others.forEach((other, m) => { row[m] = correlations[other]![order]!; });
    const taken = solveCholesky(factor, at.length, row);
    let [above, explained] = [value, 0];
    for (let m = 0; m < row.length; m++) {
      above -= row[m]! * solved[m]!;
      explained += row[m]! * taken[m]!;
    }
    return above / Math.sqrt(own * (1 - explained));
  });
}

function shareAtLeastFirst(values: Float64Array): number {
  const observed = values[0]!;
  if (!Number.isFinite(observed)) return NaN;
  let count = 0;
  for (const value of values) if (value >= observed - tolerance) count++;
  return count / values.length;
}
