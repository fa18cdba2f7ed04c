/** What is done to each row by itself before distances: its mean removed, its values ranked. */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { mean } from '../comparators/correlate.ts';
import { doubledRanks } from '../comparators/ranks.ts';

/** Rows minus their own mean over the columns that they have; NaN stays NaN, and a constant row becomes exactly zero. */
export function withoutRowMeans(data: Float32Array | Float64Array, n: number, d: number): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(data.subarray(0, n * d));
  for (let i = 0; i < n; i++) {
    const row = out.subarray(i * d, (i + 1) * d);
    const there = row.some((value) => Number.isNaN(value)) ? row.filter((value) => !Number.isNaN(value)) : row;
    // The mean of equal values can miss them by a rounding, and what is left would have a direction.
    const centre = there.every((value) => value === there[0]) ? there[0]! : mean(there);
    for (let k = 0; k < d; k++) row[k]! -= centre;
  }
  return out;
}

/** Each row's values as their average ranks within the row, 1 to d; equal values share theirs. A row with NaN is NaN throughout. */
export async function rankRows(data: Float32Array | Float64Array, n: number, d: number, watch: Watch = {}): Promise<Float64Array<ArrayBuffer>> {
  const out = new Float64Array(n * d);
  const breather = new Breather();
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * d, (i + 1) * d);
    if (row.some((value) => Number.isNaN(value))) {
      out.fill(NaN, i * d, (i + 1) * d);
      continue;
    }
    const ranks = doubledRanks(row);
    for (let k = 0; k < d; k++) out[i * d + k] = ranks[k]! / 2;
    if (!breather.due()) continue;
    watch.progress?.({ label: 'ranking rows', done: i + 1, total: n });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}
