/**
 * What is left of measurements of words once what they measure is taken off: the noise that whitened distances divide by.
 * What a measurement adds to all words alike cancels in every difference between words, so it is no noise of distances and
 * is taken off as well: the residuals of a two-way table of words by measurements without interaction (Scheffé 1959, "The
 * analysis of variance").
 */

type Matrix = Float32Array | Float64Array;

/** Residuals, and the degrees of freedom that they have. */
export interface Residuals {
  /** Number of residuals. */
  readonly count: number;
  readonly d: number;
  /** Column by column: the count values of column 0, then of column 1, ...; each column's mean is 0. */
  readonly columns: Float64Array;
  /** Degrees of freedom that the sums of squares are divided by. */
  readonly dof: number;
}

/** The words around their mean, dof n - 1: all there is where each word was measured once. Their covariance is no noise. */
export function residualsOfWords(data: Matrix, n: number, d: number): Residuals {
  const columns = new Float64Array(n * d);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) columns[k * n + i] = data[i * d + k]!;
  centreEach(columns, n, d);
  return { count: n, d, columns, dof: n - 1 };
}

/** Of which word and in which measurement each residual is; ids from 0. */
interface Places {
  readonly words: Uint32Array;
  readonly measurements: Uint32Array;
}

/**
 * Each measurement of a word minus the means of its word and of its measurement, fitted together. Measurements of a word
 * with an empty cell are left out. dof is what the two-way fit leaves: (n - 1) (m - 1) where none is empty, else the number
 * of residuals less words and measurements, plus 1 for each group of words and measurements that are joined.
 *
 * @param measurements m matrices, each n x d
 */
export function residualsOfMeasurements(measurements: readonly Matrix[], n: number, d: number): Residuals {
  const there: [word: number, measurement: number][] = [];
  for (let i = 0; i < n; i++) measurements.forEach((data, m) => { if (!hasGap(data, i, d)) there.push([i, m]); });
  const count = there.length;
  const places: Places = { words: Uint32Array.from(there, ([word]) => word), measurements: Uint32Array.from(there, ([, m]) => m) };
  const columns = new Float64Array(count * d);
  there.forEach(([i, m], row) => {
    const data = measurements[m]!;
    for (let k = 0; k < d; k++) columns[k * count + row] = data[i * d + k]!;
  });
  const complete = count === n * measurements.length;
  const tolerance = roundingOf(measurements);
  for (let k = 0; k < d; k++) fitBoth(columns.subarray(k * count, (k + 1) * count), places, n, measurements.length, complete, tolerance);
  return { count, d, columns, dof: complete ? (n - 1) * (measurements.length - 1) : count - rankOfBoth(places, n, measurements.length) };
}

/** Passes over words and measurements in turn; each brings the means closer to 0, and tables of raters need a few dozen. */
const mostPasses = 1000;

/** Takes the means of words and of measurements off a column, in place: exact in one pass where no cell is empty. */
function fitBoth(column: Float64Array, { words, measurements }: Places, n: number, m: number, complete: boolean, tolerance: number): void {
  const size = rootMeanSquare(column);
  for (let pass = 0; pass < mostPasses; pass++) {
    centreWithin(column, words, n);
    const moved = centreWithin(column, measurements, m);
    if (complete || !(moved > 1e-13 * size)) break;
  }
  clearRounding(column, size, tolerance);
}

/** Share of a column's size below which residuals are its rounding: a column that only shifts between measurements has no noise. */
function roundingOf(measurements: readonly Matrix[]): number {
  return measurements.some((data) => data instanceof Float32Array) ? 1e-6 : 1e-12;
}

function clearRounding(column: Float64Array, size: number, tolerance: number): void {
  if (rootMeanSquare(column) <= tolerance * size) column.fill(0);
}

function rootMeanSquare(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}

/**
 * Whether measurements differ by nothing but what each adds to all words alike, in every column: then there is no noise.
 * Words with an empty cell are not looked at.
 */
export function isStill(measurements: readonly Matrix[], n: number, d: number): boolean {
  const tolerance = 4 * roundingOf(measurements);
  const [first, ...others] = measurements;
  for (let k = 0; k < d; k++) {
    for (const data of others) {
      let [low, high, size] = [Infinity, -Infinity, 0];
      for (let at = k; at < n * d; at += d) {
        const shift = data[at]! - first![at]!;
        if (Number.isNaN(shift)) continue;
        low = Math.min(low, shift);
        high = Math.max(high, shift);
        size = Math.max(size, Math.abs(first![at]!), Math.abs(data[at]!));
      }
      if (high - low > tolerance * size) return false;
    }
  }
  return true;
}

/** Takes off each group's mean and returns the largest of them. */
function centreWithin(column: Float64Array, groups: Uint32Array, size: number): number {
  const [sums, counts] = [new Float64Array(size), new Uint32Array(size)];
  for (let row = 0; row < column.length; row++) {
    sums[groups[row]!]! += column[row]!;
    counts[groups[row]!]!++;
  }
  let largest = 0;
  for (let g = 0; g < size; g++) {
    if (counts[g]! > 0) sums[g]! /= counts[g]!;
    largest = Math.max(largest, Math.abs(sums[g]!));
  }
  for (let row = 0; row < column.length; row++) column[row]! -= sums[groups[row]!]!;
  return largest;
}

/** Free means of words and measurements together: their number, less one for each group of them that no residual joins to others. */
function rankOfBoth({ words, measurements }: Places, n: number, m: number): number {
  const parent = Uint32Array.from({ length: n + m }, (_, at) => at);
  const root = (at: number): number => {
    let up = at;
    while (parent[up] !== up) up = parent[up] = parent[parent[up]!]!;
    return up;
  };
  let joined = 0;
  for (let row = 0; row < words.length; row++) {
    const [a, b] = [root(words[row]!), root(n + measurements[row]!)];
    if (a === b) continue;
    parent[a] = b;
    joined++;
  }
  return joined;
}

/**
 * The residuals of one measurement alone: it minus the mean of all, without its own mean over words. Of m independent
 * measurements each leaves (m - 1) / m of its variance, so dof is (n - 1) (m - 1) / m.
 */
export function residualsOfOne(measurements: readonly Matrix[], at: number, n: number, d: number): Residuals {
  const columns = new Float64Array(n * d);
  const m = measurements.length;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      const place = i * d + k;
      columns[k * n + i] = measurements[at]![place]! - measurements.reduce((sum, data) => sum + data[place]!, 0) / m;
    }
  }
  centreEach(columns, n, d);
  const tolerance = roundingOf(measurements);
  for (let k = 0; k < d; k++) {
    const size = rootMeanSquare(Float64Array.from({ length: n }, (_, i) => measurements[at]![i * d + k]!));
    clearRounding(columns.subarray(k * n, (k + 1) * n), size, tolerance);
  }
  return { count: n, d, columns, dof: ((n - 1) * (m - 1)) / m };
}

function hasGap(data: Matrix, i: number, d: number): boolean {
  for (let k = i * d; k < (i + 1) * d; k++) if (Number.isNaN(data[k]!)) return true;
  return false;
}

function centreEach(columns: Float64Array, count: number, d: number): void {
  for (let k = 0; k < d; k++) {
    const column = columns.subarray(k * count, (k + 1) * count);
    let sum = 0;
    for (const value of column) sum += value;
    for (let i = 0; i < count; i++) column[i]! -= sum / count;
  }
}
