/** The order of the models, their differences seen from the better one, and the letters of those that do not differ. */
import type { RsaDifference, RsaRow } from '../../data/rsa.ts';
import { compactLetters } from '../../rsa/inference/letters.ts';

/** Tells rows of one set apart. */
export function keyOf({ candidate, layerIndex }: Pick<RsaRow, 'candidate' | 'layerIndex'>): string {
  return `${candidate}\n${layerIndex}`;
}

/** Of each model the row with the largest value, in the rows' order; one without a value where it has no other. */
export function bestRows(rows: readonly RsaRow[]): RsaRow[] {
  const found = new Map<string, RsaRow>();
  for (const row of rows) {
    const before = found.get(row.candidate);
    if (!before || row.value > before.value || Number.isNaN(before.value)) found.set(row.candidate, row);
  }
  return [...found.values()];
}

/** From the largest value down; those without a value last. */
export function rankRows(rows: readonly RsaRow[]): RsaRow[] {
  return [...rows].sort((a, b) => Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || b.value - a.value || 0);
}

/** Every difference as the higher ranked minus the lower, in the order of the ranks. */
export function rankedDifferences(differences: readonly RsaDifference[], ranked: readonly RsaRow[]): RsaDifference[] {
  const rank = new Map(ranked.map(({ candidate }, at) => [candidate, at]));
  const at = (side: RsaDifference['a']): number => rank.get(side.candidate)!;
  const turned = differences.map((one): RsaDifference => (at(one.a) < at(one.b) ? one : {
    ...one, a: one.b, b: one.a, value: -one.value, interval: one.interval && [-one.interval[1], -one.interval[0]],
  }));
  return turned.sort((x, y) => at(x.a) - at(y.a) || at(x.b) - at(y.b));
}

/**
 * Letters in the order of the ranks: models that share one do not differ at the level, by the corrected p where there is
 * one. '' for all without p of the differences, and for models without a value.
 */
export function lettersOf(ranked: readonly RsaRow[], differences: readonly RsaDifference[], level: number): string[] {
  const valued = ranked.filter(({ value }) => !Number.isNaN(value));
  const p = new Map(differences.map(({ a, b, p: own, pAdjusted }) => [`${a.candidate}\n${b.candidate}`, pAdjusted ?? own]));
  if (![...p.values()].some((own) => own !== null)) return ranked.map(() => '');
  const letters = compactLetters(valued.length, (a, b) => (p.get(`${valued[a]!.candidate}\n${valued[b]!.candidate}`) ?? 1) < 1 - level);
  return ranked.map((_, at) => letters[at] ?? '');
}
