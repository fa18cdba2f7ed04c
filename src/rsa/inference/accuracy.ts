/** Shares of right answers: an interval for one share, and an interval and a test of two on the same questions. */

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
 * Tango's score interval of a difference of two shares on the same questions (Tango 1998, Statistics in Medicine 17): the
 * differences D for which the score test of "the true difference is D" gives no more than the level allows,
 *
 *     |b - c - n D| <= z sqrt(n (2 q + D (1 - D))),
 *
 * where q is the most likely probability that only the second is right, given D. At D = 0 it is McNemar's test without
 * correction. It is no point where the two never differ, and keeps its level in small samples, where drawing questions
 * again does not.
 *
 * @param first b, questions that only the first got right
 * @param second c, questions that only the second got right
 * @param n all questions, at least 1
 * @param level of confidence, above 0, below 1
 * @returns of the first's share minus the second's, within -1 to 1
 */
export function pairedShareInterval(first: number, second: number, n: number, level: number): readonly [number, number] {
  const reach = normalReach(level);
  const score = (difference: number): number => {
    const centre = (2 * n - first + second) * difference - first - second;
    // Rounding must not take the root of a number below 0.
    const likely = (Math.sqrt(Math.max(0, centre ** 2 + 8 * n * second * difference * (1 - difference))) - centre) / (4 * n);
    const above = first - second - n * difference;
    const variance = n * (2 * likely + difference * (1 - difference));
    return variance > 0 ? above / Math.sqrt(variance) : above === 0 ? 0 : Math.sign(above) * Infinity;
  };
  // The score falls as the difference rises: halving until the two are neighbours.
  const crossing = (wanted: number, from: number, to: number): number => {
    let [low, high] = [from, to];
    for (let step = 0; step < 80; step++) {
      const middle = (low + high) / 2;
      if (score(middle) > wanted) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  const found = (first - second) / n;
  return [found === -1 ? -1 : crossing(reach, -1, found), found === 1 ? 1 : crossing(-reach, found, 1)];
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
