/**
 * The Mantel test: do two RDMs agree more than they would if the words of one were shuffled? Rows and columns are
 * permuted together, never single distances. One-sided, and the unpermuted order counts as one of the permutations, so
 * that p is never 0 (Phipson and Smyth 2010, "Permutation p-values should never be zero").
 */
import type { Watch } from '../base/progress.ts';
import type { Compute } from '../gpu/compute.ts';
import { mantelRankSums, mantelSums } from '../gpu/mantel.ts';
import { type Comparator, type Numbers, scores, standardised } from './correlate.ts';
import { bothRanks, centredRanks } from './ranks.ts';

/** Up to here sums of centred doubled ranks are exact integers on every device, and p is the same on all. */
export const exactSumsUpTo = 256;

/** Correlations this close count as equal where sums are float32: a permutation that changes nothing must count. */
const floatTolerance = 1e-6;

/** RDM entries ready to be compared, condensed. */
export interface ScoredRdm {
  /** What the comparator correlates: doubled ranks, or the distances themselves. */
  readonly scores: Numbers;
  /** The same with mean 0 and SD 1, in float32: what permutations and resamples multiply. */
  readonly standard: Float32Array;
  /** Ranks in which distances that only rounding tells apart tie; null where there are none such. */
  readonly tied: Uint32Array | null;
}

/** Scores an RDM once for all that follows. */
export function scoreRdm(distances: Float32Array | Float64Array, comparator: Comparator): ScoredRdm {
  if (comparator === 'spearman' && distances instanceof Float64Array) {
    const { exact, tied } = bothRanks(distances);
    return { scores: exact, standard: standardised(exact), tied };
  }
  const values = scores(distances, comparator);
  return { scores: values, standard: standardised(values), tied: null };
}

/** Several candidates against one reference. */
export interface MantelInput {
  readonly n: number;
  readonly reference: ScoredRdm;
  readonly candidates: readonly ScoredRdm[];
  readonly comparator: Comparator;
  /** How many orders of the words, the given one among them. */
  readonly permutations: number;
  readonly seed: number;
}

export interface MantelResult {
  /** One p per candidate; NaN where the correlation does not exist. */
  readonly p: readonly number[];
  /** True when all n! orders were taken instead of random ones. */
  readonly exact: boolean;
  /** Orders used. */
  readonly permutations: number;
}

/**
 * p = share of the permutations whose correlation is at least the observed one. When all n! orders are no more than
 * the permutations asked for, each is taken once and p is exact.
 */
export async function mantelTest(compute: () => Promise<Compute>, input: MantelInput, watch: Watch): Promise<MantelResult> {
  const { n, reference, candidates, permutations } = input;
  if (factorial(n) <= permutations) {
    const p = candidates.map(({ scores: candidate }) => exactMantel(n, reference.scores, candidate).greater);
    return { p, exact: true, permutations: factorial(n) };
  }
  const { sums, tolerance } = await randomSums(await compute(), input, watch);
  // A constant RDM standardises to zeros: every order then ties with the observed one, which is no p at all.
  const constant = (rdm: ScoredRdm): boolean => rdm.standard.every((value) => value === 0);
  const noReference = constant(reference);
  const p = candidates.map((candidate, k) => (noReference || constant(candidate) ? NaN : shareAtLeastFirst(sums[k]!, tolerance)));
  return { p, exact: false, permutations };
}

async function randomSums(compute: Compute, input: MantelInput, watch: Watch): Promise<{ sums: Float64Array[]; tolerance: number }> {
  const { n, reference, candidates, permutations, seed } = input;
  if (input.comparator === 'spearman' && n <= exactSumsUpTo) {
    const integers = ({ scores: ranks }: ScoredRdm): Int32Array<ArrayBuffer> => centredRanks(ranks as Uint32Array);
    const { sums } = await mantelRankSums(compute, { n, reference: integers(reference), candidates: candidates.map(integers), permutations, seed }, watch);
    return { sums, tolerance: 0 };
  }
  const { sums } = await mantelSums(compute, {
    n, reference: reference.standard, candidates: candidates.map(({ standard }) => standard), permutations, seed,
  }, watch);
  return { sums, tolerance: floatTolerance * reference.standard.length };
}

/** Share of the values that are at least the first (the observed one), which is counted too. */
export function shareAtLeastFirst(values: Float64Array, tolerance: number): number {
  const least = values[0]! - tolerance;
  let count = 0;
  for (const value of values) if (value >= least) count++;
  return count / values.length;
}

/** Shares of all n! orders whose correlation is at least, at most, or in size at least the observed one. */
export interface ExactMantel {
  readonly observed: number;
  readonly orders: number;
  readonly atLeast: number;
  readonly atMost: number;
  readonly sizeAtLeast: number;
  /** One-sided p: atLeast / orders; NaN without a correlation. */
  readonly greater: number;
}

/**
 * Every order of the words, each once; for n of at most 9 or so.
 *
 * @param reference what the comparator correlates, condensed; its rows and columns are permuted
 */
export function exactMantel(n: number, reference: Numbers, candidate: Numbers): ExactMantel {
  // float32 scores would lose ties between orders, so the sums run over float64 deviations.
  const x = deviations(reference);
  const y = deviations(candidate);
  const norm = Math.sqrt(dot(x, x) * dot(y, y));
  const square = new Float64Array(n * n);
  for (let i = 0, pair = 0; i < n; i++) for (let j = i + 1; j < n; j++, pair++) square[i * n + j] = square[j * n + i] = x[pair]!;
  const observed = dot(x, y) / norm;
  let orders = 0;
  let atLeast = 0;
  let atMost = 0;
  let sizeAtLeast = 0;
  const order = Array.from({ length: n }, (_, i) => i);
  const count = (): void => {
    let sum = 0;
    for (let i = 0, pair = 0; i < n; i++) {
      const row = order[i]! * n;
      for (let j = i + 1; j < n; j++) sum += square[row + order[j]!]! * y[pair++]!;
    }
    const value = sum / norm;
    orders++;
    if (value >= observed - 1e-10) atLeast++;
    if (value <= observed + 1e-10) atMost++;
    if (Math.abs(value) >= Math.abs(observed) - 1e-10) sizeAtLeast++;
  };
  // Heap's algorithm: each order differs from the last by one exchange.
  const visit = (length: number): void => {
    if (length <= 1) {
      count();
      return;
    }
    for (let k = 0; k < length; k++) {
      visit(length - 1);
      const other = length % 2 === 0 ? k : 0;
      [order[other], order[length - 1]] = [order[length - 1]!, order[other]!];
    }
  };
  visit(n);
  return { observed, orders, atLeast, atMost, sizeAtLeast, greater: norm > 0 ? atLeast / orders : NaN };
}

function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n && product < 1e12; k++) product *= k;
  return product;
}

function deviations(values: Numbers): Float64Array {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return Float64Array.from(values, (value) => value - sum / values.length);
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!;
  return sum;
}
