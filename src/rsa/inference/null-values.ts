/**
 * What a comparator gives when the words of the reference are put in other orders: rows and columns together, never single
 * distances. Linear comparators go to the permutation kernel; Kendall's tau and Procrustes are computed anew in each order.
 */
import type { Watch } from '../../base/progress.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { mantelRankSums, mantelSums } from '../../gpu/mantel.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { type Comparator, isLinear } from '../comparators/comparators.ts';
import { deviations, dot } from '../comparators/correlate.ts';
import { denseRanks, TauAgainst, tauOf } from '../comparators/kendall.ts';
import { allOrders, orderCount, randomOrders } from './orders.ts';
import { Patience } from './patience.ts';
import { Procrustes } from '../comparators/procrustes.ts';
import { centredRanks } from '../comparators/ranks.ts';
import { affine, linear, orderOf, rowsOf, type Scored, type ScoredRdm } from '../scored.ts';

/** Up to here sums of centred doubled ranks are exact integers on every device, and p is the same on all. */
const exactSumsUpTo = 256;

/** Correlations this close count as equal where sums are float32: a permutation that changes nothing must count. */
const floatTolerance = 1e-6;
/** The same where everything is float64. */
const doubleTolerance = 1e-10;

/** Several candidates against one reference. */
export interface NullInput {
  readonly n: number;
  readonly comparator: Comparator;
  readonly reference: Scored;
  readonly candidates: readonly Scored[];
  /** How many orders of the words, the given one among them; all n! where these are no more. */
  readonly permutations: number;
  readonly seed: number;
  /** For problems: the cell. */
  readonly place?: string;
  readonly warn?: (message: string) => void;
}

export interface NullValues {
  /** Per candidate the comparator's value in every order of the words, the given one first; NaN where it does not exist. */
  readonly values: readonly Float64Array[];
  /** Per candidate: values this close count as equal. */
  readonly tolerance: readonly number[];
  /** True when all n! orders were taken instead of random ones. */
  readonly exact: boolean;
  /** Orders used. */
  readonly permutations: number;
}

/**
 * Values of every candidate under the same orders of the reference's words.
 *
 * @throws Problem `too-long` where tau or Procrustes would take more than six hours; the signal's reason when cancelled
 */
export async function nullValues(compute: () => Promise<Compute>, input: NullInput, watch: Watch): Promise<NullValues> {
  const { n, comparator, candidates } = input;
  const exact = orderCount(n) <= input.permutations;
  const permutations = exact ? orderCount(n) : input.permutations;
  if (isLinear(comparator) && !exact) return linearNulls(await compute(), input, watch);
  const values = candidates.map(() => new Float64Array(permutations));
  const evaluate = isLinear(comparator) ? linearEvaluator(input) : comparator === 'procrustes' ? rowsEvaluator(input) : tauEvaluator(input, comparator);
  const orders = exact ? allOrders(n) : randomOrders(n, permutations, input.seed);
  const patience = new Patience({ steps: 'permutations', ...input });
  const breather = new Breather();
  let done = 0;
  for (const order of orders) {
    evaluate(order, (c, value) => { values[c]![done] = value; });
    done++;
    if (!breather.due()) continue;
    patience.check(done, permutations);
    watch.progress?.({ label: 'permutations', done, total: permutations });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return { values, tolerance: candidates.map(() => doubleTolerance), exact, permutations };
}

async function linearNulls(compute: Compute, input: NullInput, watch: Watch): Promise<NullValues> {
  const { n, permutations, seed, comparator } = input;
  const [reference, candidates] = [linear(input.reference), input.candidates.map(linear)];
  const pairs = pairCount(n);
  const lines = candidates.map((candidate) => affine(reference, candidate));
  if ((comparator === 'spearman' || comparator === 'rho-a') && n <= exactSumsUpTo) {
    const integers = ({ scores: ranks }: ScoredRdm): Int32Array<ArrayBuffer> => centredRanks(ranks as Uint32Array);
    const { sums } = await mantelRankSums(compute, { n, reference: integers(reference), candidates: candidates.map(integers), permutations, seed }, watch);
    sums.forEach((own, c) => own.forEach((sum, k) => { own[k] = sum / (reference.norm * candidates[c]!.norm); }));
    withoutValue(sums, lines);
    return { values: sums, tolerance: candidates.map(() => 0), exact: false, permutations };
  }
  const { sums } = await mantelSums(compute, {
    n, reference: reference.standard, candidates: candidates.map(({ standard }) => standard), permutations, seed,
  }, watch);
  sums.forEach((own, c) => {
    const { gain, shift } = lines[c]!;
    for (let k = 0; k < own.length; k++) own[k] = (gain * own[k]!) / pairs + shift;
  });
  return { values: sums, tolerance: lines.map(({ gain }) => gain * floatTolerance), exact: false, permutations };
}

/** A constant RDM would tie with itself in every order, which is no value at all. */
function withoutValue(values: readonly Float64Array[], lines: readonly { readonly gain: number }[]): void {
  values.forEach((own, c) => { if (Number.isNaN(lines[c]!.gain)) own.fill(NaN); });
}

type Evaluate = (order: Uint32Array, tell: (candidate: number, value: number) => void) => void;

/** Float64 deviations, since float32 ones would split ties between orders. */
function linearEvaluator(input: NullInput): Evaluate {
  const { n } = input;
  const [reference, candidates] = [linear(input.reference), input.candidates.map(linear)];
  const square = squareOf(deviations(reference.scores), n);
  const permuted = new Float64Array(pairCount(n));
  const lists = candidates.map(({ scores }) => deviations(scores));
  const norms = candidates.map((candidate) => reference.norm * candidate.norm);
  const shifts = candidates.map((candidate) => affine(reference, candidate).shift);
  return (order, tell) => {
    reorder(square, n, order, permuted);
    lists.forEach((list, c) => {
      tell(c, norms[c]! > 0 ? dot(list, permuted) / norms[c]! + shifts[c]! : NaN);
    });
  };
}

function tauEvaluator(input: NullInput, comparator: 'tau-a' | 'tau-b'): Evaluate {
  const { n } = input;
  const square = squareOf(denseRanks(orderOf(input.reference)), n);
  const permuted = new Uint32Array(pairCount(n));
  const against = input.candidates.map((candidate) => new TauAgainst(orderOf(candidate)));
  return (order, tell) => {
    reorder(square, n, order, permuted);
    against.forEach((one, c) => tell(c, tauOf(comparator, one.counts(permuted))));
  };
}

function rowsEvaluator(input: NullInput): Evaluate {
  const reference = new Procrustes(rowsOf(input.reference));
  const against = input.candidates.map((candidate) => reference.against(rowsOf(candidate)));
  return (order, tell) => against.forEach((value, c) => tell(c, value(order)));
}

/** In float64: float32 would round the deviations. */
function squareOf(condensed: ArrayLike<number>, n: number): Float64Array {
  const square = new Float64Array(n * n);
  for (let i = 0, pair = 0; i < n; i++) for (let j = i + 1; j < n; j++, pair++) square[i * n + j] = square[j * n + i] = condensed[pair]!;
  return square;
}

/** The condensed list whose pair (i, j) is that of order[i] and order[j]. */
function reorder(square: Float64Array, n: number, order: Uint32Array, out: Float64Array | Uint32Array): void {
  for (let i = 0, pair = 0; i < n; i++) {
    const row = order[i]! * n;
    for (let j = i + 1; j < n; j++) out[pair++] = square[row + order[j]!]!;
  }
}
