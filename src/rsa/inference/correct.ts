/**
 * Corrections of p-values for the number of comparisons. Holm's bounds the chance of any false finding, however the
 * tests depend on each other; Benjamini and Hochberg's bounds the expected share of false ones among the findings, for
 * tests that are independent or depend positively.
 */

/** Positions of p-values from the smallest to the largest; equal ones in their given order. */
function ascending(p: readonly number[]): number[] {
  p.forEach((value, at) => {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`p-value ${at} is ${value}, outside 0 to 1`);
  });
  return p.map((_, at) => at).sort((a, b) => p[a]! - p[b]! || a - b);
}

/**
 * Holm's step-down adjustment (Holm 1979, Scandinavian Journal of Statistics 6): the i-th smallest of m is multiplied by
 * m - i + 1, never comes below a smaller one's, and is at most 1.
 *
 * @param p each 0 to 1; together they are the family
 * @returns adjusted p-values in the given order
 * @throws RangeError for a number outside 0 to 1
 */
export function holm(p: readonly number[]): number[] {
  const adjusted = p.map(() => 1);
  let least = 0;
  ascending(p).forEach((at, rank) => {
    least = Math.max(least, Math.min(1, p[at]! * (p.length - rank)));
    adjusted[at] = least;
  });
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up adjustment (1995, Journal of the Royal Statistical Society B 57): the i-th smallest
 * of m is multiplied by m / i and never exceeds a larger one's.
 *
 * @param p each 0 to 1; together they are the family
 * @returns adjusted p-values in the given order
 * @throws RangeError for a number outside 0 to 1
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = p.map(() => 1);
  let most = 1;
  const order = ascending(p);
  for (let rank = order.length; rank > 0; rank--) {
    const at = order[rank - 1]!;
    most = Math.min(most, (p[at]! * p.length) / rank);
    adjusted[at] = most;
  }
  return adjusted;
}

/**
 * Rows with p corrected over all that have one.
 *
 * @param correction none leaves pAdjusted as it is
 */
export function adjusted<Row extends { readonly p: number | null; readonly pAdjusted: number | null }>(rows: readonly Row[], correction: 'none' | 'holm' | 'bh'): Row[] {
  if (correction === 'none') return [...rows];
  const tested = rows.filter(({ p }) => p !== null);
  const p = (correction === 'holm' ? holm : benjaminiHochberg)(tested.map((row) => row.p!));
  const of = new Map(tested.map((row, at) => [row, p[at]!]));
  return rows.map((row) => ({ ...row, pAdjusted: of.get(row) ?? null }));
}
