/**
 * Second-order dissimilarity: an RDM of RDMs. Each layer of each model, and each set of human norms, is one point; two are
 * as far apart as 1 minus the comparator of their RDMs (Kriegeskorte, Mur and Bandettini 2008, "Representational similarity
 * analysis: connecting the branches of systems neuroscience").
 */
import type { Watch } from '../../base/progress.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { comparison } from '../comparators/comparison.ts';
import type { Numbers } from '../comparators/correlate.ts';

/**
 * @param rdms condensed, all of the same n words, complete
 * @returns condensed, one entry per pair of RDMs, 0 to 2; NaN where the comparator does not exist (a constant RDM)
 */
export async function secondOrder(rdms: readonly (Float32Array | Float64Array)[], n: number, comparator: RdmComparator, watch: Watch = {}): Promise<Float64Array> {
  const out = new Float64Array((rdms.length * (rdms.length - 1)) / 2);
  const breather = new Breather();
  const how = comparison(comparator, n);
  const prepared: Numbers[] = [];
  for (const distances of rdms) {
    watch.progress?.({ label: 'preparing RDMs', done: prepared.length, total: rdms.length });
    prepared.push(how.prepare(distances));
    await pause();
    watch.signal?.throwIfAborted();
  }
  for (let a = 0, pair = 0; a < rdms.length; a++) {
    for (let b = a + 1; b < rdms.length; b++, pair++) {
      const value = how.value(prepared[a]!, prepared[b]!);
      // Rounding can take a value of 1 beyond it.
      out[pair] = Number.isNaN(value) ? NaN : Math.max(0, 1 - value);
      if (!breather.due()) continue;
      watch.progress?.({ label: 'comparing RDMs', done: pair + 1, total: out.length });
      await pause();
      watch.signal?.throwIfAborted();
    }
  }
  return out;
}
