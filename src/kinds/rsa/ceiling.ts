/** The noise ceiling beside the values of an `rsa` cell: which rows of the ceiling cell hold, and whether they hold at all. */
import { setTitle } from '../../data/dimensions.ts';
import type { CeilingValue } from '../../data/ceiling.ts';
import type { RsaCeiling, RsaRow } from '../../data/rsa.ts';
import type { Treatment } from '../../data/treatment.ts';
import type { RepresentationValue } from '../../data/values.ts';
import { isRatings, referenceLabel } from '../../rsa/choose.ts';
import { isWhitened } from '../../rsa/distances/treatment.ts';
import { listed } from '../../ui/format.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type RunContext } from '../kind.ts';
import { type treatmentFields, treatmentOf } from '../treatment.ts';
import type { fields } from './schema.ts';

type Params = Pick<ParamsOf<typeof fields>, 'reference' | 'ceiling' | 'comparator' | keyof typeof treatmentFields>;

/** The ceiling that the cell names, for the sets of its rows, with warnings where it is no bound for them; null for none. */
export function ceilingOf(params: Params, reference: RepresentationValue, rows: readonly RsaRow[], context: RunContext): RsaCeiling | null {
  const { ceiling, comparator } = params;
  if (ceiling === 'none') return null;
  const value = inputOf(context, ceiling, 'ceiling');
  const differs = [
    ...referencesDiffer(value, reference, params.reference),
    ...(value.comparator === comparator ? [] : [`comparator ${value.comparator} in place of ${comparator}`]),
    ...treatmentsDiffer(value.treatment, treatmentOf(params), isRatings(reference)),
  ];
  if (differs.length) context.warn(`the noise ceiling ${ceiling} was computed with ${listed(differs)}: it is no bound for these values.`);
  if (value.from === 'raters') context.warn(`the noise ceiling ${ceiling} is from single ${value.measuredBy}s, and the values are of their mean, which has less noise: they can lie above it. Take from: reliability.`);
  const sets = new Set(rows.map(({ set }) => set));
  const own = value.rows.filter(({ set }) => sets.has(set)).map(({ set, lower, upper }) => ({ set, lower, upper }));
  const without = [...sets].filter((set) => !own.some((row) => row.set === set));
  if (without.length) context.warn(`the noise ceiling ${ceiling} has no value for ${without.join(', ')}.`);
  for (const { set, n } of value.rows) {
    const here = rows.find((row) => row.set === set)?.n;
    if (here !== undefined && here !== n) context.warn(`${setTitle(set)}: the noise ceiling is of ${n} words, the values of ${here}.`);
  }
  return { from: value.from, measuredBy: value.measuredBy, rows: own };
}

/** Of two norms either may be the reference here. Where two labels are the same, a cell adds the names of its inputs. */
function referencesDiffer(value: CeilingValue, reference: RepresentationValue, cell: string): string[] {
  const { label } = reference;
  const own = [label, `${label} (${cell})`].map((name) => referenceLabel(reference, name));
  const theirs = [value.reference, ...(value.second === null ? [] : [value.second])];
  if (theirs.some((name) => own.includes(name) || name === label)) return [];
  return [`reference ${listed(theirs)} in place of ${own[0]!}`];
}

/** Only what the reference's distances are made with: its columns' treatment, and what its dissimilarity reads. */
function treatmentsDiffer(theirs: Treatment, own: Treatment, ratings: boolean): string[] {
  const read = ({ metric, noise, ...treatment }: Treatment): readonly (readonly [string, string])[] => [
    ['dissimilarity', metric],
    ['standardise', ratings ? treatment.ratings : treatment.states],
    ['removeMean', String(treatment.removeMean)],
    ['missing', isWhitened(metric) ? '' : treatment.missing],
    ['shrinkage', isWhitened(metric) ? noise.shrinkage : ''],
    ['perMeasurement', metric === 'crossnobis' && noise.shrinkage !== 'none' ? String(noise.perMeasurement) : ''],
    // A mere factor under sqeuclidean and crossnobis, but a square under mahalanobis.
    ['perChannel', metric === 'mahalanobis' ? String(treatment.perChannel) : ''],
  ];
  const here = read(own);
  return read(theirs).flatMap(([name, value], k) => {
    const mine = here[k]![1];
    return value === mine || value === '' || mine === '' ? [] : [`${name} ${value} in place of ${mine}`];
  });
}
