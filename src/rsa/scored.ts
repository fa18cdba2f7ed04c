/**
 * RDMs made ready for a comparator once, for all that follows: the value, permutations, resamples.
 *
 * Most comparators are linear: with a list a of the reference and a list b of the candidate, all
 *
 *     value = sum a_k b_k / (|a| |b|)
 *
 * for some lists and some lengths |.| that no permutation of the words changes. Split into mean and deviation this is
 *
 *     value = gain r + shift,  r = mean of the products of the standardised lists,
 *
 * so that one kernel serves them all and its float32 sums never carry a large mean.
 */
import type { Features } from './comparators/cka.ts';
import { type Distances, tauValue } from './comparators/compare.ts';
import { type Comparator, isLinear, isWeighted, type LinearComparator } from './comparators/comparators.ts';
import { deviations, dot, mean, type Numbers, pearson, standardised } from './comparators/correlate.ts';
import { Procrustes } from './comparators/procrustes.ts';
import { bothRanks, doubledRanks } from './comparators/ranks.ts';
import { doubleCentred, whiten } from './comparators/whiten.ts';

/** An RDM under a linear comparator. */
export interface ScoredRdm {
  readonly kind: 'linear';
  /** The list that is multiplied, condensed: doubled ranks, distances, or whitened distances. */
  readonly scores: Numbers;
  /** The same with mean 0 and SD 1, in float32: what permutations and resamples multiply. */
  readonly standard: Float32Array;
  /** Population SD of the scores. */
  readonly sd: number;
  /** The scores' mean where the comparator counts it; 0 where it centres. */
  readonly offset: number;
  /** The length that the comparator divides by; 0 where it has no value. */
  readonly norm: number;
  /** Ranks in which distances that only rounding tells apart tie; null where there are none such. */
  readonly tied: Uint32Array | null;
  /** The distances, where values are computed anew on some of the words; else null. */
  readonly distances: Distances | null;
}

/** An RDM under Kendall's tau. */
export interface ScoredOrder {
  readonly kind: 'order';
  readonly distances: Distances;
}

/** Rows under Procrustes. */
export interface ScoredRows {
  readonly kind: 'rows';
  readonly rows: Features;
}

export type Scored = ScoredRdm | ScoredOrder | ScoredRows;

/** The whitened comparators give the two RDMs different parts; all others score both alike. */
export type Role = 'reference' | 'candidate';

/** What a comparator makes of distances: the list it multiplies and the length it divides by. */
interface Scores {
  readonly scores: Numbers;
  readonly offset: number;
  readonly norm: number;
  readonly tied?: Uint32Array | null;
}

function scoresOf(comparator: LinearComparator, distances: Distances, n: number, role: Role): Scores {
  switch (comparator) {
    case 'pearson':
      return { scores: distances, offset: 0, norm: deviationLength(distances) };
    case 'spearman': {
      const { exact, tied } = ranksOf(distances);
      return { scores: exact, tied, offset: 0, norm: deviationLength(exact) };
    }
    case 'rho-a': {
      const { exact, tied } = ranksOf(distances);
      // The length that ranks without ties would have: doubled ranks, (N^3 - N) / 12 times 4.
      return { scores: exact, tied, offset: 0, norm: Math.sqrt((distances.length ** 3 - distances.length) / 3) };
    }
    case 'cosine':
      return { scores: distances, offset: mean(distances), norm: Math.sqrt(dot(distances, distances)) };
    case 'whitened-cosine':
    case 'cka': {
      const whitened = whiten(distances, n);
      const norm = rootOf(dot(distances, whitened));
      const scores = role === 'reference' ? distances : asPrecise(whitened, distances);
      return { scores, offset: mean(scores), norm };
    }
    case 'whitened-pearson': {
      const centred = deviations(distances);
      const whitened = whiten(centred, n);
      const norm = rootOf(dot(centred, whitened));
      // The reference's deviations sum to zero, so whatever the candidate's mean is, it adds nothing.
      return { scores: role === 'reference' ? distances : asPrecise(whitened, distances), offset: 0, norm };
    }
    case 'cka-unbiased': {
      const scores = asPrecise(doubleCentred(distances, n), distances);
      return { scores, offset: 0, norm: deviationLength(scores) };
    }
    default:
      return comparator satisfies never;
  }
}

/**
 * Scores an RDM for a linear comparator; under CKA the distances are squared Euclidean ones.
 *
 * @param keep whether the distances are kept, for samples of the words without replacement
 */
export function scoreRdm(
  distances: Distances, comparator: LinearComparator, n = wordsOf(distances), role: Role = 'candidate', keep = !isWeighted(comparator),
): ScoredRdm {
  const { scores, offset, norm, tied = null } = scoresOf(comparator, distances, n, role);
  const sd = deviationLength(scores) / Math.sqrt(scores.length);
  return { kind: 'linear', scores, standard: standardised(scores), sd, offset, norm, tied, distances: keep ? distances : null };
}

/** How the mean product r of the standardised lists becomes the comparator's value: gain r + shift. NaN without a value. */
export function affine(reference: ScoredRdm, candidate: ScoredRdm): { gain: number; shift: number } {
  const count = reference.scores.length;
  const norm = reference.norm * candidate.norm;
  if (!(norm > 0)) return { gain: NaN, shift: NaN };
  return { gain: (count * reference.sd * candidate.sd) / norm, shift: (count * reference.offset * candidate.offset) / norm };
}

/** The comparator's value in float64; NaN where it does not exist. */
export function valueOf(comparator: Comparator, reference: Scored, candidate: Scored): number {
  if (isLinear(comparator)) {
    const [x, y] = [linear(reference), linear(candidate)];
    if (comparator === 'spearman' || comparator === 'pearson') return pearson(y.scores, x.scores);
    return linearValue(x, y);
  }
  if (comparator === 'procrustes') return new Procrustes(rowsOf(reference)).value(rowsOf(candidate));
  return tauValue(comparator, orderOf(reference), orderOf(candidate));
}

/** The value of two lists. */
function linearValue(x: Scores, y: Scores): number {
  const norm = x.norm * y.norm;
  if (!(norm > 0)) return NaN;
  const [meanX, meanY] = [mean(x.scores), mean(y.scores)];
  let sum = x.scores.length * x.offset * y.offset;
  for (let k = 0; k < x.scores.length; k++) sum += (x.scores[k]! - meanX) * (y.scores[k]! - meanY);
  return Math.max(-1, Math.min(1, sum / norm));
}

/**
 * The values of several candidates' distances against one reference's, everything made anew: for samples of the words. In
 * one pass less than {@link valueOf}, which costs some of the last digits.
 */
export function linearValues(comparator: LinearComparator, reference: Distances, candidates: readonly Distances[], n: number): number[] {
  const x = scoresOf(comparator, reference, n, 'reference');
  const meanX = mean(x.scores);
  return candidates.map((candidate) => {
    const y = scoresOf(comparator, candidate, n, 'candidate');
    const norm = x.norm * y.norm;
    if (!(norm > 0)) return NaN;
    const apart = x.scores.length * (x.offset * y.offset - meanX * mean(y.scores));
    return Math.max(-1, Math.min(1, (dot(x.scores, y.scores) + apart) / norm));
  });
}

export function linear(scored: Scored): ScoredRdm {
  if (scored.kind === 'linear') return scored;
  throw new RangeError(`a ${scored.kind} score under a linear comparator`);
}

export function orderOf(scored: Scored): Distances {
  if (scored.kind === 'order') return scored.distances;
  throw new RangeError(`a ${scored.kind} score under Kendall's tau`);
}

export function rowsOf(scored: Scored): Features {
  if (scored.kind === 'rows') return scored.rows;
  throw new RangeError(`a ${scored.kind} score under Procrustes`);
}

/** Float64 distances may differ by rounding alone; float32 ones are taken as they are. */
function ranksOf(distances: Distances): { exact: Uint32Array; tied: Uint32Array | null } {
  return distances instanceof Float64Array ? bothRanks(distances) : { exact: doubledRanks(distances), tied: null };
}

function wordsOf(distances: Distances): number {
  return Math.round((1 + Math.sqrt(1 + 8 * distances.length)) / 2);
}

/** What comes from float32 distances is kept in float32, which halves its memory. */
function asPrecise(values: Float64Array<ArrayBuffer>, like: Distances): Distances {
  return like instanceof Float32Array ? Float32Array.from(values) : values;
}

/** Length of the deviations from the mean; 0 for a constant list. */
function deviationLength(values: Numbers): number {
  const centre = mean(values);
  let squares = 0;
  for (let k = 0; k < values.length; k++) {
    const deviation = values[k]! - centre;
    squares += deviation * deviation;
  }
  return Math.sqrt(squares);
}

const rootOf = (square: number): number => (square > 0 ? Math.sqrt(square) : 0);
