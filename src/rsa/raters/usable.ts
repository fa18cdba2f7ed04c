/** Raters whose RDM a comparator can compare: one who rated all words alike has an RDM of equal distances, which correlates with nothing. */
import { Problem } from '../../base/problem.ts';
import { setTitle } from '../../data/dimensions.ts';
import type { RdmComparator } from '../../data/comparators.ts';
import type { MeasuredBy } from '../../data/values.ts';
import { listed } from '../../ui/format.ts';

/** Whether the comparator has a value with this RDM: not with equal distances, the cosines not with zeros alone. */
export function hasValue(comparator: RdmComparator, rdm: Float32Array | Float64Array): boolean {
  switch (comparator) {
    case 'pearson':
    case 'whitened-pearson':
    case 'spearman':
    case 'tau-b':
      return rdm.some((distance) => distance !== rdm[0]);
    case 'cosine':
    case 'whitened-cosine':
      return rdm.some((distance) => distance !== 0);
    // Without a correction for ties, equal distances agree with nothing: the value is 0.
    case 'rho-a':
    case 'tau-a':
      return true;
    default:
      return comparator satisfies never;
  }
}

/**
 * Which raters take part under a set of dimensions; those left out are named.
 *
 * @param rdms one per rater
 * @returns places in `rdms`
 * @throws Problem `few-raters` where fewer than two are left
 */
export function usableRaters(
  set: string, comparator: RdmComparator, rdms: readonly (Float32Array | Float64Array)[], { by, names }: MeasuredBy,
  { place, warn }: { readonly place: string; readonly warn: (message: string) => void },
): number[] {
  const kept = [...rdms.keys()].filter((s) => hasValue(comparator, rdms[s]!));
  const why = `all distances between words are equal there, so that ${comparator} has no value`;
  const out = names.filter((_, s) => s < rdms.length && !kept.includes(s));
  if (kept.length < 2) {
    throw new Problem({
      code: 'few-raters', place,
      what: `${set}: ${kept.length} of ${rdms.length} ${by}s can be compared, and what differs between ${by}s takes 2${out.length ? `. Of ${listed(out)}, ${why}` : ''}`,
      fix: `Take more ${by}s, or dimensions on which they tell words apart.`,
    });
  }
  if (out.length) warn(`${setTitle(set)}: ${listed(out)} left out: ${why}.`);
  return kept;
}
