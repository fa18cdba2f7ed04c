/**
 * Student's t in float64, with tails that are accurate in relative terms. It is the regularised incomplete beta function:
 * its continued fraction (DLMF 8.17.22) by Lentz's method, and its leading factor in the saddle-point form of Loader, "Fast
 * and accurate computation of binomial probabilities" (2000), which subtracts no large logarithms. The normal distribution
 * is in normal.ts and is exported here too.
 */
import { normalQuantile } from './normal.ts';

export { normalCdf, normalQuantile, normalTwoSided, normalUpper } from './normal.ts';

/** ln Γ(x) minus Stirling's (x - ½) ln x - x + ½ ln 2π; x above 0. */
function stirlingError(x: number): number {
  // Γ(x + 1) = x Γ(x) leads up to where the series has all digits.
  if (x < 12) return stirlingError(x + 1) + (x + 0.5) * Math.log1p(1 / x) - 1;
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) / x;
}

/** x^a y^b / B(a, b) with y = 1 - x. */
function betaFront(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  // a ln(nx / a) + b ln(ny / b), by how far each ratio is from 1.
  const far = b * x - a * y;
  const exponent = a * logRatio(far / a, (n * x) / a) + b * logRatio(-far / b, (n * y) / b);
  return Math.exp(exponent + stirlingError(n) - stirlingError(a) - stirlingError(b)) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

/** ln(ratio), from how far it is from 1 where that keeps more digits. */
const logRatio = (excess: number, ratio: number): number => (Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(ratio));

/** The continued fraction of the incomplete beta function, for x below (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const nonzero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 4e-16) break;
  }
  return value;
}

/** I_x(a, b) for x and y = 1 - x, both given so that neither loses digits near 1. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x < (a + 1) / (a + b + 2)) return (betaFront(x, y, a, b) * betaFraction(x, a, b)) / a;
  return 1 - (betaFront(y, x, b, a) * betaFraction(y, b, a)) / b;
}

/** x / (1 + x) and 1 / (1 + x) for x from 0 to Infinity. */
const shares = (x: number): [number, number] => (x > 1 ? [1 / (1 + 1 / x), 1 / x / (1 + 1 / x)] : [x / (1 + x), 1 / (1 + x)]);

/**
 * Two-sided p of Student's t. Its relative error is near 1e-14, and 1e-16 df / t² where that is more.
 *
 * @param df degrees of freedom, above 0
 * @returns 0 to 1, NaN for another df
 */
export function studentTwoSided(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return NaN;
  const [far, near] = shares((t / df) * t);
  return incompleteBeta(near, far, df / 2, 0.5);
}

/** P(T < t) of Student's t; accurate in relative terms in the lower tail (take `studentTwoSided` for the upper one). */
export function studentCdf(t: number, df: number): number {
  const half = studentTwoSided(t, df) / 2;
  return t < 0 ? half : 1 - half;
}

/**
 * The t below which a share p lies.
 *
 * @param p 0 to 1; 0 and 1 give -Infinity and Infinity
 * @param df degrees of freedom, above 0
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return NaN;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const sign = p < 0.5 ? -1 : 1;
  if (tail === 0) return sign * Infinity;
  const upper = (t: number): number => studentTwoSided(t, df) / 2;
  // The tails are heavier than the normal's, so its quantile is a lower bound; doubling finds an upper one.
  let low = -normalQuantile(tail);
  let high = low;
  while (upper(high) > tail) {
    high *= 2;
    if (high === Infinity) return sign * Infinity;
  }
  // Halving in ln t, as t can be 1e100 with few degrees of freedom; the secant of the logarithms where it falls inside.
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const [atLow, atHigh] = [Math.log(upper(low) / tail), Math.log(upper(high) / tail)];
    const secant = low * (high / low) ** (atLow / (atLow - atHigh));
    const tried = [secant * (1 - 1e-14), secant * (1 + 1e-14), Math.sqrt(low) * Math.sqrt(high)];
    for (const t of tried) {
      if (!(t > low && t < high)) continue;
      if (upper(t) > tail) low = t;
      else high = t;
    }
  }
  return sign * (low + (high - low) / 2);
}
