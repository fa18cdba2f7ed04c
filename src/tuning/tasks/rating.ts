/** Ratings from words: a head on the pooled word is regressed on the chosen dimensions. */
import { Problem } from '../../base/problem.ts';
import type { RatingMatrix } from '../../data/values.ts';
import type { Pooling } from '../../models/activations.ts';
import { gridOf } from '../../models/batches.ts';
import { splitTemplate, type TokenisedWord, type Untokenisable } from '../../models/tokens.ts';
import { Prepared, taskOf, weightsOf, type RatingBatch, type Task, type TaskSettings, type Tokeniser } from './batch.ts';

/** How ratings become targets: z-scored over the training words, or 0 to 1 over the rating scale. */
export type RatingScaling = 'zscore' | 'unit';

export interface RatingSettings extends TaskSettings {
  /** Ids of the dimensions to learn. */
  readonly dimensions: readonly string[];
  readonly scaling: RatingScaling;
  /** Contexts, each with {word} once. In training a word meets them in turn, one an epoch; in evaluation all of them. */
  readonly templates: readonly string[];
  readonly pooling: Pooling;
}

export interface RatingData {
  /** Words as they are fed; '' where missing. */
  readonly words: readonly string[];
  /** Of the same words. */
  readonly ratings: RatingMatrix;
  /** Rows to train on. */
  readonly train: readonly number[];
}

/** rating = offset + factor * target. */
export interface DimensionScale {
  readonly dimension: string;
  readonly offset: number;
  readonly factor: number;
  /** Over the training words that can be fed. */
  readonly mean: number;
  /** Population SD over them. */
  readonly sd: number;
  /** How many of them have this rating. */
  readonly n: number;
}

export interface RatingTask extends Task<RatingBatch> {
  readonly scales: readonly DimensionScale[];
  /** Predictions (rows x dimensions) on the rating scale, not clipped to it. */
  toRatings(predictions: ArrayLike<number>): Float64Array;
}

interface RatedWord {
  /** One text per template. */
  readonly texts: readonly TokenisedWord[];
}

/**
 * Makes the task.
 *
 * @throws Problem `no-dimensions`, `dimension-missing` where there are no such ratings, `dimension-constant` where all
 *   training words have one rating, `no-templates`, and what taskOf and splitTemplate throw
 */
export function ratingTask(data: RatingData, settings: RatingSettings, tokeniser: Tokeniser): RatingTask {
  const { dimensions, templates, pooling, contextLength, name } = settings;
  const { words, ratings } = data;
  const place = `task ${name}`;
  if (templates.length === 0) throw new Problem({ code: 'no-templates', place, what: 'there is no template', fix: 'Write at least "{word}".' });
  for (const template of templates) splitTemplate(template);
  if (dimensions.length === 0) throw new Problem({ code: 'no-dimensions', place, what: 'no dimension is chosen', fix: `Choose among ${ratings.dimensions.join(', ')}.` });
  const columns = dimensions.map((dimension) => {
    const column = ratings.dimensions.indexOf(dimension);
    if (column < 0) throw new Problem({ code: 'dimension-missing', place, what: `there are no ratings of ${dimension}`, fix: `Choose among ${ratings.dimensions.join(', ')}.` });
    return column;
  });
  const width = ratings.dimensions.length;
  const ratingOf = (row: number, k: number): number => ratings.values[row * width + columns[k]!]!;
  const prepared = new Prepared((row): RatedWord | Untokenisable => {
    if (columns.every((_, k) => Number.isNaN(ratingOf(row, k)))) return { reason: 'no rating of the chosen dimensions' };
    const texts = templates.map((template) => tokeniser.tokenise(words[row]!, template, contextLength));
    const failed = texts.find((text): text is Untokenisable => 'reason' in text);
    return failed ?? { texts: texts as TokenisedWord[] };
  });
  // The order in which the words were given decides which template each begins with.
  const turn = new Map(prepared.usable(data.train).kept.map((row, at) => [row, at]));
  let scales: readonly DimensionScale[] = [];
  const build = (rows: readonly number[], epoch: number | null): RatingBatch => {
    const items = rows.flatMap((row) => {
      const { texts } = prepared.get(row);
      return (epoch === null ? texts : [texts[(turn.get(row)! + epoch) % texts.length]!]).map((text) => ({ row, text }));
    });
    const tokens = gridOf(items.map(({ text }) => text.ids), tokeniser.padding);
    const weights = weightsOf(items.map(({ text }) => text), tokens.tokens, pooling);
    // A missing rating is NaN and stays so.
    const targets = Float32Array.from(items.flatMap(({ row }) => scales.map(({ offset, factor }, k) => (ratingOf(row, k) - offset) / factor)));
    return { type: 'ratings', tokens, weights, targets, source: items.map(({ row }) => row) };
  };
  const task = taskOf(settings, 'words', data.train, prepared, build);
  scales = dimensions.map((dimension, k) => scaleOf(dimension, [...turn.keys()].map((row) => ratingOf(row, k)), settings.scaling, ratings.scale, place));
  return {
    ...task,
    scales,
    toRatings: (predictions) => Float64Array.from(predictions, (value, at) => {
      const { offset, factor } = scales[at % scales.length]!;
      return offset + factor * value;
    }),
  };
}

function scaleOf(dimension: string, ratings: readonly number[], scaling: RatingScaling, [low, high]: readonly [number, number], place: string): DimensionScale {
  const known = ratings.filter((rating) => !Number.isNaN(rating));
  const n = known.length;
  const mean = known.reduce((sum, rating) => sum + rating, 0) / n;
  const sd = Math.sqrt(known.reduce((sum, rating) => sum + (rating - mean) ** 2, 0) / n);
  // In z-scores a difference of rounding would become a rating.
  if (n === 0 || sd <= 1e-12 * Math.max(1, Math.abs(mean)) || high <= low) {
    throw new Problem({ code: 'dimension-constant', place, what: n === 0 ? `no training word has a rating of ${dimension}` : `all ${n} training words have the same rating of ${dimension}`, fix: 'Leave this dimension out, or train on more words.' });
  }
  return { dimension, mean, sd, n, ...(scaling === 'zscore' ? { offset: mean, factor: sd } : { offset: low, factor: high - low }) };
}
