/**
 * The standard normal distribution in float64, with tails that are accurate in relative terms: p of z = -30 is a number
 * near 5e-198, not 0.
 *
 * The tail is exp(-z²/2) times the scaled complementary error function, which changes slowly. That function is given by
 * the rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
 * Computation 23 (1969), 631-637.
 */

/** |x| up to 0.46875: erf(x) = x P(x²) / Q(x²); highest power first, Q with a leading 1. */
const smallP = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const smallQ = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
/** x from 0.46875 to 4: exp(x²) erfc(x) = P(x) / Q(x). */
const middleP = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
  881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const middleQ = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
/** x above 4: exp(x²) erfc(x) = (1/√π - P(1/x²) / Q(1/x²) / x²) / x. */
const largeP = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const largeQ = [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, one) => sum * x + one, 0);

/** exp(x²) erfc(x) for x at or above 0.46875. */
function scaledErfc(x: number): number {
  if (x <= 4) return polynomial(middleP, x) / polynomial(middleQ, x);
  const inverse = 1 / (x * x);
  return (1 / Math.sqrt(Math.PI) - (inverse * polynomial(largeP, inverse)) / polynomial(largeQ, inverse)) / x;
}

/** exp(-z²/2): z is split so that the large part's square is exact, else rounding z² would cost the digits of a far tail. */
function gauss(z: number): number {
  const large = Math.trunc(z * 16) / 16;
  return Math.exp((-large * large) / 2) * Math.exp((-(z - large) * (z + large)) / 2);
}

/** P(Z > z), 0 to 1; relative error near 1e-15, also in the far upper tail. */
export function normalUpper(z: number): number {
  if (Number.isNaN(z)) return NaN;
  const x = Math.abs(z) / Math.SQRT2;
  if (x < 0.46875) return 0.5 - ((z / Math.SQRT2) * polynomial(smallP, x * x)) / polynomial(smallQ, x * x) / 2;
  if (x > 30) return z > 0 ? 0 : 1;
  const tail = (gauss(Math.abs(z)) * scaledErfc(x)) / 2;
  return z > 0 ? tail : 1 - tail;
}

/** P(Z < z), 0 to 1; relative error near 1e-15, also in the far lower tail. */
export function normalCdf(z: number): number {
  return normalUpper(-z);
}

/** Two-sided p of a standard normal statistic, without the cancellation of 2 (1 - cdf). */
export function normalTwoSided(z: number): number {
  return Math.min(1, 2 * normalUpper(Math.abs(z)));
}

/**
 * The z below which a share p of the distribution lies: a first guess (Abramowitz and Stegun 1964, 26.2.23) and
 * Newton's steps on the logarithm of the tail.
 *
 * @param p 0 to 1; 0 and 1 give -Infinity and Infinity, all else outside is NaN
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const sign = p < 0.5 ? -1 : 1;
  if (tail === 0) return sign * Infinity;
  const t = Math.sqrt(-2 * Math.log(tail));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 6; step++) {
    const upper = normalUpper(z);
    // d ln P(Z > z) / dz is -density / P(Z > z).
    const change = ((upper / gauss(z)) * Math.sqrt(2 * Math.PI)) * Math.log(upper / tail);
    z += change;
    if (Math.abs(change) <= 1e-15 * Math.abs(z)) break;
  }
  return sign * z;
}
