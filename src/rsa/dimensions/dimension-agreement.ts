/**
 * Agreement with the reference one dimension at a time: Spearman's rho over words of the same-named rating column, or
 * of a probe's held-out predictions.
 *
 * Each correlation takes every word that has both numbers (pairwise), so n can differ by a word or two between
 * candidates; `sharedWords` gives the same over the words that all candidates have, for comparing them.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import type { DimensionRow } from '../../data/agreement.ts';
import type { Dropped, Interval, Layer, RepresentationValue } from '../../data/values.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { alignWords, type Block, gather, keepComplete } from '../align.ts';
import { drawWeights } from '../inference/bootstrap.ts';
import { columnsFor } from '../choose.ts';
import { fewestWords } from '../limits.ts';
import { mean, percentileInterval, spearman } from '../comparators/correlate.ts';
import { shuffledTargets } from './folds.ts';
import { heldOutR2, penaltyGrid, probe, shuffledFolds } from './probe.ts';
import { type WithinFolds, spearmanWithin } from './within-folds.ts';
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
  /** What is correlated with x: one list, or the predictions of one partition into folds each. */
  readonly ys: readonly Float64Array[];
  /** Mean over ys. */
  readonly rho: number;
  readonly sd: number | null;
  readonly r2: number | null;
  readonly controlRho: number | null;
  /** Within folds; null of ratings, and where no fold has a correlation. */
  readonly rhoWithin: number | null;
  readonly controlRhoWithin: number | null;
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
  /** Of a probe: folds, over all layers, dimensions and partitions, in which there is no correlation. */
  readonly constantFolds?: number;
  /** Of a probe: how many penalties were chosen, and how often the smallest and the largest of the grid. */
  readonly choices?: { readonly made: number; readonly smallest: number; readonly largest: number };
}

export interface ProbeSettings {
  readonly folds: number;
  /** Number of partitions into folds. */
  readonly foldings: number;
  readonly penalty: 'gcv' | 'nested';
  /** Whether shuffled ratings are probed as well. */
  readonly control: boolean;
  readonly seed: number;
}

/** Ratings against ratings, column by column. */
export function directAgreement({ reference, referenceLabel, candidate, label, place }: Sides): AgreementResult {
  const aligned = alignWords([reference, candidate], [referenceLabel, label], place, fewestWords);
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
      candidate: label, layer: layer.name, layerIndex: layer.index, dimension, method: 'direct', words: complete.rows[0]!, x, ys: [y],
      rho: spearman(x, y), sd: null, r2: null, controlRho: null, rhoWithin: null, controlRhoWithin: null,
    });
  });
  return { rows, missing: lacking, dropped };
}

/** Hidden states against ratings, through predictions of words that the probe was not trained on. */
export async function probeAgreement(
  { reference, referenceLabel, candidate, label, place }: Sides, layers: readonly Layer[], settings: ProbeSettings, watch: Watch,
): Promise<AgreementResult> {
  const aligned = alignWords([reference, candidate], [referenceLabel, label], place, fewestWords);
  const targetsBlock: Block = {
    of: 0, label: referenceLabel, layer: reference.layers[0]!, columns: reference.dimensions.map((_, column) => column), names: reference.dimensions,
  };
  const blocks = layers.map((layer): Block => ({ of: 1, label, layer, columns: null, names: [] }));
  const { words, rows: [referenceRows, ownRows], dropped } = keepComplete(aligned, [targetsBlock, ...blocks]);
  const n = words.length;
  if (n < 2 * settings.folds) {
    throw new Problem({
      code: 'too-few-words', place, what: `${n} words cannot make ${settings.folds} folds of at least two`, fix: 'Take more words or fewer folds.',
    });
  }
  const ratings = gather(targetsBlock, referenceRows!);
  const width = reference.dimensions.length;
  const targets = reference.dimensions.map((_, column) => Float64Array.from({ length: n }, (__, i) => ratings[i * width + column]!));
  const rows: DimensionAgreement[] = [];
  const choices = { made: 0, smallest: 0, largest: 0 };
  let constantFolds = 0;
  for (const [at, block] of blocks.entries()) {
    const { layer } = block;
    const probed = await probeLayer({ n, d: layer.d, features: gather(block, ownRows!), targets }, settings, {
      ...watch, progress: ({ done }) => watch.progress?.({ label: 'probes', done: at * settings.foldings + done, total: blocks.length * settings.foldings }),
    });
    for (const chosen of probed.chosen) {
      choices.made++;
      choices.smallest += Number(chosen === 0);
      choices.largest += Number(chosen === penaltyGrid.length - 1);
    }
    targets.forEach((x, column) => {
      const { ys, controls, within, controlsWithin } = probed.columns[column]!;
      const rhos = Float64Array.from(ys, (y) => spearman(x, y));
      rows.push({
        candidate: label, layer: layer.name, layerIndex: layer.index, dimension: reference.dimensions[column]!, method: 'probe',
        words: referenceRows!, x, ys, rho: mean(rhos), sd: rhos.length > 1 ? sampleSd(rhos) : null,
        r2: mean(Float64Array.from(ys, (y) => heldOutR2(x, y))), controlRho: controls.length ? mean(Float64Array.from(controls)) : null,
        rhoWithin: meanKnown(within), controlRhoWithin: meanKnown(controlsWithin),
      });
      constantFolds += within.reduce((sum, { constant }) => sum + constant, 0);
    });
  }
  return { rows, missing: [], dropped, constantFolds, choices };
}

interface LayerProbed {
  /** Per dimension: predictions of each partition, Spearman of shuffled ratings in each, and both within folds. */
  readonly columns: readonly { readonly ys: Float64Array[]; readonly controls: number[]; readonly within: WithinFolds[]; readonly controlsWithin: WithinFolds[] }[];
  /** Places in the grid of all penalties chosen for the ratings themselves. */
  readonly chosen: number[];
}

/** Probes one layer in every partition; shuffled ratings are further targets of the same systems. */
async function probeLayer(
  input: { n: number; d: number; features: Float32Array | Float64Array; targets: readonly Float64Array[] }, settings: ProbeSettings, watch: Watch,
): Promise<LayerProbed> {
  const { n, targets } = input;
  const { folds, foldings, penalty, control, seed } = settings;
  const shuffled = control ? shuffledTargets(targets, seed) : [];
  const columns: LayerProbed['columns'] = targets.map(() => ({ ys: [], controls: [], within: [], controlsWithin: [] }));
  const chosen: number[] = [];
  for (let folding = 0; folding < foldings; folding++) {
    watch.progress?.({ label: 'probes', done: folding, total: foldings });
    const partition = shuffledFolds(n, folds, seed, folding);
    const found = await probe({ ...input, targets: [...targets, ...shuffled], folds: partition }, watch, {
      choice: penalty === 'nested' ? { nested: folds, seed, folding } : 'gcv',
    });
    columns.forEach(({ ys, controls, within, controlsWithin }, column) => {
      const predictions = found.predictions[column]!;
      ys.push(predictions);
      within.push(spearmanWithin(targets[column]!, predictions, partition));
      if (control) {
        const predicted = found.predictions[targets.length + column]!;
        controls.push(spearman(shuffled[column]!, predicted));
        controlsWithin.push(spearmanWithin(shuffled[column]!, predicted, partition));
      }
      chosen.push(...found.chosen[column]!);
    });
  }
  return { columns, chosen };
}

/** Mean over partitions; null without one, or where no fold of any partition has a correlation. */
function meanKnown(partitions: readonly WithinFolds[]): number | null {
  const known = partitions.map(({ rho }) => rho).filter((rho) => !Number.isNaN(rho));
  return known.length ? mean(Float64Array.from(known)) : null;
}

function sampleSd(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * Percentile intervals from a bootstrap over the reference's words, the same draws for every row. Ranks are taken
 * anew in each draw; a probe's predictions stay as they are, and the mean is over its partitions.
 */
export async function intervalsOf(
  rows: readonly DimensionAgreement[], words: number, options: { draws: number; level: number; seed: number }, watch: Watch,
): Promise<Interval[]> {
  const correlations = rows.map(({ x, ys }) => ys.map((y) => new WeightedSpearman(x, y)));
  const values = rows.map(() => new Float64Array(options.draws));
  const weights = new Uint32Array(words);
  const breather = new Breather();
  for (let draw = 0; draw < options.draws; draw++) {
    drawWeights(options.seed, draw, weights);
    rows.forEach((row, k) => {
      const own = row.words.map((word) => weights[word]!);
      values[k]![draw] = mean(Float64Array.from(correlations[k]!, (one) => one.correlate(own)));
    });
    if (!breather.due()) continue;
    watch.progress?.({ label: 'bootstrap over words', done: draw + 1, total: options.draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return values.map((draws) => percentileInterval(draws, options.level));
}

/** Per dimension, rows of the reference that every row of the dimension has. */
export function commonWords(rows: readonly DimensionAgreement[]): Map<string, Set<number>> {
  const common = new Map<string, Set<number>>();
  for (const { dimension, words } of rows) {
    const before = common.get(dimension);
    common.set(dimension, before ? new Set(words.filter((word) => before.has(word))) : new Set(words));
  }
  return common;
}

/**
 * For each row the correlation over the words that every candidate has on that dimension, so that candidates compare
 * on the same words. Undefined where that changes nothing.
 */
export function sharedWords(rows: readonly DimensionAgreement[]): (DimensionRow['shared'] | undefined)[] {
  const common = commonWords(rows);
  return rows.map(({ dimension, words, x, ys }) => {
    const keep = [...words.keys()].filter((k) => common.get(dimension)!.has(words[k]!));
    if (keep.length === words.length) return undefined;
    const kept = (values: Float64Array): Float64Array => Float64Array.from(keep, (k) => values[k]!);
    return { n: keep.length, rho: mean(Float64Array.from(ys, (y) => spearman(kept(x), kept(y)))) };
  });
}
