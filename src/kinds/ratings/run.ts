/** Represents the words of a `ratings` cell by their ratings, from the stimuli's own norms or from a table. */
import { Problem } from '../../base/problem.ts';
import { dimensionNamed } from '../../data/dimensions.ts';
import { absent, ambiguous, WordIndex } from '../../data/join.ts';
import { shortList, suggestion } from '../../data/names.ts';
import { incompleteRows, ratingsOf } from '../../data/ratings.ts';
import { lineOf, textsOf } from '../../data/table.ts';
import type { Layer, RepresentationValue, StimuliValue, TableValue } from '../../data/values.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { type RatedApart, ratersOf, spreadOf } from './raters.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'representation'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const all = params.from === 'norms' ? ownRatings(params, stimuli, context, place) : tableRatings(params, stimuli, context, place);
  const { ratings, measurements, measuredBy, spread } = keepDimensions(all, params.dimensions, place);
  const k = ratings.dimensions.length;
  const incomplete = incompleteRows(ratings.values, k);
  if (incomplete.length > 0) {
    context.warn(`${incomplete.length} of ${stimuli.words.length} words lack a rating: ${shortList(incomplete.map((i) => stimuli.words[i]!))}`);
  }
  const layer: Layer = { name: 'ratings', index: 0, d: k, data: ratings.values, ...(measurements ? { measurements } : {}) };
  return {
    type: 'representation', label: params.label.trim() || context.cell, words: stimuli.words, language: stimuli.language,
    categories: stimuli.categories, split: stimuli.split, layers: [layer], dimensions: ratings.dimensions,
    // Nothing is left out here: words without a rating stay as NaN, and each analysis says which it drops.
    origin: ratings.origin, dropped: [], scale: ratings.scale, ...(measuredBy ? { measuredBy } : {}), ...(spread ? { spread } : {}),
  } satisfies RepresentationValue;
};

function ownRatings(params: Params, stimuli: StimuliValue, context: RunContext, place: string): RatedApart {
  const asked = (['raters', 'sd', 'n'] as const).filter((name) => params[name].length > 0);
  if (asked.length) {
    throw new Problem({
      code: 'norms-without-columns', place, what: `${asked[0]} names columns, but the ratings are taken from the stimuli of ${params.stimuli}, which carry means alone`,
      fix: 'Name the table of these norms in from, and its means in columns ("*.mean").',
    });
  }
  if (!stimuli.ratings) {
    throw new Problem({
      code: 'no-ratings', place, what: `the stimuli of ${params.stimuli} carry no ratings`,
      fix: `Fill in ratings in cell ${params.stimuli} (for example "*.mean"), or name a table in from.`,
    });
  }
  if (params.columns.trim() !== '') context.warn(`columns is used with a table only: the ratings are those of ${params.stimuli}`);
  return { ratings: stimuli.ratings };
}

function tableRatings(params: Params, stimuli: StimuliValue, context: RunContext, place: string): RatedApart {
  const table = inputOf(context, params.from, 'table');
  const raters = params.raters.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
  if (params.columns.trim() === '' && raters.length === 0) {
    throw new Problem({
      code: 'columns-missing', place, what: `columns is empty, so no ratings of ${table.file} are chosen`,
      fix: 'Write a pattern in which * stands for the dimension: "*.mean", "*_base".',
    });
  }
  const index = new WordIndex(textsOf(table, table.wordColumn, place));
  const words = joiningWords(stimuli, index, table, context);
  const rows = [...index.rowsOf(words)];
  if (rows.every((row) => row === absent)) throw nothingJoined(stimuli, table, params, place);

  const warnLost = (kind: number, why: string): void => {
    const lost = stimuli.words.filter((_, i) => rows[i] === kind);
    if (lost.length > 0) context.warn(`${lost.length} of ${stimuli.words.length} words ${why}: ${shortList(lost)}`);
  };
  warnLost(absent, `are not in ${table.file}`);
  warnLost(ambiguous, `would be joined to ${table.file} by case alone, which does not tell them apart, and stay empty`);
  const repeated = rows.findIndex((row) => row >= 0 && index.repeatsOf(row).length > 0);
  if (repeated >= 0) {
    const row = rows[repeated]!;
    const lines = index.repeatsOf(row).map((other) => lineOf(table, other));
    const count = rows.filter((other) => other >= 0 && index.repeatsOf(other).length > 0).length;
    context.warn(`${count} words come more than once in ${table.file} and the first is used: ${words[repeated]} in line ${lineOf(table, row)}, again in ${shortList(lines)}`);
  }
  if (raters.length && params.columns.trim() !== '') context.warn('columns is not read: the ratings are the means of the raters');
  const apart: RatedApart = raters.length ? ratersOf(table, rows, raters, params.origin, place) : { ratings: ratingsOf(table, rows, params.columns, params.origin, place) };
  const [sd, n] = [params.sd.trim(), params.n.trim()];
  return sd === '' && n === '' ? apart : { ...apart, spread: spreadOf(table, rows, apart.ratings.dimensions, { sd, n }, place) };
}

/** The stimuli's own words, or their translations where those are the ones that the table holds. */
function joiningWords(stimuli: StimuliValue, index: WordIndex, table: TableValue, context: RunContext): readonly string[] {
  let best = { words: stimuli.words, language: stimuli.language, found: index.count(stimuli.words) };
  for (const [language, words] of Object.entries(stimuli.translations)) {
    const found = index.count(words);
    if (found > best.found) best = { words, language, found };
  }
  if (best.words !== stimuli.words) context.warn(`joined to ${table.file} by the words' translations (${best.language})`);
  return best.words;
}

function nothingJoined(stimuli: StimuliValue, table: TableValue, params: Params, place: string): Problem {
  const better = table.columns
    .filter((column) => column.type === 'text' && column.name !== table.wordColumn)
    .map((column) => ({ name: column.name, found: new WordIndex(column.values as readonly string[]).count(stimuli.words) }))
    .sort((a, b) => b.found - a.found)[0];
  return new Problem({
    code: 'nothing-joined', place, what: `none of the ${stimuli.words.length} words is in the column ${table.wordColumn} of ${table.file}`,
    fix: better && better.found > 0
      ? `The column ${better.name} holds ${better.found} of them: set word: ${better.name} in cell ${params.from}.`
      : `Check that both are in the same language (the stimuli are ${stimuli.language}).`,
  });
}

/** The asked dimensions only, in the order of the ratings. */
function keepDimensions(all: RatedApart, asked: readonly string[], place: string): RatedApart {
  const { ratings, measurements, spread } = all;
  const names = asked.map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0) return all;
  const wanted = new Set(names.map((name) => {
    const id = dimensionNamed(name)?.id ?? name;
    const found = ratings.dimensions.find((dimension) => dimension.toLowerCase() === id.toLowerCase());
    if (found !== undefined) return found;
    throw new Problem({
      code: 'unknown-dimension', place, what: `there are no ratings of ${JSON.stringify(name)}`,
      fix: suggestion(name, ratings.dimensions, 'Dimensions'),
    });
  }));
  const k = ratings.dimensions.length;
  const columns = ratings.dimensions.flatMap((dimension, j) => (wanted.has(dimension) ? [j] : []));
  const pick = (from: Float64Array): Float64Array => {
    const n = from.length / k;
    const out = new Float64Array(n * columns.length);
    for (let i = 0; i < n; i++) columns.forEach((j, at) => { out[i * columns.length + at] = from[i * k + j]!; });
    return out;
  };
  return {
    ...all,
    ratings: { ...ratings, dimensions: columns.map((j) => ratings.dimensions[j]!), values: pick(ratings.values) },
    ...(measurements ? { measurements: measurements.map(pick) } : {}),
    ...(spread ? { spread: { sd: pick(spread.sd), raters: pick(spread.raters) } } : {}),
  };
}
