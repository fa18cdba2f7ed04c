/**
 * Values on samples of the words drawn without replacement. No word meets its own copy, so every comparator can be computed
 * anew on a sample, with its ranks, its whitening, its centring; the spread over samples of half the words is, to first
 * order, that of the value itself (the delete-d jackknife with d = n/2: Shao & Wu 1989, "A general theory for jackknife
 * variance estimation").
 */
import type { Watch } from '../../base/progress.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { PhiloxStream } from '../../gpu/philox.ts';
import type { Features } from '../comparators/cka.ts';
import { type Comparator, isLinear } from '../comparators/comparators.ts';
import { tauValue } from '../comparators/compare.ts';
import { Patience } from './patience.ts';
import { Procrustes } from '../comparators/procrustes.ts';
import { subRdm } from './resample.ts';
import { linear, linearValues, orderOf, rowsOf, type Scored } from '../scored.ts';

/** Streams of the seed: samples of half the words, and of nine tenths. */
const streams = { half: 0x9000_0000, most: 0x9800_0000 } as const;

export type Share = keyof typeof streams;

export interface SampleInput {
  readonly n: number;
  readonly comparator: Comparator;
  readonly reference: Scored;
  readonly candidates: readonly Scored[];
  readonly draws: number;
  readonly seed: number;
  readonly place?: string;
  readonly warn?: (message: string) => void;
}

/** Words in a sample: half of n, or nine tenths; rounded down. */
export function sampleSize(n: number, share: Share): number {
  return Math.floor(share === 'half' ? n / 2 : (9 * n) / 10);
}

/** Sample number `draw` of `seed`, ascending, each word at most once; the same for all candidates. */
export function sampledWords(n: number, share: Share, seed: number, draw: number): Uint32Array<ArrayBuffer> {
  const size = sampleSize(n, share);
  const stream = new PhiloxStream(seed, streams[share] + draw);
  const words = Uint32Array.from({ length: n }, (_, word) => word);
  for (let k = 0; k < size; k++) {
    const other = k + stream.below(n - k);
    [words[k], words[other]] = [words[other]!, words[k]!];
  }
  return words.slice(0, size).sort();
}

/** Every candidate's value on each sample: per candidate one array of `draws`; NaN where a sample has no value. */
export async function sampledValues(input: SampleInput, share: Share, watch: Watch = {}): Promise<Float64Array[]> {
  const { n, candidates, draws, seed } = input;
  const values = candidates.map(() => new Float64Array(draws));
  const patience = new Patience({ steps: 'draws', ...input });
  const breather = new Breather();
  for (let draw = 0; draw < draws; draw++) {
    const words = sampledWords(n, share, seed, draw);
    valuesOn(words, input).forEach((value, c) => { values[c]![draw] = value; });
    if (!breather.due()) continue;
    patience.check(draw + 1, draws);
    watch.progress?.({ label: 'samples of the words', done: draw + 1, total: draws });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return values;
}

function valuesOn(words: Uint32Array, { n, comparator, reference, candidates }: SampleInput): number[] {
  if (comparator === 'procrustes') {
    const standard = new Procrustes(subRows(rowsOf(reference), words));
    return candidates.map((candidate) => standard.value(subRows(rowsOf(candidate), words)));
  }
  if (isLinear(comparator)) {
    const distancesOf = (scored: Scored) => linear(scored).distances ?? refuse(comparator);
    const samples = candidates.map((candidate) => subRdm(distancesOf(candidate), n, words));
    return linearValues(comparator, subRdm(distancesOf(reference), n, words), samples, words.length);
  }
  const standard = subRdm(orderOf(reference), n, words);
  return candidates.map((candidate) => tauValue(comparator, standard, subRdm(orderOf(candidate), n, words)));
}

function refuse(comparator: Comparator): never {
  throw new RangeError(`${comparator} keeps no distances: its intervals come from weights of the words`);
}

function subRows({ d, data }: Features, words: Uint32Array): Features {
  const out = new Float64Array(words.length * d);
  words.forEach((word, at) => out.set(data.subarray(word * d, (word + 1) * d), at * d));
  return { n: words.length, d, data: out };
}
