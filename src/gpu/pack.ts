/** Lays the rows of a layer out for shaders/rdm.wgsl and shaders/rdm_direct.wgsl; everything is rounded to float32 once. */
import { isDirect, type KernelMetric } from './metric.ts';
import { prepareRows } from './cpu/rdm.ts';
import { PhiloxStream } from './philox.ts';

/** Sizes of the packed form of an n x d layer. */
export interface PackLayout {
  readonly n: number;
  readonly d: number;
  /** Tiles of 64 rows along one side. */
  readonly tiles: number;
  /** d filled up to a multiple of 8. */
  readonly panelD: number;
  /** vec4s in a raw row. */
  readonly quads: number;
  /** float32s of panels, rows and facts of one layer. */
  readonly panelLength: number;
  readonly rowLength: number;
  readonly factLength: number;
}

export interface PackedLayer {
  /** Empty for metrics that are made of differences. */
  readonly panels: Float32Array<ArrayBuffer>;
  readonly rows: Float32Array<ArrayBuffer>;
  readonly facts: Float32Array<ArrayBuffer>;
  readonly undefinedRows: Uint8Array;
  /** Distances come out divided by 2^exponent, squared Euclidean ones by its square; 0 for angular metrics. */
  readonly exponent: number;
  /** For rdm_direct.wgsl: the metric asks for it, or most pairs are near-duplicates by the kernel's own rule. */
  readonly byDifference: boolean;
}

/** Keep in sync with `near` in shaders/rdm.wgsl. */
const near = 1e-2;
const tileRows = 64;
const sampledPairs = 256;

export function packLayout(n: number, d: number): PackLayout {
  const tiles = Math.ceil(n / tileRows);
  const panelD = Math.ceil(d / 8) * 8;
  const quads = Math.ceil(d / 4);
  return { n, d, tiles, panelD, quads, panelLength: tiles * tileRows * panelD, rowLength: n * quads * 4, factLength: n * 4 };
}

/** Subtracts the mean of the defined rows from each of them, in place; undefined rows stay zero. */
function centreColumns(rows: Float64Array, n: number, d: number, undefinedRows: Uint8Array): void {
  const mean = new Float64Array(d);
  let defined = 0;
  for (let i = 0; i < n; i++) {
    if (undefinedRows[i]) continue;
    defined++;
    for (let k = 0; k < d; k++) mean[k]! += rows[i * d + k]!;
  }
  if (defined === 0) return;
  for (let k = 0; k < d; k++) mean[k]! /= defined;
  for (let i = 0; i < n; i++) {
    if (undefinedRows[i]) continue;
    for (let k = 0; k < d; k++) rows[i * d + k]! -= mean[k]!;
  }
}

/** A power of two that brings the largest magnitude into float32's comfortable middle; 0 where it is there already. */
function comfortableExponent(rows: Float64Array): number {
  let largest = 0;
  for (const value of rows) largest = Math.max(largest, Math.abs(value));
  const exponent = largest === 0 ? 0 : Math.floor(Math.log2(largest));
  return Math.abs(exponent) > 20 ? exponent : 0;
}

/** Whether more than half of a fixed sample of pairs would be refined. */
function isMostlyNear(rows: Float64Array, squaredLengths: Float64Array, n: number, d: number): boolean {
  if (n < 3) return false;
  const stream = new PhiloxStream(0);
  let hits = 0;
  for (let trial = 0; trial < sampledPairs; trial++) {
    const i = stream.below(n);
    const j = (i + 1 + stream.below(n - 1)) % n;
    let squared = 0;
    for (let k = 0; k < d; k++) squared += (rows[i * d + k]! - rows[j * d + k]!) ** 2;
    if (squared < near * (squaredLengths[i]! + squaredLengths[j]!)) hits++;
  }
  return hits * 2 > sampledPairs;
}

/**
 * Packs one layer: panels of transformed rows less the mean row (so that the Gram matrix cancels little), the raw rows
 * times a power of two (so that differences of near-duplicates stay exact), and per row what the epilogue needs.
 *
 * @param data n x d, row-major
 */
export function packLayer(data: Float32Array, layout: PackLayout, metric: KernelMetric): PackedLayer {
  const { n, d, panelD, quads } = layout;
  const { rows: packed, undefinedRows, lengths, means } = prepareRows(data, n, d, metric);
  centreColumns(packed, n, d, undefinedRows);
  const angular = metric === 'cosine' || metric === 'correlation';
  const exponent = angular ? 0 : comfortableExponent(packed);
  const direct = isDirect(metric);
  const panels = new Float32Array(direct ? 0 : layout.panelLength);
  const rows = new Float32Array(layout.rowLength);
  const facts = new Float32Array(layout.factLength);
  const squaredLengths = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (undefinedRows[i]) {
      // The kernel divides by the length; the distances are set to NaN afterwards.
      facts[4 * i + 1] = 1;
      continue;
    }
    const rowExponent = angular ? Math.floor(Math.log2(lengths[i]!)) : exponent;
    const rawScale = 2 ** -rowExponent;
    const packedScale = 2 ** -exponent;
    const panel = Math.floor(i / tileRows) * tileRows * panelD + (i % tileRows);
    let sum = 0;
    let squares = 0;
    for (let k = 0; k < d; k++) {
      const value = Math.fround(packed[i * d + k]! * packedScale);
      if (!direct) panels[panel + k * tileRows] = value;
      squares += value * value;
      rows[i * quads * 4 + k] = data[i * d + k]! * rawScale;
      sum += packed[i * d + k]! ** 2;
    }
    squaredLengths[i] = sum;
    facts[4 * i] = squares;
    facts[4 * i + 1] = lengths[i]! * rawScale;
    facts[4 * i + 2] = means[i]! * rawScale;
  }
  return { panels, rows, facts, undefinedRows, exponent, byDifference: direct || isMostlyNear(packed, squaredLengths, n, d) };
}

/** Undoes the exponent and marks undefined pairs, in place. */
export function finishDistances(distances: Float32Array, packed: PackedLayer, n: number, metric: KernelMetric): void {
  if (packed.exponent !== 0) {
    const scale = 2 ** (metric === 'sqeuclidean' ? 2 * packed.exponent : packed.exponent);
    for (let pair = 0; pair < distances.length; pair++) distances[pair]! *= scale;
  }
  if (!packed.undefinedRows.includes(1)) return;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      if (packed.undefinedRows[i] || packed.undefinedRows[j]) distances[pair] = NaN;
    }
  }
}
