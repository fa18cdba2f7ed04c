/**
 * Finds the rating columns of a table: which dimension a column rates ("mouth_base", "Foot_leg.mean", "Horen"), and
 * patterns such as "*.mean", in which the star stands for the dimension.
 */
import { Problem } from '../base/problem.ts';
import { dimensionNamed, dimensions, type Dimension } from './dimensions.ts';
import { shortList, suggestion } from './names.ts';

/** A column's name taken apart: "Visual_en_ft" is Visual and "_en_ft". */
export interface RatingName {
  readonly dimension: Dimension;
  /** What follows the dimension, with its separator; '' where the name is the dimension alone. */
  readonly suffix: string;
}

/** The dimension that a column's name begins with; the longest one ("Foot_leg" before "Foot"). Null where it has none. */
export function ratingName(name: string): RatingName | null {
  const trimmed = name.trim();
  const ends = [trimmed.length, ...[...trimmed.matchAll(/[._|\s-]/g)].map((match) => match.index).reverse()];
  for (const end of ends) {
    const dimension = dimensionNamed(trimmed.slice(0, end));
    if (dimension) return { dimension, suffix: trimmed.slice(end) };
  }
  return null;
}

/** Words that make a column something about ratings, not ratings: spread, counts, times. */
const notRatings = /(?:^|[._|\s-])(?:sds?|se|sem|var|variance|n|count|known|min|max|rank|z|p|rt|acc|ci|lower|upper)(?=$|[._|\s-])/i;
const surely = /^(?:|[._|\s-](?:m|mean|rating|ratings))$/i;

/**
 * Which columns carry ratings, judged by name: a dimension alone or with "mean", or any ending that at least two
 * dimensions share ("_base"). One "visual_complexity" by itself is not a rating of Visual.
 */
export function ratingColumnNames(names: readonly string[]): ReadonlySet<string> {
  const endings = new Map<string, Set<string>>();
  const parsed = names.map((name) => ({ name, rating: ratingName(name) }));
  for (const { rating } of parsed) {
    if (!rating) continue;
    const key = rating.suffix.toLowerCase();
    endings.set(key, (endings.get(key) ?? new Set()).add(rating.dimension.id));
  }
  return new Set(
    parsed
      .filter(({ rating }) => {
        if (!rating || notRatings.test(rating.suffix)) return false;
        return surely.test(rating.suffix) || endings.get(rating.suffix.toLowerCase())!.size > 1;
      })
      .map(({ name }) => name),
  );
}

/** One rating column that a pattern found. */
export interface Match {
  /** Dimension id; for other scales what the star covers, or the column's name. */
  readonly dimension: string;
  readonly column: string;
}

function starMatches(pattern: string, names: readonly string[]): { name: string; covered: string }[] {
  const [before, after] = pattern.split('*').map((part) => part.trim().toLowerCase()) as [string, string];
  return names.flatMap((name) => {
    const lower = name.toLowerCase();
    if (lower.length <= before.length + after.length || !lower.startsWith(before) || !lower.endsWith(after)) return [];
    return [{ name, covered: name.slice(before.length, name.length - after.length) }];
  });
}

/** Patterns that would find something here, commonest first: for the message when nothing was found. */
function patternsIn(names: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const name of names) {
    const rating = ratingName(name);
    if (rating) count.set(`*${rating.suffix}`, (count.get(`*${rating.suffix}`) ?? 0) + 1);
  }
  return [...count].sort((a, b) => b[1] - a[1]).map(([pattern]) => pattern);
}

/**
 * The columns a pattern means, case ignored, in the order of dimensions.ts.
 *
 * - "*.mean": every dimension that has such a column; "*" alone: columns that are named exactly like a dimension.
 * - Where the star covers no dimension at all ("*_M" of norms with other scales), all columns it finds.
 * - A list of names: "Conc.M" or "Visual_base, Head_base".
 *
 * @throws Problem `no-rating-columns`, `unknown-column`, `two-columns-one-dimension`, `bad-pattern`
 */
export function matchColumns(pattern: string, names: readonly string[], file: string, place: string): Match[] {
  const parts = names.includes(pattern.trim()) ? [pattern.trim()] : pattern.split(',').map((part) => part.trim()).filter((part) => part !== '');
  const matches = parts.flatMap((part): Match[] => {
    const stars = part.split('*').length - 1;
    if (stars === 0) return [namedColumn(part, names, file, place)];
    if (stars > 1) {
      throw new Problem({ code: 'bad-pattern', place, what: `${part} has ${stars} stars`, fix: 'Write one star, where the name of the dimension stands: "*.mean".' });
    }
    const found = starMatches(part, names);
    const rated = found.flatMap(({ name, covered }): Match[] => {
      const dimension = dimensionNamed(covered);
      return dimension ? [{ dimension: dimension.id, column: name }] : [];
    });
    if (rated.length > 0) return rated;
    const others = part === '*' ? [] : found;
    if (others.length > 0) return others.map(({ name, covered }) => ({ dimension: covered, column: name }));
    const patterns = patternsIn(names);
    throw new Problem({
      code: 'no-rating-columns', place, what: `no column of ${file} matches ${JSON.stringify(part)}`,
      fix: patterns.length > 0 ? `Patterns that match here: ${shortList(patterns, 8)}.` : suggestion(part.replace('*', ''), names),
    });
  });
  refuseTwice(matches, file, place);
  const order = new Map(dimensions.map((dimension, i) => [dimension.id, i]));
  const rank = (match: Match): number => order.get(match.dimension) ?? dimensions.length;
  return matches.sort((a, b) => rank(a) - rank(b));
}

/** Which of a file's names the reader means: exactly, else but for case. */
export function columnNamed(name: string, names: readonly string[]): string | undefined {
  const trimmed = name.trim();
  if (names.includes(trimmed)) return trimmed;
  const alike = names.filter((candidate) => candidate.toLowerCase() === trimmed.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

function namedColumn(part: string, names: readonly string[], file: string, place: string): Match {
  const column = columnNamed(part, names);
  if (column === undefined) {
    throw new Problem({ code: 'unknown-column', place, what: `${file} has no column ${JSON.stringify(part)}`, fix: suggestion(part, names) });
  }
  return { dimension: ratingName(column)?.dimension.id ?? column, column };
}

function refuseTwice(matches: readonly Match[], file: string, place: string): void {
  const seen = new Map<string, string>();
  for (const { dimension, column } of matches) {
    const other = seen.get(dimension);
    if (other !== undefined && other !== column) {
      throw new Problem({
        code: 'two-columns-one-dimension', place, what: `two columns of ${file} are ${dimension}: ${other} and ${column}`,
        fix: 'Narrow the pattern, or list the columns by name with commas.',
      });
    }
    seen.set(dimension, column);
  }
}
