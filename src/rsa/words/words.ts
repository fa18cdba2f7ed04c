/** The word-by-word comparison of several models' ratings with the reference's, under one set of dimensions. */
import type { Watch } from '../../base/progress.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import type { Dropped, WordRankCorrelation } from '../../data/values.ts';
import { pause } from '../../gpu/pause.ts';
import { type Alignment, gather, keepComplete } from '../align.ts';
import type { SetPlan } from '../choose.ts';
import { mean, spearman } from '../comparators/correlate.ts';
import { plainTreatment, prepareBlocks } from '../distances/prepare.ts';
import { doubledRanks } from '../comparators/ranks.ts';
import { ratingsRdm } from '../distances/rdm.ts';
import { pairedT, rowCorrelations, rowRanks, wordSimilarities, zscoredSimilarities } from './wordsim.ts';

export interface WordComparison {
  readonly set: DimensionSet;
  readonly dimensions: readonly string[];
  readonly words: readonly string[];
  /** Words that enter the per-word RSA: those with a cosine distance in every RDM. */
  readonly rowWords: number;
  /** Per candidate, the raw similarity of each word, 0 to 1. */
  readonly candidates: readonly { readonly label: string; readonly raw: Float64Array }[];
  readonly rankCorrelations: readonly WordRankCorrelation[];
  /** Mean rating of the reference, then of each candidate. */
  readonly scaleUse: readonly { readonly label: string; readonly mean: number }[];
  readonly dropped: readonly Dropped[];
}

/** Compares over the words that are complete in every block of the plan; all blocks are ratings. */
export async function compareWords(plan: SetPlan, aligned: Alignment, watch: Watch): Promise<WordComparison> {
  const blocks = [plan.reference, ...plan.candidates];
  const alignment = keepComplete(aligned, blocks);
  const n = alignment.words.length;
  const k = plan.dimensions.length;
  const [reference, ...ratings] = blocks.map((block) => Float64Array.from(gather(block, alignment.rows[block.of]!)));
  const raw = ratings.map((values) => wordSimilarities(reference!, values, n, k));
  const zscored = ratings.map((values) => zscoredSimilarities(reference!, values, n, k));
  const { rows, words: rowWords } = await perWordRsa(plan, alignment, watch);

  const rankCorrelations = plan.candidates.flatMap((a, i) => plan.candidates.slice(i + 1).map((b, after): WordRankCorrelation => {
    const j = i + 1 + after;
    const both = [...rows[i]!.keys()].filter((word) => !Number.isNaN(rows[i]![word]! + rows[j]![word]!));
    return {
      a: a.label, b: b.label, set: plan.set, n,
      raw: spearman(raw[i]!, raw[j]!),
      zscored: spearman(zscored[i]!, zscored[j]!),
      rows: spearman(Float64Array.from(both, (word) => rows[i]![word]!), Float64Array.from(both, (word) => rows[j]![word]!)),
      t: pairedT(raw[i]!, raw[j]!),
    };
  }));
  return {
    set: plan.set, dimensions: plan.dimensions, words: alignment.words, rowWords,
    candidates: plan.candidates.map(({ label }, i) => ({ label, raw: raw[i]! })),
    rankCorrelations,
    scaleUse: blocks.map(({ label }, i) => ({ label, mean: mean([reference!, ...ratings][i]!) })),
    dropped: alignment.dropped,
  };
}

/** For each candidate, each word's Spearman of its row in the candidate's and in the reference's RDM (z-scored, cosine). */
async function perWordRsa(plan: SetPlan, complete: Alignment, watch: Watch): Promise<{ rows: Float64Array[]; words: number }> {
  const blocks = [plan.reference, ...plan.candidates];
  const { alignment, layers } = await prepareBlocks(blocks, complete, plainTreatment('cosine', 'zscore', 'none'));
  const n = alignment.words.length;
  const rows: Float64Array[] = [];
  let reference: Float32Array | null = null;
  for (const [k, layer] of layers.entries()) {
    watch.progress?.({ label: `${plan.set}: neighbours of each word`, done: k, total: layers.length });
    const ranks = doubledRanks(await ratingsRdm(layer, 'cosine', watch));
    await pause();
    watch.signal?.throwIfAborted();
    const own = rowRanks(ranks, n);
    await pause();
    watch.signal?.throwIfAborted();
    if (reference) rows.push(rowCorrelations(reference, own, n));
    else reference = own;
  }
  return { rows, words: n };
}
