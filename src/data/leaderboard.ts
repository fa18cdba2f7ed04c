/** Results of the leaderboard cell: models ranked by RSA with one reference, what was skipped, and which differences hold. Plain data. */
import type { DimensionSet } from './dimensions.ts';
import type { RsaDifference, RsaRow, RsaValue } from './rsa.ts';
import type { Origin } from './values.ts';

/** What is known of the model behind a competitor; of a representation made elsewhere nothing is. */
export interface LeaderboardCard {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  /** Commit of hub models, else SHA-256 of the ONNX file. */
  readonly revision: string;
  readonly dtype: string;
  readonly architecture: string;
  readonly parameters: number;
  /** Of the ONNX file and its external weights. */
  readonly bytes: number;
  /** Hidden states that were found: layers and embeddings. */
  readonly states: number;
  /** Which tokens stood for a word. */
  readonly pooling: 'mean' | 'first' | 'last' | 'all';
  /** What ran it here, and how fast: words fed in a second, opening not counted; null where another cell ran it. */
  readonly ran: { readonly backend: 'webgpu' | 'wasm'; readonly wordsPerSecond: number } | null;
}

/** A probe of the ranked layer, or the agreement of ratings column by column. */
export interface LeaderboardProbe {
  /** Mean over dimensions of Spearman's rho, -1 to 1. */
  readonly rho: number;
  /** Dimensions in the mean, and words: the fewest of any of them. */
  readonly dimensions: number;
  readonly n: number;
  readonly method: 'direct' | 'probe';
}

/** One competitor, with the layer by which it is ranked. */
export interface LeaderboardModel {
  readonly label: string;
  /** From 1; models without a value come last. */
  readonly rank: number;
  /** Of the layer it is ranked by. */
  readonly row: RsaRow;
  /** How many layers the choice was among. */
  readonly layers: number;
  readonly origin: Origin;
  readonly card: LeaderboardCard | null;
  readonly probe: LeaderboardProbe | null;
  /** Models that share a letter do not differ beyond chance; '' without draws, or where models have no value. */
  readonly letters: string;
  /** Words of the reference that it has not; they are left out for all models. */
  readonly lacks: readonly string[];
}

/** A model that is not in the ranking, and why. */
export interface SkippedModel {
  readonly name: string;
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

export interface LeaderboardValue extends Pick<RsaValue,
  'reference' | 'referenceOrigin' | 'comparator' | 'metric' | 'permutations' | 'orders' | 'alternative' | 'bootstrap' | 'resampling' | 'intervalMethod' | 'level' | 'ceiling' | 'dropped'> {
  readonly type: 'leaderboard';
  readonly set: DimensionSet;
  /**
   * How a model's layer was chosen: it has one or its last is taken; the best on the training words, so that the
   * values are of words that had no part in it; the best on the same words, which flatters it.
   */
  readonly choice: 'last' | 'held-out' | 'same-words';
  /** Best first. */
  readonly models: readonly LeaderboardModel[];
  readonly skipped: readonly SkippedModel[];
  /** Model by layer, with p corrected by the maximum statistic over all of them; under `held-out` the chosen layers alone. */
  readonly rows: readonly RsaRow[];
  /** Every layer on the training words, without p and intervals; empty unless `held-out`. */
  readonly training: readonly RsaRow[];
  /** All pairs, the higher ranked minus the lower. */
  readonly differences: readonly RsaDifference[];
  /** Of the differences' p, over all pairs. */
  readonly correction: 'none' | 'holm' | 'bh';
  /** Level of each difference's interval: under holm so high that all hold together at `level`. */
  readonly differenceLevel: number;
}

/** Models that were skipped for one reason, told once for all of them; in the order in which the reasons came up. */
export function groupSkipped(skipped: readonly SkippedModel[]): { readonly names: readonly string[]; readonly reason: string; readonly fix: string }[] {
  const groups = new Map<string, { names: string[]; reason: string; fix: string }>();
  for (const { name, reason, fix } of skipped) {
    const key = `${reason}\n${fix}`;
    const group = groups.get(key);
    if (group) group.names.push(name);
    else groups.set(key, { names: [name], reason, fix });
  }
  return [...groups.values()];
}
