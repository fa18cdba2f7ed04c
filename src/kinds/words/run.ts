/** Runs a `words` cell: how close each model comes word by word, and whether models agree on which words. */
import { Problem } from '../../base/problem.ts';
import type { Dropped, Mover, RepresentationValue, WordRankCorrelation, WordSimilarity, WordsValue } from '../../data/values.ts';
import { alignWords, mergeDropped } from '../../rsa/align.ts';
import { distinctLabels, isRatings, planSets } from '../../rsa/choose.ts';
import { mean } from '../../rsa/comparators/correlate.ts';
import { compareWords, type WordComparison } from '../../rsa/words/words.ts';
import { inputOf, type Run } from '../kind.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'words'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, ...params.candidates];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  const labels = distinctLabels(representations, cells);
  requireRatings(representations, labels, place);
  const aligned = alignWords(representations, labels, place);

  const comparisons: WordComparison[] = [];
  const dropped: (readonly Dropped[])[] = [aligned.dropped];
  for (const plan of planSets({ sets: params.sets, representations, labels, layers: ['all'], place, warn: context.warn })) {
    const comparison = await compareWords(plan, aligned, { progress: context.progress, signal: context.signal });
    if (comparison.rowWords < comparison.words.length) {
      context.warn(`${plan.set}: ${comparison.words.length - comparison.rowWords} words have no cosine distance and are left out of the per-word RSA.`);
    }
    comparisons.push(comparison);
    dropped.push(comparison.dropped);
  }
  const widest = comparisons.reduce((best, next) => (best.dimensions.length >= next.dimensions.length ? best : next));
  return {
    type: 'words', reference: labels[0]!, referenceOrigin: representations[0]!.origin,
    similarities: comparisons.flatMap(({ set, words, candidates }) =>
      candidates.map(({ label, raw }): WordSimilarity => ({ candidate: label, set, n: words.length, mean: mean(raw) }))),
    rankCorrelations: comparisons.flatMap(({ rankCorrelations }): readonly WordRankCorrelation[] => rankCorrelations),
    movers: moversOf(widest, params.movers),
    scaleUse: widest.scaleUse,
    words: widest.words,
    perWord: widest.candidates.map(({ label, raw }) => ({ candidate: label, values: raw })),
    dropped: mergeDropped(dropped),
  };
};

function requireRatings(representations: readonly RepresentationValue[], labels: readonly string[], place: string): void {
  const at = representations.findIndex((representation) => !isRatings(representation));
  if (at < 0) return;
  throw new Problem({
    code: 'not-ratings', place,
    what: `${labels[at]!} has no named dimensions, it looks like hidden states`,
    fix: 'Name ratings cells here; hidden states are compared in an rsa or a dimensions cell.',
  });
}

/** From the first candidate to each other one: the words that gain and lose most. */
function moversOf({ words, candidates }: WordComparison, count: number): WordsValue['movers'] {
  const [first, ...others] = candidates;
  if (!first) return [];
  return others.map(({ label, raw }) => {
    const changes = [...words.keys()].sort((i, j) => raw[j]! - first.raw[j]! - (raw[i]! - first.raw[i]!));
    const mover = (i: number): Mover => ({ word: words[i]!, from: first.raw[i]!, to: raw[i]! });
    const gained = changes.filter((i) => raw[i]! > first.raw[i]!);
    const lost = changes.filter((i) => raw[i]! < first.raw[i]!).reverse();
    return { a: first.label, b: label, gains: gained.slice(0, count).map(mover), losses: lost.slice(0, count).map(mover) };
  });
}
