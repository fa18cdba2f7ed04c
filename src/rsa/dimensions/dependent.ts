/**
 * Tests of two correlations that share a variable and the words: does candidate a agree better with the reference than
 * candidate b does? The correlations rho(reference, a) and rho(reference, b) are dependent, and how much depends on
 * rho(a, b). All take the words as independent draws, and are derived for Pearson's r of normal data; with Spearman's
 * rho they are approximations (Myers and Sirois 2006, "Spearman correlation coefficients, differences between").
 *
 * Hotelling 1940, Annals of Mathematical Statistics 11; Williams 1959, JRSS B 21; Dunn and Clark 1969, JASA 64; Steiger
 * 1980, Psychological Bulletin 87; Meng, Rosenthal and Rubin 1992, Psychological Bulletin 111.
 */
import { normalQuantile, normalTwoSided, studentTwoSided } from '../numbers/distributions.ts';

export type DependentTest = 'steiger' | 'dunn-clark' | 'meng' | 'williams' | 'hotelling';

export interface Correlations {
  /** Reference with a, and with b. */
  readonly a: number;
  readonly b: number;
  /** a with b. */
  readonly ab: number;
  /** Words. */
  readonly n: number;
}

export interface DependentResult {
  /** z, or t where there are degrees of freedom; positive where a agrees better. */
  readonly statistic: number;
  readonly df?: number;
  /** Two-sided. */
  readonly p: number;
}

/** Pearson and Filon's covariance of the two correlations (n - 1 left out), as Steiger 1980 gives it, over their variances. */
function covariance(a: number, b: number, ab: number): number {
  const psi = ab * (1 - a * a - b * b) - 0.5 * a * b * (1 - a * a - b * b - ab * ab);
  return psi / ((1 - a * a) * (1 - b * b));
}

/** (za - zb) sqrt(n - 3) / sqrt(2 - 2 s). */
const zOf = ({ a, b, n }: Correlations, s: number): number => ((Math.atanh(a) - Math.atanh(b)) * Math.sqrt(n - 3)) / Math.sqrt(2 - 2 * s);

/** Determinant of the 3 x 3 correlation matrix. */
const determinant = ({ a, b, ab }: Correlations): number => 1 - a * a - b * b - ab * ab + 2 * a * b * ab;

/** Meng, Rosenthal and Rubin's standard error of za - zb. */
function mengError({ a, b, ab, n }: Correlations): number {
  const meanSquare = (a * a + b * b) / 2;
  // f is cut off at 1, as the authors say.
  const f = Math.min(1, (1 - ab) / (2 * (1 - meanSquare)));
  const h = (1 - f * meanSquare) / (1 - meanSquare);
  return Math.sqrt((2 * (1 - ab) * h) / (n - 3));
}

/** The statistic of a test, and its degrees of freedom where it is a t. */
function statisticOf(test: DependentTest, all: Correlations): { statistic: number; df?: number } {
  const { a, b, ab, n } = all;
  switch (test) {
    case 'steiger': {
      const average = (a + b) / 2;
      return { statistic: zOf(all, covariance(average, average, ab)) };
    }
    case 'dunn-clark': return { statistic: zOf(all, covariance(a, b, ab)) };
    case 'meng': return { statistic: (Math.atanh(a) - Math.atanh(b)) / mengError(all) };
    case 'williams': {
      const average = (a + b) / 2;
      const below = (2 * (n - 1) * determinant(all)) / (n - 3) + average ** 2 * (1 - ab) ** 3;
      return { statistic: (a - b) * Math.sqrt(((n - 1) * (1 + ab)) / below), df: n - 3 };
    }
    case 'hotelling': return { statistic: (a - b) * Math.sqrt(((n - 3) * (1 + ab)) / (2 * determinant(all))), df: n - 3 };
    default: return test satisfies never;
  }
}

/**
 * Tests rho(reference, a) = rho(reference, b), two-sided.
 *
 * @param all correlations from -1 to 1 of the same n words
 * @returns statistic and p; NaN where the test has none: n of 3 or less, a correlation that is NaN or of size 1, or
 *   correlations that no data can have together. Two candidates that are equal (ab = 1) differ by 0, with p = 1.
 */
export function dependentTest(test: DependentTest, all: Correlations): DependentResult {
  const { statistic: found, df } = statisticOf(test, all);
  const same = all.a === all.b && all.ab >= 1;
  const possible = all.n > 3 && Math.abs(all.a) < 1 && Math.abs(all.b) < 1 && determinant(all) > -1e-12;
  const statistic = !possible ? NaN : same ? 0 : found;
  return df === undefined ? { statistic, p: normalTwoSided(statistic) } : { statistic, df, p: studentTwoSided(statistic, df) };
}

/** Meng, Rosenthal and Rubin's interval of atanh(a) - atanh(b). */
export function mengInterval(all: Correlations, level: number): readonly [number, number] {
  const difference = Math.atanh(all.a) - Math.atanh(all.b);
  const reach = normalQuantile((1 + level) / 2) * mengError(all);
  return [difference - reach, difference + reach];
}
