/**
 * Tests between candidates, one dimension at a time: whose Spearman correlation with the reference is larger, by how the
 * difference varies with the words (jackknife.ts), or given how the candidates correlate with each other (dependent.ts).
 *
 * All tests of a dimension use the words that every candidate has on it, so that they speak of the same words. Hidden
 * states are compared layer by layer, under the same number; ratings with every layer. A probe's correlations are means
 * over its partitions, its predictions taken as if they were fixed ratings.
 */
import type { Watch } from '../../base/progress.ts';
import type { DimensionTest } from '../../data/agreement.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { benjaminiHochberg, holm } from '../inference/correct.ts';
import { mean, pearson } from '../comparators/correlate.ts';
import { type DependentResult, type DependentTest, dependentTest, mengInterval } from './dependent.ts';
import { commonWords, type DimensionAgreement } from './dimension-agreement.ts';
import { jackknifeTest, leaveOneOut } from './jackknife.ts';
import { doubledRanks } from '../comparators/ranks.ts';

export interface TestSettings {
  readonly test: 'jackknife' | DependentTest;
  /** Every other candidate with the first, or all pairs. */
  readonly compare: 'first' | 'all';
  readonly correction: 'none' | 'holm' | 'bh';
  /** Of intervals. */
  readonly level: number;
}

/** One row over the common words: ranks of the reference, and of the candidate in each partition. */
interface Ranked {
  readonly row: DimensionAgreement;
  readonly n: number;
  readonly x: Uint32Array;
  readonly ys: readonly Uint32Array[];
  readonly rho: number;
}

const meanOf = (values: readonly number[]): number => mean(Float64Array.from(values));

function ranked(row: DimensionAgreement, common: ReadonlySet<number>): Ranked {
  const keep = [...row.words.keys()].filter((k) => common.has(row.words[k]!));
  const ranks = (values: Float64Array) => doubledRanks(Float64Array.from(keep, (k) => values[k]!));
  const x = ranks(row.x);
  const ys = row.ys.map(ranks);
  return { row, n: keep.length, x, ys, rho: meanOf(ys.map((y) => pearson(x, y))) };
}

/** Mean over partitions of rho without each word in turn. */
function withoutEach({ x, ys, n }: Ranked): Float64Array {
  const each = ys.map((y) => leaveOneOut(x, y));
  return Float64Array.from({ length: n }, (_, word) => meanOf(each.map((rhos) => rhos[word]!)));
}

/** Mean Spearman of two candidates over partitions; what has one list is paired with each of the other's. */
function between(a: Ranked, b: Ranked): number {
  const count = Math.max(a.ys.length, b.ys.length);
  return meanOf(Array.from({ length: count }, (_, k) => pearson(a.ys[k % a.ys.length]!, b.ys[k % b.ys.length]!)));
}

/** Whether two rows are of one dimension, of different candidates, and of the same layer where both have several. */
function comparable(a: DimensionAgreement, b: DimensionAgreement): boolean {
  const sameLayer = a.method === 'direct' || b.method === 'direct' || a.layerIndex === b.layerIndex;
  return a.dimension === b.dimension && a.candidate !== b.candidate && sameLayer;
}

/**
 * Compares candidates in the order of the rows: of each pair, a is the earlier one.
 *
 * @returns tests without a p (a constant candidate; under all but the jackknife a correlation of 1) have null, and stay
 *   outside the correction
 */
export async function dimensionTests(rows: readonly DimensionAgreement[], { test, compare, correction, level }: TestSettings, watch: Watch): Promise<DimensionTest[]> {
  const common = commonWords(rows);
  const all = rows.map((row) => ranked(row, common.get(row.dimension)!));
  const first = rows[0]?.candidate;
  const found: Omit<DimensionTest, 'pAdjusted'>[] = [];
  const kept = new Map<Ranked, Float64Array>();
  const jackknifed = (of: Ranked): Float64Array => {
    const known = kept.get(of) ?? withoutEach(of);
    kept.set(of, known);
    return known;
  };
  const breather = new Breather();
  const breathe = async (at: number): Promise<void> => {
    if (!breather.due()) return;
    watch.progress?.({ label: 'tests between candidates', done: at + 1, total: all.length });
    await pause();
    watch.signal?.throwIfAborted();
  };
  for (const [at, a] of all.entries()) {
    if (compare === 'first' && a.row.candidate !== first) break;
    for (const b of all.slice(at + 1)) {
      if (!comparable(a.row, b.row)) continue;
      const three = { a: a.rho, b: b.rho, ab: between(a, b), n: a.n };
      const result = test === 'jackknife' ? jackknifeTest(a.rho - b.rho, jackknifed(a), jackknifed(b)) : dependentTest(test, three);
      const named = ({ row: { candidate, layer } }: Ranked) => ({ candidate, layer });
      found.push({
        dimension: a.row.dimension, a: named(a), b: named(b), n: a.n, rhoA: a.rho, rhoB: b.rho, rhoAB: three.ab, ...told(result),
        ...(test === 'meng' ? { interval: Number.isNaN(result.p) ? null : mengInterval(three, level) } : {}),
      });
      await breathe(at);
    }
    await breathe(at);
  }
  return corrected(found, correction);
}

/** Statistic and p with null for what could not be tested. */
function told({ statistic, p, ...rest }: DependentResult): Pick<DimensionTest, 'statistic' | 'df' | 'p'> {
  return { ...rest, ...(Number.isNaN(p) ? { statistic: null, p: null } : { statistic, p }) };
}

function corrected(tests: readonly Omit<DimensionTest, 'pAdjusted'>[], correction: TestSettings['correction']): DimensionTest[] {
  if (correction === 'none') return tests.map((test) => ({ ...test, pAdjusted: null }));
  const known = tests.flatMap((test) => (test.p === null ? [] : [{ test, p: test.p }]));
  const adjusted = (correction === 'holm' ? holm : benjaminiHochberg)(known.map(({ p }) => p));
  const of = new Map(known.map(({ test }, k) => [test, adjusted[k]!]));
  return tests.map((test) => ({ ...test, pAdjusted: of.get(test) ?? null }));
}
