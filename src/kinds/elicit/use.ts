/** How a model uses the scale for each dimension, and whether its two kinds of answers agree. */
import type { Elicited } from '../../data/elicited.ts';
import { quantiles } from '../../figures/distribution.ts';
import { spearman } from '../../rsa/comparators/correlate.ts';

export interface DimensionUse {
  readonly dimension: string;
  readonly mean: number;
  /** Population SD over words. */
  readonly sd: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  /** Mean probability that an answer begins with a digit of the scale. */
  readonly mass: number;
  /** The same in the wording where it is least. */
  readonly leastMass: number;
  /** Mean of the ratings in greedy texts, NaN without any. */
  readonly greedy: number;
  /** Greedy texts without a rating. */
  readonly without: number;
  /** Spearman over words between expected ratings and those of greedy texts, first wording; NaN where either is constant. */
  readonly agreement: number;
}

/** Of the ratings in greedy texts, those that are no whole numbers: the expected value knows their first digit only. */
export function decimalsIn(wordings: Elicited['wordings']): { readonly count: number; readonly share: number; readonly example: number } {
  const known = wordings.flatMap(({ greedy }) => [...greedy]).filter((value) => !Number.isNaN(value));
  const found = known.filter((value) => !Number.isInteger(value));
  return { count: found.length, share: known.length > 0 ? found.length / known.length : 0, example: found[0] ?? Number.NaN };
}

/** @param data the ratings, words by dimensions */
export function useOfScale({ wordings }: Pick<Elicited, 'wordings'>, dimensions: readonly string[], data: ArrayLike<number>): DimensionUse[] {
  const k = dimensions.length;
  const column = (values: ArrayLike<number>, at: number): number[] => Array.from({ length: values.length / k }, (_, row) => values[row * k + at]!);
  return dimensions.map((dimension, at) => {
    const ratings = column(data, at).filter((value) => !Number.isNaN(value));
    const mean = average(ratings);
    const { q1, median, q3 } = quantiles(ratings);
    const greedy = wordings.flatMap((one) => column(one.greedy, at));
    const known = greedy.filter((value) => !Number.isNaN(value));
    const [expected, read] = [column(wordings[0]!.expected, at), column(wordings[0]!.greedy, at)];
    const both = read.flatMap((value, row) => (Number.isNaN(value) || Number.isNaN(expected[row]!) ? [] : [row]));
    return {
      dimension, mean, q1, median, q3,
      sd: Math.sqrt(average(ratings.map((value) => (value - mean) ** 2))),
      mass: average(wordings.flatMap((one) => column(one.mass, at))),
      leastMass: Math.min(...wordings.map((one) => average(column(one.mass, at)))),
      greedy: average(known), without: greedy.length - known.length,
      agreement: both.length > 3 ? spearman(Float64Array.from(both, (row) => expected[row]!), Float64Array.from(both, (row) => read[row]!)) : Number.NaN,
    };
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
