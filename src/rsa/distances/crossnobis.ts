/**
 * Cross-validated squared Mahalanobis distances: what two words differ by in one measurement times what they differ by in
 * others. Noise of separate measurements is independent, so it adds nothing on average: words that are alike come out
 * around 0, below it as often as above (Walther, Nili, Ejaz, Alink, Kriegeskorte and Diedrichsen 2016, "Reliability of
 * dissimilarity measures for multi-voxel pattern analysis").
 */
import type { Watch } from '../../base/progress.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { computeRdms } from '../../gpu/rdm.ts';

type Matrix = Float32Array | Float64Array;

/**
 * Every measurement against the mean of the others, averaged over measurements. With e_f the difference of two words in
 * measurement f and s their sum over the m measurements, that is (s.s - sum of e_f.e_f) / (m (m - 1)): the mean of e_f.e_g
 * over all f and g that are not the same. Nothing is divided by the number of columns.
 *
 * Float64 rows are taken in float64 on the CPU. For float32 rows the squares come from the RDM kernel, so the error is
 * within its bound relative to the squared distances of single measurements, not to the result, which can be near 0.
 *
 * @param measurements at least 2, each n x d, whitened
 * @returns condensed, float64 for float64 rows
 */
export async function crossnobis(measurements: readonly Matrix[], n: number, d: number, compute: () => Promise<Compute>, watch: Watch = {}): Promise<Matrix> {
  const m = measurements.length;
  if (m < 2) throw new RangeError(`crossnobis of ${m} measurements`);
  const scale = 1 / (m * (m - 1));
  const sum = new Float64Array(n * d);
  for (const data of measurements) for (let k = 0; k < n * d; k++) sum[k]! += data[k]!;
  if (measurements.every((data) => data instanceof Float64Array)) {
    return crossed([sum, ...measurements].map((data, k) => ({ a: data, b: data, weight: k === 0 ? scale : -scale })), n, d, watch);
  }
  return combined([{ data: Float32Array.from(sum), weight: scale }, ...measurements.map((data) => ({ data: Float32Array.from(data), weight: -scale }))], n, d, compute, watch);
}

/** Two measurements, each whitened by the noise of the two together. */
export interface MeasurementPair {
  readonly a: Matrix;
  readonly b: Matrix;
}

/** The mean over pairs of measurements of e_a.e_b, where each pair has a whitening of its own. As {@link crossnobis}. */
export async function crossnobisOfPairs(
  pairs: AsyncIterable<MeasurementPair>, count: number, n: number, d: number, compute: () => Promise<Compute>, watch: Watch = {},
): Promise<Matrix> {
  const out = new Float64Array(pairCount(n));
  let single = false;
  for await (const { a, b } of pairs) {
    single = a instanceof Float32Array;
    const part = single ? await productOnKernel(a, b, n, d, compute, watch) : await crossed([{ a, b, weight: 1 }], n, d, watch);
    for (let k = 0; k < out.length; k++) out[k]! += part[k]! / count;
  }
  return single ? Float32Array.from(out) : out;
}

/** e_a.e_b = (|e_a + e_b|^2 - |e_a - e_b|^2) / 4. */
function productOnKernel(a: Matrix, b: Matrix, n: number, d: number, compute: () => Promise<Compute>, watch: Watch): Promise<Matrix> {
  const joined = (sign: number): Float32Array => {
    // A loop: from() with a function takes twenty times as long.
    const out = new Float32Array(a.length);
    for (let k = 0; k < out.length; k++) out[k] = a[k]! + sign * b[k]!;
    return out;
  };
  return combined([{ data: joined(1), weight: 0.25 }, { data: joined(-1), weight: -0.25 }], n, d, compute, watch);
}

/** A weighted sum of squared Euclidean distances from the kernel, one matrix at a time. */
async function combined(
  parts: readonly { readonly data: Float32Array; readonly weight: number }[], n: number, d: number, compute: () => Promise<Compute>, watch: Watch,
): Promise<Float32Array> {
  const out = new Float64Array(pairCount(n));
  for (const { data, weight } of parts) {
    const { distances } = await computeRdms(await compute(), [data], { n, d }, 'sqeuclidean', watch);
    const own = distances[0]!;
    for (let k = 0; k < out.length; k++) out[k]! += weight * own[k]!;
  }
  return Float32Array.from(out);
}

/** The weighted sum over parts of (a_i - a_j).(b_i - b_j), for every pair of rows, in float64. */
async function crossed(
  parts: readonly { readonly a: Matrix; readonly b: Matrix; readonly weight: number }[], n: number, d: number, watch: Watch,
): Promise<Float64Array> {
  const out = new Float64Array(pairCount(n));
  const breather = new Breather();
  for (let i = 0, pair = 0; i + 1 < n; i++) {
    for (let j = i + 1; j < n; j++) {
      let total = 0;
      for (const { a, b, weight } of parts) {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += (a[i * d + k]! - a[j * d + k]!) * (b[i * d + k]! - b[j * d + k]!);
        total += weight * sum;
      }
      out[pair++] = total;
    }
    if (!breather.due()) continue;
    watch.progress?.({ label: 'distances', done: i + 1, total: n });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}
