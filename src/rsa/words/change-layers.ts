/**
 * Layers before and after tuning: each one's agreement with the reference, the paired difference, and how far the layer
 * has moved whatever the reference says. Agreement is that of the rsa cell, to the last digit.
 */
import type { Watch } from '../../base/progress.ts';
import type { Estimate, LayerChange, LayerDrift } from '../../data/change.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import type { Layer } from '../../data/values.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pause } from '../../gpu/pause.ts';
import { bootstrapCorrelations } from '../inference/bootstrap.ts';
import { type Features, linearCka } from '../comparators/cka.ts';
import { holm } from '../inference/correct.ts';
import { pearson, percentileInterval } from '../comparators/correlate.ts';
import { type ScoredRdm, scoreRdm } from '../inference/mantel.ts';
import { bootstrapP } from '../inference/paired.ts';
import { rdmsOf, type Rows } from '../distances/rdm.ts';
import type { Treatment } from '../distances/treatment.ts';

/** One layer on both sides. */
export interface LayerPair {
  readonly layer: Pick<Layer, 'name' | 'index'>;
  /** Standardised as the RDMs need it. */
  readonly rows: readonly [before: Rows, after: Rows];
  /** As the model gave it. */
  readonly states: readonly [before: Features, after: Features];
}

export interface LayersInput {
  readonly n: number;
  readonly references: readonly { readonly set: DimensionSet; readonly rows: Rows }[];
  readonly pairs: readonly LayerPair[];
  /** Place in `pairs` of the layer whose RDMs are handed on. */
  readonly kept: number;
  readonly treatment: Treatment;
  readonly draws: number;
  readonly level: number;
  readonly seed: number;
}

export type Distances = Float32Array | Float64Array;

export interface LayersResult {
  readonly layers: readonly LayerChange[];
  readonly drift: readonly LayerDrift[];
  /** RDMs of the references, and of the kept layer before and after. */
  readonly references: readonly Distances[];
  readonly kept: readonly [Distances, Distances];
}

/** Compares all layers; p is corrected over all of them and all sets together. */
export async function compareLayers(input: LayersInput, compute: () => Promise<Compute>, watch: Watch): Promise<LayersResult> {
  const { n, references, pairs, treatment, level, draws, seed } = input;
  const rdms = await rdmsOf(compute, references.map(({ rows }) => rows), treatment, watch);
  const standards = rdms.map((distances) => scoreRdm(distances, 'spearman'));
  // Only what resamples multiply is kept of each layer: an RDM of 1,570 words with its ranks takes 15 MB.
  const values: (readonly [number, number])[][] = references.map(() => []);
  const layers: (readonly [Float32Array, Float32Array])[] = [];
  const between: number[] = [];
  const cka: Awaited<ReturnType<typeof linearCka>>[] = [];
  let kept: readonly [Distances, Distances] | null = null;
  for (const [at, pair] of pairs.entries()) {
    watch.progress?.({ label: 'layers before and after', done: at, total: pairs.length });
    const distances = (await rdmsOf(compute, pair.rows, treatment, watch)) as [Distances, Distances];
    if (at === input.kept) kept = distances;
    const [before, after] = await scored(distances, watch);
    standards.forEach(({ scores }, r) => values[r]!.push([pearson(before.scores, scores), pearson(after.scores, scores)]));
    between.push(pearson(before.scores, after.scores));
    layers.push([before.standard, after.standard]);
    cka.push(await linearCka(...pair.states, watch));
  }

  const estimate = (value: number, sampled: Float64Array | undefined): Estimate => ({ value, interval: sampled ? percentileInterval(sampled, level) : null });
  const resampled = async (reference: Float32Array, candidates: readonly Float32Array[], label: string): Promise<Float64Array[]> =>
    draws > 0 ? bootstrapCorrelations({ n, reference, candidates, draws, seed }, labelled(watch, label)) : [];
  const changes: LayerChange[] = [];
  for (const [r, { set }] of references.entries()) {
    const sampled = await resampled(standards[r]!.standard, layers.flat(), `${set}: bootstrap over words`);
    pairs.forEach(({ layer }, at) => {
      const [before, after] = values[r]![at]!;
      const [first, second] = [sampled[2 * at], sampled[2 * at + 1]];
      const difference = first && second ? second.map((value, draw) => value - first[draw]!) : undefined;
      changes.push({
        set, layer: layer.name, layerIndex: layer.index,
        before: estimate(before, first), after: estimate(after, second), difference: estimate(after - before, difference),
        p: difference ? bootstrapP(difference) : null, corrected: null,
      });
    });
  }
  const drift: LayerDrift[] = [];
  for (const [at, { layer }] of pairs.entries()) {
    const [before, after] = layers[at]!;
    // A layer below the first adapter is the same on both sides in every resample.
    const same = before.every((value, pair) => value === after[pair]);
    const [sampled] = same && draws > 0 ? [new Float64Array(1).fill(1)] : await resampled(before, [after], `${layer.name}: bootstrap over words`);
    drift.push({ layer: layer.name, layerIndex: layer.index, cka: cka[at]!.biased, debiased: cka[at]!.debiased, rdm: estimate(between[at]!, sampled) });
  }
  return { layers: corrected(changes), drift, references: rdms, kept: kept! };
}

/** Holm over the differences that have a p. */
function corrected(changes: readonly LayerChange[]): LayerChange[] {
  const tested = changes.filter(({ p }) => p !== null);
  const adjusted = holm(tested.map(({ p }) => p!));
  const of = new Map(tested.map((change, at) => [change, adjusted[at]!]));
  return changes.map((change) => ({ ...change, corrected: of.get(change) ?? null }));
}

async function scored(distances: readonly [Distances, Distances], watch: Watch): Promise<[ScoredRdm, ScoredRdm]> {
  const out: ScoredRdm[] = [];
  for (const one of distances) {
    out.push(scoreRdm(one, 'spearman'));
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out as [ScoredRdm, ScoredRdm];
}

function labelled(watch: Watch, label: string): Watch {
  return { ...watch, progress: (step) => watch.progress?.({ ...step, label }) };
}
