/**
 * Weighted RSA: predictor RDMs added up with weights that none may be below zero, fitted so that the sum is as similar to
 * the reference as it can be; and what else one may do with several predictors: choose the best one, mix two neighbours,
 * take all alike. The weights that maximise a cosine are those of least squares under its inner product, so one function
 * serves every comparator that has one.
 *
 * Sources: Khaligh-Razavi and Kriegeskorte 2014, "Deep supervised, but not unsupervised, models may explain IT cortical
 * representation"; Jozwik, Kriegeskorte and Mur 2016, "Visual features as stepping stones toward semantics"; the fits of
 * rsatoolbox (Schütt, Kipnis, Diedrichsen and Kriegeskorte 2023).
 */
import { deviations, dot, type Numbers } from '../comparators/correlate.ts';
import { leastSquares, submatrix } from '../numbers/linear.ts';
import { nonNegative } from '../numbers/nnls.ts';
import { doubledRanks } from '../comparators/ranks.ts';
import { whiten } from '../comparators/whiten.ts';

/** Comparators under which weights can be fitted: cosines of something. */
export type FittedComparator = 'spearman' | 'pearson' | 'cosine' | 'whitened-cosine' | 'whitened-pearson';

export type Distances = Float32Array | Float64Array;

/** Predictors against a reference over the same pairs of words, ready to be fitted. */
interface Products {
  /** Predictors. */
  readonly size: number;
  /** Inner products of predictors, size x size. */
  readonly gram: Float64Array;
  /** Inner products of predictors with the reference. */
  readonly right: Float64Array;
}

/** What is added up: ranks over these pairs under Spearman, else the distances. Ranks are shares of their number, 0 to 1. */
export function summands(comparator: FittedComparator, distances: Distances): Numbers {
  if (comparator !== 'spearman') return distances;
  const ranks = doubledRanks(distances);
  const out = new Float64Array(ranks.length);
  for (let k = 0; k < out.length; k++) out[k] = ranks[k]! / (2 * out.length);
  return out;
}

/**
 * Inner products under which the comparator is a cosine: of centred columns for correlations, of whitened ones for the
 * whitened comparators.
 *
 * @param predictors condensed, {@link summands} of each
 * @param n words; read by the whitened comparators
 */
export function productsOf(comparator: FittedComparator, predictors: readonly Numbers[], reference: Numbers, n: number): Products {
  const size = predictors.length;
  const centring = comparator !== 'cosine' && comparator !== 'whitened-cosine';
  const whitening = comparator === 'whitened-cosine' || comparator === 'whitened-pearson';
  const ready = (values: Numbers): Numbers => (centring ? deviations(values) : values);
  const columns = predictors.map(ready);
  const target = ready(reference);
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  columns.forEach((values, a) => {
    // Centred first, then whitened: the two do not commute.
    const own = whitening ? whiten(values, n) : values;
    for (let b = a; b < size; b++) gram[a * size + b] = gram[b * size + a] = dot(own, columns[b]!);
    right[a] = dot(own, target);
  });
  return { size, gram, right };
}

/** Least-squares weights of length 1; null where predictors depend on each other. */
export function freeWeights({ gram, right, size }: Products): Float64Array<ArrayBuffer> | null {
  const weights = leastSquares(gram, right, size);
  return weights && ofLength(weights);
}

/** Weights of at least zero, of length 1; all zero where no predictor is similar to the reference. */
export function weightsAboveZero({ gram, right, size }: Products): Float64Array<ArrayBuffer> {
  return ofLength(nonNegative(gram, right, size));
}

/** The predictor that is most similar to the reference: its number; -1 where none has a similarity. */
export function mostSimilar({ gram, right, size }: Products): number {
  let best = -1;
  const similarity = (k: number): number => right[k]! / Math.sqrt(gram[k * size + k]!);
  for (let k = 0; k < size; k++) if (gram[k * size + k]! > 0 && (best < 0 || similarity(k) > similarity(best))) best = k;
  return best;
}

/** Weights that give every predictor the same length. */
export function equalWeights({ gram, size }: Products): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: size }, (_, k) => (gram[k * size + k]! > 0 ? 1 / Math.sqrt(gram[k * size + k]!) : 0));
}

/**
 * The mixture w a + (1 - w) b of two neighbours, 0 <= w <= 1, that is most similar to the reference.
 *
 * @param neighbours pairs of predictors that may be mixed
 * @returns weights that sum to 1; null without neighbours
 */
export function mixtureOfTwo({ gram, right, size }: Products, neighbours: readonly (readonly [number, number])[]): Float64Array<ArrayBuffer> | null {
  let best: { value: number; weights: Float64Array<ArrayBuffer> } | null = null;
  for (const pair of neighbours) {
    const small = submatrix(gram, size, pair);
    const own = pair.map((k) => right[k]!);
    let fitted = nonNegative(small, own, 2);
    // Where both oppose the reference, the one that does so less.
    if (fitted[0] === 0 && fitted[1] === 0) fitted = own[0]! / Math.sqrt(small[0]!) >= own[1]! / Math.sqrt(small[3]!) ? Float64Array.of(1, 0) : Float64Array.of(0, 1);
    const length = Math.sqrt(small[0]! * fitted[0]! ** 2 + 2 * small[1]! * fitted[0]! * fitted[1]! + small[3]! * fitted[1]! ** 2);
    const value = (own[0]! * fitted[0]! + own[1]! * fitted[1]!) / length;
    if (!(best === null || value > best.value)) continue;
    const weights = new Float64Array(size);
    pair.forEach((k, at) => { weights[k] = fitted[at]! / (fitted[0]! + fitted[1]!); });
    best = { value, weights };
  }
  return best?.weights ?? null;
}

/** The weighted sum of predictors. */
export function weightedSum(predictors: readonly Numbers[], weights: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const out = new Float64Array(predictors[0]?.length ?? 0);
  predictors.forEach((values, p) => {
    const weight = weights[p]!;
    if (weight !== 0) for (let k = 0; k < out.length; k++) out[k]! += weight * values[k]!;
  });
  return out;
}

function ofLength(weights: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return length > 0 ? weights.map((weight) => weight / length) : weights;
}
