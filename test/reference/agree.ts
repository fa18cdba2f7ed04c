/**
 * One comparison with the reference values: it fails the test beyond its bound, and tells the largest error to
 * `npm run agreement`, which writes docs/statistics/reference.md.
 */
import { expect } from 'vitest';
import { commands } from 'vitest/browser';

/** A number, or a nest of lists of them; null stands for NaN, as JSON has none. */
export type Numbers = number | null | boolean | ArrayLike<number> | readonly Numbers[];

export interface Bound {
  /** Largest error allowed: absolute for values up to 1 in size, relative beyond. */
  readonly within: number;
  /** Why the bound is wider than float64 allows ("float32 kernel", "the reference stops at 1e-5"). */
  readonly because?: string;
}

const flat = (values: Numbers): number[] => {
  if (values === null) return [NaN];
  if (typeof values === 'number') return [values];
  if (typeof values === 'boolean') return [Number(values)];
  return Array.from(values as ArrayLike<Numbers>, flat).flat();
};

/** Absolute for values up to 1 in size, relative beyond; two NaN agree. */
const errorOf = (ours: number, theirs: number): number => {
  if (Number.isNaN(ours) || Number.isNaN(theirs)) return Number.isNaN(ours) && Number.isNaN(theirs) ? 0 : Infinity;
  if (ours === theirs) return 0;
  return Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs));
};

/**
 * Compares values of one statistic with those of a file of ../shared.
 *
 * @param file "compare.json", or a path below ../shared/study
 * @param statistic the name of its page in docs/statistics, and what of it where there is more: "tau-a", "partial-rsa: spearman"
 */
export async function agree(file: string, statistic: string, ours: Numbers, theirs: Numbers, bound: Bound): Promise<void> {
  const [a, b] = [flat(ours), flat(theirs)];
  expect(a.length, `${file}, ${statistic}: number of values`).toBe(b.length);
  expect(a.length, `${file}, ${statistic}: no values to compare`).toBeGreaterThan(0);
  let worst = 0;
  let at = 0;
  a.forEach((value, k) => {
    const error = errorOf(value, b[k]!);
    if (error > worst) [worst, at] = [error, k];
  });
  expect(worst, `${file}, ${statistic}: value ${at} is ${a[at]}, not ${b[at]}`).toBeLessThanOrEqual(bound.within);
  await commands.recordAgreement({ file, statistic, values: a.length, error: worst, within: bound.within, because: bound.because ?? '' });
}
