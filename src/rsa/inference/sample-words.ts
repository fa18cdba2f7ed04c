/** Draws of the words for every candidate of one set: with replacement where weights of words serve, else without. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import type { Resampling } from '../../data/rsa.ts';
import { bootstrapCorrelations, type PairValues } from './bootstrap.ts';
import { type Comparator, isWeighted, type WeightedComparator } from '../comparators/comparators.ts';
import { pearson } from '../comparators/correlate.ts';
import { sampledValues, sampleSize } from './delete-half.ts';
import { jackknifeValues } from './jackknife.ts';
import { linear, type Scored, valueOf } from '../scored.ts';
import type { WordSample } from './word-samples.ts';

export interface SampleRequest {
  readonly n: number;
  readonly comparator: Comparator;
  readonly reference: Scored;
  readonly candidates: readonly Scored[];
  /** Draws of the words; without replacement a half of them takes half the words, the other nine tenths. */
  readonly draws: number;
  readonly resampling: Resampling;
  readonly seed: number;
  readonly place?: string;
  readonly warn?: (message: string) => void;
}

/**
 * Which draws a cell's choice stands for.
 *
 * @throws Problem `no-weights` for a comparator that weights of the words do not serve
 */
export function resamplingFor(comparator: Comparator, asked: Resampling | 'automatic', place: string): Resampling {
  if (asked === 'automatic') return isWeighted(comparator) ? 'bootstrap' : 'delete-half';
  if (asked === 'delete-half' || isWeighted(comparator)) return asked;
  throw new Problem({
    code: 'no-weights', place,
    what: `resampling is bootstrap, but ${comparator} is no sum over pairs of words that weights of the words could change`,
    fix: 'Write resampling: delete-half, or leave it out.',
  });
}

/** Fewest words in a sample without replacement: fewer have too few pairs for ranks or whitening. */
const fewestSampled = 4;

/**
 * One sample per candidate, all from the same draws, so that differences are paired.
 *
 * @returns null where there are too few words to draw half of them
 */
export async function sampleWords(request: SampleRequest, watch: Watch): Promise<readonly WordSample[] | null> {
  const { n, comparator, draws, candidates } = request;
  if (request.resampling === 'bootstrap' && isWeighted(comparator)) return weightedSamples(request, comparator, watch);
  if (sampleSize(n, 'half') < fewestSampled) {
    request.warn?.(`${n} words are too few to draw half of them, so ${comparator} has no interval.`);
    return null;
  }
  const halves = Math.ceil(draws / 2);
  const half = await sampledValues({ ...request, draws: halves }, 'half', watch);
  const most = await sampledValues({ ...request, draws: draws - halves }, 'most', watch);
  return candidates.map((_, c) => ({ kind: 'delete-half', n, half: half[c]!, most: most[c]! }));
}

async function weightedSamples(request: SampleRequest, comparator: WeightedComparator, watch: Watch): Promise<WordSample[]> {
  const { n, draws, seed, candidates } = request;
  const about = comparator === 'cosine' ? 'zero' : 'means';
  const values = (scored: Scored): PairValues => (comparator === 'cosine' ? (linear(scored).scores as PairValues) : linear(scored).standard as PairValues);
  const input = { n, reference: values(request.reference), candidates: candidates.map(values), about } as const;
  const drawn = await bootstrapCorrelations({ ...input, draws, seed }, watch);
  const without = await jackknifeValues(input, watch);
  return candidates.map((candidate, c) => {
    // rho-a is Spearman's rho times what ties leave of the ranks' spread, a factor that draws of the words hardly change.
    const factor = comparator === 'rho-a' ? valueOf('rho-a', request.reference, candidate) / pearson(linear(candidate).scores, linear(request.reference).scores) : 1;
    const times = (own: Float64Array): Float64Array => (factor === 1 ? own : own.map((value) => value * factor));
    return { kind: 'bootstrap', n, draws: times(drawn[c]!), without: times(without[c]!) };
  });
}
