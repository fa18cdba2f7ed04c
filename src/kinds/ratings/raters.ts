/** What a table tells of its raters: a column for each rater, or the SD over raters and their number. */
import { Problem } from '../../base/problem.ts';
import { matchColumns } from '../../data/columns.ts';
import { dimensionNamed } from '../../data/dimensions.ts';
import { shortList } from '../../data/names.ts';
import { ratingsOf } from '../../data/ratings.ts';
import { columnNames, numbersOf } from '../../data/table.ts';
import type { MeasuredBy, Origin, RaterSpread, RatingMatrix, TableValue } from '../../data/values.ts';

/** Ratings with the ratings of every rater, or with their spread, each n x k like `values`. */
export interface RatedApart {
  readonly ratings: RatingMatrix;
  readonly measurements?: readonly Float64Array[];
  readonly measuredBy?: MeasuredBy;
  readonly spread?: RaterSpread;
}

/**
 * The ratings of every rater and their mean over the raters who answered; a cell that nobody answered is NaN.
 *
 * @param rows n rows of the table, negative where a word is not in it
 * @param patterns one for each rater, see {@link matchColumns}
 * @throws Problem `one-rater`, `raters-differ` where two raters rate different dimensions; as matchColumns does
 */
export function ratersOf(table: TableValue, rows: readonly number[], patterns: readonly string[], origin: Origin, place: string): RatedApart {
  if (patterns.length < 2) {
    throw new Problem({
      code: 'one-rater', place, what: `raters has one pattern, ${JSON.stringify(patterns[0])}`,
      fix: 'Write a pattern for each rater: ["*_r1", "*_r2"]. Ratings of one rater alone go into columns.',
    });
  }
  const each = patterns.map((pattern) => ratingsOf(table, rows, pattern, origin, place));
  const first = each[0]!;
  const other = each.findIndex(({ dimensions }) => dimensions.join('\n') !== first.dimensions.join('\n'));
  if (other >= 0) {
    throw new Problem({
      code: 'raters-differ', place,
      what: `${patterns[0]} rates ${shortList(first.dimensions, 12)}, and ${patterns[other]} rates ${shortList(each[other]!.dimensions, 12)}`,
      fix: 'Every rater needs the same dimensions; leave out the raters, or list the shared columns by name with commas.',
    });
  }
  const values = first.values.map((_, cell) => {
    const answers = each.map((own) => own.values[cell]!).filter((answer) => !Number.isNaN(answer));
    return answers.length ? answers.reduce((sum, answer) => sum + answer, 0) / answers.length : NaN;
  });
  const scale: readonly [number, number] = [Math.min(...each.map((own) => own.scale[0])), Math.max(...each.map((own) => own.scale[1]))];
  return {
    ratings: { ...first, values, scale },
    measurements: each.map((own) => own.values),
    measuredBy: { by: 'rater', names: raterNames(patterns) },
  };
}

/** "*_r1" is r1; the patterns themselves where that tells them not apart. */
function raterNames(patterns: readonly string[]): readonly string[] {
  const short = patterns.map((pattern) => pattern.replace('*', '').replace(/^[._|\s-]+|[._|\s-]+$/g, ''));
  return new Set(short).size === patterns.length && !short.includes('') ? short : patterns;
}

/**
 * SD over raters and number of raters of every rating.
 *
 * @param sd pattern of the SD columns: "*.SD"
 * @param n pattern of the columns with numbers of raters: one for each dimension ("*.N"), one for all ("N"), or one for the
 *   senses and one for the effectors, told by their names ("N_known.*" finds N_known.perceptual and N_known.action)
 * @throws Problem `sd-without-n`, `no-spread-column`; as matchColumns does
 */
export function spreadOf(table: TableValue, rows: readonly number[], dimensions: readonly string[], { sd, n }: { sd: string; n: string }, place: string): RaterSpread {
  if (sd === '' || n === '') {
    throw new Problem({
      code: 'sd-without-n', place, what: sd === '' ? `n is ${JSON.stringify(n)}, and sd is empty` : `sd is ${JSON.stringify(sd)}, and n is empty`,
      fix: 'How sure a mean is follows from both: write sd: "*.SD" and n: "*.N", or the column that holds the number of raters.',
    });
  }
  const names = columnNames(table);
  const columns = (pattern: string, field: string): readonly Float64Array[] => {
    const matches = matchColumns(pattern, names, table.file, place);
    return dimensions.map((dimension) => {
      const match = matches.find((one) => one.dimension === dimension) ?? matches.find((one) => field === 'n' && covers(one.dimension, dimension));
      if (match) return numbersOf(table, match.column, place);
      throw new Problem({
        code: 'no-spread-column', place, what: `${field} is ${JSON.stringify(pattern)}, which finds ${shortList(matches.map(({ column }) => column), 12)}, none for ${dimension}`,
        fix: 'Every rating column needs its own; leave the dimension out with dimensions, or correct the pattern.',
      });
    });
  };
  const take = (from: readonly Float64Array[]): Float64Array => {
    const out = new Float64Array(rows.length * dimensions.length).fill(NaN);
    rows.forEach((row, i) => from.forEach((column, j) => { if (row >= 0) out[i * dimensions.length + j] = column[row]!; }));
    return out;
  };
  return { sd: take(columns(sd, 'sd')), raters: take(columns(n, 'n')) };
}

/** Whether a column of numbers of raters, which names no dimension, counts those who rated this one. */
function covers(name: string, dimension: string): boolean {
  if (dimensionNamed(name.split(/[._|\s-]/)[0]!)) return false;
  const set = dimensionNamed(dimension)?.set;
  if (/percept|sens/i.test(name)) return set === 'sensory';
  if (/action|motor|effector/i.test(name)) return set === 'motor';
  return true;
}
