/** Shares of right answers: an interval for one share, and a test of two on the same questions. */

/** Standard normal distribution function: 1/2 plus the density times x + x^3/3 + x^5/(3 5) + ..., all terms of one sign. */
function normalBelow(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * How many standard deviations hold a share of a normal distribution: 1.96 for 0.95.
 *
 * @param level above 0, below 1
 */
export function normalReach(level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`a level of ${level}`);
  let [low, high] = [0, 8];
  // Halving until the two are neighbours.
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (2 * normalBelow(middle) - 1 < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Wilson's score interval of a share (Wilson 1927, Journal of the American Statistical Association 22). It stays within
 * 0 to 1 and is no point where all or none are right.
 *
 * @param share 0 to 1; of n answers, or the mean share of several models on the same n questions
 * @param n at least 1
 * @param level of confidence, above 0, below 1
 */
export function wilsonInterval(share: number, n: number, level: number): readonly [number, number] {
  const square = normalReach(level) ** 2;
  const centre = (share + square / (2 * n)) / (1 + square / n);
  const reach = (Math.sqrt(square) * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n))) / (1 + square / n);
  // Rounding must not take the ends past 0 and 1.
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}

/**
 * McNemar's test, exact: of the questions that only one of two got right, each is as likely to be the one's as the
 * other's. Two-sided: twice the smaller tail of the binomial distribution, at most 1.
 *
 * @param first questions that only the first got right
 * @param second questions that only the second got right
 */
export function mcnemarExact(first: number, second: number): number {
  const n = first + second;
  const least = Math.min(first, second);
  // In logarithms, since the coefficients leave float64's range at about a thousand questions.
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}
