/** From the rows of a representation to its RDM: columns standardised over words, then the distance of every pair. */
import type { Watch } from '../../base/progress.ts';
import type { Metric, Standardise } from '../../data/values.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { distancesOfRow, prepareRows } from '../../gpu/cpu/rdm.ts';
import type { KernelMetric } from '../../gpu/metric.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { computeRdms } from '../../gpu/rdm.ts';
import { fillPairwise } from './missing.ts';
import { whitenRows } from './noise.ts';
import { rankRows, withoutRowMeans } from './row-transforms.ts';
import { columnScaling, scaleColumns } from './standardise.ts';
import { isAngular, isWhitened, type Treatment } from './treatment.ts';
import { crossnobisOf, noiseOf } from './whitened.ts';

/** Rows of one layer, ready for distances: float64 for ratings (exact ties), float32 for hidden states. */
export interface Rows {
  readonly n: number;
  readonly d: number;
  /** n x d, row-major, standardised. */
  readonly data: Float32Array | Float64Array;
  /** Columns that z-scoring could not scale. */
  readonly constant: readonly number[];
  /** The separate measurements, scaled as `data` was; absent or empty unless the metric reads them and there are several. */
  readonly measurements?: readonly (Float32Array | Float64Array)[];
  /** Whether there are empty cells, so that distances are taken over what both words have. */
  readonly gaps?: boolean;
  /** Whose rows, for messages: "bert, layer 3". */
  readonly label?: string;
}

/** Standardises in float64, and returns to float32 what came as float32. Measurements are scaled as their mean is. */
export function prepareLayer(
  data: Float32Array | Float64Array, n: number, d: number, how: Standardise, measurements: readonly (Float32Array | Float64Array)[] = [],
): Rows {
  const scaling = columnScaling(Float64Array.from(data.subarray(0, n * d)), n, d, how);
  const [treated, ...measured] = [data, ...measurements].map((values) => {
    const scaled = scaleColumns(values, n, d, scaling);
    return values instanceof Float32Array ? Float32Array.from(scaled) : scaled;
  });
  return { n, d, data: treated!, constant: scaling.constant, measurements: measured };
}

/**
 * Rows without a distance to any other: not finite, zero under cosine, constant under correlation and spearman, and under
 * cosine too where each row's mean is removed.
 */
export function undefinedRows(rows: Rows, metric: Metric, removeMean = false): Uint8Array {
  const { n, d, data } = rows;
  const flags = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * d, (i + 1) * d);
    const still = metric === 'cosine' && !removeMean ? 0 : row[0]!;
    const flat = isAngular(metric) && row.every((value) => value === still);
    if (flat || !row.every((value) => Number.isFinite(value))) flags[i] = 1;
  }
  return flags;
}

/**
 * RDM of float64 rows in float64, on the CPU: ratings have few columns, and their ranks must not depend on a device.
 * Cosine and correlation by scipy's own formula, 1 - a.b / (|a| |b|), held to at most 1 in size: ranks see the last
 * digit, and a study's published ranks have scipy's.
 */
export async function ratingsRdm(rows: Rows, metric: KernelMetric, watch: Watch): Promise<Float64Array<ArrayBuffer>> {
  const { n, d } = rows;
  const out = new Float64Array(pairCount(n));
  const angular = metric === 'cosine' || metric === 'correlation';
  const data = metric === 'correlation' ? withoutRowMeans(rows.data, n, d) : Float64Array.from(rows.data);
  const prepared = prepareRows(data, n, d, angular ? 'sqeuclidean' : metric);
  const norms = Float64Array.from({ length: n }, (_, i) => Math.sqrt(dot(data, i * d, i * d, d)));
  const flags = undefinedRows(rows, metric);
  const breather = new Breather();
  for (let i = 0, pair = 0; i + 1 < n; i++) {
    if (angular) {
      for (let j = i + 1; j < n; j++) {
        const cosine = dot(data, i * d, j * d, d) / (norms[i]! * norms[j]!);
        out[pair++] = flags[i]! + flags[j]! > 0 ? NaN : 1 - Math.max(-1, Math.min(1, cosine));
      }
    } else distancesOfRow(prepared, i, out);
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}

/** Even and odd columns are summed apart: faster, and the order of scipy's x86-64 builds. */
function dot(data: Float64Array, a: number, b: number, d: number): number {
  let even = 0;
  let odd = 0;
  let k = 0;
  for (; k + 1 < d; k += 2) {
    even += data[a + k]! * data[b + k]!;
    odd += data[a + k + 1]! * data[b + k + 1]!;
  }
  return even + odd + (k < d ? data[a + k]! * data[b + k]! : 0);
}

/** Rows changed so that a kernel's distance of them is the distance that was asked for. */
interface Transformed {
  readonly rows: Rows;
  readonly metric: KernelMetric;
}

/** Ranked, whitened or as they are; null for crossnobis, which takes more than one matrix. */
async function transformed(rows: Rows, treatment: Treatment, watch: Watch): Promise<Transformed | null> {
  const { n, d } = rows;
  const { metric, removeMean, perChannel } = treatment;
  const like = (data: Float64Array<ArrayBuffer>): Rows => ({ ...rows, data: rows.data instanceof Float32Array ? Float32Array.from(data) : data });
  const own = removeMean ? like(withoutRowMeans(rows.data, n, d)) : rows;
  switch (metric) {
    case 'spearman':
      return { rows: like(await rankRows(own.data, n, d, watch)), metric: 'correlation' };
    case 'mahalanobis': {
      const factor = await noiseOf(rows, treatment, watch);
      return { rows: factor ? like(await whitenRows(factor, own.data, n, d, watch)) : own, metric: perChannel ? 'sqeuclidean' : 'euclidean' };
    }
    case 'crossnobis':
      // Measured once: squared Euclidean, as the analysis has told.
      return (rows.measurements?.length ?? 0) > 1 ? null : { rows: own, metric: 'sqeuclidean' };
    default:
      return { rows: own, metric };
  }
}

/**
 * RDMs of several layers with the same words, condensed. Hidden states go to the fastest backend together; ratings
 * stay on the CPU. Crossnobis distances can be negative.
 *
 * @returns one RDM per layer: float64 for float64 rows, float32 for float32 rows; NaN for undefined pairs
 * @throws Problem `singular-noise` where the covariance that was asked for has no inverse
 */
export async function rdmsOf(
  compute: () => Promise<Compute>, layers: readonly Rows[], treatment: Treatment, watch: Watch,
): Promise<(Float32Array | Float64Array)[]> {
  const out: (Float32Array | Float64Array)[] = [];
  const states = new Map<string, { readonly at: number; readonly rows: Rows; readonly metric: KernelMetric }[]>();
  for (const [at, layer] of layers.entries()) {
    const plain = await transformed(layer, treatment, watch);
    await pause();
    watch.signal?.throwIfAborted();
    if (plain === null) out[at] = await crossnobisOf(layer, treatment, compute, watch);
    else if (plain.rows.data instanceof Float64Array) out[at] = await ratingsRdm(plain.rows, plain.metric, watch);
    else {
      const key = `${plain.metric} ${plain.rows.d}`;
      states.set(key, [...(states.get(key) ?? []), { at, ...plain }]);
    }
    if (layer.gaps) await fillGaps(out[at] as Float64Array, layer, treatment, watch);
  }
  for (const members of states.values()) {
    const { rows: { n, d }, metric } = members[0]!;
    const { distances } = await computeRdms(await compute(), members.map(({ rows }) => rows.data as Float32Array), { n, d }, metric, watch);
    members.forEach(({ at }, k) => { out[at] = distances[k]!; });
  }
  const squared = treatment.metric === 'sqeuclidean' || isWhitened(treatment.metric);
  return treatment.perChannel && squared ? out.map((distances, at) => distances.map((value) => value / layers[at]!.d)) : out;
}

async function fillGaps(out: Float64Array, { n, d, data }: Rows, { metric, removeMean }: Treatment, watch: Watch): Promise<void> {
  if (isWhitened(metric)) throw new RangeError(`${metric} distances need complete rows`);
  await fillPairwise(out, { n, d, data: removeMean ? withoutRowMeans(data, n, d) : data }, metric, watch);
}
