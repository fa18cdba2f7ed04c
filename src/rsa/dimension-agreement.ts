/**
 * Agreement with the reference one dimension at a time: Spearman's rho over words of the same-named rating column, or
 * of a probe's held-out predictions.
 *
 * Each correlation takes every word that has both numbers (pairwise), so n can differ by a word or two between
 * candidates; `sharedWords` gives the same over the words that all candidates have, for comparing them.
 */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { DimensionRow, Dropped, Interval, Layer, RepresentationValue } from '../data/values.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { alignWords, type Block, gather, keepComplete } from './align.ts';
import { drawWeights } from './bootstrap.ts';
import { columnsFor } from './choose.ts';
import { percentileInterval, spearman } from './correlate.ts';
import { heldOutPredictions, shuffledFolds } from './probe.ts';
import { WeightedSpearman } from './weighted-spearman.ts';

/** One row in the making: the numbers that are correlated, and whose they are. */
export interface DimensionAgreement {
  readonly candidate: string;
  readonly layer: string;
  readonly layerIndex: number;
  readonly dimension: string;
  readonly method: DimensionRow['method'];
  /** Rows of the reference. */
  readonly words: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

export interface Sides {
  readonly reference: RepresentationValue;
  readonly referenceLabel: string;
  readonly candidate: RepresentationValue;
  readonly label: string;
  readonly place: string;
}

export interface AgreementResult {
  readonly rows: readonly DimensionAgreement[];
  /** Dimensions of the reference that the candidate lacks. */
  readonly missing: readonly string[];
  readonly dropped: readonly Dropped[];
}

/** Ratings against ratings, column by column. */
export function directAgreement({ reference, referenceLabel, candidate, label, place }: Sides): AgreementResult {
  const aligned = alignWords([reference, candidate], [referenceLabel, label], place);
  const rows: DimensionAgreement[] = [];
  const dropped: Dropped[] = [...aligned.dropped];
  const lacking: string[] = [];
  reference.dimensions.forEach((dimension, column) => {
    const { columns, missing } = columnsFor(candidate, [dimension]);
    lacking.push(...missing);
    if (missing.length) return;
    const layer = candidate.layers[0]!;
    const blocks: [Block, Block] = [
      { of: 0, label: referenceLabel, layer: reference.layers[0]!, columns: [column], names: reference.dimensions },
      { of: 1, label, layer, columns, names: candidate.dimensions },
    ];
    const complete = keepComplete(aligned, blocks);
    const [x, y] = blocks.map((block) => Float64Array.from(gather(block, complete.rows[block.of]!))) as [Float64Array, Float64Array];
    dropped.push(...complete.dropped);
    rows.push({
      candidate: label, layer: layer.name, layerIndex: layer.index, dimension, method: 'direct', words: complete.rows[0]!, x, y, rho: spearman(x, y),
    });
  });
  return { rows, missing: lacking, dropped };
}

/** Hidden states against ratings, through predictions of words that the probe was not trained on. */
export async function probeAgreement(
  { reference, referenceLabel, candidate, label, place }: Sides, layers: readonly Layer[], options: { folds: number; seed: number }, watch: Watch,
): Promise<AgreementResult> {
  const aligned = alignWords([reference, candidate], [referenceLabel, label], place);
  const targetsBlock: Block = {
    of: 0, label: referenceLabel, layer: reference.layers[0]!, columns: reference.dimensions.map((_, column) => column), names: reference.dimensions,
  };
  const blocks = layers.map((layer): Block => ({ of: 1, label, layer, columns: null, names: [] }));
  const { words, rows: [referenceRows, ownRows], dropped } = keepComplete(aligned, [targetsBlock, ...blocks]);
  const n = words.length;
  if (n < 2 * options.folds) {
    throw new Problem({
      code: 'too-few-words', place, what: `${n} words cannot make ${options.folds} folds of at least two`, fix: 'Take more words or fewer folds.',
    });
  }
  const ratings = gather(targetsBlock, referenceRows!);
  const width = reference.dimensions.length;
  const targets = reference.dimensions.map((_, column) => Float64Array.from({ length: n }, (__, i) => ratings[i * width + column]!));
  const folds = shuffledFolds(n, options.folds, options.seed);
  const rows: DimensionAgreement[] = [];
  for (const [at, block] of blocks.entries()) {
    const { layer } = block;
    watch.progress?.({ label: 'probes', done: at, total: blocks.length });
    const predictions = await heldOutPredictions({ n, d: layer.d, features: gather(block, ownRows!), targets, folds }, watch);
    predictions.forEach((y, column) => {
      const x = targets[column]!;
      rows.push({
        candidate: label, layer: layer.name, layerIndex: layer.index, dimension: reference.dimensions[column]!, method: 'probe',
        words: referenceRows!, x, y, rho: spearman(x, y),
      });
    });
  }
  return { rows, missing: [], dropped };
}

/**
 * Percentile intervals from a bootstrap over the reference's words, the same resamples for every row. Ranks are taken
 * anew in each resample; a probe's predictions stay as they are.
 */
export async function intervalsOf(
  rows: readonly DimensionAgreement[], words: number, options: { draws: number; level: number; seed: number }, watch: Watch,
): Promise<Interval[]> {
  const correlations = rows.map(({ x, y }) => new WeightedSpearman(x, y));
  const values = rows.map(() => new Float64Array(options.draws));
  const weights = new Uint32Array(words);
  const breather = new Breather();
  for (let draw = 0; draw < options.draws; draw++) {
    drawWeights(options.seed, draw, weights);
    rows.forEach((row, k) => { values[k]![draw] = correlations[k]!.correlate(row.words.map((word) => weights[word]!)); });
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: options.draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return values.map((draws) => percentileInterval(draws, options.level));
}

/**
 * For each row the correlation over the words that every candidate has on that dimension, so that candidates compare
 * on the same words. Undefined where that changes nothing.
 */
export function sharedWords(rows: readonly DimensionAgreement[]): (DimensionRow['shared'] | undefined)[] {
  const counts = new Map<string, Map<number, number>>();
  const sides = new Map<string, number>();
  for (const { dimension, words } of rows) {
    const count = counts.get(dimension) ?? new Map<number, number>();
    for (const word of words) count.set(word, (count.get(word) ?? 0) + 1);
    counts.set(dimension, count);
    sides.set(dimension, (sides.get(dimension) ?? 0) + 1);
  }
  return rows.map(({ dimension, words, x, y }) => {
    const keep = [...words.keys()].filter((k) => counts.get(dimension)!.get(words[k]!) === sides.get(dimension));
    if (keep.length === words.length) return undefined;
    return { n: keep.length, rho: spearman(Float64Array.from(keep, (k) => x[k]!), Float64Array.from(keep, (k) => y[k]!)) };
  });
}
